//! Fields of the pod for `fieldRef` and `downwardAPI`.

use std::net::Ipv4Addr;

use k8s_openapi::api::core::v1::Pod;

/// The value of a field; `status.podIP` is the address that processes bind, not the one in the API.
pub(crate) fn field(pod: &Pod, path: &str, address: Ipv4Addr) -> Option<String> {
    let (meta, spec) = (&pod.metadata, pod.spec.as_ref());
    if let Some(key) = keyed(path, "metadata.labels") {
        return meta.labels.as_ref()?.get(key).cloned();
    }
    if let Some(key) = keyed(path, "metadata.annotations") {
        return meta.annotations.as_ref()?.get(key).cloned();
    }
    match path {
        "metadata.name" => meta.name.clone(),
        "metadata.namespace" => meta.namespace.clone(),
        "metadata.uid" => meta.uid.clone(),
        "metadata.labels" => Some(lines(meta.labels.as_ref()?)),
        "metadata.annotations" => Some(lines(meta.annotations.as_ref()?)),
        "spec.nodeName" => spec?.node_name.clone(),
        "spec.serviceAccountName" => spec?.service_account_name.clone(),
        "status.podIP" | "status.podIPs" => Some(address.to_string()),
        "status.hostIP" | "status.hostIPs" => Some(Ipv4Addr::LOCALHOST.to_string()),
        _ => None,
    }
}

/// The key in `base['key']`.
fn keyed<'a>(path: &'a str, base: &str) -> Option<&'a str> {
    path.strip_prefix(base)?.strip_prefix("['")?.strip_suffix("']")
}

fn lines(map: &std::collections::BTreeMap<String, String>) -> String {
    map.iter()
        .map(|(key, value)| format!("{key}={value:?}"))
        .collect::<Vec<_>>()
        .join("\n")
}
