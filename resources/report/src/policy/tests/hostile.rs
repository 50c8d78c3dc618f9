//! Objects that no API server would list: nothing panics, and nothing that is outside the API keeps anybody out.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use proptest::prelude::*;

use super::super::{Openings, Peer, is_every_address};
use super::model::{policies, targets, universe};
use super::*;

const ODD: &[&str] = &[
    "",
    "In",
    "NotIn",
    "Exists",
    "DoesNotExist",
    "Ingress",
    "Egress",
    "TCP",
    "k",
    "/",
    "::/0",
    "0.0.0.0/0",
    ".../0",
    "::ffff:0.0.0.0/95",
    "255.255.255.255/32",
    "1.2.3.4/4294967296",
    "-",
    "é/é",
    "\u{0}",
    "::1%eth0/64",
];

/// Any text, and that which the code looks for.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(ODD).prop_map(str::to_owned).boxed(),
        2 => any::<String>().boxed(),
        1 => (1..4usize).prop_map(|more| "0.".repeat(more * 100_000)).boxed(),
    ]
}

fn texts() -> BoxedStrategy<Value> {
    prop::option::of(prop::collection::vec(text(), 0..3))
        .prop_map(|texts| json!(texts))
        .boxed()
}

fn list(item: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop::option::of(prop::collection::vec(item, 0..3))
        .prop_map(|items| json!(items))
        .boxed()
}

fn selector() -> BoxedStrategy<Value> {
    let expression = (text(), text(), texts())
        .prop_map(|(key, operator, values)| json!({"key": key, "operator": operator, "values": values}));
    let labels = prop::collection::btree_map(text(), text(), 0..2);
    let some = (labels, list(expression.boxed()))
        .prop_map(|(labels, expressions)| json!({"matchLabels": labels, "matchExpressions": expressions}));
    prop::option::of(some).prop_map(|selector| json!(selector)).boxed()
}

fn spec() -> impl Strategy<Value = Value> {
    let block = prop::option::of((text(), texts()).prop_map(|(cidr, except)| json!({"cidr": cidr, "except": except})));
    let peer = (block, selector(), selector()).prop_map(
        |(block, namespaces, pods)| json!({"ipBlock": block, "namespaceSelector": namespaces, "podSelector": pods}),
    );
    let number = prop_oneof![
        Just(json!(null)),
        any::<i32>().prop_map(|it| json!(it)),
        text().prop_map(|it| json!(it))
    ];
    let port = (number, any::<Option<i32>>(), prop::option::of(text()))
        .prop_map(|(port, end, protocol)| json!({"port": port, "endPort": end, "protocol": protocol}));
    let rule = (list(peer.boxed()), list(port.boxed())).prop_map(|(from, ports)| json!({"from": from, "ports": ports}));
    (selector(), list(rule.boxed()), texts())
        .prop_map(|(pods, rules, types)| json!({"podSelector": pods, "ingress": rules, "policyTypes": types}))
}

/// Makes one thing of a policy what the API does not know. `place` says which.
fn spoil(policy: &mut NetworkPolicy, place: usize) {
    let Some(spec) = &mut policy.spec else { return };
    let odd_selector = |selector: &mut Option<LabelSelector>| {
        if let Some(expression) = selector
            .iter_mut()
            .flat_map(|it| it.match_expressions.iter_mut().flatten())
            .next()
        {
            expression.operator = "Like".to_owned();
        }
        if let Some(value) = selector
            .iter_mut()
            .flat_map(|it| it.match_labels.iter_mut().flatten())
            .next()
        {
            value.1.push(' ');
        }
    };
    let ports = spec
        .ingress
        .iter_mut()
        .flatten()
        .flat_map(|rule| rule.ports.iter_mut().flatten());
    match place {
        0 => odd_selector(&mut spec.pod_selector),
        1 => spec.policy_types = Some(vec!["Sideways".to_owned()]),
        2 => ports.for_each(|port| port.port = Some(IntOrString::Int(65_536))),
        3 => ports.for_each(|port| port.end_port = Some(-1)),
        4 => ports.for_each(|port| port.protocol = Some("ICMP".to_owned())),
        5 => ports.for_each(|port| port.port = Some(IntOrString::String("No Name".to_owned()))),
        _ => {
            for peer in spec
                .ingress
                .iter_mut()
                .flatten()
                .flat_map(|rule| rule.from.iter_mut().flatten())
            {
                odd_selector(&mut peer.pod_selector);
                odd_selector(&mut peer.namespace_selector);
                for except in peer
                    .ip_block
                    .iter_mut()
                    .flat_map(|block| block.except.iter_mut().flatten())
                {
                    except.push('x');
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_panics(specs in prop::collection::vec(prop::option::of(spec()), 0..3), label in text(), number in any::<u16>()) {
        let (mut pods, mut namespaces) = universe();
        pods[0].labels.insert(label.clone(), label.clone());
        pods[1].containers[0].ports.push(port(&label, number, &label));
        namespaces.extend([Namespace::default(), namespace(&label, &[(&label, &label)])]);
        let mut policies: Vec<NetworkPolicy> = specs.iter().map(|spec| policy("a", &label, &json!(spec))).collect();
        policies.push(NetworkPolicy::default());
        let compiled = Policies::new(&policies, &namespaces);
        for target in targets(&pods).chain([Target { pod: &pods[1], port: number, protocol: Protocol::Tcp }]) {
            let _ = compiled.admitted(&pods, &[target]);
            for text in ["0.0.0.0", "255.255.255.255", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"] {
                let _ = compiled.admits(Source::Address(address(text)), &target);
            }
            if let Openings::Rules(rules) = compiled.openings(&target) {
                let peers = || rules.iter().flat_map(|rule| rule.peers);
                let blocks = peers().filter_map(|peer| if let Peer::Block(block) = peer { Some(block) } else { None });
                let _ = is_every_address(blocks);
                peers().for_each(|peer| drop(peer.to_string()));
            }
        }
    }

    /// Whoever is admitted by policies that the API server takes is admitted by what becomes of them when something is made
    /// what it refuses.
    #[test]
    fn what_is_outside_the_api_keeps_nobody_out(policies in policies(), place in 0..7usize, which in any::<prop::sample::Index>()) {
        let (pods, namespaces) = universe();
        let before = Policies::new(&policies, &namespaces);
        let mut spoiled = policies.clone();
        if !spoiled.is_empty() {
            let which = which.index(spoiled.len());
            spoil(&mut spoiled[which], place);
        }
        let after = Policies::new(&spoiled, &namespaces);
        let sources: Vec<Source<'_>> = pods.iter().map(Source::Pod)
            .chain(["10.0.0.3", "192.0.2.1", "2001:db8::1"].map(|text| Source::Address(address(text)))).collect();
        for target in targets(&pods) {
            for source in &sources {
                prop_assert!(!before.admits(*source, &target) || after.admits(*source, &target), "{source:?} {target:?}");
            }
        }
    }
}
