//! Step 6: a change by hand, seen at one path and healed.

use e2etls_lab::lab::{Context as _, Result};
use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use super::check;
use super::stage::{STACK, Stage, say, succeeded};

/// Scales the proxy by hand, and lets Terraform see and heal it.
pub(crate) async fn healed(stage: &Stage) -> Result<()> {
    stage.step(6, "A change by hand");
    let name = deployment(stage).await?.0;
    let api = stage.api("apps/v1", "Deployment").await?;
    let params = PatchParams {
        field_manager: Some("kubectl-edit".to_owned()),
        ..PatchParams::default()
    };
    api.patch(&name, &params, &Patch::Merge(json!({"spec": {"replicas": 1}})))
        .await
        .context("scaling")?;
    say(&format!(
        "   As `kubectl scale deployment/{name} --replicas=1` does: one Pod in place of two."
    ));
    let plan = stage.terraform.plan(&[]).await?;
    let change = plan.change(STACK);
    check(change.actions == ["update"], || {
        format!("the plan should be one update: {}", plan.output)
    })?;
    let others = plan.changes().len();
    check(others == 1, || {
        format!("the plan should change the stack alone: {}", plan.output)
    })?;
    let drift = change.json["before"]["drift"].as_array().cloned().unwrap_or_default();
    check(
        drift.len() == 1 && drift[0].as_str().is_some_and(|path| path.contains("replicas")),
        || format!("the drift should be one path: {drift:?} in {}", plan.output),
    )?;
    let parts = changed_parts(&change.json);
    check(parts == ["proxy/deployment"], || {
        format!("one part should change, not {parts:?}: {}", plan.output)
    })?;
    say(&format!("   The plan names it: drift {}, part {}.", drift[0], parts[0]));
    succeeded(stage.terraform.apply(&[]).await?)?;
    let replicas = deployment(stage).await?.1;
    check(replicas == 2, || {
        format!("the apply should have restored 2 replicas, not {replicas}")
    })?;
    stage.nothing_to_do().await?;
    say("   Healed by an apply; the plan after it is empty.");
    Ok(())
}

/// Name and replicas of the proxy's Deployment.
async fn deployment(stage: &Stage) -> Result<(String, i64)> {
    let found = stage.list("apps/v1", "Deployment").await?;
    let proxy = found
        .into_iter()
        .find(|found| found.metadata.name.as_deref() != Some("shop"))
        .context("the proxy's Deployment")?;
    Ok((
        proxy.metadata.name.unwrap_or_default(),
        proxy.data["spec"]["replicas"].as_i64().unwrap_or_default(),
    ))
}

/// The parts that differ before and after, or are not known.
fn changed_parts(change: &Value) -> Vec<String> {
    let before = change["before"]["parts"].as_object().cloned().unwrap_or_default();
    let differs = |key: &String, value: &Value| change["after"]["parts"].get(key) != Some(value);
    before
        .iter()
        .filter(|(key, value)| differs(key, value))
        .map(|(key, _)| key.clone())
        .collect()
}
