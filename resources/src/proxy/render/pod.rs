//! The Pods: an unprivileged container with a read-only root, as Kubernetes' profile `restricted` demands.

use serde_json::{Map, Value, json};

use super::deployment::IMAGE;
use super::names::{CONFIG_ANNOTATION, Names};
use super::nginx::{config_sha256, shutdown_seconds};
use super::spec::{Input, Labels, ProxySpec};
use e2etls_engine::value::UNKNOWN;

/// Port of the Pods that serves TLS.
pub(super) const PORT: u16 = 8443;
/// Port of the probes if the other one expects a PROXY header. No Service and no policy names it.
const PROBE_PORT: u16 = 8444;
/// User and group of the image.
const USER: u32 = 101;
/// How long a stopping Pod serves as before, until load balancers have noticed.
const PRE_STOP_SECONDS: u64 = 10;

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
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": spec.pod.topology_spread.clone().unwrap_or_else(|| spread(names)),
        "initContainers": [container(spec, "check", &["sh", "/etc/e2etls/config/start.sh", "test"])],
        "containers": [main_container(spec)],
        "volumes": volumes(names),
    });
    let optional = [
        ("imagePullSecrets", pull_secrets(&spec.pod.pull_secrets)),
        ("tolerations", spec.pod.tolerations.clone()),
        (
            "nodeSelector",
            Some(&spec.pod.node_selector)
                .filter(|labels| !labels.is_empty())
                .map(|labels| json!(labels)),
        ),
        ("priorityClassName", spec.pod.priority_class.as_deref().map(Value::from)),
        (
            "serviceAccountName",
            spec.pod.service_account.as_deref().map(Value::from),
        ),
    ];
    for (field, value) in optional {
        if let Some(value) = value {
            pod[field] = value;
        }
    }
    pod
}

fn pull_secrets(names: &[String]) -> Option<Value> {
    let secrets: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
    (!secrets.is_empty()).then(|| Value::from(secrets))
}

/// Above what NGINX takes for its last requests.
fn grace(spec: &ProxySpec) -> Value {
    shutdown_seconds(spec).map_or(Value::from(UNKNOWN), |seconds| {
        Value::from(seconds.saturating_add(2 * PRE_STOP_SECONDS))
    })
}

/// One Pod per zone and per node, as far as possible. The Pods of each rollout are counted apart.
fn spread(names: &Names<'_>) -> Value {
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

fn volumes(names: &Names<'_>) -> Value {
    json!([
        {"name": "config", "configMap": {"name": names.at("proxy/config"), "defaultMode": 0o444}},
        {"name": "tls", "secret": {
            "secretName": names.secret(),
            "defaultMode": 0o440,
            "items": [{"key": "tls.crt", "path": "tls.crt"}, {"key": "tls.key", "path": "tls.key"}],
        }},
        {"name": "run", "emptyDir": {}},
        {"name": "tmp", "emptyDir": {}},
    ])
}

/// What both containers have in common.
fn container(spec: &ProxySpec, name: &str, command: &[&str]) -> Value {
    json!({
        "name": name,
        "image": spec.pod.image.as_deref().unwrap_or(IMAGE),
        "command": command,
        "env": [
            {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"name": "E2ETLS_SERVER_NAME", "value": probe_name(spec)},
            {"name": "E2ETLS_PROBE_PORT", "value": probe_port(spec)},
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
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": [
            {"name": "config", "mountPath": "/etc/e2etls/config", "readOnly": true},
            {"name": "tls", "mountPath": "/etc/e2etls/tls", "readOnly": true},
            {"name": "run", "mountPath": "/run/e2etls"},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
    })
}

fn main_container(spec: &ProxySpec) -> Value {
    let mut nginx = container(spec, "nginx", &["sh", "/etc/e2etls/config/start.sh"]);
    nginx["ports"] = json!([{"name": "https", "protocol": "TCP", "containerPort": PORT}]);
    nginx["lifecycle"] = json!({"preStop": {"exec": {"command": ["sleep", PRE_STOP_SECONDS.to_string()]}}});
    nginx["startupProbe"] = probe("startup.sh", 1, 2, 60);
    // Policies of the VPC CNI reach a new Pod a second or two after its start.
    nginx["readinessProbe"] = probe("readiness.sh", 2, 10, 3);
    nginx
}

fn probe(script: &str, delay: u32, period: u32, failures: u32) -> Value {
    json!({
        "exec": {"command": ["sh", format!("/etc/e2etls/config/{script}")]},
        "initialDelaySeconds": delay,
        "periodSeconds": period,
        "timeoutSeconds": 5,
        "failureThreshold": failures,
    })
}

/// The name that probes ask for: the first one; a wildcard stands for a name below it.
fn probe_name(spec: &ProxySpec) -> String {
    let first = spec.server_names.first().map(String::as_str).unwrap_or_default();
    first
        .strip_prefix('*')
        .map_or_else(|| first.to_owned(), |rest| format!("e2etls-probe{rest}"))
}

fn probe_port(spec: &ProxySpec) -> String {
    match spec.http.proxy_protocol {
        Input::Known(false) => PORT.to_string(),
        Input::Known(true) => PROBE_PORT.to_string(),
        Input::Unknown => UNKNOWN.to_owned(),
    }
}
