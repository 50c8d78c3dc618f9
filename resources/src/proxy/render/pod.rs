//! The Pods: an unprivileged container with a read-only root, as Kubernetes' profile `restricted` demands.

use serde_json::{Map, Value, json};

use super::images::{Updates, image};
use super::names::{CONFIG_ANNOTATION, Names};
use super::nginx::{HEALTH, PORT, PROBE_PORT, config_sha256, number, seconds, shutdown_seconds};
use super::spec::{Input, Labels, Mode, Pod, ProxySpec};
use e2etls_engine::value::UNKNOWN;

/// How the names of the proxy's containers and volumes start in Pods that are the app's too.
pub const RESERVED: &str = "e2etls-";
/// User and group of the image.
pub(super) const USER: u32 = 101;
/// How long a stopping Pod serves as before, until load balancers have noticed, if nothing else is said.
pub const PRE_STOP_SECONDS: u64 = 10;

/// The template of the Pods.
pub(super) fn template(spec: &ProxySpec, names: &Names<'_>) -> Value {
    let mut annotations = object(&spec.pod.annotations);
    annotations.insert(CONFIG_ANNOTATION.to_owned(), Value::from(config_sha256(spec)));
    let mut labels = object(&spec.pod.labels);
    labels.extend(names.labels().as_object().cloned().unwrap_or_default());
    json!({"metadata": {"labels": labels, "annotations": annotations}, "spec": pod(spec, names)})
}

fn object(map: &Labels) -> Map<String, Value> {
    map.iter()
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect()
}

fn pod(spec: &ProxySpec, names: &Names<'_>) -> Value {
    let mut pod = json!({
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "terminationGracePeriodSeconds": grace(spec),
        "securityContext": {
            "runAsNonRoot": true,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": spec.pod.topology_spread.clone().unwrap_or_else(|| spread(names)),
        "initContainers": [check_container(spec)],
        "containers": [main_container(spec)],
        "volumes": volumes(spec, names),
    });
    place(&spec.pod, &mut pod);
    pod
}

/// Where Pods run and as whom, by the settings of the user.
pub fn place(settings: &Pod, pod: &mut Value) {
    // The images hold nothing for other nodes. Users may name another system themselves.
    let mut nodes = settings.node_selector.clone();
    nodes
        .entry("kubernetes.io/os".to_owned())
        .or_insert_with(|| "linux".to_owned());
    pod["nodeSelector"] = json!(nodes);
    // Left out, the field could not be taken back: the API server keeps a copy of it in `serviceAccount`.
    pod["serviceAccountName"] = Value::from(settings.service_account.as_deref().unwrap_or("default"));
    let optional = [
        ("imagePullSecrets", pull_secrets(&settings.pull_secrets)),
        ("tolerations", settings.tolerations.clone()),
        ("priorityClassName", settings.priority_class.as_deref().map(Value::from)),
    ];
    for (field, value) in optional {
        if let Some(value) = value {
            pod[field] = value;
        }
    }
}

/// Lets the containers of a stopping Pod go on for so many seconds, unless they have a `preStop` of their own.
pub fn outlive(pod: &mut Value, seconds: &Value) {
    for container in pod["containers"].as_array_mut().into_iter().flatten() {
        // Kubernetes' `sleep` needs nothing in the image.
        if container["lifecycle"]["preStop"].is_null() {
            container["lifecycle"]["preStop"] = json!({"sleep": {"seconds": seconds}});
        }
    }
}

fn pull_secrets(names: &[String]) -> Option<Value> {
    let secrets: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
    (!secrets.is_empty()).then(|| Value::from(secrets))
}

/// Above what NGINX takes for its last requests.
pub(super) fn grace(spec: &ProxySpec) -> Value {
    if let Some(grace) = &spec.pod.termination_grace {
        return seconds(grace).map_or(Value::from(UNKNOWN), Value::from);
    }
    let needed = shutdown_seconds(spec).zip(pre_stop(spec));
    needed.map_or(Value::from(UNKNOWN), |(shutdown, pre_stop)| {
        Value::from(shutdown.saturating_add(pre_stop).saturating_add(PRE_STOP_SECONDS))
    })
}

/// How long a stopping Pod serves as before, in seconds; `None` while that is not known.
pub(super) fn pre_stop(spec: &ProxySpec) -> Option<u64> {
    spec.pod.pre_stop.as_deref().map_or(Some(PRE_STOP_SECONDS), seconds)
}

/// One Pod per zone and per node, as far as possible. The Pods of each rollout are counted apart.
pub(super) fn spread(names: &Names<'_>) -> Value {
    let constraint = |key: &str| {
        json!({
            "topologyKey": key,
            "maxSkew": 1,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": names.selector()},
            "matchLabelKeys": ["pod-template-hash"],
        })
    };
    json!([
        constraint("topology.kubernetes.io/zone"),
        constraint("kubernetes.io/hostname")
    ])
}

pub(super) fn volumes(spec: &ProxySpec, names: &Names<'_>) -> Vec<Value> {
    let certificate = |secret: &str| {
        json!({
            "secretName": secret,
            "defaultMode": 0o440,
            "items": [{"key": "tls.crt", "path": "tls.crt"}, {"key": "tls.key", "path": "tls.key"}],
        })
    };
    let mut volumes = vec![
        json!({"name": "config", "configMap": {"name": names.at("proxy/config"), "defaultMode": 0o444}}),
        json!({"name": "tls", "secret": certificate(&names.secret())}),
        json!({"name": "run", "emptyDir": {}}),
        json!({"name": "tmp", "emptyDir": {}}),
    ];
    if let Some(secret) = &spec.upstream.client_certificate_secret {
        volumes.push(json!({"name": "client", "secret": certificate(secret)}));
    }
    for volume in &mut volumes {
        rename(spec, &mut volume["name"]);
    }
    volumes
}

/// In Pods that are the app's too, names of ours are none of its own.
fn rename(spec: &ProxySpec, name: &mut Value) {
    if spec.mode == Mode::Sidecar {
        *name = format!("{RESERVED}{}", name.as_str().unwrap_or_default()).into();
    }
}

/// What both containers have in common.
fn container(spec: &ProxySpec, name: &str, command: &[&str]) -> Value {
    let mut container = json!({
        "name": name,
        "image": spec.pod.image.clone().unwrap_or_else(|| image(spec.template_version, Updates::Pinned, None)),
        "command": command,
        "env": [
            {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"name": "E2ETLS_SERVER_NAME", "value": probe_name(spec)},
            {"name": "E2ETLS_PROBE_PORT", "value": number(&probe_port(spec))},
        ],
        "resources": spec.pod.resources.clone().unwrap_or_else(|| json!({
            "requests": {"cpu": "50m", "memory": "64Mi"},
            "limits": {"memory": "512Mi"},
        })),
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "privileged": false,
            "readOnlyRootFilesystem": true,
            "runAsNonRoot": true,
            "runAsUser": USER,
            "runAsGroup": USER,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": [
            {"name": "config", "mountPath": "/etc/e2etls/config", "readOnly": true},
            {"name": "tls", "mountPath": "/etc/e2etls/tls", "readOnly": true},
            {"name": "run", "mountPath": "/run/e2etls"},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
        // What NGINX says last is why it does not start.
        "terminationMessagePolicy": "FallbackToLogsOnError",
    });
    let mounts = container["volumeMounts"].as_array_mut();
    if let Some(mounts) = mounts.filter(|_| spec.upstream.client_certificate_secret.is_some()) {
        mounts.push(json!({"name": "client", "mountPath": "/etc/e2etls/client", "readOnly": true}));
    }
    rename(spec, &mut container["name"]);
    for mount in container["volumeMounts"].as_array_mut().into_iter().flatten() {
        rename(spec, &mut mount["name"]);
    }
    container
}

/// Checks the configuration, so that a mistake ends the rollout with NGINX's words.
pub(super) fn check_container(spec: &ProxySpec) -> Value {
    container(spec, "check", &["sh", "/etc/e2etls/config/start.sh", "test"])
}

pub(super) fn main_container(spec: &ProxySpec) -> Value {
    let mut nginx = container(spec, "nginx", &["sh", "/etc/e2etls/config/start.sh"]);
    let metrics = spec.http.metrics_port.iter().map(|port| ("metrics", port.clone()));
    nginx["ports"] = std::iter::once(("https", Value::from(PORT)))
        .chain(metrics)
        .map(|(name, port)| json!({"name": name, "protocol": "TCP", "containerPort": port}))
        .collect();
    let pre_stop = pre_stop(spec).map_or_else(|| UNKNOWN.to_owned(), |seconds| seconds.to_string());
    nginx["lifecycle"] = json!({"preStop": {"exec": {"command": ["sleep", pre_stop]}}});
    nginx["startupProbe"] = probe(spec, 1, 1, 120);
    // Policies of the VPC CNI reach a new Pod a second or two after its start. A busy node takes nobody out at once.
    nginx["readinessProbe"] = probe(spec, 2, 10, 3);
    nginx
}

fn probe(spec: &ProxySpec, delay: u32, period: u32, failures: u32) -> Value {
    json!({
        "httpGet": {"scheme": "HTTPS", "path": HEALTH, "port": probe_port(spec)},
        "initialDelaySeconds": delay,
        "periodSeconds": period,
        "timeoutSeconds": 10,
        "failureThreshold": failures,
    })
}

/// The name that the reloader asks for: the first one; a wildcard stands for a name below it.
fn probe_name(spec: &ProxySpec) -> String {
    let first = spec.server_names.first().map(String::as_str).unwrap_or_default();
    first
        .strip_prefix('*')
        .map_or_else(|| first.to_owned(), |rest| format!("e2etls-probe{rest}"))
}

fn probe_port(spec: &ProxySpec) -> Value {
    match spec.http.proxy_protocol {
        Input::Known(false) => Value::from(PORT),
        Input::Known(true) => Value::from(PROBE_PORT),
        Input::Unknown => Value::from(UNKNOWN),
    }
}
