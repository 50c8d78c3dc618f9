//! Names and labels of the objects.

use serde_json::{Map, Value, json};

use super::spec::{CertificateSource, ProxySpec};

/// Label of the proxy's Pods and objects: the proxy's name. Nothing else selects the Pods, so that labels that apps carry
/// (`app`, `app.kubernetes.io/instance`) never select them.
pub const PROXY_LABEL: &str = "e2etls.dev/proxy";
/// Annotation of the Pods: SHA-256 of the configuration, so that a change of it is a rollout. A renewal is none.
pub const CONFIG_ANNOTATION: &str = "e2etls.dev/config-sha256";
/// Annotation of the Deployment: the mode of isolation.
pub const ISOLATION_ANNOTATION: &str = "e2etls.dev/isolation";

/// Each address that `object_names` takes and the suffix that its name has otherwise. `proxy/secret` is no object of ours:
/// cert-manager makes it.
pub const ADDRESSES: [(&str, &str); 9] = [
    ("proxy/config", "-proxy-config"),
    ("proxy/certificate", "-proxy"),
    ("proxy/secret", "-proxy-tls"),
    ("proxy/deployment", "-proxy"),
    ("proxy/service", "-proxy"),
    ("proxy/pdb", "-proxy"),
    ("proxy/upstream", "-upstream"),
    ("isolation/app", "-app-isolation"),
    ("isolation/proxy", "-proxy-isolation"),
];

/// The names of one proxy's objects.
#[derive(Clone, Debug)]
pub struct Names<'a> {
    spec: &'a ProxySpec,
}

impl<'a> Names<'a> {
    /// The names that a proxy's objects have.
    #[must_use]
    pub fn of(spec: &'a ProxySpec) -> Self {
        Self { spec }
    }

    /// Name of the object at an address of [`ADDRESSES`].
    #[must_use]
    pub fn at(&self, address: &str) -> String {
        if let Some(name) = self.spec.object_names.get(address) {
            return name.clone();
        }
        let suffix = ADDRESSES
            .iter()
            .find(|(known, _)| *known == address)
            .map_or("", |(_, suffix)| suffix);
        format!("{}{suffix}", self.spec.name)
    }

    /// Name of the Secret that holds the certificate.
    #[must_use]
    pub fn secret(&self) -> String {
        match &self.spec.certificate.source {
            CertificateSource::Issuer(_) => self.at("proxy/secret"),
            CertificateSource::Secret(name) => name.clone(),
        }
    }

    /// Name of the Service that requests go to.
    #[must_use]
    pub fn upstream(&self) -> String {
        self.spec
            .upstream
            .service
            .clone()
            .unwrap_or_else(|| self.at("proxy/upstream"))
    }

    /// `metadata` of the object at an address.
    pub(super) fn metadata(&self, address: &str) -> Value {
        json!({
            "name": self.at(address),
            "namespace": self.spec.namespace,
            "labels": self.labels(),
            "annotations": {},
        })
    }

    /// Labels of every object.
    pub(super) fn labels(&self) -> Value {
        json!({
            "app.kubernetes.io/name": "e2etls-proxy",
            "app.kubernetes.io/managed-by": "e2etls",
            PROXY_LABEL: self.spec.name,
        })
    }

    /// Labels that select the proxy's Pods.
    #[must_use]
    pub fn selector(&self) -> Value {
        Value::Object(Map::from_iter([(
            PROXY_LABEL.to_owned(),
            Value::from(self.spec.name.as_str()),
        )]))
    }
}
