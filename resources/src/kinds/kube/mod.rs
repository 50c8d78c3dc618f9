//! Kubernetes objects.
//!
//! Everything that we render is written by server-side apply: [`manifest`]. What differs for some kinds stands beside it:
//! [`namespace`] says what a namespace holds, [`secret`] never reads, [`rollout`] waits for Deployments.

mod apply;
pub mod deployer;
pub mod events;
pub mod fields;
pub mod labels;
pub mod manifest;
pub mod marks;
pub mod namespace;
pub mod rollout;
pub mod secret;
#[cfg(test)]
mod tests;

use e2etls_clients::kube::kinds;
use e2etls_engine::kind::Kind;
use e2etls_engine::part::Part;
use serde_json::Value;

use super::Clients;
use manifest::{ManifestKind, name_of};
use secret::SecretKind;

/// Name of the kind of what a load balancer controller makes for an Ingress.
pub const ALB: &str = "Application Load Balancer";
/// The same for an Ingress of a group.
pub const SHARED_ALB: &str = "shared Application Load Balancer";
/// Name of the kind of what it makes for a Service.
pub const NLB: &str = "Network Load Balancer";
/// Annotation of an Ingress: the group whose load balancer it shares.
pub const GROUP_NAME: &str = "alb.ingress.kubernetes.io/group.name";

/// Namespace: goes after everything in it.
pub static NAMESPACE: ManifestKind = ManifestKind::new(kinds::NAMESPACE, 0);
/// aws-privateca-issuer's issuer of all namespaces.
pub static AWS_PCA_CLUSTER_ISSUER: ManifestKind = ManifestKind::new(kinds::AWS_PCA_CLUSTER_ISSUER, 1);
/// aws-privateca-issuer's issuer of one namespace.
pub static AWS_PCA_ISSUER: ManifestKind = ManifestKind::new(kinds::AWS_PCA_ISSUER, 1);
/// Secret: goes after the Certificate whose controller would make it again.
pub static SECRET: SecretKind = SecretKind;
/// cert-manager's Certificate.
pub static CERTIFICATE: ManifestKind = ManifestKind::new(kinds::CERTIFICATE, 3);
/// ConfigMap.
pub static CONFIG_MAP: ManifestKind = ManifestKind::new(kinds::CONFIG_MAP, 4);
/// Service.
pub static SERVICE: ManifestKind = ManifestKind::new(kinds::SERVICE, 4);
/// NetworkPolicy.
pub static NETWORK_POLICY: ManifestKind = ManifestKind::new(kinds::NETWORK_POLICY, 4);
/// PodDisruptionBudget.
pub static POD_DISRUPTION_BUDGET: ManifestKind = ManifestKind::new(kinds::POD_DISRUPTION_BUDGET, 4);
/// Deployment: goes first, with its Pods, which use all the others.
pub static DEPLOYMENT: ManifestKind = ManifestKind::new(kinds::DEPLOYMENT, 5);

/// Ingress: goes before what it leads to.
pub static INGRESS: ManifestKind = ManifestKind::new(kinds::INGRESS, 6);

/// cert-manager's CertificateRequest: waited for, never rendered.
pub static REQUEST: ManifestKind = ManifestKind::new(kinds::CERTIFICATE_REQUEST, 6);

/// Every kind that a part may have.
pub static KINDS: [&dyn Kind<Clients>; 11] = [
    &NAMESPACE,
    &AWS_PCA_CLUSTER_ISSUER,
    &AWS_PCA_ISSUER,
    &SECRET,
    &CERTIFICATE,
    &CONFIG_MAP,
    &SERVICE,
    &NETWORK_POLICY,
    &POD_DISRUPTION_BUDGET,
    &DEPLOYMENT,
    &INGRESS,
];

/// The kinds that are written by server-side apply.
pub static MANIFESTS: [&ManifestKind; 10] = [
    &NAMESPACE,
    &AWS_PCA_CLUSTER_ISSUER,
    &AWS_PCA_ISSUER,
    &CERTIFICATE,
    &CONFIG_MAP,
    &SERVICE,
    &NETWORK_POLICY,
    &POD_DISRUPTION_BUDGET,
    &DEPLOYMENT,
    &INGRESS,
];

/// The part at `address` that is this manifest, which carries no marks.
///
/// # Panics
/// If the manifest is of a kind that is not in the table: a mistake of the renderer that every test shows.
#[must_use]
pub fn part(address: &str, manifest: Value) -> Part<Clients> {
    #[expect(
        clippy::expect_used,
        reason = "renderers are pure and tested: a foreign kind never leaves them"
    )]
    let kind = MANIFESTS
        .into_iter()
        .find(|kind| Some(kind.kind) == kinds::Kind::of(&manifest))
        .expect("a kind of the table");
    let name = name_of(&manifest);
    Part::new(address, kind, name, manifest)
}
