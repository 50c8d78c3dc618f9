//! What a plan of a certificate decides without a remote.

use serde_json::{Value, json};
use tfplugin_framework::schema::Mode;
use tfplugin_framework::{
    Attr, AttributePath, Choice, Config, Diagnostics, Model as _, Plan, State, parse_go_duration,
};

use super::model::{Algorithm, Certificate, PrivateKey, Rotation};
use crate::cert_manager::certificate::{CertificateSpec, KeySpec, render, spec_sha256};
use crate::cert_manager::reference::reference;
use crate::cert_manager::renewal::{DEFAULT_PERCENTAGE, LEAST, Renewal, go, is_possible, percentages};
use crate::lifecycle::inputs::text;
use crate::usage;
use e2etls_engine::value::UNKNOWN;

/// Checks what spans attributes.
pub(super) fn validate(config: &Config<Certificate>, diagnostics: &mut Diagnostics) {
    if let Some(key) = config.key.known() {
        validate_key(key, diagnostics);
    }
    validate_renewal(config, diagnostics);
}

fn validate_renewal(config: &Config<Certificate>, diagnostics: &mut Diagnostics) {
    let (percentage, before) = (&config.renew_before_percentage, &config.renew_before);
    if !percentage.is_null() && !before.is_null() {
        diagnostics.input(
            AttributePath::root("renew_before"),
            "Conflicting arguments",
            "`renew_before` and `renew_before_percentage` both say when the certificate is renewed. Remove one of them.",
        );
        return;
    }
    let Some(text) = config.duration.as_str() else { return };
    let lifetime = parse_go_duration(text).filter(|lifetime| lifetime.as_secs() >= 3600);
    let (Some(lifetime), Some(renewal)) = (lifetime, renewal(config)) else {
        return;
    };
    if renewal.of(lifetime).is_none_or(|before| is_possible(lifetime, before)) {
        return;
    }
    let (argument, words, possible) = match &renewal {
        Renewal::Percentage(percentage) if (1..=99).contains(percentage) => {
            let (least, most) = percentages(lifetime);
            let words = format!("{percentage} percent of `{text}`");
            ("renew_before_percentage", words, format!("`{least}` to `{most}`"))
        }
        Renewal::Percentage(_) => return,
        Renewal::Before(before) => {
            let latest = go(lifetime.saturating_sub(LEAST));
            ("renew_before", format!("`{before}`"), format!("`5m` to `{latest}`"))
        }
    };
    let detail = format!(
        "`{argument}` is {words}, but there must be at least five minutes between issuance and renewal, and between \
         renewal and expiration. With `duration = \"{text}\"`, use {possible}."
    );
    diagnostics.input(AttributePath::root(argument), "Renewal too early or too late", detail);
}

/// When it is renewed; `None` while that is not known.
fn renewal(certificate: &Certificate) -> Option<Renewal> {
    match (&certificate.renew_before, &certificate.renew_before_percentage) {
        (Attr::Known(before), _) => Some(Renewal::Before(before.clone())),
        (Attr::Null, Attr::Known(percentage)) => Some(Renewal::Percentage(*percentage)),
        (Attr::Null, Attr::Null) => Some(Renewal::Percentage(DEFAULT_PERCENTAGE)),
        (Attr::Unknown, _) | (_, Attr::Unknown) => None,
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

/// Fills in what the configuration omits, and keeps durations that it only spells in another way.
pub(super) fn fill(config: &Config<Certificate>, prior: Option<&State<Certificate>>, plan: &mut Plan<Certificate>) {
    if config.renew_before_percentage.is_null() {
        plan.renew_before_percentage = match config.renew_before {
            Attr::Null => Attr::Known(DEFAULT_PERCENTAGE),
            Attr::Known(_) => Attr::Null,
            Attr::Unknown => Attr::Unknown,
        };
    }
    if let Some(prior) = prior {
        keep_spelling(&prior.duration, &mut plan.duration);
        keep_spelling(&prior.renew_before, &mut plan.renew_before);
    }
    if config.secret_name.is_null() && plan.secret_name.is_unknown() {
        plan.secret_name = plan.name.clone().map(|name| format!("{name}-tls"));
    }
}

fn keep_spelling(prior: &Attr<String>, planned: &mut Attr<String>) {
    let read = |text: &Attr<String>| text.as_str().and_then(parse_go_duration);
    if read(planned).is_some() && read(planned) == read(prior) {
        *planned = prior.clone();
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
        renewal: renewal(certificate).unwrap_or(Renewal::Percentage(DEFAULT_PERCENTAGE)),
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
