//! Remotes: the only modules that name SDK types.

pub mod kube;
