//! Labels that no namespace has.

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, AttributePath, Diagnostic, Diagnostics};

/// Namespaces that Kubernetes itself creates.
const SYSTEM: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];
const NAME: &str = "kubernetes.io/metadata.name";

/// Warns of labels at `at` that look for a namespace of Kubernetes by the label `name`, which none of them has: a policy
/// then admits nobody, or leads nowhere.
pub(crate) fn named(at: &AttributePath, labels: &Attr<BTreeMap<String, String>>, diagnostics: &mut Diagnostics) {
    let name = labels.known().and_then(|labels| labels.get("name"));
    let Some(name) = name.filter(|name| SYSTEM.contains(&name.as_str())) else {
        return;
    };
    diagnostics.add(
        Diagnostic::warning("Kubernetes does not set this label")
            .at(at.clone().key("name"))
            .because(format!(
                "Kubernetes sets the label `{NAME}` on the namespace `{name}`, and not the label `name`."
            ))
            .advice(format!("Use `{{ {NAME:?} = {name:?} }}`.")),
    );
}
