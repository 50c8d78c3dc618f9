//! What holds whatever is given, known or not.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::spec::{Input, IsolationMode, Profile, Protocol, ProxySpec};
use super::super::{Names, expected_hops, render};
use super::cases::{bare, everyday, everything, labels, unknowns};

fn input<T: Clone + std::fmt::Debug + 'static>(known: &'static [T]) -> impl Strategy<Value = Input<T>> {
    prop_oneof![4 => prop::sample::select(known).prop_map(Input::Known), 1 => Just(Input::Unknown)]
}

fn specs() -> impl Strategy<Value = ProxySpec> {
    let base = prop::sample::select(vec![everyday(), everything(), bare()]);
    let choices = (
        input(&[Protocol::Http, Protocol::Https, Protocol::Grpc, Protocol::Grpcs]),
        input(&[Profile::Intermediate, Profile::Modern]),
        input(&[IsolationMode::Off, IsolationMode::Audit, IsolationMode::Enforce]),
        input(&[true, false]),
        input(&[true, false]),
    );
    let texts = (
        "[a-z][a-z0-9-]{0,38}[a-z0-9]",
        "[0-9]{1,25}[smhd]?",
        prop::option::of(".{0,40}"),
    );
    let numbers = (
        1u16..,
        prop::option::of(1u32..50),
        prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    );
    (base, choices, texts, numbers).prop_map(|(mut spec, choices, texts, numbers)| {
        (
            spec.upstream.protocol,
            spec.profile,
            spec.isolation.mode,
            spec.http.websocket,
            spec.http.proxy_protocol,
        ) = choices;
        (spec.name, spec.http.read_timeout, spec.http.extra_config) = texts;
        spec.upstream.port = json!(numbers.0);
        spec.replicas = numbers.1.map(Value::from);
        spec.pod.labels = labels("name", &spec.name);
        for index in numbers.2 {
            let all = unknowns();
            (index.get(&all).0.1)(&mut spec);
        }
        spec
    })
}

/// What Kubernetes' profile `restricted` demands, and what it leaves open.
fn assert_restricted(deployment: &Value) {
    let pod = &deployment["spec"]["template"]["spec"];
    assert_eq!(pod["automountServiceAccountToken"], false);
    assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
    assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
    for shared in ["shareProcessNamespace", "hostNetwork", "hostPID", "hostIPC"] {
        assert!(pod.get(shared).is_none(), "{shared}");
    }
    let containers = ["initContainers", "containers"].map(|field| pod[field].as_array().unwrap());
    for container in containers.into_iter().flatten() {
        let context = &container["securityContext"];
        assert_eq!(context["allowPrivilegeEscalation"], false);
        assert_eq!(context["readOnlyRootFilesystem"], true);
        assert_eq!(context["runAsNonRoot"], true);
        assert_eq!(context["capabilities"], json!({"drop": ["ALL"]}));
    }
    for volume in pod["volumes"].as_array().unwrap() {
        assert!(
            ["configMap", "secret", "emptyDir"]
                .iter()
                .any(|kind| volume.get(kind).is_some()),
            "{volume}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn rendering_is_deterministic_and_complete(spec in specs()) {
        let parts = render(&spec);
        prop_assert_eq!(&parts, &render(&spec.clone()));
        prop_assert_eq!(expected_hops(&spec), expected_hops(&spec.clone()));
        for part in &parts {
            for field in ["/apiVersion", "/kind", "/metadata/name", "/metadata/namespace", "/metadata/labels"] {
                prop_assert!(part.object.pointer(field).is_some(), "{} of {}", field, part.address);
            }
            prop_assert_eq!(&part.object["metadata"]["namespace"], spec.namespace.as_str());
            prop_assert!(part.object["kind"] != "Secret", "keys are cert-manager's");
        }
    }

    #[test]
    fn every_pod_is_restricted(spec in specs()) {
        let parts = render(&spec);
        let deployment = &parts.iter().find(|part| part.address == "proxy/deployment").unwrap().object;
        assert_restricted(deployment);
        let template = &deployment["spec"]["template"];
        let selector = Names::of(&spec).selector();
        prop_assert_eq!(&deployment["spec"]["selector"]["matchLabels"], &selector);
        for (key, value) in selector.as_object().unwrap() {
            prop_assert_eq!(&template["metadata"]["labels"][key], value);
        }
    }

    #[test]
    fn policies_select_something_and_only_when_enforced(spec in specs()) {
        for part in render(&spec).iter().filter(|part| part.object["kind"] == "NetworkPolicy") {
            prop_assert_eq!(spec.isolation.mode, Input::Known(IsolationMode::Enforce));
            let pods = part.object["spec"]["podSelector"]["matchLabels"].as_object().unwrap();
            prop_assert!(!pods.is_empty());
            for rule in part.object["spec"]["ingress"].as_array().unwrap() {
                prop_assert!(!rule["from"].as_array().unwrap().is_empty(), "a rule without sources lets everybody in");
            }
        }
    }
}
