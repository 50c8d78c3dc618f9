//! What the objects show.

use jiff::Timestamp;
use serde_json::Value;
use tfplugin_framework::Attr;

use super::model::{CertificateStatus, Condition};
use crate::cert_manager::reference::IssuerOutput;
use crate::cert_manager::{certificate, report};
use crate::pki::{self, Certificate, Purpose};

/// Fills `status` from the Certificate and the requests of its namespace. `trusted` is the CA that the user configured.
pub(super) fn fill(
    status: &mut CertificateStatus,
    object: &Value,
    requests: &[Value],
    trusted: Option<&Certificate>,
    now: Timestamp,
) {
    let text = |value: &Value| Attr::from(value.as_str().map(str::to_owned));
    let number = |value: &Value| Attr::from(value.as_i64());
    let own = &object["status"];
    status.ready = Attr::Known(report::holds(object, "Ready"));
    status.not_before = text(&own["notBefore"]);
    status.not_after = text(&own["notAfter"]);
    status.renewal_time = text(&own["renewalTime"]);
    status.revision = number(&own["revision"]);
    status.failed_issuance_attempts = Attr::Known(own["failedIssuanceAttempts"].as_i64().unwrap_or(0));
    status.last_failure_time = text(&own["lastFailureTime"]);
    status.conditions = Attr::Known(conditions(object));
    let reference = &object["spec"]["issuerRef"];
    status.issuer = Attr::Known(IssuerOutput {
        name: text(&reference["name"]),
        kind: text(&reference["kind"]),
        group: text(&reference["group"]),
        ca_arn: text(&object["metadata"]["annotations"][certificate::CA_ANNOTATION]),
    });
    let requests = report::requests_of(requests, object["metadata"]["name"].as_str().unwrap_or_default());
    let newest = requests
        .iter()
        .max_by_key(|request| request["metadata"]["creationTimestamp"].as_str().unwrap_or_default());
    let request = report::current(object, &requests)
        .or(newest.copied())
        .unwrap_or(&Value::Null);
    status.request_conditions = Attr::Known(conditions(request));
    issued(status, object, request, trusted, now);
}

fn issued(
    status: &mut CertificateStatus,
    object: &Value,
    request: &Value,
    trusted: Option<&Certificate>,
    now: Timestamp,
) {
    let pem = report::decoded(&request["status"]["certificate"]);
    let reported = report::decoded(&request["status"]["ca"]).and_then(|pem| Certificate::first(&pem).ok());
    status.reported_ca_pem = reported.as_ref().map(Certificate::pem).into();
    let Some(chain) = pem.and_then(|pem| Certificate::chain(&pem).ok()) else {
        return;
    };
    let leaf = &chain[0];
    status.serial = leaf.serial.clone().into();
    status.fingerprint_sha256 = leaf.fingerprint().into();
    status.not_before = leaf.not_before.to_string().into();
    status.not_after = leaf.not_after.to_string().into();
    status.dns_names = leaf.dns_names.clone().into();
    status.certificate_pem = leaf.pem().into();
    status.chain_pem = chain[1..].iter().map(Certificate::pem).collect::<String>().into();
    if let Some(authority) = trusted.or(reported.as_ref()) {
        let usages = object["spec"]["usages"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        let usages: Vec<String> = usages
            .iter()
            .filter_map(|usage| usage.as_str().map(str::to_owned))
            .collect();
        let verified = pki::verify(&chain, authority, Purpose::of(&usages), now);
        status.verified = Attr::Known(verified.is_ok());
        status.verify_error = verified.err().map(|error| error.to_string()).into();
    }
}

fn conditions(object: &Value) -> Vec<Condition> {
    let text = |value: &Value| Attr::Known(value.as_str().unwrap_or_default().to_owned());
    let found = object["status"]["conditions"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let read = |condition: &Value| Condition {
        r#type: text(&condition["type"]),
        status: text(&condition["status"]),
        reason: text(&condition["reason"]),
        message: text(&condition["message"]),
    };
    found.iter().map(read).collect()
}
