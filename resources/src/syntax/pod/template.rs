//! A whole Pod, as a template.

use k8s_openapi::api::core::v1::PodTemplateSpec;
use tfplugin_framework::Invalid;

use super::super::Checked;

/// A Pod template with at least one container, as the API describes it.
pub fn pod_template(text: &str) -> Checked {
    let template: PodTemplateSpec = serde_json::from_str(text).map_err(|error| {
        Invalid::new(format!(
            "this is not a Pod template: {error}; use `jsonencode({{ metadata = {{ … }}, spec = {{ … }} }})`"
        ))
    })?;
    if template.spec.is_none_or(|spec| spec.containers.is_empty()) {
        return Err(Invalid::new("the Pod template has no `spec.containers`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pod_templates_are_accepted() {
        for (text, part) in [
            ("", "not a Pod template"),
            ("[]", "not a Pod template"),
            (r#"{"spec": {"containers": {}}}"#, "not a Pod template"),
            (
                r#"{"spec": {"containers": [{"name": "a", "ports": [{"containerPort": "http"}]}]}}"#,
                "not a Pod template",
            ),
            ("{}", "no `spec.containers`"),
            (r#"{"spec": {"containers": []}}"#, "no `spec.containers`"),
        ] {
            let message = pod_template(text).map_or_else(|invalid| invalid.message, |()| String::new());
            assert!(message.contains(part), "{text}: {message}");
        }
        assert!(pod_template(r#"{"spec": {"containers": [{"name": "a", "image": "b:1"}]}}"#).is_ok());
    }
}
