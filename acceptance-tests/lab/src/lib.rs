//! The lab that the acceptance tests and the demo run on, and a driver of Terraform.
//!
//! The lab's parts, their versions and what is simulated stand in this crate's README.

pub mod figures;
pub mod kubelet;
pub mod lab;
pub mod terraform;
