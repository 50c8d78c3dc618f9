//! The acceptance suite: the real `terraform` binary against the lab.
//!
//! All tests share one lab and are apart by namespace, session (records and faults) and workspace.

mod adoption;
mod aws;
mod bad_input;
mod certificate;
mod conformance;
mod crash;
mod crash_walk;
mod documents;
mod edge;
mod eks;
mod encryption_report;
mod environments;
mod ground;
mod hand_made;
mod isolation;
mod issuance;
mod issuer;
mod least_role;
mod leftovers;
mod network;
mod network_policy;
mod owned;
mod permissions;
mod platform;
mod private_ca;
mod proxy;
mod public_certificate;
mod refusals;
mod refused;
mod renewal;
mod roles;
mod rollout;
mod sidecar;
mod signer;
mod stack;
mod strangers;
mod subject;
mod tls;
mod tls_probe;
mod unfinished;
