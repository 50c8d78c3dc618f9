//! The ready Pods of a Service as the targets of its group.

use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types::{TargetDescription, TargetHealthStateEnum};
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Aws, refused};
use crate::lab::Result;
use crate::lab::load_balancer::model::group::service_port;

/// Address and port.
pub(crate) type Target = (String, i32);

/// The ready endpoints of a Service's port.
pub(crate) fn ready(service: &Service, port: &IntOrString, slices: &[impl AsRef<EndpointSlice>]) -> BTreeSet<Target> {
    let Ok(port) = service_port(service, port) else {
        return BTreeSet::new();
    };
    let mut targets = BTreeSet::new();
    for slice in slices.iter().map(AsRef::as_ref) {
        let mut ports = slice.ports.iter().flatten();
        let is_it = |name: Option<&str>| name.unwrap_or_default() == port.name.as_deref().unwrap_or_default();
        let Some(number) = ports.find(|it| is_it(it.name.as_deref())).and_then(|it| it.port) else {
            continue;
        };
        let is_ready = |ready: Option<bool>| ready.unwrap_or(true);
        let endpoints = slice.endpoints.iter();
        for endpoint in endpoints.filter(|it| is_ready(it.conditions.as_ref().and_then(|it| it.ready))) {
            targets.extend(endpoint.addresses.iter().map(|address| (address.clone(), number)));
        }
    }
    targets
}

impl Aws {
    /// Registers and deregisters targets until a group has exactly these.
    pub(crate) async fn target(&self, group: &str, wanted: &BTreeSet<Target>) -> Result<()> {
        let call = self.client.describe_target_health().target_group_arn(group);
        let found = call
            .send()
            .await
            .map_err(|error| refused("DescribeTargetHealth", error))?;
        let is_draining = |state: Option<&TargetHealthStateEnum>| state == Some(&TargetHealthStateEnum::Draining);
        let old: BTreeSet<Target> = found
            .target_health_descriptions()
            .iter()
            .filter(|it| !is_draining(it.target_health().and_then(|health| health.state())))
            .filter_map(|it| it.target())
            .map(|it| (it.id().unwrap_or_default().to_owned(), it.port().unwrap_or_default()))
            .collect();
        let gone: Vec<TargetDescription> = old.difference(wanted).map(description).collect();
        if !gone.is_empty() {
            let call = self.client.deregister_targets().target_group_arn(group);
            let sent = call.set_targets(Some(gone)).send().await;
            sent.map_err(|error| refused("DeregisterTargets", error))?;
        }
        let new: Vec<TargetDescription> = wanted.difference(&old).map(description).collect();
        if !new.is_empty() {
            let call = self.client.register_targets().target_group_arn(group);
            let sent = call.set_targets(Some(new)).send().await;
            sent.map_err(|error| refused("RegisterTargets", error))?;
        }
        Ok(())
    }
}

fn description((id, port): &Target) -> TargetDescription {
    TargetDescription::builder().id(id).port(*port).build()
}
