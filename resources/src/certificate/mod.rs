#![doc = include_str!("README.md")]

mod apply;
mod issued;
pub mod model;
mod plan;
mod proof;
mod reissue;
mod render;
pub(crate) mod report;
#[cfg(test)]
mod tests;

pub use apply::issued_by;
pub use issued::IssuedBy;
pub use render::{CA_ANNOTATION, CertificateSpec, KeySpec, observe, render, spec_sha256};

use crate::orchestrate::resource::CompositeResource;
use model::Certificate;

/// `e2etls_certificate`.
pub type CertificateResource = CompositeResource<Certificate>;

/// Address of the only part.
const PART: &str = "certificate";
