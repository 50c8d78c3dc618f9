//! Remotes: the only modules that name SDK types.

pub mod aws;
pub mod kube;
