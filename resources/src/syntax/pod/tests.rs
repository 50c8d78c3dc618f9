use super::*;

/// The message about a text that is refused.
fn said(check: fn(&str) -> Checked, text: &str) -> String {
    check(text).map_err(|invalid| invalid.message).expect_err(text)
}

#[test]
fn resources_as_the_api_takes_them() {
    for good in [
        "{}",
        r#"{"limits": {"cpu": "1000m", "memory": "1024Mi"}, "requests": {"cpu": 0.5, "memory": 134217728}}"#,
        r#"{"limits": null, "requests": {"ephemeral-storage": "1G"}}"#,
        r#"{"limits": {"nvidia.com/gpu": 1, "hugepages-2Mi": "4Mi"}, "requests": {"nvidia.com/gpu": "1"}}"#,
    ] {
        assert!(container_resources(good).is_ok(), "{good}");
    }
    for (bad, place) in [
        ("{", "this is not valid JSON"),
        ("[]", "this is valid JSON but not an object"),
        (r#"{"limits": "lots"}"#, "`limits`: an object is expected"),
        (r#"{"limit": {"cpu": 1}}"#, "`limit`: no such field"),
        (r#"{"claims": [{"name": "gpu"}]}"#, "`claims`: no such field"),
        (
            r#"{"limits": {"cpu": "lots"}}"#,
            "`limits.cpu`: `lots` is not a valid quantity",
        ),
        (r#"{"limits": {"cpu": ""}}"#, "`limits.cpu`: "),
        (r#"{"limits": {"cpu": true}}"#, "`limits.cpu`: a quantity"),
        (r#"{"limits": {"cpu": null}}"#, "`limits.cpu`: a quantity"),
        (r#"{"limits": {"cpu": "-1"}}"#, "`limits.cpu`: "),
        (r#"{"limits": {"cpu": -1}}"#, "`limits.cpu`: "),
        (r#"{"limits": {"memory": "128MB"}}"#, "`limits.memory`: "),
        (
            r#"{"limits": {"cpus": "1"}}"#,
            "`limits.cpus`: `cpus` is not a resource",
        ),
        (
            r#"{"limits": {"cpu": "1"}, "requests": {"cpu": "1001m"}}"#,
            "`requests.cpu`: `1001m` is more than the limit",
        ),
        (r#"{"limits": {"nvidia.com/gpu": "1.5"}}"#, "`limits.nvidia.com/gpu`: "),
        (r#"{"requests": {"nvidia.com/gpu": 1}}"#, "`limits.nvidia.com/gpu`: "),
        (
            r#"{"limits": {"nvidia.com/gpu": 2}, "requests": {"nvidia.com/gpu": 1}}"#,
            "`requests.nvidia.com/gpu`: ",
        ),
    ] {
        let message = said(container_resources, bad);
        assert!(message.starts_with(place), "{bad}: {message}");
    }
}

#[test]
fn tolerations_as_the_api_takes_them() {
    for good in [
        "[]",
        r#"[{"operator": "Exists"}]"#,
        r#"[{"key": "a", "value": "b", "effect": null}, {"key": "example.com/a", "operator": "", "effect": ""}]"#,
        r#"[{"key": "a", "operator": "Equal", "effect": "NoExecute", "tolerationSeconds": 60}]"#,
        r#"[{"key": "a", "operator": "Gt", "value": "950"}]"#,
    ] {
        assert!(tolerations(good).is_ok(), "{good}");
    }
    for (bad, place) in [
        ("{}", "this is valid JSON but not a list"),
        (r#"["a"]"#, "`[0]`: an object is expected"),
        ("[null]", "`[0]`: an object is expected"),
        ("[{}]", "`[0].operator`: "),
        (r#"[{"operator": "Exists"}, {"operator": "Equal"}]"#, "`[1].operator`: "),
        (r#"[{"operator": "exists"}]"#, "`[0].operator`: `exists` is not valid"),
        (r#"[{"key": "a b"}]"#, "`[0].key`: "),
        (r#"[{"key": 5}]"#, "`[0].key`: a string is expected here, not a number"),
        (r#"[{"key": "a", "value": "x y"}]"#, "`[0].value`: "),
        (r#"[{"key": "a", "value": true}]"#, "`[0].value`: "),
        (r#"[{"key": "a", "operator": "Exists", "value": "x"}]"#, "`[0].value`: "),
        (r#"[{"key": "a", "operator": "Lt", "value": "x"}]"#, "`[0].value`: "),
        (r#"[{"key": "a", "effect": "noschedule"}]"#, "`[0].effect`: "),
        (r#"[{"key": "a", "tolerationSeconds": 5}]"#, "`[0].tolerationSeconds`: "),
        (
            r#"[{"key": "a", "effect": "NoExecute", "tolerationSeconds": "5"}]"#,
            "`[0].tolerationSeconds`: a whole number",
        ),
        (r#"[{"key": "a", "keys": 5}]"#, "`[0].keys`: no such field"),
    ] {
        let message = said(tolerations, bad);
        assert!(message.starts_with(place), "{bad}: {message}");
    }
}

/// A constraint with these members besides those that are required.
fn constraint(more: &str) -> String {
    format!(r#"[{{"topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway", "maxSkew": 1{more}}}]"#)
}

#[test]
fn constraints_as_the_api_takes_them() {
    for good in [
        "[]".to_owned(),
        constraint(""),
        constraint(r#", "labelSelector": {"matchLabels": {"a": "b"}}, "matchLabelKeys": ["pod-template-hash"]"#),
        constraint(r#", "labelSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}"#),
        constraint(r#", "nodeTaintsPolicy": "Honor", "nodeAffinityPolicy": null"#),
    ] {
        assert!(topology_spread(&good).is_ok(), "{good}");
    }
    let twice = constraint("").replace("}]", "},") + constraint("").trim_start_matches('[');
    for (bad, place) in [
        ("[{}]".to_owned(), "`[0].topologyKey`: this field is required"),
        (twice, "`[1]`: another item"),
        (
            constraint("").replace("ScheduleAnyway", "x"),
            "`[0].whenUnsatisfiable`: ",
        ),
        (constraint("").replace(": 1", ": 0"), "`[0].maxSkew`: "),
        (constraint("").replace(": 1", ": 1.5"), "`[0].maxSkew`: "),
        (constraint("").replace(": 1", r#": "1""#), "`[0].maxSkew`: "),
        (constraint(r#", "minDomains": 2"#), "`[0].minDomains`: "),
        (constraint(r#", "matchLabelKeys": ["a"]"#), "`[0].matchLabelKeys`: "),
        (
            constraint(r#", "labelSelector": {"matchLabels": ["a"]}"#),
            "`[0].labelSelector.matchLabels`: an object",
        ),
        (
            constraint(r#", "labelSelector": {"matchLabels": {"a": 5}}"#),
            "`[0].labelSelector.matchLabels.a`: ",
        ),
        (
            constraint(r#", "labelSelector": {"matchExpressions": [{"key": "a", "operator": "in"}]}"#),
            "`[0].labelSelector.matchExpressions[0].operator`: ",
        ),
        (
            constraint(r#", "labelSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}"#),
            "`[0].labelSelector.matchExpressions[0].values`: ",
        ),
        (
            constraint(r#", "nodeTaintsPolicy": "honor""#),
            "`[0].nodeTaintsPolicy`: ",
        ),
    ] {
        let message = said(topology_spread, &bad);
        assert!(message.starts_with(place), "{bad}: {message}");
    }
}
