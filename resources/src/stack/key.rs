//! What of a Pod template would give the application the proxy's private key.

use serde_json::Value;

/// Whether a template reads the Secret of this name, by a volume or by variables.
pub(super) fn reads_secret(template: &Value, name: &str) -> bool {
    let is_reference = |(field, value): (&String, &Value)| {
        let of = |member: &str| value[member] == name;
        match field.as_str() {
            "secret" => of("secretName") || of("name"),
            "secretRef" | "secretKeyRef" => of("name"),
            _ => false,
        }
    };
    match template {
        Value::Object(members) => {
            members.iter().any(is_reference) || members.values().any(|member| reads_secret(member, name))
        }
        Value::Array(items) => items.iter().any(|item| reads_secret(item, name)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_way_to_a_secret_is_found() {
        let volume = |source: Value| json!({"spec": {"volumes": [{"name": "v", "emptyDir": {}}, source]}});
        let container = |field: &str, value: Value| json!({"spec": {"initContainers": [{"name": "a", field: value}]}});
        for template in [
            volume(json!({"name": "k", "secret": {"secretName": "shop-tls"}})),
            volume(json!({"name": "k", "projected": {"sources": [{"secret": {"name": "shop-tls"}}]}})),
            container("envFrom", json!([{"secretRef": {"name": "shop-tls"}}])),
            container(
                "env",
                json!([{"name": "K", "valueFrom": {"secretKeyRef": {"name": "shop-tls", "key": "tls.key"}}}]),
            ),
        ] {
            assert!(reads_secret(&template, "shop-tls"), "{template}");
            assert!(!reads_secret(&template, "other-tls"), "{template}");
        }
        let others = json!({"spec": {"imagePullSecrets": [{"name": "shop-tls"}], "volumes": [{"name": "shop-tls"}]}});
        assert!(
            !reads_secret(&others, "shop-tls"),
            "a registry's Secret is not given to the application"
        );
    }
}
