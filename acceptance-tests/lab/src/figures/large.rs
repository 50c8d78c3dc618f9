//! The report of a large cluster: seconds, memory and requests, over objects that no Node runs.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use kube::api::{DynamicObject, Patch, PatchParams, PostParams};
use kube::core::TypeMeta;
use serde_json::{Value, json};

use super::command::memory;
use crate::lab::apply::{api, apply};
use crate::lab::{CertManager, Context as _, Error, Lab, Node, Options, Recorder, Result, Webhook};

/// Requests in flight while the objects are made.
const AT_ONCE: usize = 50;
const NAMESPACES: usize = 20;
const NODES: usize = 100;
/// Between two looks at the memory of the process. The kernel keeps the peak, so only the last moment can be missed.
const PERIOD: Duration = Duration::from_millis(5);

/// What a report of a cluster cost.
#[derive(Debug, Clone)]
pub struct Large {
    /// From the start of the process to its end.
    pub seconds: f64,
    /// The most that it had resident, in bytes.
    pub peak_bytes: u64,
    /// Requests by method and path, with their number: a page of a list is one.
    pub requests: BTreeMap<String, usize>,
    /// Bytes of the JSON.
    pub json_bytes: u64,
    /// Ways in that it shows.
    pub ways: usize,
}

/// Makes a cluster of so many Services with Pods behind them, and runs `report --all --json` on it.
///
/// # Errors
/// The lab does not start, an object is refused, or the report is not made.
pub async fn large(services: usize, pods: usize) -> Result<Large> {
    let binary = tokio::task::spawn_blocking(super::binary)
        .await
        .context("the build")??;
    let lab = Lab::start(Options {
        node: Node::None,
        cert_manager: CertManager::Off,
        webhook: Webhook::Off,
        eks: false,
        load_balancers: false,
        ..Options::default()
    })
    .await?;
    eprintln!("making {services} Services and {pods} Pods");
    fill(&lab.kube().await?, services, pods).await?;
    run(&lab, &binary).await
}

/// Namespaces, Nodes of EKS Auto Mode with its policies switched on, then everything else.
async fn fill(client: &kube::Client, services: usize, pods: usize) -> Result<()> {
    let policies = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "kube-system", "name": "amazon-vpc-cni"},
        "data": {"enable-network-policy-controller": "true"}});
    apply(client, policies).await?;
    let mut first: Vec<Value> = (0..NAMESPACES)
        .map(|n| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space(n)}}))
        .collect();
    first.extend((0..NODES).map(|n| {
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": node(n), "labels": {"eks.amazonaws.com/compute-type": "auto"}}})
    }));
    all(first.into_iter().map(|object| apply(client, object))).await?;
    let applications = (0..services).flat_map(application);
    all(applications.map(|object| apply(client, object))).await?;
    all((0..services).map(|n| balanced(client, n))).await?;
    let owners = (0..services).map(|n| async move {
        let made = api(client, &types("v1", "ConfigMap"), Some(&space(n)))
            .await?
            .get(&name(n))
            .await;
        made.context("a ConfigMap")?
            .metadata
            .uid
            .context("a ConfigMap without UID")
    });
    let owners: Vec<String> = stream::iter(owners).buffered(AT_ONCE).try_collect().await?;
    all((0..pods).map(|n| pod(client, n, n % services, &owners[n % services]))).await
}

fn types(api_version: &str, kind: &str) -> TypeMeta {
    TypeMeta {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
    }
}

/// Makes all of them, [`AT_ONCE`] at a time and in any order, until one fails.
async fn all<T>(making: impl Iterator<Item = impl Future<Output = Result<T>>>) -> Result<()> {
    let made = stream::iter(making).buffer_unordered(AT_ONCE);
    made.try_for_each(async |_| Ok(())).await
}

fn space(n: usize) -> String {
    format!("space-{}", n % NAMESPACES)
}

fn node(n: usize) -> String {
    format!("node-{}", n % NODES)
}

fn name(n: usize) -> String {
    format!("app-{n}")
}

/// A Service with a policy, an Ingress and a configuration of NGINX that forwards to the next one of its namespace.
fn application(n: usize) -> Vec<Value> {
    let (namespace, name) = (space(n), name(n));
    let metadata = json!({"namespace": namespace, "name": name});
    let next = format!("app-{}.{namespace}.svc.cluster.local", n + NAMESPACES);
    let nginx = format!(
        "events {{}} http {{ server {{ listen 8443 ssl; server_name {name}.example.com; location / {{ proxy_pass https://{next}; }} }} }}"
    );
    let backend = json!({"service": {"name": name, "port": {"number": 443}}});
    vec![
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"nginx.conf": nginx}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata,
            "spec": {"selector": {"app": name}, "ports": [{"port": 443, "targetPort": 8443}]}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata,
            "spec": {"podSelector": {"matchLabels": {"app": name}}, "policyTypes": ["Ingress"],
                "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": format!("app-{}", n.saturating_sub(NAMESPACES))}}}]}]}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata,
            "spec": {"rules": [{"host": format!("{name}.example.com"),
                "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]}}),
    ]
}

/// Gives an Ingress a load balancer that is none of AWS, so that the way goes on to the Pods without a question to AWS.
async fn balanced(client: &kube::Client, n: usize) -> Result<()> {
    let ingresses = api(client, &types("networking.k8s.io/v1", "Ingress"), Some(&space(n))).await?;
    let status = json!({"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}});
    let patched = ingresses
        .patch_status(&name(n), &PatchParams::default(), &Patch::Merge(&status))
        .await;
    patched.map(drop).context(name(n))
}

/// A ready Pod with as much around it as is usual.
async fn pod(client: &kube::Client, n: usize, service: usize, owner: &str) -> Result<()> {
    let (namespace, app) = (space(service), name(service));
    let pod_name = format!("{app}-7d9c6b5f4-{n:05}");
    let variables: Vec<Value> = (0..20)
        .map(|n| json!({"name": format!("SETTING_{n}"), "value": "x".repeat(40)}))
        .collect();
    let object = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"namespace": namespace, "name": pod_name, "labels": {"app": app, "pod-template-hash": "7d9c6b5f4"},
            "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": app, "uid": owner, "controller": true}]},
        "spec": {"nodeName": node(n), "automountServiceAccountToken": false, "volumes": [{"name": "config", "configMap": {"name": app}}],
            "containers": [{"name": "nginx", "image": "nginx:1.29", "env": variables, "ports": [{"containerPort": 8443}],
                "volumeMounts": [{"name": "config", "mountPath": "/etc/nginx"}]}]}});
    let ip = format!("10.{}.{}.{}", 1 + n / 62_500, n / 250 % 250, 1 + n % 250);
    let now = jiff::Timestamp::now().to_string();
    let status = json!({"status": {"phase": "Running", "podIP": ip, "podIPs": [{"ip": ip}],
        "conditions": [{"type": "Ready", "status": "True"}],
        "containerStatuses": [{"name": "nginx", "ready": true, "image": "nginx:1.29", "imageID": "", "restartCount": 0,
            "state": {"running": {"startedAt": now}}}]}});
    let pods = api(client, &types("v1", "Pod"), Some(&namespace)).await?;
    let object: DynamicObject = serde_json::from_value(object).context("a Pod")?;
    // A namespace gets its service account a moment later.
    let mut left = 50;
    while let Err(error) = pods.create(&PostParams::default(), &object).await {
        left -= 1;
        if left == 0 {
            return Err(Error::new(format!("{pod_name}: {error}")));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let patched = pods
        .patch_status(&pod_name, &PatchParams::default(), &Patch::Merge(&status))
        .await;
    patched.map(drop).context(pod_name)
}

async fn run(lab: &Lab, binary: &Path) -> Result<Large> {
    let session = lab.session().await?;
    let recorder = Recorder::new(&session.recorder);
    let endpoints = lab.endpoints();
    let file = endpoints.dir.join("report.json");
    recorder.reset().await?;
    let started = Instant::now();
    let mut running = tokio::process::Command::new(binary)
        .args(["report", "--all", "--json"])
        .arg(&file)
        .env_clear()
        .env("KUBE_HOST", &session.kube_server)
        .env("KUBE_TOKEN", &endpoints.kube_admin_token)
        .env(
            "KUBE_CLUSTER_CA_CERT_DATA",
            std::fs::read_to_string(&endpoints.kube_ca_pem).context("the CA")?,
        )
        .envs(lab.aws_env(&session))
        .stdin(Stdio::null())
        .spawn()
        .context(binary.display())?;
    let pid = running.id().context("the report is not running")?;
    let mut peak_bytes = 0;
    let status = loop {
        if let Some(status) = running.try_wait().context("the report")? {
            break status;
        }
        peak_bytes = peak_bytes.max(memory(pid, "VmHWM").unwrap_or_default());
        tokio::time::sleep(PERIOD).await;
    };
    let seconds = started.elapsed().as_secs_f64();
    // A load balancer that is none of AWS is not examined.
    if !matches!(status.code(), Some(0 | 5)) {
        return Err(Error::new(format!("the report ended with {status}")));
    }
    let mut requests = BTreeMap::new();
    for call in recorder.calls().await? {
        let path = call.path.split('?').next().unwrap_or_default().to_owned();
        *requests.entry(format!("{} {path}", call.method)).or_default() += 1;
    }
    let text = std::fs::read_to_string(&file).context("the report")?;
    let document: Value = serde_json::from_str(&text).context("the report")?;
    let ways = document["clusters"][0]["report"]["chains"]
        .as_array()
        .map_or(0, Vec::len);
    Ok(Large {
        seconds,
        peak_bytes,
        requests,
        json_bytes: text.len() as u64,
        ways,
    })
}
