//! What cert-manager's objects and issuers report.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Annotation of a CertificateRequest: the Certificate that it is for.
pub const CERTIFICATE_NAME: &str = "cert-manager.io/certificate-name";
/// Annotation of a CertificateRequest: which issuance of its Certificate it is.
pub const REVISION: &str = "cert-manager.io/certificate-revision";

/// What became of a CertificateRequest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issued {
    /// Nothing yet.
    Pending,
    /// The leaf and its intermediates, as PEM.
    Certificate(String),
    /// It was denied, is invalid, or failed: that is final.
    Refused,
}

/// The condition `kind` of an object.
pub fn condition<'a>(object: &'a Value, kind: &str) -> Option<&'a Value> {
    object["status"]["conditions"]
        .as_array()?
        .iter()
        .find(|condition| condition["type"] == kind)
}

/// True if the condition `kind` is true.
pub fn holds(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|condition| condition["status"] == "True")
}

/// Something if the object's condition `Ready` is true.
pub fn is_ready(seen: Option<&Value>) -> Option<()> {
    seen.filter(|object| holds(object, "Ready")).map(|_| ())
}

/// All conditions in one line, in the words of whoever set them.
pub fn conditions(seen: Option<&Value>) -> String {
    let Some(object) = seen else {
        return "not found".to_owned();
    };
    let found = object["status"]["conditions"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let words: Vec<String> = found
        .iter()
        .map(|one| {
            format!(
                "{}={} {}: {}",
                text(&one["type"]),
                text(&one["status"]),
                text(&one["reason"]),
                text(&one["message"])
            )
        })
        .collect();
    if words.is_empty() {
        "no controller has processed it yet".to_owned()
    } else {
        words.join("; ")
    }
}

/// What became of a CertificateRequest.
pub fn issued(seen: Option<&Value>) -> Issued {
    let Some(request) = seen else { return Issued::Pending };
    let ready = condition(request, "Ready");
    let failed = ready.is_some_and(|ready| ready["reason"] == "Failed" || ready["reason"] == "Denied");
    if failed || holds(request, "Denied") || holds(request, "InvalidRequest") {
        return Issued::Refused;
    }
    match decoded(&request["status"]["certificate"]) {
        Some(pem) if holds(request, "Ready") => Issued::Certificate(pem),
        _ => Issued::Pending,
    }
}

/// PEM text from a field of bytes.
pub fn decoded(field: &Value) -> Option<String> {
    let bytes = STANDARD.decode(field.as_str().filter(|text| !text.is_empty())?).ok()?;
    String::from_utf8(bytes).ok()
}

/// True if cert-manager made the request for the Certificate `name`.
pub fn is_request_of(request: &Value, name: &str) -> bool {
    request["metadata"]["annotations"][CERTIFICATE_NAME] == name
}

/// The requests of the Certificate `name` among all of its namespace.
pub fn requests_of<'a>(requests: &'a [Value], name: &str) -> Vec<&'a Value> {
    requests.iter().filter(|request| is_request_of(request, name)).collect()
}

/// The request of the current revision of a Certificate.
pub fn current<'a>(certificate: &Value, requests: &[&'a Value]) -> Option<&'a Value> {
    let revision = certificate["status"]["revision"].as_i64()?.to_string();
    requests
        .iter()
        .find(|request| request["metadata"]["annotations"][REVISION] == *revision)
        .copied()
}

/// Which issuance of its Certificate a request is.
#[must_use]
pub fn revision(request: &Value) -> Option<i64> {
    request["metadata"]["annotations"][REVISION].as_str()?.parse().ok()
}
