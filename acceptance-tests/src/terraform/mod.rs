//! A driver of Terraform and OpenTofu.

mod build;

pub use build::cargo_build;
