//! What runs the pods.

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::Ground;
use super::control_plane::ControlPlane;
use crate::kubelet;
use crate::lab::apply::apply;
use crate::lab::error::{Context as _, Result};
use crate::lab::options::Node;
use crate::lab::process::{Spec, free_ports};

/// The nodes of a run.
#[derive(Debug, Default)]
pub(crate) struct Started {
    pub(crate) names: Vec<String>,
    /// The read API of the kubelet stand-in.
    pub(crate) api: Option<String>,
}

/// Starts the nodes.
pub(crate) async fn start(ground: &Ground, plane: &ControlPlane, node: Node) -> Result<Started> {
    match node {
        Node::None => Ok(Started::default()),
        Node::Kwok { nodes } => kwok(ground, plane, nodes).await,
        Node::Kubelet => kubelet(ground, plane).await,
    }
}

async fn kwok(ground: &Ground, plane: &ControlPlane, nodes: u16) -> Result<Started> {
    let mut spec = Spec::new("kwok", ground.cache.program("kwok"))
        .path("--kubeconfig", &plane.kubeconfig("admin"))
        .arg(format!("--cidr={}", ground.network.pods()))
        .args([
            "--manage-all-nodes=true",
            "--enable-crds=",
            "--server-address=",
            // Without a lease the nodes count as lost after 50 s, and their Pods as not ready.
            "--node-lease-duration-seconds=40",
        ]);
    for entry in std::fs::read_dir(ground.cache.stages())
        .context(ground.cache.stages().display())?
        .flatten()
    {
        spec = spec.path("--config", &entry.path());
    }
    ground.parts.run(spec).await?;
    let client = crate::lab::client(&plane.kubeconfig("admin")).await?;
    let names: Vec<String> = (0..nodes).map(|n| format!("lab-{n}")).collect();
    let objects = names.iter().map(|name| fake(name));
    futures::future::try_join_all(objects.map(|object| apply(&client, object))).await?;
    Ok(Started { names, api: None })
}

fn fake(name: &str) -> serde_json::Value {
    json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": {
            "name": name,
            "annotations": { "kwok.x-k8s.io/node": "fake" },
            "labels": { "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64" },
        },
        "status": {
            "allocatable": { "cpu": "64", "memory": "512Gi", "pods": "2000" },
            "capacity": { "cpu": "64", "memory": "512Gi", "pods": "2000" },
        },
    })
}

/// The kubelet stand-in, as a task of the lab's own process. Its end is the lab's.
async fn kubelet(ground: &Ground, plane: &ControlPlane) -> Result<Started> {
    let [dns_port, api_port] = free_ports()?;
    let name = "lab-0".to_owned();
    let options = kubelet::Options {
        client: crate::lab::client(&plane.kubeconfig("admin")).await?,
        node_name: name.clone(),
        dir: ground.parts.dir.join("kubelet"),
        nginx: ground.cache.nginx()?,
        dns_port,
        api_port,
        pod_octet: ground.network.pod_octet(),
        cancel: CancellationToken::new(),
    };
    tokio::spawn(async move {
        if let Err(error) = kubelet::run(options).await {
            eprintln!("lab: the kubelet stand-in ended: {error}");
        }
    });
    Ok(Started {
        names: vec![name],
        api: Some(format!("http://127.0.0.1:{api_port}")),
    })
}
