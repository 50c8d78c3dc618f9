//! What runs the pods.

use serde_json::json;

use super::Parts;
use super::control_plane::{ControlPlane, POD_RANGE};
use crate::lab::apply::apply;
use crate::lab::cache::Cache;
use crate::lab::error::{Context as _, Result};
use crate::lab::options::Node;
use crate::lab::process::Spec;

/// Starts the nodes and returns their names.
pub(crate) async fn start(parts: &Parts, cache: &Cache, plane: &ControlPlane, node: Node) -> Result<Vec<String>> {
    match node {
        Node::None => Ok(Vec::new()),
        Node::Kwok { nodes } => kwok(parts, cache, plane, nodes).await,
        Node::Kubelet => kubelet(parts, cache, plane),
    }
}

async fn kwok(parts: &Parts, cache: &Cache, plane: &ControlPlane, nodes: u16) -> Result<Vec<String>> {
    let mut spec = Spec::new("kwok", cache.program("kwok"))
        .path("--kubeconfig", &plane.kubeconfig("admin"))
        .arg(format!("--cidr={POD_RANGE}"))
        .args(["--manage-all-nodes=true", "--enable-crds=", "--server-address="]);
    for entry in std::fs::read_dir(cache.stages())
        .context(cache.stages().display())?
        .flatten()
    {
        spec = spec.path("--config", &entry.path());
    }
    parts.run(spec).await?;
    let client = crate::lab::client(&plane.kubeconfig("admin")).await?;
    let names: Vec<String> = (0..nodes).map(|n| format!("lab-{n}")).collect();
    let objects = names.iter().map(|name| fake(name));
    futures::future::try_join_all(objects.map(|object| apply(&client, object))).await?;
    Ok(names)
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

/// The kubelet stand-in, as a task of the lab's own process.
fn kubelet(_parts: &Parts, _cache: &Cache, _plane: &ControlPlane) -> Result<Vec<String>> {
    Ok(Vec::new())
}
