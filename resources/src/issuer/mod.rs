#![doc = include_str!("README.md")]

mod apply;
pub mod authority;
pub mod canary;
pub mod model;
mod plan;
mod reference;
mod render;
#[cfg(test)]
mod tests;

pub use apply::ready;
pub use canary::IssuerReady;
pub use reference::{IssuerOutput, IssuerRef, Reference};
pub use render::{IssuerSpec, observe, render};

use crate::orchestrate::resource::CompositeResource;
use model::Issuer;
pub(crate) use reference::plain;

/// `e2etls_issuer`.
pub type IssuerResource = CompositeResource<Issuer>;

/// Address of the only part.
const PART: &str = "issuer";
