//! The Certificate that cert-manager issues and renews.

use serde_json::Value;

use super::names::Names;
use super::spec::{CertificateSource, ProxySpec};
use crate::cert_manager::certificate::{CertificateSpec, KeySpec, render};
use crate::cert_manager::renewal::Renewal;

/// What the Certificate is made of; `None` if somebody else maintains the Secret.
#[must_use]
pub fn certificate_spec(spec: &ProxySpec) -> Option<CertificateSpec> {
    let CertificateSource::Issuer(issuer) = &spec.certificate.source else {
        return None;
    };
    let (names, certificate) = (Names::of(spec), &spec.certificate);
    Some(CertificateSpec {
        name: names.at("proxy/certificate"),
        namespace: spec.namespace.clone(),
        dns_names: spec.server_names.clone(),
        issuer: issuer.clone(),
        duration: certificate.duration.clone(),
        renewal: Renewal::Percentage(certificate.renew_before_percentage),
        usages: certificate.usages.clone(),
        key: KeySpec {
            algorithm: certificate.key_algorithm.clone(),
            size: (certificate.key_algorithm != "Ed25519").then_some(certificate.key_size),
            rotation: certificate.key_rotation.clone(),
        },
        secret_name: names.secret(),
    })
}

/// The Certificate, with the labels of a proxy's objects.
pub(super) fn certificate(spec: &ProxySpec, names: &Names<'_>) -> Option<Value> {
    let mut manifest = render(&certificate_spec(spec)?);
    let annotations = manifest["metadata"]["annotations"].take();
    manifest["metadata"] = names.metadata("proxy/certificate");
    if annotations.is_object() {
        manifest["metadata"]["annotations"] = annotations;
    }
    Some(manifest)
}
