//! Pods, as far as a report needs them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod as ApiPod;

/// Labels of an object.
pub type Labels = BTreeMap<String, String>;

/// A Pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pod {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Labels.
    pub labels: Labels,
    /// Kind and name of the controller that made it.
    pub owner: Option<(String, String)>,
    /// Name of the Node that it runs on; empty until it is scheduled.
    pub node: String,
    /// When it was created; `None` if the API does not say.
    pub created: Option<Timestamp>,
    /// It uses the network of its Node.
    pub host_network: bool,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// It is ready.
    pub ready: bool,
    /// Its containers, those that start first and stay among them.
    pub containers: Vec<Container>,
    /// ConfigMaps in its volumes.
    pub config_maps: Vec<Projected>,
    /// Volumes that others may have, too, such as folders of the Node: all but those that are made for one Pod.
    pub shared: BTreeSet<String>,
    /// Secrets that it mounts, by volume.
    pub secrets: BTreeMap<String, String>,
    /// Digest of the configuration that it was started for, where its controller states one. It is no part of the API: who
    /// lists the Pods knows where it stands.
    pub configured: Option<String>,
}

/// A ConfigMap in a volume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projected {
    /// Name of the volume.
    pub volume: String,
    /// Name of the ConfigMap; empty for something else in the same volume, such as a Secret.
    pub config_map: String,
    /// The keys that are there, and the path of each within the volume; empty if all are, under their own names.
    pub items: Vec<(String, String)>,
}

/// Where a container has mounted a volume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mount {
    /// Name of the volume.
    pub volume: String,
    /// Path in the container.
    pub path: String,
    /// Path within the volume; empty for the whole of it, `None` if a variable decides.
    pub sub_path: Option<String>,
}

/// A container of a Pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Container {
    /// Name.
    pub name: String,
    /// Image, as the Pod names it.
    pub image: String,
    /// Arguments and command.
    pub command: Vec<String>,
    /// Ports that it declares. That is documentation: a process may listen on others.
    pub ports: Vec<Port>,
    /// Volumes that it mounts, and where.
    pub mounts: Vec<Mount>,
    /// When its process started; `None` if it does not run.
    pub started: Option<Timestamp>,
    /// A hook runs beside its process when it starts, and may change what that does.
    pub post_start: bool,
}

/// A port that a container declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Port {
    /// Name; empty if it has none.
    pub name: String,
    /// Number.
    pub number: u16,
    /// `TCP`, `UDP` or `SCTP`.
    pub protocol: String,
    /// Port of the Node that leads here.
    pub host: Option<u16>,
}

/// A port of a Pod.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PodPort {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub pod: String,
    /// Number.
    pub port: u16,
}

impl Pod {
    /// True if it bears all these labels.
    #[must_use]
    pub fn bears(&self, labels: &Labels) -> bool {
        labels.iter().all(|(key, value)| self.labels.get(key) == Some(value))
    }
}

impl From<ApiPod> for Pod {
    fn from(pod: ApiPod) -> Self {
        let spec = pod.spec.unwrap_or_default();
        let status = pod.status.unwrap_or_default();
        let mut started = BTreeMap::new();
        let first = status.init_container_statuses.into_iter().flatten();
        for container in first.chain(status.container_statuses.into_iter().flatten()) {
            let running = container.state.and_then(|state| state.running);
            started.insert(container.name, running.and_then(|it| it.started_at).map(|time| time.0));
        }
        let stays = |restart: &Option<String>| restart.as_deref() == Some("Always");
        let first = spec.init_containers.into_iter().flatten();
        let containers = first
            .filter(|container| stays(&container.restart_policy))
            .chain(spec.containers)
            .map(|container| Container {
                command: [
                    container.command.unwrap_or_default(),
                    container.args.unwrap_or_default(),
                ]
                .concat(),
                image: container.image.unwrap_or_default(),
                ports: container.ports.into_iter().flatten().filter_map(port).collect(),
                mounts: container.volume_mounts.into_iter().flatten().map(mount).collect(),
                started: started.get(&container.name).copied().flatten(),
                post_start: container.lifecycle.is_some_and(|hooks| hooks.post_start.is_some()),
                name: container.name,
            })
            .collect();
        let (mut config_maps, mut secrets) = (Vec::new(), BTreeMap::new());
        let mut shared = BTreeSet::new();
        for volume in spec.volumes.into_iter().flatten() {
            let is_own = volume.empty_dir.is_some() || volume.config_map.is_some() || volume.secret.is_some();
            let is_shared = !is_own && volume.projected.is_none() && volume.downward_api.is_none();
            let projected = volume.projected.and_then(|projected| projected.sources);
            let projected = projected.into_iter().flatten();
            let projected = projected.map(|source| {
                source
                    .config_map
                    .map_or_else(Default::default, |it| (it.name, it.items))
            });
            let own = volume.config_map.map(|source| (source.name, source.items));
            config_maps.extend(own.into_iter().chain(projected).map(|(config_map, items)| Projected {
                volume: volume.name.clone(),
                config_map,
                items: items.into_iter().flatten().map(|item| (item.key, item.path)).collect(),
            }));
            if is_shared {
                shared.insert(volume.name.clone());
            }
            if let Some(name) = volume.secret.and_then(|source| source.secret_name) {
                secrets.insert(volume.name, name);
            }
        }
        let owners = pod.metadata.owner_references.unwrap_or_default();
        let owner = owners.into_iter().find(|owner| owner.controller == Some(true));
        let ready = |(kind, value): (&str, &str)| kind == "Ready" && value == "True";
        Self {
            namespace: pod.metadata.namespace.unwrap_or_default(),
            name: pod.metadata.name.unwrap_or_default(),
            labels: pod.metadata.labels.unwrap_or_default(),
            owner: owner.map(|owner| (owner.kind, owner.name)),
            node: spec.node_name.unwrap_or_default(),
            created: pod.metadata.creation_timestamp.map(|time| time.0),
            host_network: spec.host_network == Some(true),
            addresses: addresses(status.pod_ips.into_iter().flatten().map(|ip| ip.ip)),
            ready: status
                .conditions
                .iter()
                .flatten()
                .any(|condition| ready((&condition.type_, &condition.status))),
            containers,
            config_maps,
            shared,
            secrets,
            configured: None,
        }
    }
}

fn mount(mount: k8s_openapi::api::core::v1::VolumeMount) -> Mount {
    Mount {
        volume: mount.name,
        path: mount.mount_path,
        sub_path: match mount.sub_path_expr {
            Some(_) => None,
            None => Some(mount.sub_path.unwrap_or_default()),
        },
    }
}

fn port(port: k8s_openapi::api::core::v1::ContainerPort) -> Option<Port> {
    Some(Port {
        name: port.name.unwrap_or_default(),
        number: u16::try_from(port.container_port).ok()?,
        protocol: port.protocol.unwrap_or_else(|| "TCP".to_owned()),
        host: port.host_port.and_then(|port| u16::try_from(port).ok()),
    })
}

/// Those that are addresses: a Node's may be names.
pub(super) fn addresses(found: impl Iterator<Item = String>) -> Vec<IpAddr> {
    found.filter_map(|text| text.parse().ok()).collect()
}

/// True for a Pod whose processes have ended for good: nothing listens there.
#[must_use]
pub fn has_ended(pod: &ApiPod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    matches!(phase, Some("Succeeded" | "Failed"))
}
