//! From a CA in AWS to a certificate in a Secret.

use std::process::Command;
use std::time::{Duration, Instant};

use kube::core::TypeMeta;
use serde_json::{Value, json};

use crate::lab::Lab;
use crate::lab::apply::{api, apply};
use crate::lab::error::{Context as _, Error, Result};
use crate::lab::step::run;

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

pub(super) fn authority(lab: &Lab) -> Result<String> {
    let mut command = Command::new(&lab.endpoints().programs.python);
    command.args(["-c", CA]).envs(lab.aws_env(&lab.endpoints().session));
    Ok(run(&mut command)?.trim().to_owned())
}

pub(super) async fn issue(lab: &Lab, arn: &str) -> Result<()> {
    let client = crate::lab::client(&lab.admin_kubeconfig(&lab.endpoints().session)?).await?;
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
    wait_ready(&client).await?;
    secret(&client).await
}

async fn wait_ready(client: &kube::Client) -> Result<()> {
    let types = TypeMeta {
        api_version: "cert-manager.io/v1".to_owned(),
        kind: "Certificate".to_owned(),
    };
    let certificates = api(client, &types, Some("default")).await?;
    let started = Instant::now();
    let mut seen = Value::Null;
    while started.elapsed() < Duration::from_secs(60) {
        seen = certificates.get("check").await.context("reading the Certificate")?.data["status"].take();
        let mut conditions = seen["conditions"].as_array().into_iter().flatten();
        if conditions.any(|condition| condition["type"] == "Ready" && condition["status"] == "True") {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(Error::new(format!("the Certificate isn't ready; last seen: {seen}")))
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
