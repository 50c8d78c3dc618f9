//! The domain of `terraform-provider-e2etls`: what its resources do, free of any wire format.

#![recursion_limit = "512"] // the SDK's futures nest deeply

pub mod cert_manager;
pub mod certificate;
pub mod certificate_status;
pub mod cluster;
pub mod edge;
pub mod encryption_report;
#[cfg(test)]
mod golden;
pub mod issuer;
pub mod kinds;
pub mod lifecycle;
pub mod network_policy;
#[cfg(test)]
mod pages;
pub mod pki;
pub mod platform;
pub mod private_ca;
pub mod provider;
pub mod proxy;
pub mod public_certificate;
pub mod session;
mod sha256;
pub mod stack;
pub mod syntax;
#[cfg(test)]
mod testkit;
pub mod tls_probe;
pub mod usage;
