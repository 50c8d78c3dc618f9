//! The Certificate that cert-manager keeps issued.

use serde_json::{Value, json};

use super::names::{CA_ANNOTATION, Names};
use super::spec::{CertificateSource, ProxySpec};

/// The Certificate; `None` where somebody else keeps the Secret.
pub(super) fn certificate(spec: &ProxySpec, names: &Names<'_>) -> Option<Value> {
    let CertificateSource::Issuer(issuer) = &spec.certificate.source else {
        return None;
    };
    let mut metadata = names.metadata("proxy/certificate");
    if let Some(arn) = &issuer.ca_arn {
        metadata["annotations"][CA_ANNOTATION] = Value::from(arn.as_str());
    }
    let certificate = &spec.certificate;
    let mut key = json!({"algorithm": certificate.key_algorithm, "rotationPolicy": certificate.key_rotation});
    if certificate.key_algorithm != "Ed25519" {
        key["size"] = certificate.key_size.clone();
    }
    Some(json!({
        "apiVersion": "cert-manager.io/v1",
        "kind": "Certificate",
        "metadata": metadata,
        "spec": {
            "secretName": names.secret(),
            "dnsNames": spec.server_names,
            "duration": certificate.duration,
            "renewBeforePercentage": certificate.renew_before_percentage,
            "usages": certificate.usages,
            "privateKey": key,
            "issuerRef": {"name": issuer.name, "kind": issuer.kind, "group": issuer.group},
        },
    }))
}
