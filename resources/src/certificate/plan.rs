//! What a plan of a certificate decides without a remote.

use serde_json::{Value, json};
use tfplugin_framework::schema::Mode;
use tfplugin_framework::{Attr, AttributePath, Choice, Config, Diagnostics, Model as _, Plan, parse_go_duration};

use super::model::{Algorithm, Certificate, PrivateKey, Rotation};
use crate::cert_manager::certificate::{CertificateSpec, KeySpec, render, spec_sha256};
use crate::cert_manager::reference::reference;
use crate::lifecycle::inputs::text;
use crate::usage;
use e2etls_engine::value::UNKNOWN;

/// cert-manager does not accept a renewal later than this before expiry.
const LEAST_RENEWAL: u64 = 300;

/// Checks what spans attributes.
pub(super) fn validate(config: &Config<Certificate>, diagnostics: &mut Diagnostics) {
    if let Some(key) = config.key.known() {
        validate_key(key, diagnostics);
    }
    let percentage = match config.renew_before_percentage {
        Attr::Known(percentage) => percentage,
        Attr::Null => 33,
        Attr::Unknown => return,
    };
    if let Some(duration) = config.duration.as_str().and_then(parse_go_duration)
        && (1..=99).contains(&percentage)
        && duration.as_secs() >= 3600
    {
        let left = duration.as_secs() * u64::try_from(percentage).unwrap_or(0) / 100;
        if left < LEAST_RENEWAL {
            let detail = format!(
                "{percentage} percent of `{}` is {left} s, but cert-manager does not accept a renewal later than 300 s \
                 before expiry. Use a higher percentage or a longer duration.",
                config.duration.as_str().unwrap_or_default()
            );
            diagnostics.input(
                AttributePath::root("renew_before_percentage"),
                "Renewal would be too late",
                detail,
            );
        }
    }
}

fn validate_key(key: &PrivateKey, diagnostics: &mut Diagnostics) {
    let algorithm = match key.algorithm {
        Attr::Known(algorithm) => algorithm,
        Attr::Null => Algorithm::Ecdsa,
        Attr::Unknown => return,
    };
    let sizes: &[i64] = match algorithm {
        Algorithm::Ecdsa => &[256, 384, 521],
        Algorithm::Rsa => &[2048, 3072, 4096, 8192],
        Algorithm::Ed25519 => &[],
    };
    if let Some(size) = key.size.known().filter(|size| !sizes.contains(size)) {
        let list: Vec<String> = sizes.iter().map(i64::to_string).collect();
        let right = if sizes.is_empty() {
            "none".to_owned()
        } else {
            list.join(", ")
        };
        let detail = format!(
            "`{size}` is not a valid key size for {}; valid sizes: {right}.",
            algorithm.word()
        );
        diagnostics.input(AttributePath::root("key").attribute("size"), "Invalid `size`", detail);
    }
}

/// Fills in what the configuration omits.
pub(super) fn fill(config: &Config<Certificate>, plan: &mut Plan<Certificate>) {
    if config.secret_name.is_null() && plan.secret_name.is_unknown() {
        plan.secret_name = plan.name.clone().map(|name| format!("{name}-tls"));
    }
}

/// The computed attributes that follow from the arguments.
pub(super) fn derive(certificate: &mut Certificate) {
    certificate.ready = Attr::Known(true);
    certificate.spec_sha256 = if has_unknown(certificate) {
        Attr::Unknown
    } else {
        Attr::Known(spec_sha256(&spec(certificate)))
    };
}

/// The manifest; whatever holds [`UNKNOWN`] is not known yet.
pub(super) fn manifest(certificate: &Certificate) -> Value {
    let mut manifest = render(&spec(certificate));
    if has_unknown(certificate) {
        manifest["spec"]["unknown"] = json!(UNKNOWN);
    }
    manifest
}

/// The certificate as plain values, [`UNKNOWN`] or a default where a plan does not know them.
pub(super) fn spec(certificate: &Certificate) -> CertificateSpec {
    let unknown = || UNKNOWN.to_owned();
    let key = certificate.key.known().cloned().unwrap_or_default();
    let algorithm = key.algorithm.known().copied().unwrap_or(Algorithm::Ecdsa);
    let size = match algorithm {
        Algorithm::Ecdsa => Some(256),
        Algorithm::Rsa => Some(2048),
        Algorithm::Ed25519 => None,
    };
    CertificateSpec {
        name: text(&certificate.name),
        namespace: text(&certificate.namespace),
        dns_names: certificate
            .dns_names
            .known()
            .cloned()
            .unwrap_or_else(|| vec![unknown()]),
        issuer: reference(&certificate.issuer),
        duration: text(&certificate.duration),
        renew_before_percentage: certificate.renew_before_percentage.known().copied().unwrap_or(33),
        usages: certificate
            .usages
            .known()
            .map_or_else(|| vec![unknown()], |usages| usage::words(usages)),
        key: KeySpec {
            algorithm: algorithm.word().to_owned(),
            size: key.size.known().copied().or(size),
            rotation: key
                .rotation
                .known()
                .copied()
                .unwrap_or(Rotation::Always)
                .word()
                .to_owned(),
        },
        secret_name: text(&certificate.secret_name),
    }
}

/// True if anything that is rendered is not known.
fn has_unknown(certificate: &Certificate) -> bool {
    let value = certificate.to_value();
    let rendered = Certificate::attributes()
        .into_iter()
        .filter(|it| !it.local && it.mode != Mode::Computed);
    rendered.into_iter().any(|it| !value.get(&it.name).is_wholly_known())
}
