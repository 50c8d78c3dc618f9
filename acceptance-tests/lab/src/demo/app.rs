//! Step 1: the app as it is, readable by everybody on the way.

use e2etls_lab::kubelet::lab_port;
use e2etls_lab::lab::Result;
use serde_json::json;

use super::check;
use super::stage::{NAMESPACE, SECRET, Stage, loopback, say};
use super::tap::Tap;
use super::verify::curl;

/// Starts the app, and reads a request to it off the wire.
pub(crate) async fn readable(stage: &Stage) -> Result<()> {
    stage.step(1, "An app that speaks plain HTTP");
    let labels = json!({"app": "shop"});
    stage
        .apply(json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop", "namespace": NAMESPACE},
            "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec":
                {"containers": [{"name": "app", "image": "e2etls.lab/hello", "ports": [{"containerPort": 8080}]}]}}},
        }))
        .await?;
    let address = stage
        .until("the app's Pod", || async {
            let pods = stage.list("v1", "Pod").await?;
            let ready = pods
                .iter()
                .find(|pod| pod.data["status"]["containerStatuses"][0]["ready"] == true);
            ready.map(|pod| loopback(&pod.data["status"]["podIP"])).transpose()
        })
        .await?;
    let tap = Tap::before(&format!("{address}:{}", lab_port(8080))).await?;
    let answer = curl(&[
        "--header",
        &format!("Cookie: {SECRET}"),
        &format!("http://127.0.0.1:{}/pay", tap.port),
    ])
    .await?;
    check(answer.ok, || format!("the app should answer: {}", answer.text))?;
    let wire = tap.text();
    let line = wire.lines().find(|line| line.contains(SECRET)).unwrap_or_default();
    check(!line.is_empty(), || {
        format!("the plain request should be on the wire: {wire}")
    })?;
    say(&format!(
        "   Read off the wire between client and app: \"{}\" … \"{line}\"",
        wire.lines().next().unwrap_or_default()
    ));
    Ok(())
}
