//! What runs the pods.

use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::Ground;
use super::control_plane::ControlPlane;
use crate::kubelet;
use crate::lab::apply::apply;
use crate::lab::error::{Context as _, Result};
use crate::lab::options::{Node, Options};
use crate::lab::process::{Spec, free_ports};

/// The nodes of a run.
#[derive(Debug, Default)]
pub(crate) struct Started {
    pub(crate) names: Vec<String>,
    /// The read API of the kubelet stand-in.
    pub(crate) api: Option<String>,
}

/// Starts the nodes.
pub(crate) async fn start(ground: &Ground, plane: &ControlPlane, options: &Options) -> Result<Started> {
    match options.node {
        Node::None => Ok(Started::default()),
        Node::Kwok { nodes } => kwok(ground, plane, nodes).await,
        Node::Kubelet => {
            let streams = match options.port_forward {
                true => Some(streams(ground, plane).await?),
                false => None,
            };
            kubelet(ground, plane, streams).await
        }
    }
}

/// KWOK as the server of the node that the API server asks for port-forward; it manages no node. Returns its port.
async fn streams(ground: &Ground, plane: &ControlPlane) -> Result<u16> {
    let client = crate::lab::client(&plane.kubeconfig("admin")).await?;
    let any = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let version = json!({"name": "v1alpha1", "served": true, "storage": true, "schema": {"openAPIV3Schema": any}});
    let names = json!({"kind": "PortForward", "listKind": "PortForwardList", "plural": "portforwards", "singular": "portforward"});
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": { "name": "portforwards.kwok.x-k8s.io" },
        "spec": { "group": "kwok.x-k8s.io", "scope": "Namespaced", "names": names, "versions": [version] },
    });
    apply(&client, definition).await?;
    let [port] = free_ports()?;
    let spec = program(ground, plane)?
        .args([
            "--manage-single-node=nobody",
            "--enable-crds=PortForward",
            "--server-address=",
        ])
        .arg(format!("--node-port={port}"))
        .path("--tls-cert-file", &ground.pki.cert)
        .path("--tls-private-key-file", &ground.pki.key);
    ground.parts.run(spec).await?;
    ground.parts.wait_port("kwok", port).await?;
    Ok(port)
}

/// KWOK with the stages that it does not start without.
fn program(ground: &Ground, plane: &ControlPlane) -> Result<Spec> {
    let mut spec = Spec::new("kwok", ground.cache.program("kwok")).path("--kubeconfig", &plane.kubeconfig("admin"));
    let stages = ground.cache.stages();
    for entry in std::fs::read_dir(&stages).context(stages.display())?.flatten() {
        spec = spec.path("--config", &entry.path());
    }
    Ok(spec)
}

async fn kwok(ground: &Ground, plane: &ControlPlane, nodes: u16) -> Result<Started> {
    let spec = program(ground, plane)?
        .arg(format!("--cidr={}", ground.network.pods()))
        .args([
            "--manage-all-nodes=true",
            "--enable-crds=",
            "--server-address=",
            // Without a lease the nodes count as lost after 50 s, and their Pods as not ready.
            "--node-lease-duration-seconds=40",
        ]);
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
async fn kubelet(ground: &Ground, plane: &ControlPlane, streams: Option<u16>) -> Result<Started> {
    let [dns_port, api_port] = free_ports()?;
    let name = "lab-0".to_owned();
    let options = kubelet::Options {
        client: crate::lab::client(&plane.kubeconfig("admin")).await?,
        node_name: name.clone(),
        dir: ground.parts.dir.join("kubelet"),
        nginx: ground.cache.nginx()?,
        dns_port,
        api_port,
        streams,
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
