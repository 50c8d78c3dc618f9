//! The certificate as a manifest, and back.

use serde_json::{Value, json};

use super::reference::Reference;
use super::renewal::{Renewal, canonical, go};
use e2etls_clients::kube::kinds::CERTIFICATE;
use e2etls_engine::owner::sha256_hex;
use tfplugin_framework::parse_go_duration;

/// Annotation: ARN of the CA that must have issued. It makes a change of the CA a change of the certificate, which
/// cert-manager alone would not notice.
pub const CA_ANNOTATION: &str = "e2etls.dev/ca-arn";

/// What a certificate is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateSpec {
    /// Name of the Certificate.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// DNS names.
    pub dns_names: Vec<String>,
    /// Who issues.
    pub issuer: Reference,
    /// Lifetime, as a Go duration.
    pub duration: String,
    /// When it is renewed.
    pub renewal: Renewal,
    /// Usages, in cert-manager's words.
    pub usages: Vec<String>,
    /// Its key.
    pub key: KeySpec,
    /// The Secret in which cert-manager stores it.
    pub secret_name: String,
}

/// The key of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySpec {
    /// `ECDSA`, `RSA` or `Ed25519`.
    pub algorithm: String,
    /// Bits; `None` for Ed25519.
    pub size: Option<i64>,
    /// `Always`: a new key with each renewal; `Never`: the same.
    pub rotation: String,
}

impl Default for KeySpec {
    fn default() -> Self {
        Self {
            algorithm: "ECDSA".to_owned(),
            size: Some(256),
            rotation: "Always".to_owned(),
        }
    }
}

impl CertificateSpec {
    /// How long before its end it is renewed, as Go writes it; empty as long as its lifetime is not known.
    #[must_use]
    pub fn renew_before(&self) -> String {
        let before = parse_go_duration(&self.duration).and_then(|lifetime| self.renewal.of(lifetime));
        before.map(go).unwrap_or_default()
    }
}

/// The manifest of a certificate.
#[must_use]
pub fn render(spec: &CertificateSpec) -> Value {
    let Reference {
        name,
        kind,
        group,
        ca_arn,
    } = &spec.issuer;
    let mut manifest = json!({
        "apiVersion": CERTIFICATE.api_version(),
        "kind": CERTIFICATE.kind,
        "metadata": {"name": spec.name, "namespace": spec.namespace},
        "spec": {
            "secretName": spec.secret_name,
            "dnsNames": spec.dns_names,
            "issuerRef": {"name": name, "kind": kind, "group": group},
            "duration": canonical(&spec.duration),
            "renewBefore": spec.renew_before(),
            "usages": spec.usages,
            "privateKey": {"algorithm": spec.key.algorithm, "rotationPolicy": spec.key.rotation},
        },
    });
    if let Some(size) = spec.key.size {
        manifest["spec"]["privateKey"]["size"] = json!(size);
    }
    if let Some(arn) = ca_arn {
        manifest["metadata"]["annotations"] = json!({CA_ANNOTATION: arn});
    }
    manifest
}

/// SHA-256 of what is requested, including the CA, as lowercase hex.
#[must_use]
pub fn spec_sha256(spec: &CertificateSpec) -> String {
    let bytes = serde_json::to_vec(&render(spec)).unwrap_or_default();
    sha256_hex(bytes, 64)
}

/// The inverse of [`render`], with cert-manager's defaults where a field is absent; `None` if it is not a Certificate
/// for DNS names.
#[must_use]
pub fn observe(object: &Value) -> Option<CertificateSpec> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let texts = |value: &Value| {
        value
            .as_array()
            .map(|items| items.iter().filter_map(text).collect::<Vec<_>>())
    };
    let (metadata, spec) = (&object["metadata"], &object["spec"]);
    if object["kind"] != CERTIFICATE.kind {
        return None;
    }
    let issuer = &spec["issuerRef"];
    let key = &spec["privateKey"];
    let algorithm = text(&key["algorithm"]).unwrap_or_else(|| "RSA".to_owned());
    let size = key["size"]
        .as_i64()
        .filter(|size| *size > 0)
        .or(match algorithm.as_str() {
            "RSA" => Some(2048),
            "ECDSA" => Some(256),
            _ => None,
        });
    let duration = text(&spec["duration"]).unwrap_or_else(|| "2160h".to_owned());
    let before = spec["renewBefore"].as_str();
    let lifetime = parse_go_duration(&duration)?;
    Some(CertificateSpec {
        name: text(&metadata["name"])?,
        namespace: text(&metadata["namespace"])?,
        dns_names: texts(&spec["dnsNames"])?,
        issuer: Reference {
            name: text(&issuer["name"])?,
            kind: text(&issuer["kind"]).unwrap_or_else(|| "Issuer".to_owned()),
            group: text(&issuer["group"]).unwrap_or_else(|| CERTIFICATE.group.to_owned()),
            ca_arn: text(&metadata["annotations"][CA_ANNOTATION]),
        },
        duration,
        renewal: Renewal::read(lifetime, before, spec["renewBeforePercentage"].as_i64()),
        usages: texts(&spec["usages"])
            .unwrap_or_else(|| vec!["digital signature".to_owned(), "key encipherment".to_owned()]),
        key: KeySpec {
            algorithm,
            size,
            rotation: text(&key["rotationPolicy"]).unwrap_or_else(|| "Always".to_owned()),
        },
        secret_name: text(&spec["secretName"])?,
    })
}
