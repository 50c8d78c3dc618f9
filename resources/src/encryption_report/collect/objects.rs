//! From objects of the API to what a report needs of them.

use std::collections::BTreeMap;

use e2etls_clients::kube::kinds::{self, Kind};
use e2etls_report::objects::{AdmittingPolicy, Certificate, Configuration, Pod, has_ended};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod as ApiPod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::proxy::render::{CONFIG_ANNOTATION, START, digest};

/// A Pod that has not ended, with the configuration that it was started for.
pub(super) fn pod(pod: ApiPod) -> Option<Pod> {
    if has_ended(&pod) {
        return None;
    }
    let annotations = pod.metadata.annotations.as_ref();
    let configured = annotations
        .and_then(|annotations| annotations.get(CONFIG_ANNOTATION))
        .cloned();
    Some(Pod {
        configured,
        ..pod.into()
    })
}

/// A ConfigMap that may be a configuration of NGINX, or the one of the VPC CNI.
pub(super) fn config_map(object: Value) -> Option<Configuration> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = &object["metadata"];
    let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
    let data = object["data"].as_object()?;
    let files: BTreeMap<String, String> = data
        .iter()
        .map(|(file, content)| (file.clone(), text(content)))
        .collect();
    let is_nginx = files
        .values()
        .any(|text| text.contains("listen") && text.contains("server"));
    if !is_nginx && (namespace.as_str(), name.as_str()) != super::VPC_CNI {
        return None;
    }
    let managed = metadata["managedFields"].as_array().into_iter().flatten();
    let written: Option<Timestamp> = managed.filter_map(|entry| entry["time"].as_str()?.parse().ok()).max();
    let is_start = files.get(START.0).is_some_and(|script| script == START.1);
    Some(Configuration {
        script: is_start.then_some(START.0),
        digest: digest(files.iter().map(|(file, text)| (file.as_str(), text.as_str()))),
        namespace,
        name,
        written,
        files,
    })
}

/// A policy that admits something to the Pods that it selects, whatever NetworkPolicies say.
///
/// A ClusterNetworkPolicy of the tier Baseline is asked only about Pods that no NetworkPolicy selects. A rule that denies keeps
/// out, and one that passes leaves it to NetworkPolicies.
pub(super) fn admitting(kind: Kind, object: &Value) -> Option<AdmittingPolicy> {
    let (metadata, spec) = (&object["metadata"], &object["spec"]);
    let mut rules = spec["ingress"].as_array().into_iter().flatten();
    let selector = |value: &Value| LabelSelector::deserialize(value).unwrap_or_default();
    let object = kind.reference(metadata["namespace"].as_str(), metadata["name"].as_str()?);
    if kind == kinds::APPLICATION_NETWORK_POLICY {
        let own = json!({"matchLabels": {"kubernetes.io/metadata.name": metadata["namespace"]}});
        return rules.next().is_some().then(|| AdmittingPolicy {
            object,
            namespaces: selector(&own),
            pods: selector(&spec["podSelector"]),
        });
    }
    let admits = rules.any(|rule| !["Deny", "Pass"].contains(&rule["action"].as_str().unwrap_or_default()));
    let subject = &spec["subject"];
    let (namespaces, pods) = match &subject["pods"] {
        Value::Null => (&subject["namespaces"], &Value::Null),
        pods => (&pods["namespaceSelector"], &pods["podSelector"]),
    };
    (admits && spec["tier"] != "Baseline").then(|| AdmittingPolicy {
        object,
        namespaces: selector(namespaces),
        pods: selector(pods),
    })
}

/// cert-manager's Certificate, with what its status says.
pub(super) fn certificate(object: Value) -> Option<Certificate> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (metadata, spec, status) = (&object["metadata"], &object["spec"], &object["status"]);
    let conditions = status["conditions"].as_array().into_iter().flatten();
    let ready = conditions.into_iter().find(|condition| condition["type"] == "Ready");
    let not_ready = match ready {
        Some(ready) if ready["status"] == "True" => None,
        Some(ready) => Some(format!("{}: {}", text(&ready["reason"]), text(&ready["message"]))),
        None => Some("cert-manager has not set the condition Ready yet".to_owned()),
    };
    let names = spec["dnsNames"].as_array().into_iter().flatten();
    let issuer = &spec["issuerRef"];
    let kind = issuer["kind"].as_str().unwrap_or("Issuer");
    Some(Certificate {
        namespace: text(&metadata["namespace"]),
        name: text(&metadata["name"]),
        secret: text(&spec["secretName"]),
        dns_names: names.map(text).collect(),
        issuer: format!("{kind} {}", text(&issuer["name"])),
        not_after: status["notAfter"].as_str().and_then(|time| time.parse().ok()),
        not_ready,
    })
}
