//! Pods, as far as a report needs them.

use std::collections::BTreeMap;
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
    /// Volumes with the ConfigMaps that they hold.
    pub config_maps: Vec<(String, String)>,
    /// Secrets that it mounts, by volume.
    pub secrets: BTreeMap<String, String>,
    /// Digest of the configuration that it was started for, where its controller states one. It is no part of the API: who
    /// lists the Pods knows where it stands.
    pub configured: Option<String>,
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
    /// Volumes that it mounts, and where. One of which a single file is mounted under another name is left out: its content is
    /// not what its name says.
    pub mounts: Vec<(String, String)>,
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
                mounts: container
                    .volume_mounts
                    .into_iter()
                    .flatten()
                    .filter(is_by_its_name)
                    .map(|mount| (mount.name, mount.mount_path))
                    .collect(),
                started: started.get(&container.name).copied().flatten(),
                post_start: container.lifecycle.is_some_and(|hooks| hooks.post_start.is_some()),
                name: container.name,
            })
            .collect();
        let (mut config_maps, mut secrets) = (Vec::new(), BTreeMap::new());
        for volume in spec.volumes.into_iter().flatten() {
            let projected = volume
                .projected
                .and_then(|projected| projected.sources)
                .into_iter()
                .flatten();
            let sources = projected.filter_map(|source| source.config_map);
            let sources = sources.filter(|source| source.items.iter().flatten().all(|item| item.key == item.path));
            let sources = sources.map(|source| source.name);
            let renames = |source: &k8s_openapi::api::core::v1::ConfigMapVolumeSource| {
                source.items.iter().flatten().any(|item| item.key != item.path)
            };
            let own = volume
                .config_map
                .filter(|source| !renames(source))
                .map(|source| source.name);
            config_maps.extend(own.into_iter().chain(sources).map(|name| (volume.name.clone(), name)));
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
            secrets,
            configured: None,
        }
    }
}

/// A folder, or a file that keeps its name.
fn is_by_its_name(mount: &k8s_openapi::api::core::v1::VolumeMount) -> bool {
    let file = mount.mount_path.rsplit('/').next();
    mount.sub_path_expr.is_none()
        && mount
            .sub_path
            .as_deref()
            .is_none_or(|path| path.is_empty() || Some(path) == file)
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
