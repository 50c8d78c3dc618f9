//! A whole Pod, as a template.

use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::Value;
use tfplugin_framework::Invalid;

use super::super::{Checked, refuse};
use super::containers::{Found, containers, items, named_once, wrong};
use super::resources::one_amount;
use super::scheduling::{all_constraints, all_tolerations};
use super::shape::inside;
use super::{label_key, label_value, text};

/// A Pod template with at least one container, as the API describes it and as a Deployment takes it.
///
/// # Errors
/// What the API server would refuse, at its place in the template. Fields that this version does not know are none: see
/// [`unknown_field`].
pub fn pod_template(given: &str) -> Checked {
    let template: PodTemplateSpec = serde_json::from_str(given).map_err(|error| {
        Invalid::new(format!(
            "this is not a Pod template: {error}; use `jsonencode({{ metadata = {{ … }}, spec = {{ … }} }})`"
        ))
    })?;
    if template.spec.is_none_or(|spec| spec.containers.is_empty()) {
        return Err(Invalid::new("the Pod template has no `spec.containers`"));
    }
    let template: Value = serde_json::from_str(given).unwrap_or_default();
    let found = metadata(&template["metadata"])
        .and_then(|()| pod(&template["spec"]))
        .and_then(|()| containers(&template["spec"]));
    found.or_else(refuse)
}

/// The first field that the Pods of this version's Kubernetes do not have: misspelled, or newer.
///
/// Returns `None` if the text is not a Pod template.
#[must_use]
pub fn unknown_field(given: &str) -> Option<String> {
    let template: PodTemplateSpec = serde_json::from_str(given).ok()?;
    let known = serde_json::to_value(template).ok()?;
    only_in(&serde_json::from_str(given).ok()?, &known, "")
}

/// The first field with a value that the other does not have.
fn only_in(one: &Value, other: &Value, at: &str) -> Option<String> {
    match (one, other) {
        (Value::Object(members), _) => {
            members
                .iter()
                .filter(|(_, member)| !member.is_null())
                .find_map(|(name, member)| {
                    let at = inside(at, name);
                    match other.get(name) {
                        None => Some(at),
                        Some(same) => only_in(member, same, &at),
                    }
                })
        }
        (Value::Array(items), Value::Array(others)) => items
            .iter()
            .zip(others)
            .enumerate()
            .find_map(|(position, (item, same))| only_in(item, same, &format!("{at}[{position}]"))),
        _ => None,
    }
}

fn metadata(metadata: &Value) -> Found {
    for (list, is_label) in [("labels", true), ("annotations", false)] {
        for (key, value) in metadata[list].as_object().into_iter().flatten() {
            let at = inside(&inside("metadata", list), key);
            label_key(key).or_else(|why| wrong(&at, &why))?;
            if is_label {
                label_value(value.as_str().unwrap_or_default()).or_else(|why| wrong(&at, &why))?;
            }
        }
    }
    Ok(())
}

fn pod(spec: &Value) -> Found {
    if !["", "Always"].contains(&text(spec, "restartPolicy")) {
        return wrong("spec.restartPolicy", "a Deployment allows only `Always`");
    }
    for field in ["activeDeadlineSeconds", "ephemeralContainers"] {
        if !spec[field].is_null() {
            return wrong(&inside("spec", field), "a Deployment's Pods can't have this: remove it");
        }
    }
    if !spec["tolerations"].is_null() {
        all_tolerations(&spec["tolerations"], "spec.tolerations")?;
    }
    if !spec["topologySpreadConstraints"].is_null() {
        all_constraints(&spec["topologySpreadConstraints"], "spec.topologySpreadConstraints")?;
    }
    named_once(spec, &["volumes"])?;
    for (at, volume) in items(spec, "spec", "volumes") {
        let limit = &volume["emptyDir"]["sizeLimit"];
        if !limit.is_null() {
            one_amount(limit, &format!("{at}.emptyDir.sizeLimit"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        pod_template(text).map_or_else(|invalid| invalid.message, |()| String::new())
    }

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
            assert!(said(text).contains(part), "{text}: {}", said(text));
        }
        for good in [
            r#"{"spec": {"containers": [{"name": "a", "image": "b:1"}]}}"#,
            r#"{"metadata": {"labels": {"a": ""}, "annotations": {"a/b": "any text"}}, "spec": {
                "restartPolicy": "Always", "tolerations": [{"operator": "Exists"}], "topologySpreadConstraints": null,
                "volumes": [{"name": "v", "emptyDir": {"sizeLimit": "1Gi"}}, {"name": "w", "emptyDir": {}}],
                "initContainers": [{"name": "i", "image": "b:1", "resources": {"claims": [{"name": "gpu"}]}}],
                "containers": [{"name": "a", "image": "b:1", "env": [{"name": "A"}, {"name": "B", "value": "c"}],
                    "resources": {"limits": {"cpu": 1}}, "volumeMounts": [{"name": "v", "mountPath": "/v"}]}]}}"#,
        ] {
            assert_eq!(said(good), "", "{good}");
        }
    }

    #[test]
    fn what_the_api_server_refuses_is_named_at_its_place() {
        for (pod, container, place) in [
            (r#""restartPolicy": "Never""#, "", "`spec.restartPolicy`"),
            (
                r#""tolerations": [{"key": "a", "operator": "Is"}]"#,
                "",
                "`spec.tolerations[0].operator`",
            ),
            (
                r#""topologySpreadConstraints": [{"topologyKey": "a", "maxSkew": 0, "whenUnsatisfiable": "DoNotSchedule"}]"#,
                "",
                "`spec.topologySpreadConstraints[0].maxSkew`",
            ),
            (r#""volumes": [{"name": "A"}]"#, "", "`spec.volumes[0].name`"),
            (
                r#""volumes": [{"name": "v"}, {"name": "v"}]"#,
                "",
                "`spec.volumes[1].name`",
            ),
            (
                r#""volumes": [{"name": "v", "emptyDir": {"sizeLimit": "much"}}]"#,
                "",
                "`spec.volumes[0].emptyDir.sizeLimit`",
            ),
            (
                r#""initContainers": [{"name": "i"}]"#,
                "",
                "`spec.initContainers[0].image`",
            ),
            (
                r#""initContainers": [{"name": "a", "image": "b"}]"#,
                "",
                "`spec.containers[0].name`",
            ),
            (r#""activeDeadlineSeconds": 5"#, "", "`spec.activeDeadlineSeconds`"),
            ("", r#""image": "not an image""#, "`spec.containers[0].image`"),
            (
                "",
                r#""imagePullPolicy": "Sometimes""#,
                "`spec.containers[0].imagePullPolicy`",
            ),
            (
                "",
                r#""ports": [{"containerPort": 70000}]"#,
                "`spec.containers[0].ports[0].containerPort`",
            ),
            (
                "",
                r#""ports": [{"containerPort": 80}, {"containerPort": 80, "protocol": "TCP"}]"#,
                "`spec.containers[0].ports[1]`",
            ),
            (
                "",
                r#""resources": {"limits": {"cpu": "lots"}}"#,
                "`spec.containers[0].resources.limits.cpu`",
            ),
            (
                "",
                r#""resources": {"limits": {"cpu": 1}, "requests": {"cpu": 2}}"#,
                "`spec.containers[0].resources.requests.cpu`",
            ),
            ("", r#""env": [{"name": "A=B"}]"#, "`spec.containers[0].env[0].name`"),
            (
                "",
                r#""env": [{"name": "A"}, {"name": "A"}]"#,
                "`spec.containers[0].env[1].name`",
            ),
            (
                "",
                r#""env": [{"name": "A", "value": "a", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}]"#,
                "`spec.containers[0].env[0]`",
            ),
            (
                "",
                r#""volumeMounts": [{"name": "v", "mountPath": "/v"}]"#,
                "`spec.containers[0].volumeMounts[0].name`",
            ),
            (
                r#""volumes": [{"name": "v"}]"#,
                r#""volumeMounts": [{"name": "v", "mountPath": "/v"}, {"name": "v", "mountPath": "/v"}]"#,
                "`spec.containers[0].volumeMounts[1].mountPath`",
            ),
        ] {
            let (pod, container) = (and(pod), and(container));
            let image = if container.contains("\"image\"") {
                ""
            } else {
                r#", "image": "b:1""#
            };
            let text = format!(r#"{{"spec": {{"containers": [{{"name": "a"{image}{container}}}]{pod}}}}}"#);
            assert!(said(&text).starts_with(place), "{text}: {}", said(&text));
        }
        let metadata = |inner: &str| {
            format!(r#"{{"metadata": {{{inner}}}, "spec": {{"containers": [{{"name": "a", "image": "b"}}]}}}}"#)
        };
        for (inner, place) in [
            (r#""labels": {"a": "not a value"}"#, "`metadata.labels.a`"),
            (r#""labels": {"not a key": ""}"#, "`metadata.labels.not a key`"),
            (r#""annotations": {"a/b/c": ""}"#, "`metadata.annotations.a/b/c`"),
        ] {
            let text = metadata(inner);
            assert!(said(&text).starts_with(place), "{text}: {}", said(&text));
        }
    }

    fn and(more: &str) -> String {
        if more.is_empty() {
            String::new()
        } else {
            format!(", {more}")
        }
    }

    #[test]
    fn a_field_that_is_not_known_is_found() {
        let field = |text: &str| unknown_field(text);
        assert_eq!(
            field(r#"{"spec": {"containers": [{"name": "a", "image": "b"}], "hostUsers": null}}"#),
            None
        );
        assert_eq!(
            field(r#"{"spec": {"containers": [{"name": "a", "imagePullPolicy": "Always"}, {"name": "b", "imagepullpolicy": ""}]}}"#)
                .as_deref(),
            Some("spec.containers[1].imagepullpolicy")
        );
        assert_eq!(
            field(r#"{"sepc": {}, "spec": {"containers": []}}"#).as_deref(),
            Some("sepc")
        );
        assert_eq!(
            field(r#"{"spec": {"nodeSelector": {"any": "key"}, "containers": []}}"#),
            None
        );
    }
}
