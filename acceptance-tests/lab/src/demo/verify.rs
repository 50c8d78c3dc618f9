//! Step 4: independent programs verify what is served, from the CA certificate that Terraform puts out.

use std::process::Stdio;

use e2etls_lab::kubelet::lab_port;
use e2etls_lab::lab::{Context as _, Result};
use tokio::process::Command;

use super::check;
use super::stage::{HOST, SECRET, STACK, Stage, say};
use super::tap::Tap;

/// Where the stack serves, and what verifies it.
pub(crate) struct Served {
    pub(crate) address: String,
    pub(crate) port: u16,
    pub(crate) ca_pem: String,
    pub(crate) ca_file: String,
}

/// What a program said.
pub(crate) struct Answer {
    pub(crate) ok: bool,
    code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) text: String,
}

/// Verifies the chain twice, and sees refused what should be.
pub(crate) async fn served(stage: &Stage) -> Result<Served> {
    stage.step(
        4,
        "What is served, judged by OpenSSL and curl with the CA from `terraform output`",
    );
    let outputs = stage.terraform.outputs().await?;
    let ca_pem = outputs["ca_pem"]["value"]
        .as_str()
        .context("the output ca_pem")?
        .to_owned();
    stage.terraform.write("ca.pem", &ca_pem)?;
    let values = stage.terraform.values(STACK).await?;
    let service = values["parts"]["proxy/service"]["ref"].as_str().unwrap_or_default();
    let service = service.rsplit('/').next().unwrap_or_default();
    let address = stage.service_address(service).await?;
    let ca_file = stage.terraform.path().join("ca.pem").display().to_string();
    let served = Served {
        address,
        port: lab_port(443),
        ca_pem,
        ca_file,
    };

    let seen = served.openssl(&served.ca_file, &[]).await?;
    check(seen.ok && seen.text.contains("Verify return code: 0 (ok)"), || {
        format!("OpenSSL should verify: {}", seen.text)
    })?;
    let protocol = seen
        .text
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("New, TLS"))
        .unwrap_or_default()
        .to_owned();
    say(&format!(
        "   OpenSSL: Verify return code: 0 (ok) for {HOST} ({protocol})"
    ));

    let tap = Tap::before(&format!("{}:{}", served.address, served.port)).await?;
    let cookie = format!("Cookie: {SECRET}");
    let url = format!("https://{HOST}:{}/pay", tap.port);
    let resolve = format!("{HOST}:{}:127.0.0.1", tap.port);
    let args = [
        "--cacert",
        &served.ca_file,
        "--resolve",
        &resolve,
        "--header",
        &cookie,
        &url,
    ];
    let seen = curl(&args).await?;
    check(seen.ok && seen.stdout.contains(SECRET), || {
        format!("curl should get the app's answer: {}", seen.text)
    })?;
    check(!tap.text().is_empty() && !tap.text().contains(SECRET), || {
        "the cookie is readable on the wire".to_owned()
    })?;
    say("   curl --cacert: the app answers; the same cookie is not to be found on the wire.");

    stage.terraform.write("wrong-ca.pem", &wrong_ca()?)?;
    let wrong = stage.terraform.path().join("wrong-ca.pem").display().to_string();
    let seen = curl(&["--cacert", &wrong, "--resolve", &resolve, &url]).await?;
    check(seen.code == Some(60), || {
        format!("curl should refuse another CA: {}", seen.text)
    })?;
    let other = served.openssl(&wrong, &[]).await?;
    check(!other.ok, || {
        format!("OpenSSL should refuse another CA: {}", other.text)
    })?;
    let old = served
        .openssl(&served.ca_file, &["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"])
        .await?;
    check(!old.ok && old.text.contains("alert protocol version"), || {
        format!("TLS 1.1 should be refused: {}", old.text)
    })?;
    say("   Refused: another CA (by both), and TLS 1.1 (by the proxy: alert protocol version).");
    Ok(served)
}

impl Served {
    /// A handshake of OpenSSL's client.
    pub(crate) async fn openssl(&self, ca_file: &str, more: &[&str]) -> Result<Answer> {
        let target = format!("{}:{}", self.address, self.port);
        let args = [
            "s_client",
            "-connect",
            &target,
            "-servername",
            HOST,
            "-verify_hostname",
            HOST,
        ];
        let args = [&args[..], &["-verify_return_error", "-CAfile", ca_file], more].concat();
        program("openssl", &args).await
    }
}

/// curl, without any way to skip a verification.
pub(crate) async fn curl(args: &[&str]) -> Result<Answer> {
    program(
        "curl",
        &[
            &[
                "--silent",
                "--show-error",
                "--fail",
                "--max-time",
                "10",
                "--noproxy",
                "*",
            ],
            args,
        ]
        .concat(),
    )
    .await
}

async fn program(name: &str, args: &[&str]) -> Result<Answer> {
    let output = Command::new(name)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .await
        .context(name)?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let text = stdout.clone() + &String::from_utf8_lossy(&output.stderr);
    Ok(Answer {
        ok: output.status.success(),
        code: output.status.code(),
        stdout,
        text,
    })
}

/// A CA that nobody here trusts.
fn wrong_ca() -> Result<String> {
    let key = rcgen::KeyPair::generate().context("a key")?;
    let mut params = rcgen::CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, "Demo root");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    Ok(params.self_signed(&key).context("a certificate")?.pem())
}
