//! Whether what cert-manager shows about a Certificate proves that it is what was requested.

use jiff::Timestamp;
use serde_json::Value;

use super::certificate::CertificateSpec;
use super::pending;
use super::report::{self, Issued};
use crate::pki::{self, Certificate, Key, Purpose, SigningRequest};

/// How far an issuance is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Progress {
    /// Proven.
    Proven,
    /// Under way.
    Waiting(String),
    /// At rest, and not what was requested: somebody has to request it again.
    Stale(String),
    /// It failed while we waited.
    Failed(String),
    /// The CA answered a request with the certificate of an earlier one, for another key.
    Replayed(Value),
}

/// The evidence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Evidence<'a> {
    /// The Certificate.
    pub(super) certificate: &'a Value,
    /// Its generation when it was applied.
    pub(super) generation: i64,
    /// The requests of its namespace.
    pub(super) requests: &'a [Value],
    /// `lastFailureTime` as it was before we waited.
    pub(super) old_failure: Option<&'a str>,
    /// The clock.
    pub(super) now: Timestamp,
}

/// Evaluates the evidence. `authority` is the CA that must have issued; without it, the CA that the request reports.
pub(super) fn judge(spec: &CertificateSpec, authority: Option<&Certificate>, evidence: Evidence<'_>) -> Progress {
    let Evidence {
        certificate,
        generation,
        requests,
        old_failure,
        now,
    } = evidence;
    let requests = report::requests_of(requests, &spec.name);
    let revision = certificate["status"]["revision"].as_i64().unwrap_or(0);
    let is_past = |request: &Value| report::revision(request).is_some_and(|of| of < revision);
    if let Some(replayed) = requests
        .iter()
        .find(|request| is_replayed(request) && !is_past(request))
    {
        return Progress::Replayed((*replayed).clone());
    }
    let words = || in_words(certificate, &requests);
    if report::holds(certificate, "Issuing") {
        return Progress::Waiting(words());
    }
    let seen = certificate["metadata"]["generation"].as_i64().unwrap_or(0);
    let ready = report::condition(certificate, "Ready");
    let observed = ready.and_then(|ready| ready["observedGeneration"].as_i64());
    let is_current = seen >= generation && observed == Some(seen);
    if is_current && report::holds(certificate, "Ready") {
        return match proof(spec, authority, certificate, &requests, now) {
            Ok(()) => Progress::Proven,
            Err(why) => Progress::Stale(why),
        };
    }
    match certificate["status"]["lastFailureTime"].as_str() {
        Some(failure) if old_failure != Some(failure) => Progress::Failed(words()),
        Some(_) if is_current => Progress::Stale(format!("an earlier issuance failed: {}", words())),
        _ => Progress::Waiting(words()),
    }
}

/// The request's certificate holds another key than the request.
fn is_replayed(request: &Value) -> bool {
    let asked = report::decoded(&request["spec"]["request"]).and_then(|pem| SigningRequest::read(&pem).ok());
    let given = report::decoded(&request["status"]["certificate"]).and_then(|pem| Certificate::first(&pem).ok());
    matches!((asked, given), (Some(asked), Some(given)) if asked.public_key != given.public_key)
}

fn proof(
    spec: &CertificateSpec,
    authority: Option<&Certificate>,
    certificate: &Value,
    requests: &[&Value],
    now: Timestamp,
) -> Result<(), String> {
    let revision = &certificate["status"]["revision"];
    let request = report::current(certificate, requests).ok_or_else(|| {
        format!("there is no CertificateRequest of revision {revision} that proves what the Secret contains")
    })?;
    let issuer = &request["spec"]["issuerRef"];
    if issuer["name"] != spec.issuer.name {
        return Err(format!(
            "revision {revision} was issued by {} {}",
            issuer["kind"], issuer["name"]
        ));
    }
    let Issued::Certificate(pem) = report::issued(Some(request)) else {
        return Err(format!(
            "the CertificateRequest of revision {revision}: {}",
            report::conditions(Some(request))
        ));
    };
    let chain = Certificate::chain(&pem).map_err(|error| error.to_string())?;
    let reported = report::decoded(&request["status"]["ca"]).and_then(|pem| Certificate::first(&pem).ok());
    if let Some(authority) = authority.or(reported.as_ref()) {
        let purpose = Purpose::of(&spec.usages);
        // Without a CA of ours a self-signed certificate reports itself.
        if chain[0] != *authority {
            pki::verify(&chain, authority, purpose, now).map_err(|error| error.to_string())?;
        }
    }
    matches(spec, &chain[0])
}

/// The leaf is what the specification requests.
fn matches(spec: &CertificateSpec, leaf: &Certificate) -> Result<(), String> {
    if !leaf.is_for(&spec.dns_names) {
        return Err(format!(
            "the certificate is valid for {}, not for {}",
            leaf.dns_names.join(", "),
            spec.dns_names.join(", ")
        ));
    }
    let asked = |usage: &str| spec.usages.iter().any(|other| other == usage);
    if (asked("server auth") && !leaf.server_auth) || (asked("client auth") && !leaf.client_auth) {
        return Err(format!(
            "the certificate does not allow the usages {}",
            spec.usages.join(", ")
        ));
    }
    let size = |size: usize| spec.key.size == i64::try_from(size).ok();
    let fits = match leaf.key {
        Key::Ecdsa(bits) => spec.key.algorithm == "ECDSA" && size(bits),
        Key::Rsa(bits) => spec.key.algorithm == "RSA" && size(bits),
        Key::Ed25519 => spec.key.algorithm == "Ed25519",
        Key::Other => false,
    };
    if fits {
        Ok(())
    } else {
        let wanted = match &spec.key.size {
            Some(size) => format!("{} {size}", spec.key.algorithm),
            None => spec.key.algorithm.clone(),
        };
        Err(format!("the key is {}, not {wanted}", leaf.key))
    }
}

/// The state of a Certificate and of its newest request.
fn in_words(certificate: &Value, requests: &[&Value]) -> String {
    let attempts = certificate["status"]["failedIssuanceAttempts"].as_i64().unwrap_or(0);
    let newest = requests
        .iter()
        .max_by_key(|request| request["metadata"]["creationTimestamp"].as_str().unwrap_or_default());
    let request = newest.map_or_else(
        || "no CertificateRequest yet".to_owned(),
        |request| {
            let name = request["metadata"]["name"].as_str().unwrap_or_default();
            let conditions = report::conditions(Some(request));
            let cause = pending::cause(request).map_or_else(String::new, |cause| format!("; {cause}"));
            format!("CertificateRequest {name}: {conditions}{cause}")
        },
    );
    let failed = if attempts > 0 {
        format!(" ({attempts} failed attempts)")
    } else {
        String::new()
    };
    format!(
        "Certificate: {}{failed}; {request}",
        report::conditions(Some(certificate))
    )
}

#[cfg(test)]
#[path = "proof_tests.rs"]
mod tests;
