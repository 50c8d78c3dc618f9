//! Deployers that would fight over an object: what they apply remains theirs, even after an import.

use serde_json::Value;

use super::marks::annotation;

/// Who applies the object again and again: Helm, Argo CD, Flux, or an EKS add-on.
#[must_use]
pub fn deployer(object: &Value) -> Option<&'static str> {
    let label = |key: &str| object["metadata"]["labels"][key].as_str();
    let is_annotated = |key: &str| annotation(object, key).is_some();
    if is_annotated("meta.helm.sh/release-name") || label("app.kubernetes.io/managed-by") == Some("Helm") {
        return Some("Helm");
    }
    if is_annotated("argocd.argoproj.io/tracking-id") || label("argocd.argoproj.io/instance").is_some() {
        return Some("Argo CD");
    }
    if label("kustomize.toolkit.fluxcd.io/name").is_some() || label("helm.toolkit.fluxcd.io/name").is_some() {
        return Some("Flux");
    }
    is_of_eks(object).then_some("an EKS add-on")
}

/// True if an EKS add-on applies the object, or did: what it left bears this field manager as well.
#[must_use]
pub fn is_of_eks(object: &Value) -> bool {
    let managers = object["metadata"]["managedFields"].as_array().into_iter().flatten();
    managers.into_iter().any(|entry| entry["manager"] == "eks")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_deployer_is_known_by_its_marks() {
        for (metadata, wanted) in [
            (json!({"annotations": {"meta.helm.sh/release-name": "x"}}), Some("Helm")),
            (
                json!({"labels": {"app.kubernetes.io/managed-by": "Helm"}}),
                Some("Helm"),
            ),
            (
                json!({"annotations": {"argocd.argoproj.io/tracking-id": "x"}}),
                Some("Argo CD"),
            ),
            (
                json!({"labels": {"kustomize.toolkit.fluxcd.io/name": "x"}}),
                Some("Flux"),
            ),
            (json!({"managedFields": [{"manager": "eks"}]}), Some("an EKS add-on")),
            (
                json!({"managedFields": [{"manager": "kubectl"}], "labels": {"app": "x"}}),
                None,
            ),
        ] {
            assert_eq!(deployer(&json!({"metadata": metadata})), wanted);
        }
    }
}
