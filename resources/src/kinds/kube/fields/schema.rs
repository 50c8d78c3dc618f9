//! How the API merges the fields that we may render: `x-kubernetes-list-type`, `x-kubernetes-list-map-keys` and
//! `x-kubernetes-map-type` of its schemas.
//!
//! Lists are atomic and maps are merged, except those listed here. An acceptance test compares this with the schemas
//! that the API server publishes.

/// Where the Pods of a Deployment are described.
const PODS: &str = "spec.template.spec.";

type Keys = &'static [&'static str];

/// Associative lists, by the fields that tell their items apart.
const KEYS: [(&str, Keys); 3] = [
    ("metadata.ownerReferences", &["uid"]),
    ("spec.ports", &["port", "protocol"]),
    ("spec.template.metadata.ownerReferences", &["uid"]),
];

/// The same below [`PODS`]; all sorts of containers are alike.
const POD_KEYS: [(&str, Keys); 15] = [
    ("containers", &["name"]),
    ("containers.env", &["name"]),
    ("containers.ports", &["containerPort", "protocol"]),
    ("containers.resources.claims", &["name"]),
    ("containers.volumeDevices", &["devicePath"]),
    ("containers.volumeMounts", &["mountPath"]),
    ("hostAliases", &["ip"]),
    ("imagePullSecrets", &["name"]),
    ("resourceClaims", &["name"]),
    ("resources.claims", &["name"]),
    ("schedulingGates", &["name"]),
    ("topologySpreadConstraints", &["topologyKey", "whenUnsatisfiable"]),
    ("volumes", &["name"]),
    (
        "volumes.ephemeral.volumeClaimTemplate.metadata.ownerReferences",
        &["uid"],
    ),
    ("volumes.ephemeral.volumeClaimTemplate.spec.resources.claims", &["name"]),
];

/// Maps, or items of an associative list, that are replaced as a whole.
const ATOMS: [&str; 7] = [
    "metadata.ownerReferences",
    "spec.defaultBackend.resource",
    "spec.defaultBackend.service.port",
    "spec.podSelector",
    "spec.secretRef",
    "spec.selector",
    "spec.template.metadata.ownerReferences",
];

/// The same below [`PODS`]. A `*` stands for any field.
const POD_ATOMS: [&str; 10] = [
    "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
    "containers.env.valueFrom.*",
    "imagePullSecrets",
    "nodeSelector",
    "topologySpreadConstraints.labelSelector",
    "volumes.*.nodePublishSecretRef",
    "volumes.*.secretRef",
    "volumes.ephemeral.volumeClaimTemplate.metadata.ownerReferences",
    "volumes.ephemeral.volumeClaimTemplate.spec.dataSource",
    "volumes.ephemeral.volumeClaimTemplate.spec.selector",
];

/// The keys of the associative list at `path`, names of fields joined by dots; `None` for a list that is atomic.
#[must_use]
pub fn keys(path: &str) -> Option<&'static [&'static str]> {
    let find = |table: &[(&str, Keys)], path: &str| table.iter().find(|(one, _)| *one == path).map(|(_, keys)| *keys);
    match below_pods(path) {
        Some(path) => find(&POD_KEYS, &path),
        None => find(&KEYS, path),
    }
}

/// True if the map at `path`, or each item of the associative list there, is replaced as a whole.
#[must_use]
pub fn is_atomic(path: &str) -> bool {
    match below_pods(path) {
        Some(path) => POD_ATOMS.iter().any(|pattern| fits(pattern, &path)),
        None => ATOMS.contains(&path),
    }
}

/// What the API takes for the key of an item that lacks it.
pub(super) fn default_of(key: &str) -> Option<&'static str> {
    (key == "protocol").then_some("TCP")
}

/// The path below the Pods, with all sorts of containers alike; `None` for a path elsewhere.
pub(super) fn below_pods(path: &str) -> Option<String> {
    let path = path.strip_prefix(PODS)?;
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    let first = match first {
        "initContainers" | "ephemeralContainers" => "containers",
        other => other,
    };
    Some(if rest.is_empty() {
        first.to_owned()
    } else {
        format!("{first}.{rest}")
    })
}

/// True if each step is that of the pattern. A `*` stands for any field.
pub(super) fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('.').collect(), path.split('.').collect());
    pattern.len() == path.len() && pattern.iter().zip(path).all(|(one, step)| *one == "*" || *one == step)
}
