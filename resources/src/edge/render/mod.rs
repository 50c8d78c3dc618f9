//! From the arguments to an Ingress or a Service with the annotations that load balancer controllers document.
//!
//! Sources: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/>,
//! <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/>.

mod alb;
mod nlb;

use std::collections::BTreeMap;

use e2etls_engine::value::UNKNOWN;
use serde_json::{Map, Value, json};
use tfplugin_framework::Attr;

use super::model::{AccessLogs, Edge, Healthcheck, Kind};
use super::values::seconds;
use crate::lifecycle::inputs::{labels, list, text};

pub(super) use alb::hosts;

/// The security policy where none is given: what AWS recommends.
const SSL_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09";

/// The Ingress or Service; `None` while the kind is not known.
pub(super) fn object(edge: &Edge) -> Option<Value> {
    match edge.settings.kind.known()? {
        Kind::Alb => Some(alb::ingress(edge)),
        kind => Some(nlb::service(edge, *kind)),
    }
}

/// What the load balancer listens to; `None` while an argument that decides it is not known.
pub(super) fn listeners(edge: &Edge) -> Option<Vec<Value>> {
    match edge.settings.kind.known()? {
        Kind::Alb => alb::listeners(edge),
        kind => Some(nlb::listeners(edge, *kind)),
    }
}

/// The security policy of the listener on port 443.
fn ssl_policy(edge: &Edge) -> String {
    match &edge.settings.ssl_policy {
        Attr::Null => SSL_POLICY.to_owned(),
        given => text(given),
    }
}

/// Annotations, in order.
struct Annotations {
    prefix: &'static str,
    set: Map<String, Value>,
}

impl Annotations {
    fn new(prefix: &'static str) -> Self {
        Self {
            prefix,
            set: Map::new(),
        }
    }

    fn set(&mut self, key: &str, value: impl Into<String>) {
        self.set
            .insert(format!("{}{key}", self.prefix), Value::from(value.into()));
    }

    /// The text, unless it is omitted.
    fn text(&mut self, key: &str, attr: &Attr<String>) {
        if !attr.is_null() {
            self.set(key, text(attr));
        }
    }

    /// The texts with commas between them, unless they are omitted.
    fn list(&mut self, key: &str, attr: &Attr<Vec<String>>) {
        if !attr.is_null() {
            self.set(key, list(attr).join(","));
        }
    }

    /// `a=1,b=2`, unless there are none.
    fn pairs(&mut self, key: &str, pairs: &BTreeMap<String, String>) {
        if !pairs.is_empty() {
            let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
            self.set(key, pairs.join(","));
        }
    }
}

/// What is written, whatever its kind.
fn manifest(edge: &Edge, api_version: &str, kind: &str, annotations: Annotations, spec: Value) -> Value {
    json!({
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "name": text(&edge.name),
            "namespace": text(&edge.namespace),
            "labels": {"app.kubernetes.io/managed-by": "e2etls", "app.kubernetes.io/instance": text(&edge.name)},
            "annotations": annotations.set,
        },
        "spec": spec,
    })
}

/// Whole seconds as a text, or what stands for unknown ones; `None` if they are omitted.
fn time(attr: &Attr<String>) -> Option<String> {
    match attr {
        Attr::Known(text) => seconds(text).map(|seconds| seconds.to_string()),
        Attr::Unknown => Some(UNKNOWN.to_owned()),
        Attr::Null => None,
    }
}

/// The number as a text, or what stands for an unknown one; `None` if it is omitted.
fn count(attr: &Attr<i64>) -> Option<String> {
    match attr {
        Attr::Known(number) => Some(number.to_string()),
        Attr::Unknown => Some(UNKNOWN.to_owned()),
        Attr::Null => None,
    }
}

/// The attributes of the load balancer.
fn attributes(edge: &Edge) -> BTreeMap<String, String> {
    let mut set = labels(&edge.settings.attributes).unwrap_or_default();
    if let Some(seconds) = time(&edge.settings.idle_timeout) {
        set.insert("idle_timeout.timeout_seconds".to_owned(), seconds);
    }
    let mut log = |key: &str, value: String| set.insert(format!("access_logs.s3.{key}"), value);
    match &edge.settings.access_logs {
        Attr::Known(AccessLogs { bucket, prefix }) => {
            log("enabled", "true".to_owned());
            log("bucket", text(bucket));
            if !prefix.is_null() {
                log("prefix", text(prefix));
            }
        }
        Attr::Unknown => {
            log("enabled", UNKNOWN.to_owned());
        }
        Attr::Null => {}
    }
    set
}

/// What differs between the health checks of Ingresses and Services: the spelling of the protocol, keys, and how many seconds
/// the controller lets a check take.
struct Check {
    protocol: &'static str,
    path: &'static str,
    codes: &'static str,
    interval: &'static str,
    timeout: (&'static str, u64),
    healthy: &'static str,
    unhealthy: &'static str,
}

/// The health check. AWS refuses one that may take as long as the time between two.
fn healthcheck(annotations: &mut Annotations, edge: &Edge, keys: &Check) {
    let none = Healthcheck::default();
    let unknown = Healthcheck {
        path: Attr::Unknown,
        interval: Attr::Unknown,
        healthy_threshold: Attr::Unknown,
        unhealthy_threshold: Attr::Unknown,
        success_codes: Attr::Unknown,
    };
    let check = match &edge.settings.healthcheck {
        Attr::Known(check) => check,
        Attr::Unknown => &unknown,
        Attr::Null => &none,
    };
    let or = |attr: &Attr<String>, default: &str| match attr {
        Attr::Null => default.to_owned(),
        given => text(given),
    };
    annotations.set("healthcheck-protocol", keys.protocol);
    annotations.set("healthcheck-port", "traffic-port");
    annotations.set(keys.path, or(&check.path, crate::proxy::render::HEALTH));
    annotations.set(keys.codes, or(&check.success_codes, "200"));
    for (key, value) in [
        (keys.interval, time(&check.interval)),
        (keys.timeout.0, shorter(&check.interval, keys.timeout.1)),
        (keys.healthy, count(&check.healthy_threshold)),
        (keys.unhealthy, count(&check.unhealthy_threshold)),
    ] {
        if let Some(value) = value {
            annotations.set(key, value);
        }
    }
}

/// How many seconds a check may take where `default` are not fewer than those between two; `None` where they are.
fn shorter(interval: &Attr<String>, default: u64) -> Option<String> {
    match interval {
        Attr::Known(text) => seconds(text)
            .filter(|seconds| *seconds <= default)
            .map(|seconds| (seconds - 1).to_string()),
        _ => None,
    }
}

/// The annotations of an object that say how targets are checked, and spoken to.
pub(super) fn checks(object: &Value) -> Value {
    let annotations = object["metadata"]["annotations"].as_object().into_iter().flatten();
    let about = ["health", "success-codes", "backend-protocol", "target-group"];
    let checks = annotations.filter(|(key, _)| about.iter().any(|about| key.contains(about)));
    Value::Object(checks.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// How many seconds pass until a target that no longer answers is known to be unhealthy, two minutes at most.
pub(super) fn settle(edge: &Edge) -> u64 {
    let (interval, threshold) = match edge.settings.kind.known() {
        Some(Kind::Alb) => (15, 2),
        _ => (10, 3),
    };
    let check = edge.settings.healthcheck.known();
    let interval = check
        .and_then(|check| seconds(check.interval.as_str()?))
        .unwrap_or(interval);
    let given = check.and_then(|check| u64::try_from(*check.unhealthy_threshold.known()?).ok());
    (interval * given.unwrap_or(threshold) + 2).min(120)
}
