//! Step 5: a renewal under load, and one that goes wrong.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2etls_lab::lab::{Context as _, Result};
use kube::api::{DynamicObject, Patch, PatchParams};
use serde_json::{Value, json};

use super::check;
use super::load::{Client, Load};
use super::stage::{Stage, say};
use super::verify::{Served, curl};

/// Renews as `cmctl renew` does, while requests run.
pub(crate) async fn loses_nothing(stage: &Stage, served: &Served) -> Result<()> {
    stage.step(5, "A renewal under load (HTTP/1.1)");
    let before = serial(served).await?;
    let load = Load::start(served)?;
    let certificate = certificate(stage).await?;
    let now = jiff::Timestamp::now().to_string();
    let condition = json!({"type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "renewal by hand",
        "lastTransitionTime": now.split('.').next().map(|now| format!("{}Z", now.trim_end_matches('Z')))});
    let mut conditions = certificate.data["status"]["conditions"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    conditions.push(condition);
    let patch = Patch::Merge(json!({"status": {"conditions": conditions}}));
    let name = certificate.metadata.name.unwrap_or_default();
    let api = stage.api("cert-manager.io/v1", "Certificate").await?;
    api.patch_status(&name, &PatchParams::default(), &patch)
        .await
        .context("asking for a renewal")?;
    // Every Pod of the proxy has to load it: ten answers in a row, a connection each.
    let after = stage
        .until("the renewed certificate to be served", || async {
            for _ in 0..10 {
                if serial(served).await? == before {
                    return Ok(None);
                }
            }
            serial(served).await.map(Some)
        })
        .await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let counts = load.stop().await?;
    check(counts.failures.is_empty() && counts.answered > 100, || {
        format!(
            "{} answered, {} lost: {:?}",
            counts.answered,
            counts.failures.len(),
            counts.failures.first()
        )
    })?;
    say(&format!(
        "   serial {before} -> {after}; {} requests answered, 0 lost (HTTP/1.1, a connection each).",
        counts.answered
    ));
    stage.nothing_to_do().await?;
    say("   terraform plan is empty: a renewal is no change of the configuration.");
    Ok(())
}

/// Puts a key beside the certificate that is not its own.
pub(crate) async fn broken_reload(stage: &Stage, served: &Served) -> Result<()> {
    say(
        "   Now a broken one: a key that is not the certificate's (cert-manager is stopped, or it would heal it at once).",
    );
    stage.lab.stop_part("cert-manager").await?;
    let done = refused(stage, served).await;
    stage.lab.start_part("cert-manager").await?;
    done
}

async fn refused(stage: &Stage, served: &Served) -> Result<()> {
    let certificate = certificate(stage).await?;
    let secret = certificate.data["spec"]["secretName"]
        .as_str()
        .context("the Secret's name")?
        .to_owned();
    let secrets = stage.api("v1", "Secret").await?;
    let good = secrets.get(&secret).await.context(&secret)?.data["data"]["tls.key"].clone();
    let bad = STANDARD.encode(rcgen::KeyPair::generate().context("a key")?.serialize_pem());
    let patch = |key: Value| Patch::Merge(json!({"data": {"tls.key": key}}));
    let before = serial(served).await?;
    let load = Load::start(served)?;
    let pods = stage.list("v1", "Pod").await?;
    let proxies: Vec<_> = pods
        .into_iter()
        .filter_map(|pod| pod.metadata.name)
        .filter(|name| name.contains("proxy"))
        .collect();
    check(!proxies.is_empty(), || "the proxy should have Pods".to_owned())?;
    secrets
        .patch(&secret, &PatchParams::default(), &patch(json!(bad)))
        .await
        .context("the wrong key")?;
    let seen = stage
        .until("every Pod to see and refuse the wrong key", || async {
            let mut lines = Vec::new();
            for pod in &proxies {
                let log = log(stage, pod).await?;
                lines.extend(
                    log.lines()
                        .find(|line| line.contains("kept the old certificate"))
                        .map(str::to_owned),
                );
            }
            Ok((lines.len() == proxies.len()).then_some(lines))
        })
        .await;
    let after = serial(served).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let counts = load.stop().await?;
    secrets
        .patch(&secret, &PatchParams::default(), &patch(good))
        .await
        .context("the right key")?;
    let (seen, after) = (seen?, after?);
    check(after == before, || {
        format!("the old certificate should still be served: {before}, now {after}")
    })?;
    check(counts.failures.is_empty() && counts.answered > 100, || {
        format!(
            "{} answered, {} lost: {:?}",
            counts.answered,
            counts.failures.len(),
            counts.failures.first()
        )
    })?;
    say(&format!(
        "   {} Pods kept the old certificate and said so; {} requests answered, 0 lost. The key is restored.",
        seen.len(),
        counts.answered
    ));
    Ok(())
}

/// The stack's Certificate.
async fn certificate(stage: &Stage) -> Result<DynamicObject> {
    stage
        .list("cert-manager.io/v1", "Certificate")
        .await?
        .pop()
        .context("the namespace has no Certificate")
}

/// The log of a Pod of the proxy.
async fn log(stage: &Stage, pod: &str) -> Result<String> {
    let api = stage.lab.endpoints().node_api.clone().context("the lab has no node")?;
    let answer = curl(&[&format!("{}/pods/shop/{pod}/nginx/log", api.trim_end_matches('/'))]).await?;
    check(answer.ok, || format!("the log of {pod}: {}", answer.text))?;
    Ok(answer.stdout)
}

/// The serial number of the certificate that is served.
async fn serial(served: &Served) -> Result<String> {
    let (status, certificate) = Client::new(served)?.request().await?;
    check(status.contains(" 200 "), || {
        format!("the request was answered {status}")
    })?;
    serial_of(&certificate).context("a certificate without serial number")
}

/// The first bytes of the serial number of a DER certificate, in hex.
fn serial_of(der: &[u8]) -> Option<String> {
    // Certificate ::= SEQUENCE { SEQUENCE { [0] { version }, INTEGER serial, … — the first INTEGER after the version.
    let start = der.windows(5).position(|bytes| bytes == [0xa0, 3, 2, 1, 2])? + 5;
    let length = usize::from(*der.get(start + 1)?);
    let serial = der.get(start + 2..start + 2 + length)?;
    Some(serial.iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}
