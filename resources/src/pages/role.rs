//! The Kubernetes role that a resource needs, from the rules in its folder.

/// Where a resource lives whose objects every cluster has once.
const SYSTEM: &str = "kube-system";

/// The role `e2etls-NAME`: the rules in the namespace `shop`, and the two reads that identify the cluster and check that the
/// namespace exists. What has rules for the whole cluster, `everywhere`, lives in `kube-system`.
pub(super) fn manifest(name: &str, rules: &str, everywhere: Option<&str>) -> String {
    let name = name.replace('_', "-");
    let (namespace, checked) = match everywhere {
        Some(_) => (SYSTEM, SYSTEM),
        None => ("shop", "kube-system, shop"),
    };
    let everywhere = everywhere
        .map(|rules| format!("{}\n", indented(rules)))
        .unwrap_or_default();
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: e2etls-{name}\nrules:\n  \
         - apiGroups: [\"\"]\n    resources: [namespaces]\n    resourceNames: [{checked}]\n    verbs: [get]\n{everywhere}---\n\
         apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: e2etls-{name}\n  namespace: {namespace}\nrules:\n{}\n",
        indented(rules)
    )
}

fn indented(rules: &str) -> String {
    let lines: Vec<String> = rules.lines().map(|line| format!("  {line}")).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_those_of_a_role_in_one_namespace() {
        let manifest = manifest(
            "network_policy",
            "- apiGroups: [\"\"]\n  resources: [pods]\n  verbs: [list]\n",
            None,
        );
        assert!(manifest.contains(
            "kind: Role\nmetadata:\n  name: e2etls-network-policy\n  namespace: shop\nrules:\n  - apiGroups"
        ));
        assert!(manifest.ends_with("    verbs: [list]\n"));
    }
}
