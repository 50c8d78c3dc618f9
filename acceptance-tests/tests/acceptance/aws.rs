//! AWS Private CA past the provider and its records: what is there, and what somebody changes by hand.

use std::process::Command;

use e2etls_lab::lab::{ACCESS_KEY, REGION};
use serde_json::{Value, json};

use crate::ground::Ground;

/// One request to the stand-in, which doesn't look at signatures.
pub(crate) fn pca(ground: &Ground, operation: &str, body: &Value) -> Value {
    let output = Command::new("curl")
        .args([
            "-sS",
            "--fail-with-body",
            "--max-time",
            "60",
            "-X",
            "POST",
            &ground.lab.endpoints().moto_direct,
        ])
        .args(["-H", &format!("X-Amz-Target: ACMPrivateCA.{operation}")])
        .args(["-H", "Content-Type: application/x-amz-json-1.1"])
        .arg("-H")
        .arg(format!(
            "Authorization: AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20260101/{REGION}/acm-pca/aws4_request, \
             SignedHeaders=host, Signature=0"
        ))
        .args(["-d", &body.to_string()])
        .output()
        .expect("curl runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{operation} {body}: {text} {complaint}");
    if text.is_empty() {
        return Value::Null;
    }
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{operation}: {error}: {text}"))
}

/// The CA of this ARN.
pub(crate) fn describe(ground: &Ground, arn: &str) -> Value {
    pca(
        ground,
        "DescribeCertificateAuthority",
        &json!({"CertificateAuthorityArn": arn}),
    )["CertificateAuthority"]
        .clone()
}

/// Its status.
pub(crate) fn status(ground: &Ground, arn: &str) -> String {
    describe(ground, arn)["Status"].as_str().unwrap_or_default().to_owned()
}

/// Changes its status by hand.
pub(crate) fn set_status(ground: &Ground, arn: &str, status: &str) {
    let body = json!({"CertificateAuthorityArn": arn, "Status": status});
    drop(pca(ground, "UpdateCertificateAuthority", &body));
}

/// Its tags.
pub(crate) fn tags(ground: &Ground, arn: &str) -> Vec<(String, String)> {
    let answer = pca(ground, "ListTags", &json!({"CertificateAuthorityArn": arn}));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let tags = answer["Tags"].as_array().into_iter().flatten();
    tags.map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect()
}

/// Every CA of the account; AWS lists at most a hundred at a time.
pub(crate) fn authorities(ground: &Ground) -> Vec<Value> {
    let mut all = Vec::new();
    let mut request = json!({});
    loop {
        let answer = pca(ground, "ListCertificateAuthorities", &request);
        all.extend(answer["CertificateAuthorities"].as_array().expect("a list").clone());
        match &answer["NextToken"] {
            Value::Null => return all,
            token => request = json!({"NextToken": token}),
        }
    }
}

/// Every CA of this common name that is not deleted.
pub(crate) fn living(ground: &Ground, common_name: &str) -> Vec<Value> {
    let all = authorities(ground);
    all.into_iter()
        .filter(|ca| ca["CertificateAuthorityConfiguration"]["Subject"]["CommonName"] == common_name)
        .filter(|ca| ca["Status"] != "DELETED")
        .collect()
}
