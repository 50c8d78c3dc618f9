//! `e2etls_public_certificate` through Terraform against ACM and Route 53 of the lab.

mod ends;
mod life;

use std::process::Command;

use e2etls_lab::lab::{ACCESS_KEY, REGION};
use serde_json::{Value, json};

use crate::ground::Ground;

/// The address of the certificate in every configuration here.
pub(crate) const CERTIFICATE: &str = "e2etls_public_certificate.it";

/// A request past the provider, under a service's name; the stand-in doesn't look at signatures.
pub(crate) fn request(ground: &Ground, service: &str, path: &str, args: &[&str]) -> String {
    request_at(&ground.lab.endpoints().moto_direct, service, path, args)
}

/// The same to this stand-in.
pub(crate) fn request_at(url: &str, service: &str, path: &str, args: &[&str]) -> String {
    let credential = format!("AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20260101/{REGION}/{service}/aws4_request");
    let output = Command::new("curl")
        .args(["-sS", "--fail-with-body", "--max-time", "60"])
        .arg(format!("{url}{path}"))
        .arg("-H")
        .arg(format!("Authorization: {credential}, SignedHeaders=host, Signature=0"))
        .args(args)
        .output()
        .expect("curl runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{service} {path} {args:?}: {text} {complaint}");
    text
}

/// A call of ACM.
pub(crate) fn acm(ground: &Ground, operation: &str, body: &Value) -> Value {
    let target = format!("X-Amz-Target: CertificateManager.{operation}");
    let json = "Content-Type: application/x-amz-json-1.1";
    let text = request(
        ground,
        "acm",
        "/",
        &["-X", "POST", "-H", &target, "-H", json, "-d", &body.to_string()],
    );
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// What only the lab can do: a certificate's fate.
fn control(ground: &Ground, body: &Value) {
    let json = "Content-Type: application/json";
    drop(request(
        ground,
        "acm",
        "/moto-api/e2etls/acm",
        &["-X", "POST", "-H", json, "-d", &body.to_string()],
    ));
}

/// ARNs of all certificates of this domain.
pub(crate) fn living(ground: &Ground, domain: &str) -> Vec<String> {
    let types = json!(["RSA_2048", "EC_prime256v1", "EC_secp384r1"]);
    let answer = acm(
        ground,
        "ListCertificates",
        &json!({"Includes": {"keyTypes": types}, "MaxItems": 1000}),
    );
    let all = answer["CertificateSummaryList"].as_array().cloned().unwrap_or_default();
    all.iter()
        .filter(|one| one["DomainName"] == domain)
        .map(|one| one["CertificateArn"].as_str().expect("an ARN").to_owned())
        .collect()
}

pub(crate) fn describe(ground: &Ground, arn: &str) -> Value {
    acm(ground, "DescribeCertificate", &json!({"CertificateArn": arn}))["Certificate"].clone()
}

pub(crate) fn tags(ground: &Ground, arn: &str) -> Vec<(String, String)> {
    let answer = acm(ground, "ListTagsForCertificate", &json!({"CertificateArn": arn}));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let tags = answer["Tags"].as_array().into_iter().flatten();
    tags.map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect()
}

/// A new hosted zone.
pub(crate) fn zone(ground: &Ground, name: &str, private: bool) -> String {
    let kind = if private {
        "<VPC><VPCRegion>us-east-1</VPCRegion><VPCId>vpc-1</VPCId></VPC>\
         <HostedZoneConfig><PrivateZone>true</PrivateZone></HostedZoneConfig>"
    } else {
        ""
    };
    let body = format!(
        "<CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Name>{name}</Name>{kind}\
         <CallerReference>{name}{private}</CallerReference></CreateHostedZoneRequest>"
    );
    let path = "/2013-04-01/hostedzone";
    let answer = request(
        ground,
        "route53",
        path,
        &["-X", "POST", "-H", "Content-Type: text/xml", "-d", &body],
    );
    let id = answer
        .split("/hostedzone/")
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    id.expect("an id").to_owned()
}

/// How many CNAME records a zone has.
pub(crate) fn cnames(ground: &Ground, zone: &str) -> usize {
    let answer = request(ground, "route53", &format!("/2013-04-01/hostedzone/{zone}/rrset"), &[]);
    answer.matches("<Type>CNAME</Type>").count()
}

/// A certificate with these lines beside its name and domain.
pub(crate) fn certificate(domain: &str, more: &str) -> String {
    format!(
        "resource \"e2etls_public_certificate\" \"it\" {{\n  name   = \"it\"\n  domain = \"{domain}\"\n  {more}\n}}\n"
    )
}

/// The argument `dns` with one zone.
pub(crate) fn in_zone(domain: &str, zone: &str) -> String {
    format!("dns = {{ zones = {{ \"{domain}\" = \"{zone}\" }} }}")
}

async fn values(ground: &Ground) -> Value {
    ground.terraform.values(CERTIFICATE).await.expect("an answer")
}

async fn arn(ground: &Ground) -> String {
    values(ground).await["arn"].as_str().expect("an ARN").to_owned()
}

/// What was made for a test, and what it asserts in the end.
fn is_finished(ground: &Ground, arn: &str) {
    assert_eq!(describe(ground, arn)["Status"], "ISSUED");
    let found = tags(ground, arn);
    assert!(!found.iter().any(|(key, _)| key == "e2etls:creating"), "{found:?}");
}
