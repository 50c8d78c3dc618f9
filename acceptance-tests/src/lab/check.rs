//! `lab check`: from a CA in AWS to a certificate in a Secret, through every part, with times.

use std::process::Command;
use std::time::{Duration, Instant};

use kube::core::TypeMeta;
use serde_json::{Value, json};

use super::apply::{api, apply};
use super::error::{Context as _, Error, Result};
use super::setup::run;
use super::{Lab, Options};

/// Makes a root CA with the calls that AWS documents, and prints its ARN.
const CA: &str = r#"
import boto3
pca = boto3.client("acm-pca")
arn = pca.create_certificate_authority(
    CertificateAuthorityType="ROOT",
    CertificateAuthorityConfiguration={
        "KeyAlgorithm": "RSA_2048", "SigningAlgorithm": "SHA256WITHRSA", "Subject": {"CommonName": "lab check"}},
)["CertificateAuthorityArn"]
pca.get_waiter("certificate_authority_csr_created").wait(CertificateAuthorityArn=arn, WaiterConfig={"Delay": 1})
csr = pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"]
issued = pca.issue_certificate(
    CertificateAuthorityArn=arn, Csr=csr.encode(), SigningAlgorithm="SHA256WITHRSA",
    TemplateArn="arn:aws:acm-pca:::template/RootCACertificate/V1", Validity={"Type": "YEARS", "Value": 10},
)["CertificateArn"]
pca.get_waiter("certificate_issued").wait(
    CertificateAuthorityArn=arn, CertificateArn=issued, WaiterConfig={"Delay": 1})
pem = pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=issued)["Certificate"]
pca.import_certificate_authority_certificate(CertificateAuthorityArn=arn, Certificate=pem.encode())
assert pca.describe_certificate_authority(CertificateAuthorityArn=arn)["CertificateAuthority"]["Status"] == "ACTIVE"
print(arn)
"#;

/// Starts a lab, issues a certificate, and returns what was seen, one line each.
///
/// # Errors
/// A part of the lab doesn't do what it should.
pub async fn check(options: Options) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let started = Instant::now();
    let lab = Lab::start_with(&std::env::current_exe().context("the lab's binary")?, options).await?;
    lines.push(format!("lab ready after {:.1} s", started.elapsed().as_secs_f32()));
    let started = Instant::now();
    let arn = certificate_authority(&lab)?;
    lines.push(format!("{arn} ACTIVE after {:.1} s", started.elapsed().as_secs_f32()));
    let started = Instant::now();
    let reason = issue(&lab, &arn).await?;
    lines.push(format!(
        "Certificate {reason} after {:.1} s",
        started.elapsed().as_secs_f32()
    ));
    let calls = lab.recorder().calls().await?;
    lines.push(format!(
        "{} calls recorded, the last {}",
        calls.len(),
        calls.last().map_or("none", |call| &call.path)
    ));
    let started = Instant::now();
    drop(lab);
    lines.push(format!("lab stopped after {:.1} s", started.elapsed().as_secs_f32()));
    Ok(lines)
}

fn certificate_authority(lab: &Lab) -> Result<String> {
    let mut command = Command::new(&lab.endpoints().programs.python);
    command.args(["-c", CA]).envs(lab.aws_env(&lab.endpoints().session));
    Ok(run(&mut command)?.trim().to_owned())
}

/// Issues a certificate and returns the reason of its condition Ready.
async fn issue(lab: &Lab, arn: &str) -> Result<String> {
    let client = super::client(&lab.admin_kubeconfig(&lab.endpoints().session)?).await?;
    let issuer = json!({
        "apiVersion": "awspca.cert-manager.io/v1beta1", "kind": "AWSPCAIssuer",
        "metadata": { "name": "check", "namespace": "default" },
        "spec": { "arn": arn, "region": lab.endpoints().region },
    });
    let certificate = json!({
        "apiVersion": "cert-manager.io/v1", "kind": "Certificate",
        "metadata": { "name": "check", "namespace": "default" },
        "spec": {
            "secretName": "check-tls", "dnsNames": ["check.default.svc"], "usages": ["server auth"],
            "privateKey": { "algorithm": "ECDSA", "rotationPolicy": "Always" },
            "issuerRef": { "group": "awspca.cert-manager.io", "kind": "AWSPCAIssuer", "name": "check" },
        },
    });
    apply(&client, issuer).await?;
    apply(&client, certificate).await?;
    let types = TypeMeta {
        api_version: "cert-manager.io/v1".to_owned(),
        kind: "Certificate".to_owned(),
    };
    let certificates = api(&client, &types, Some("default")).await?;
    let started = Instant::now();
    let mut seen = Value::Null;
    while started.elapsed() < Duration::from_secs(60) {
        seen = certificates.get("check").await.context("reading the Certificate")?.data["status"].take();
        if let Some(reason) = ready(&seen) {
            return secret(&client).await.map(|()| reason);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(Error::new(format!("the Certificate isn't ready; last seen: {seen}")))
}

fn ready(status: &Value) -> Option<String> {
    let conditions = status["conditions"].as_array()?;
    let ready = conditions
        .iter()
        .find(|condition| condition["type"] == "Ready" && condition["status"] == "True")?;
    Some(ready["reason"].as_str().unwrap_or("Ready").to_owned())
}

async fn secret(client: &kube::Client) -> Result<()> {
    let types = TypeMeta {
        api_version: "v1".to_owned(),
        kind: "Secret".to_owned(),
    };
    let secret = api(client, &types, Some("default"))
        .await?
        .get("check-tls")
        .await
        .context("reading the Secret")?;
    secret.data["data"]["tls.crt"]
        .as_str()
        .map(drop)
        .context("the Secret holds no certificate")
}
