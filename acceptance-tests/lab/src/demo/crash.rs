//! Step 3: an apply that dies half-way, and the next one that finishes it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use e2etls_lab::lab::{ACCESS_KEY, Context as _, Error, REGION, Recorder, Result, SECRET_KEY};
use serde_json::Value;

use super::check;
use super::stage::{STACK, Stage, say, succeeded};
use super::verify::curl;

/// Kills Terraform and the provider in the middle of the stack, and applies again.
pub(crate) async fn survived(stage: &Stage, before: &[(String, String)]) -> Result<()> {
    stage.step(3, "terraform apply, killed half-way, and run again");
    let recorder = Recorder::new(&stage.session.recorder);
    recorder.reset().await?;
    let apply = stage.terraform.start_apply(&[])?;
    let call = recorder
        .wait_for(Duration::from_secs(60), |call| {
            call.method == "PATCH" && call.path.contains("/deployments/") && !call.path.contains("dryRun")
        })
        .await;
    apply.kill();
    let killed = apply.wait().await?;
    let call = call.map_err(|error| Error::new(format!("{error}; {killed}")))?;
    check(killed.code.is_none(), || format!("the kill came too late: {killed}"))?;
    let half = steady(stage, before).await?;
    let first = authorities(stage).await?;
    check(first.len() == 1, || {
        format!("one CA should be there after the kill, not {first:?}")
    })?;
    say(&format!(
        "   SIGKILL for Terraform and provider at {} {}: {} objects and one CA are there.",
        call.method,
        call.path.split('?').next().unwrap_or_default(),
        half.len()
    ));

    let started = Instant::now();
    succeeded(stage.terraform.apply(&[]).await?)?;
    let seconds = started.elapsed().as_secs_f32();
    let second = authorities(stage).await?;
    check(first == second, || {
        format!("the CA should be the same: {first:?}, then {second:?}")
    })?;
    let created = recorder.calls().await?;
    let created = created
        .iter()
        .filter(|call| call.operation.as_deref() == Some("CreateCertificateAuthority"))
        .count();
    check(created == 1, || {
        format!("one CA should have been asked for, not {created}")
    })?;
    // A check is a part without an object.
    let parts = stage.terraform.values(STACK).await?["parts"]
        .as_object()
        .map_or(0, |parts| parts.values().filter(|part| part["uid"] != "").count());
    let after = stage
        .until("as many objects as the stack has parts", || async {
            let after = steady(stage, before).await?;
            Ok((after.len() == parts).then_some(after))
        })
        .await?;
    let lost: Vec<_> = half.difference(&after).collect();
    check(lost.is_empty(), || {
        format!("what the first apply made should have been taken over, but was not: {lost:?}")
    })?;
    say(&format!(
        "   The second apply ({seconds:.1} s) went on from there: the same CA, the same {} objects by UID; {parts} now, none twice.",
        half.len()
    ));
    stage.nothing_to_do().await?;
    say("   The plan after it is empty.");
    Ok(())
}

/// The objects that came since, as (`Kind/name`, uid), but for what controllers make and remove on the way.
async fn steady(stage: &Stage, before: &[(String, String)]) -> Result<BTreeSet<(String, String)>> {
    let passing = ["Pod/", "ReplicaSet/", "CertificateRequest/", "EndpointSlice/"];
    let mut listing = stage.listing().await?;
    listing.retain(|object| !before.contains(object) && !passing.iter().any(|kind| object.0.starts_with(kind)));
    Ok(listing.into_iter().collect())
}

/// The CAs that are not deleted.
pub(crate) async fn authorities(stage: &Stage) -> Result<Vec<String>> {
    Ok(all_authorities(stage)
        .await?
        .into_iter()
        .filter(|(_, status)| status != "DELETED")
        .map(|(arn, _)| arn)
        .collect())
}

/// Every CA, with its status.
pub(crate) async fn all_authorities(stage: &Stage) -> Result<Vec<(String, String)>> {
    let (user, signature) = (
        format!("{ACCESS_KEY}:{SECRET_KEY}"),
        format!("aws:amz:{REGION}:acm-pca"),
    );
    let answer = curl(
        &[
            &["--user", &user, "--aws-sigv4", &signature, "--data", "{}"][..],
            &["--header", "X-Amz-Target: ACMPrivateCA.ListCertificateAuthorities"],
            &[
                "--header",
                "Content-Type: application/x-amz-json-1.1",
                &format!("{}/", stage.lab.endpoints().moto_direct),
            ],
        ]
        .concat(),
    )
    .await?;
    let list: Value = serde_json::from_str(&answer.stdout).context(&answer.text)?;
    let list = list["CertificateAuthorities"]
        .as_array()
        .cloned()
        .context(&answer.text)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(list.iter().map(|ca| (text(&ca["Arn"]), text(&ca["Status"]))).collect())
}
