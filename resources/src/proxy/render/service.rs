//! The Service of the proxy, and the one of the app where it has none.

use serde_json::{Value, json};

use super::SERVICE_PORT;
use super::names::Names;
use super::nginx::PORT;
use super::spec::ProxySpec;

/// The Service that serves TLS.
pub(super) fn service(_spec: &ProxySpec, names: &Names<'_>) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": names.metadata("proxy/service"),
        "spec": {
            "type": "ClusterIP",
            "selector": names.selector(),
            "ports": [{"name": "https", "protocol": "TCP", "port": SERVICE_PORT, "targetPort": PORT}],
        },
    })
}

/// The Service of the app's Pods, where none was named.
pub(super) fn upstream(spec: &ProxySpec, names: &Names<'_>) -> Option<Value> {
    let upstream = &spec.upstream;
    let selector = upstream.selector.as_ref().filter(|_| upstream.service.is_none())?;
    Some(json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": names.metadata("proxy/upstream"),
        "spec": {
            "type": "ClusterIP",
            "selector": selector,
            "ports": [{"name": "app", "protocol": "TCP", "port": upstream.port, "targetPort": upstream.port}],
        },
    }))
}
