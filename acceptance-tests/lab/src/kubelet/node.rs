//! The node: registration, lease and heartbeat.

use std::net::Ipv4Addr;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::Node;
use kube::api::{Api, Patch, PatchParams};
use serde_json::{Value, json};

use super::{Error, Options};

const LEASE_NAMESPACE: &str = "kube-node-lease";
const LEASE_SECONDS: u64 = 40;
const RENEW: Duration = Duration::from_secs(10);
/// The field manager of the node and its lease.
const MANAGER: &str = "e2etls-lab-kubelet";

/// The node's address in the API.
pub(crate) fn ip(options: &Options) -> Ipv4Addr {
    Ipv4Addr::new(10, options.pod_octet, 255, 254)
}

/// Creates the node, or takes it over from an earlier run, and reports it ready.
pub(crate) async fn register(options: &Options) -> Result<(), Error> {
    let nodes: Api<Node> = Api::all(options.client.clone());
    let node = json!({
        "apiVersion": "v1", "kind": "Node",
        "metadata": { "name": options.node_name, "labels": {
            "kubernetes.io/hostname": options.node_name,
            "kubernetes.io/os": "linux",
            "kubernetes.io/arch": arch(),
            "topology.kubernetes.io/region": "lab",
            "topology.kubernetes.io/zone": "lab-a",
        }},
    });
    nodes
        .patch(
            &options.node_name,
            &PatchParams::apply(MANAGER).force(),
            &Patch::Apply(node),
        )
        .await?;
    beat(options).await?;
    Ok(())
}

/// Renews the lease and the status until dropped.
pub(crate) async fn keep(options: Options) {
    let mut ticks = tokio::time::interval(RENEW);
    loop {
        ticks.tick().await;
        if let Err(error) = beat(&options).await {
            tracing::warn!(%error, "node heartbeat");
        }
    }
}

async fn beat(options: &Options) -> Result<(), kube::Error> {
    let nodes: Api<Node> = Api::all(options.client.clone());
    let how = PatchParams::apply(MANAGER).force();
    nodes
        .patch_status(
            &options.node_name,
            &PatchParams::default(),
            &Patch::Strategic(status(options)),
        )
        .await?;
    let leases: Api<Lease> = Api::namespaced(options.client.clone(), LEASE_NAMESPACE);
    let lease = json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": { "name": options.node_name },
        "spec": { "holderIdentity": options.node_name, "leaseDurationSeconds": LEASE_SECONDS,
                  "renewTime": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string() },
    });
    match leases.patch(&options.node_name, &how, &Patch::Apply(lease)).await {
        // The namespace is made by the API server itself a moment after its start.
        Err(kube::Error::Api(error)) if error.code == 404 => Ok(()),
        other => other.map(drop),
    }
}

fn status(options: &Options) -> Value {
    let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let resources = json!({ "cpu": "64", "memory": "256Gi", "pods": "500", "ephemeral-storage": "100Gi" });
    let condition = |type_: &str, status: &str, reason: &str| json!({ "type": type_, "status": status, "reason": reason, "message": "the lab's kubelet stand-in", "lastHeartbeatTime": now });
    json!({ "status": {
        "capacity": resources, "allocatable": resources,
        "conditions": [
            condition("Ready", "True", "KubeletReady"),
            condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
            condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
            condition("PIDPressure", "False", "KubeletHasSufficientPID"),
        ],
        "addresses": [
            { "type": "InternalIP", "address": ip(options).to_string() },
            // That is where the API server asks for port-forward.
            { "type": "Hostname", "address": if options.streams.is_some() { "localhost" } else { &options.node_name } },
        ],
        "daemonEndpoints": { "kubeletEndpoint": { "Port": options.streams.unwrap_or_default() } },
        "nodeInfo": {
            "architecture": arch(), "operatingSystem": "linux", "kubeletVersion": "v1.36.3", "kubeProxyVersion": "",
            "containerRuntimeVersion": "e2etls-lab://1", "osImage": "e2etls lab", "kernelVersion": "lab",
            "machineID": "", "systemUUID": "", "bootID": "",
        },
    }})
}

fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
