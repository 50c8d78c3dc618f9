//! The acceptance suite: the real `terraform` binary against the lab.
//!
//! All tests share one lab and are apart by namespace, session (records and faults) and workspace.

mod crash;
mod ground;
mod private_ca;
mod proxy;
mod stack;
mod tls;
