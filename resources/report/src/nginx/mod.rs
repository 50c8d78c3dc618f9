//! Configurations of NGINX: what listens, and where requests go on.

mod address;
mod files;
mod reached;
mod read;
#[cfg(test)]
mod tests;
mod token;
mod tree;

pub use address::Target;
pub use files::Files;
pub(crate) use files::{is_within, normal};
pub use read::{Forwarding, Listen, Pass, Scheme, read};
pub use token::{Token, tokens};
