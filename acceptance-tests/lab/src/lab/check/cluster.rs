//! Identities, EKS tokens and pods.

use std::process::Command;
use std::time::{Duration, Instant};

use kube::core::TypeMeta;
use serde_json::{Value, json};

use crate::lab::apply::{api, apply};
use crate::lab::error::{Context as _, Error, Result};
use crate::lab::step::run;
use crate::lab::{CLUSTER, Lab, eks_token as token};

const ROLE: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: check}
rules:
- {apiGroups: [''], resources: [configmaps], verbs: [get, list]}
";
const DESCRIBE: &str =
    "import boto3, json; print(json.dumps(boto3.client('eks').describe_cluster(name='lab')['cluster'], default=str))";

/// A client for a token, through the first session.
async fn client(lab: &Lab, token: &str) -> Result<kube::Client> {
    crate::lab::client(&lab.kubeconfig(&lab.endpoints().session, token)?).await
}

async fn code(client: &kube::Client, path: &str) -> Result<u16> {
    let request = http::Request::get(path).body(Vec::new()).context(path)?;
    match client.request::<Value>(request).await {
        Ok(_) => Ok(200),
        Err(kube::Error::Api(status)) => Ok(status.code),
        Err(error) => Err(error).context(path),
    }
}

fn expect(what: &str, seen: u16, wanted: u16) -> Result<()> {
    if seen == wanted {
        return Ok(());
    }
    Err(Error::new(format!("{what} answered {seen}, not {wanted}")))
}

pub(super) async fn roles(lab: &Lab) -> Result<()> {
    let bearer = lab.service_account("check", "provider", ROLE).await?;
    let client = client(lab, &bearer).await?;
    expect(
        "listing ConfigMaps",
        code(&client, "/api/v1/namespaces/check/configmaps").await?,
        200,
    )?;
    expect(
        "listing Secrets",
        code(&client, "/api/v1/namespaces/check/secrets").await?,
        403,
    )
}

pub(super) async fn eks_token(lab: &Lab) -> Result<()> {
    let mut describe = Command::new(&lab.endpoints().programs.python);
    describe
        .args(["-c", DESCRIBE])
        .envs(lab.aws_env(&lab.endpoints().session));
    let described: Value = serde_json::from_str(&run(&mut describe)?).context("DescribeCluster")?;
    if described["endpoint"] != lab.endpoints().session.kube_server || described["status"] != "ACTIVE" {
        return Err(Error::new(format!("DescribeCluster: {described}")));
    }
    let now = jiff::Timestamp::now();
    let path = "/api/v1/namespaces/check/configmaps";
    // Known, and without any right until a test binds one to the group.
    let fresh = client(lab, &token(CLUSTER, now)?).await?;
    expect("a fresh EKS token", code(&fresh, path).await?, 403)?;
    let other = client(lab, &token("other", now)?).await?;
    expect("another cluster's EKS token", code(&other, path).await?, 401)?;
    let old = client(lab, &token(CLUSTER, now - jiff::SignedDuration::from_mins(20))?).await?;
    expect("an old EKS token", code(&old, path).await?, 401)
}

/// Runs one pod of a Deployment where something runs pods.
pub(super) async fn pod(lab: &Lab) -> Result<String> {
    if lab.endpoints().nodes.is_empty() {
        return Ok("no node, no pod".to_owned());
    }
    let client = lab.kube().await?;
    apply(&client, deployment()).await?;
    let types = TypeMeta {
        api_version: "apps/v1".to_owned(),
        kind: "Deployment".to_owned(),
    };
    let deployments = api(&client, &types, Some("check")).await?;
    let started = Instant::now();
    let mut seen = Value::Null;
    while started.elapsed() < Duration::from_secs(60) {
        seen = deployments.get("hello").await.context("reading the Deployment")?.data["status"].take();
        if seen["availableReplicas"] == 1 {
            return Ok("Deployment available".to_owned());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(Error::new(format!("the Deployment isn't available; last seen: {seen}")))
}

fn deployment() -> Value {
    let labels = json!({ "app": "hello" });
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "hello", "namespace": "check" },
        "spec": { "replicas": 1, "selector": { "matchLabels": labels }, "template": {
            "metadata": { "labels": labels },
            "spec": { "containers": [{
                "name": "hello", "image": "e2etls.lab/hello:1", "ports": [{ "containerPort": 8080 }],
                "readinessProbe": { "httpGet": { "path": "/", "port": 8080 }, "periodSeconds": 1 },
            }] },
        } },
    })
}
