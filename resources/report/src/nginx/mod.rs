//! Configurations of NGINX: what listens, and where requests go on.

mod address;
mod reached;
mod read;
#[cfg(test)]
mod tests;
mod token;
mod tree;

pub use address::Target;
pub use read::{Forwarding, Listen, Pass, Scheme, read};
pub use token::{Token, tokens};
pub(crate) use tree::MAIN;
