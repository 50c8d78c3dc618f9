//! Pods that the user writes and the stack runs.

use k8s_openapi::api::core::v1::{Container, PodSpec, PodTemplateSpec};
use serde_json::{Value, json};
use tfplugin_framework::{AttributePath, Diagnostics};

use super::key::reads_secret;
use super::model::{App, StackProxy};
use crate::kinds::kube::marks::DOMAIN;
use crate::proxy::model::Mode;
use crate::proxy::render::{RESERVED, is_taken};
use crate::syntax::unknown_field;

/// The template as it is rendered. A port without a protocol has the API's default, by which its list is merged.
pub(super) fn read(text: &str) -> Option<Value> {
    let mut template: Value = serde_json::from_str(text).ok()?;
    for list in ["containers", "initContainers"] {
        for container in template["spec"][list].as_array_mut().into_iter().flatten() {
            for port in container["ports"].as_array_mut().into_iter().flatten() {
                if port["protocol"].is_null() {
                    port["protocol"] = json!("TCP");
                }
            }
        }
        // Looking for a list that is absent has made a null.
        if template["spec"][list].is_null()
            && let Some(spec) = template["spec"].as_object_mut()
        {
            spec.remove(list);
        }
    }
    Some(template)
}

/// How long its Pods have to stop, in seconds.
pub(super) fn grace(text: &str) -> Option<i64> {
    let template: PodTemplateSpec = serde_json::from_str(text).ok()?;
    template.spec?.termination_grace_period_seconds
}

/// Refuses what would go around the proxy or the policies, or stand where the proxy does; warns of fields that may not exist.
pub(super) fn validate(app: &App, proxy: &StackProxy, diagnostics: &mut Diagnostics) {
    let template = app
        .pod_template_json
        .as_str()
        .map(serde_json::from_str::<PodTemplateSpec>);
    let Some(Ok(template)) = template else { return };
    let is_sidecar = proxy.mode.known() == Some(&Mode::Sidecar);
    let spec = template.spec.unwrap_or_default();
    let mut found = of_the_host(&spec);
    let metadata = template.metadata.unwrap_or_default();
    let keys = metadata
        .labels
        .iter()
        .chain(&metadata.annotations)
        .flat_map(|map| map.keys());
    found.extend(
        keys.filter(|key| key.starts_with(DOMAIN))
            .map(|key| format!("`{key}` is reserved for the stack. Remove it.")),
    );
    if is_sidecar {
        found.extend(beside_the_proxy(&spec));
    }
    let at = AttributePath::root("app").attribute("pod_template_json");
    for message in found {
        diagnostics.input(at.clone(), "Invalid `pod_template_json`", message);
    }
    if let Some(field) = app.pod_template_json.as_str().and_then(unknown_field) {
        diagnostics.warn(
            Some(at),
            "Unknown field in `pod_template_json`",
            format!(
                "The provider does not know `{field}`. If it is misspelled, the API server refuses it during the apply. If \
                 your cluster's version of Kubernetes has it, ignore this warning."
            ),
        );
    }
}

/// Refuses what reads the Secret with the proxy's certificate.
pub(super) fn keeps_the_key(app: &App, secret: &str, diagnostics: &mut Diagnostics) {
    let template = app.pod_template_json.as_str().and_then(read);
    if template.is_some_and(|template| reads_secret(&template, secret)) {
        diagnostics.input(
            AttributePath::root("app").attribute("pod_template_json"),
            "Invalid `pod_template_json`",
            format!(
                "The Secret `{secret}` holds the proxy's private key, which the application must not get. Remove what refers to \
                 it. If the application has a Secret of this name, give the proxy's another one with `object_names`."
            ),
        );
    }
}

/// What leads past every policy, and past the proxy.
fn of_the_host(spec: &PodSpec) -> Vec<String> {
    let mut found = Vec::new();
    if spec.host_network == Some(true) {
        let message = "Pods with `hostNetwork` use the network of their node, so no network policy applies to them. Remove \
            it.";
        found.push(message.to_owned());
    }
    let ports = containers(spec).flat_map(|container| container.ports.iter().flatten());
    for port in ports.filter_map(|port| port.host_port.filter(|port| *port != 0)) {
        found.push(format!(
            "`hostPort` {port} exposes the Pod on the address of its node and bypasses the proxy. Remove it."
        ));
    }
    found
}

fn is_privileged(container: &Container) -> bool {
    let security = container.security_context.as_ref();
    security.and_then(|security| security.privileged) == Some(true)
}

/// Containers that run beside the proxy: init containers have ended by then, but for those that are restarted.
fn living(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    let restarted = spec
        .init_containers
        .iter()
        .flatten()
        .filter(|container| container.restart_policy.as_deref() == Some("Always"));
    spec.containers.iter().chain(restarted)
}

fn containers(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    spec.containers.iter().chain(spec.init_containers.iter().flatten())
}

/// What a sidecar cannot stand beside.
fn beside_the_proxy(spec: &PodSpec) -> Vec<String> {
    let mut found = Vec::new();
    if spec.share_process_namespace == Some(true) {
        let message = "With `shareProcessNamespace`, the application could read the proxy's private key. Remove it, or use \
            `proxy.mode = \"gateway\"`.";
        found.push(message.to_owned());
    }
    if spec.host_pid == Some(true) {
        let message = "With `hostPID`, the application could read the proxy's private key. Remove it, or use \
            `proxy.mode = \"gateway\"`.";
        found.push(message.to_owned());
    }
    for container in containers(spec).filter(|container| is_privileged(container)) {
        found.push(format!(
            "The container `{}` is privileged, so it could read the proxy's private key. Remove `privileged`, or use \
             `proxy.mode = \"gateway\"`.",
            container.name
        ));
    }
    let names = containers(spec).map(|container| &container.name);
    let volumes = spec.volumes.iter().flatten().map(|volume| &volume.name);
    let mounts = containers(spec).flat_map(|container| container.volume_mounts.iter().flatten());
    let all = names.chain(volumes).chain(mounts.map(|mount| &mount.name));
    for name in all.filter(|name| name.starts_with(RESERVED)) {
        found.push(format!(
            "Names that start with `{RESERVED}` are reserved for the proxy. Rename `{name}`."
        ));
    }
    for port in living(spec).flat_map(|container| container.ports.iter().flatten()) {
        let is_tcp = port.protocol.as_deref().is_none_or(|protocol| protocol == "TCP");
        if is_tcp && is_taken(port.container_port.into()) {
            found.push(format!(
                "The proxy listens on port {} of the same Pod. Choose another port.",
                port.container_port
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_get_the_protocol_that_the_api_gives_them() {
        let text = r#"{"spec": {"containers": [{"name": "a", "ports": [{"containerPort": 80}, {"containerPort": 53, "protocol": "UDP"}]}]}}"#;
        let read = read(text).expect("a template");
        let ports = &read["spec"]["containers"][0]["ports"];
        assert_eq!(
            (&ports[0]["protocol"], &ports[1]["protocol"]),
            (&json!("TCP"), &json!("UDP"))
        );
        assert!(read["spec"].get("initContainers").is_none() && read["spec"]["containers"][0].get("env").is_none());
    }
}
