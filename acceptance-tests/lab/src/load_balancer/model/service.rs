//! From a Service to one network load balancer.

use k8s_openapi::api::core::v1::Service;

use super::{Model, Stack};
use crate::lab::{Error, Result};

/// Builds the model.
pub(crate) fn build(_: &Stack, _: &Service) -> Result<Model> {
    Err(Error::new("no network load balancers yet"))
}
