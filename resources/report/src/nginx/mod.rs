//! Configurations of NGINX: what listens, and where requests go on.

mod read;
#[cfg(test)]
mod tests;
mod token;
mod tree;

pub use read::{Forwarding, Listen, Pass, Scheme, Target, read};
pub use token::{Token, tokens};
