//! The kinds of which the product's resources consist, and how the API spells them.

use kube::api::{Api, ApiResource, DynamicObject, GroupVersionKind};

/// Group, version, kind and plural.
pub type Kind = (&'static str, &'static str, &'static str, &'static str);

/// What cert-manager makes a Secret for.
pub const CERTIFICATE: Kind = ("cert-manager.io", "v1", "Certificate", "certificates");
/// What runs Pods.
pub const DEPLOYMENT: Kind = ("apps", "v1", "Deployment", "deployments");
/// What holds a certificate with its key.
pub const SECRET: Kind = ("", "v1", "Secret", "secrets");

/// Kinds that the product writes in a namespace.
pub const WRITTEN: [Kind; 8] = [
    ("", "v1", "ConfigMap", "configmaps"),
    ("", "v1", "Service", "services"),
    DEPLOYMENT,
    ("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets"),
    ("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"),
    ("networking.k8s.io", "v1", "Ingress", "ingresses"),
    CERTIFICATE,
    ("awspca.cert-manager.io", "v1beta1", "AWSPCAIssuer", "awspcaissuers"),
];

/// Kinds that controllers make of these, and take away after them.
pub const MADE: [Kind; 4] = [
    SECRET,
    ("", "v1", "Pod", "pods"),
    ("apps", "v1", "ReplicaSet", "replicasets"),
    ("cert-manager.io", "v1", "CertificateRequest", "certificaterequests"),
];

/// The objects of a kind in a namespace, without a question about how it is spelled.
#[must_use]
pub fn api(
    client: &kube::Client,
    namespace: &str,
    (group, version, kind, plural): (&str, &str, &str, &str),
) -> Api<DynamicObject> {
    let resource = ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk(group, version, kind), plural);
    Api::namespaced_with(client.clone(), namespace, &resource)
}
