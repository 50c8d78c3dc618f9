//! The domain of `terraform-provider-e2etls`: what its resources do, free of any wire format.

pub mod clients;
pub mod orchestrate;
pub mod pki;
pub mod provider;
