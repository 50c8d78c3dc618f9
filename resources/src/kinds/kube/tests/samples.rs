//! One object of each kind that is rendered, as the conformance suite needs it. The acceptance tests use it too.

use serde_json::{Map, Value, json};

/// A manifest of `kind`; another `topic` is another name.
pub(crate) fn manifest(kind: &str, namespace: &str, topic: &str) -> Value {
    let (api_version, content) = content(kind);
    let metadata = match kind {
        "Namespace" => json!({"name": format!("{namespace}-{topic}"), "labels": {"team": "a"}}),
        "AWSPCAClusterIssuer" => json!({"name": format!("{namespace}-{topic}")}),
        _ => json!({"name": topic, "namespace": namespace}),
    };
    let mut manifest = json!({"apiVersion": api_version, "kind": kind, "metadata": metadata});
    for (name, value) in content {
        manifest[name] = value;
    }
    manifest
}

/// The same with something changed that can change in place.
pub(crate) fn changed(manifest: &Value) -> Value {
    with(manifest, &claim(kind_of(manifest), "b"))
}

/// The same as somebody else would have it.
pub(crate) fn edited(manifest: &Value) -> Value {
    with(manifest, &claim(kind_of(manifest), "9"))
}

fn kind_of(manifest: &Value) -> &str {
    manifest["kind"].as_str().unwrap_or_default()
}

fn content(kind: &str) -> (&'static str, Map<String, Value>) {
    let labels = json!({"app": "a"});
    let select = json!({"matchLabels": labels});
    let issuer =
        json!({"arn": "arn:aws:acm-pca:eu-central-1:123456789012:certificate-authority/0a", "region": "eu-central-1"});
    let (api_version, content) = match kind {
        "Namespace" => ("v1", json!({})),
        "ConfigMap" => ("v1", json!({"data": {"value": "a", "other": "x"}})),
        "Service" => {
            let ports = json!([{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 8443}]);
            (
                "v1",
                json!({"spec": {"type": "ClusterIP", "selector": labels, "ports": ports}}),
            )
        }
        "NetworkPolicy" => {
            let from = json!([{"podSelector": select}]);
            let ingress = json!([{"from": from, "ports": [{"protocol": "TCP", "port": 80}]}]);
            let spec = json!({"podSelector": select, "policyTypes": ["Ingress"], "ingress": ingress});
            ("networking.k8s.io/v1", json!({"spec": spec}))
        }
        "Ingress" => {
            // Of a class without a controller: nobody else writes it.
            let backend = json!({"service": {"name": "web", "port": {"number": 443}}});
            let paths = json!([{"path": "/", "pathType": "Prefix", "backend": backend}]);
            let rules = json!([{"host": "web.example.com", "http": {"paths": paths}}]);
            (
                "networking.k8s.io/v1",
                json!({"spec": {"ingressClassName": "none", "rules": rules}}),
            )
        }
        "PodDisruptionBudget" => ("policy/v1", json!({"spec": {"maxUnavailable": 1, "selector": select}})),
        "Deployment" => {
            let container = json!({"name": "app", "image": "example.com/app:1",
                                   "ports": [{"containerPort": 80, "protocol": "TCP"}]});
            let template = json!({"metadata": {"labels": labels}, "spec": {"containers": [container]}});
            let spec = json!({"replicas": 0, "minReadySeconds": 1, "selector": select, "template": template});
            ("apps/v1", json!({"spec": spec}))
        }
        "Certificate" => {
            let by = json!({"name": "nobody", "kind": "Issuer", "group": "cert-manager.io"});
            let spec = json!({"secretName": "tls", "duration": "144h", "dnsNames": ["a.example.com"], "issuerRef": by});
            ("cert-manager.io/v1", json!({"spec": spec}))
        }
        _ => ("awspca.cert-manager.io/v1beta1", json!({"spec": issuer})),
    };
    (api_version, content.as_object().cloned().unwrap_or_default())
}

/// Fields that somebody sets to `value`.
fn claim(kind: &str, value: &str) -> Value {
    let number = if value == "b" { 2 } else { 9 };
    let labels = json!({"app": value});
    match kind {
        "Namespace" => json!({"metadata": {"labels": {"team": value}}}),
        "ConfigMap" => json!({"data": {"value": value}}),
        "Service" => json!({"spec": {"selector": labels}}),
        "NetworkPolicy" => json!({"spec": {"ingress": [{"from": [{"podSelector": {"matchLabels": labels}}]}]}}),
        "Ingress" => json!({"spec": {"ingressClassName": value}}),
        "PodDisruptionBudget" => json!({"spec": {"maxUnavailable": number}}),
        "Deployment" => json!({"spec": {"minReadySeconds": number}}),
        "Certificate" => json!({"spec": {"dnsNames": [format!("{value}.example.com")]}}),
        _ => json!({"spec": {"region": format!("eu-west-{number}")}}),
    }
}

fn with(manifest: &Value, claim: &Value) -> Value {
    match (manifest, claim) {
        (Value::Object(members), Value::Object(claimed)) => {
            let mut members = members.clone();
            for (name, value) in claimed {
                let before = members.get(name).cloned().unwrap_or_default();
                members.insert(name.clone(), with(&before, value));
            }
            Value::Object(members)
        }
        _ => claim.clone(),
    }
}
