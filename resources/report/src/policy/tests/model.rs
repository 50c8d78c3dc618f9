//! An independent model of the API, and the implementation held against it in small universes.
//!
//! The model reads the objects as they are listed, one sentence of the API's documentation after the other, and shares no
//! code with the implementation. Each sentence is quoted where it is followed.

use k8s_openapi::api::networking::v1::{IPBlock, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use proptest::prelude::*;

use super::super::{Openings, Peer};
use super::*;

const NAMESPACES: [&str; 3] = ["a", "b", "unlisted"];
/// Addresses of nobody, beside those of the Pods.
const ADDRESSES: [&str; 5] = ["10.0.0.0", "10.0.0.3", "10.0.0.200", "2001:db8::1", "2001:db8::ffff"];

// ---- the model ----

/// A request as the model sees it: who, from which addresses, to which port of whom.
struct Request<'a> {
    /// Namespace and labels; `None` for who is no Pod.
    source: Option<&'a Pod>,
    addresses: Vec<IpAddr>,
    target: &'a Pod,
    port: u16,
    protocol: &'a str,
}

fn allowed(policies: &[NetworkPolicy], namespaces: &[Namespace], request: &Request<'_>) -> bool {
    // "A Pod cannot block access to itself."
    if let Some(source) = request.source
        && (&source.name, &source.namespace) == (&request.target.name, &request.target.namespace)
    {
        return true;
    }
    let mut selecting = Vec::new();
    for policy in policies {
        let spec = policy.spec.as_ref().unwrap();
        // "If this field is not specified, [...] all policies (whether or not they contain an ingress section) are assumed to
        // affect ingress."
        let affects = spec
            .policy_types
            .as_ref()
            .is_none_or(|types| types.contains(&"Ingress".to_owned()));
        // "An empty podSelector matches all pods in this namespace."
        let here = policy.metadata.namespace.as_ref() == Some(&request.target.namespace);
        if affects && here && selected(spec.pod_selector.as_ref().unwrap(), &request.target.labels) {
            selecting.push(spec);
        }
    }
    // "Traffic is allowed to a pod if there are no NetworkPolicies selecting the pod [...] OR if the traffic matches at least
    // one ingress rule across all of the NetworkPolicy objects whose podSelector matches the pod."
    if selecting.is_empty() {
        return true;
    }
    for (spec, own) in selecting.iter().map(|spec| (spec, &request.target.namespace)) {
        for rule in spec.ingress.clone().unwrap_or_default() {
            if matches_rule(&rule, own, namespaces, request) {
                return true;
            }
        }
    }
    false
}

/// "The traffic must match both ports and from."
fn matches_rule(rule: &NetworkPolicyIngressRule, own: &str, namespaces: &[Namespace], request: &Request<'_>) -> bool {
    // "If this field is empty or missing, this rule matches all ports."
    let mut ports = rule.ports.is_none();
    if let Some(list) = &rule.ports {
        ports = list.is_empty();
        for port in list {
            ports = ports || matches_port(port, request);
        }
    }
    // "If this field is empty or missing, this rule matches all sources."
    let mut sources = rule.from.is_none();
    if let Some(list) = &rule.from {
        sources = list.is_empty();
        for peer in list {
            sources = sources || matches_peer(peer, own, namespaces, request);
        }
    }
    ports && sources
}

fn matches_port(port: &NetworkPolicyPort, request: &Request<'_>) -> bool {
    // "If not specified, this field defaults to TCP."
    if port.protocol.clone().unwrap_or("TCP".to_owned()) != request.protocol {
        return false;
    }
    match &port.port {
        // "If this field is not provided, this matches all port names and numbers."
        None => true,
        // "the range of ports from port to endPort if set, inclusive"
        Some(IntOrString::Int(first)) => {
            let last = port.end_port.unwrap_or(*first);
            (*first..last + 1).any(|number| number == i32::from(request.port))
        }
        // "This can either be a numerical or named port on a pod."
        Some(IntOrString::String(name)) => {
            let mut numbers = Vec::new();
            for container in &request.target.containers {
                for declared in &container.ports {
                    if declared.name == *name && declared.protocol == request.protocol {
                        numbers.push(declared.number);
                    }
                }
            }
            numbers.contains(&request.port)
        }
    }
}

fn matches_peer(peer: &NetworkPolicyPeer, own: &str, namespaces: &[Namespace], request: &Request<'_>) -> bool {
    // "If this field is set then neither of the other fields can be."
    if let Some(block) = &peer.ip_block {
        return request.addresses.iter().any(|address| in_block(block, *address));
    }
    let Some(source) = request.source else { return false };
    let mut its_namespace = Labels::new();
    for namespace in namespaces {
        if namespace.metadata.name.as_ref() == Some(&source.namespace) {
            its_namespace = namespace.metadata.labels.clone().unwrap();
        }
    }
    its_namespace.insert("kubernetes.io/metadata.name".to_owned(), source.namespace.clone());
    match (&peer.namespace_selector, &peer.pod_selector) {
        // "the NetworkPolicyPeer as a whole selects the pods matching podSelector in the namespaces selected"
        (Some(namespace), Some(pod)) => selected(namespace, &its_namespace) && selected(pod, &source.labels),
        // "Otherwise it selects all pods in the namespaces selected by namespaceSelector."
        (Some(namespace), None) => selected(namespace, &its_namespace),
        // "Otherwise it selects the pods matching podSelector in the policy's own namespace."
        (None, Some(pod)) => source.namespace == own && selected(pod, &source.labels),
        (None, None) => unreachable!("no such peer is drawn"),
    }
}

/// "The result of matchLabels and matchExpressions are ANDed. An empty label selector matches all objects."
fn selected(selector: &LabelSelector, labels: &Labels) -> bool {
    for (key, value) in selector.match_labels.clone().unwrap_or_default() {
        if labels.get(&key) != Some(&value) {
            return false;
        }
    }
    for expression in selector.match_expressions.clone().unwrap_or_default() {
        let values = expression.values.unwrap_or_default();
        let fits = match (expression.operator.as_str(), labels.get(&expression.key)) {
            ("In", Some(value)) => values.iter().any(|one| one == value),
            ("In", None) | ("Exists", None) | ("DoesNotExist", Some(_)) => false,
            ("NotIn", Some(value)) => values.iter().all(|one| one != value),
            ("NotIn", None) | ("Exists", Some(_)) | ("DoesNotExist", None) => true,
            _ => unreachable!("no such operator is drawn"),
        };
        if !fits {
            return false;
        }
    }
    true
}

/// "The except entry describes CIDRs that should not be included within this rule."
fn in_block(block: &IPBlock, address: IpAddr) -> bool {
    starts_as(&block.cidr, address) && !block.except.iter().flatten().any(|cidr| starts_as(cidr, address))
}

/// Whether an address begins with the bits of a CIDR, as text of ones and zeros.
fn starts_as(cidr: &str, address: IpAddr) -> bool {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => format!("4{:032b}", address.to_bits()),
        IpAddr::V6(address) => format!("6{:0128b}", address.to_bits()),
    };
    let (prefix, length) = cidr.split_once('/').unwrap();
    let length = length.parse::<usize>().unwrap() + 1;
    bits(address).starts_with(&bits(prefix.parse().unwrap())[..length])
}

// ---- the universes ----

pub(super) fn universe() -> (Vec<Pod>, Vec<Namespace>) {
    let mut pods = Vec::new();
    for (place, namespace) in NAMESPACES.iter().enumerate() {
        let own = |index: usize| format!("10.0.0.{}", place * 4 + index);
        let v6 = format!("2001:db8::{place}:1");
        pods.push(pod(namespace, "plain", &[], &[&own(1)]));
        pods.push(pod(namespace, "x", &[("k", "x")], &[&own(2), &v6]));
        pods.push(pod(namespace, "y", &[("k", "y"), ("l", "x")], &[]));
    }
    for (index, pod) in pods.iter_mut().enumerate() {
        let number = u16::try_from(index % 4).unwrap() + 1;
        pod.containers = vec![
            container(vec![port("web", number, "TCP")]),
            container(vec![
                port("web", 5 - number, "UDP"),
                port("", 2, "TCP"),
                port("dns", 2, "SCTP"),
            ]),
        ];
    }
    (
        pods,
        vec![namespace("a", &[("k", "x")]), namespace("b", &[("k", "y"), ("l", "y")])],
    )
}

fn selector(keys: &'static [&'static str], values: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let key = || prop::sample::select(keys);
    let some = || prop::sample::subsequence(values, 1..=2);
    let expression = prop_oneof![
        (key(), prop::sample::select(vec!["In", "NotIn"]), some())
            .prop_map(|(key, operator, values)| json!({"key": key, "operator": operator, "values": values})),
        (key(), prop::sample::select(vec!["Exists", "DoesNotExist"]))
            .prop_map(|(key, operator)| json!({"key": key, "operator": operator})),
    ];
    let labels = prop::collection::btree_map(key(), prop::sample::select(values), 0..=1);
    prop_oneof![
        2 => Just(json!({})),
        3 => (labels, prop::collection::vec(expression, 0..=1))
            .prop_map(|(labels, expressions)| json!({"matchLabels": labels, "matchExpressions": expressions})),
    ]
}

fn pods_selector() -> impl Strategy<Value = Value> {
    selector(&["k", "l"], &["x", "y"])
}

fn namespace_selector() -> impl Strategy<Value = Value> {
    let name = prop::sample::select(&NAMESPACES[..])
        .prop_map(|name| json!({"matchLabels": {"kubernetes.io/metadata.name": name}}));
    prop_oneof![1 => name, 2 => selector(&["k", "l"], &["x", "y"])]
}

fn block() -> impl Strategy<Value = Value> {
    let cidrs = [
        "0.0.0.0/0",
        "10.0.0.0/24",
        "10.0.0.0/29",
        "10.0.0.4/30",
        "10.0.0.2/31",
        "10.0.0.1/32",
        "128.0.0.0/1",
    ];
    let v6 = ["::/0", "2001:db8::/64", "2001:db8::/120", "2001:db8::1:0/112"];
    let any = move || prop::sample::select(cidrs.iter().chain(&v6).copied().collect::<Vec<_>>());
    let except = prop::option::of(prop::collection::vec(any(), 0..=2));
    (any(), except).prop_map(|(cidr, except)| json!({"cidr": cidr, "except": except}))
}

fn peer() -> impl Strategy<Value = Value> {
    prop_oneof![
        pods_selector().prop_map(|pods| json!({"podSelector": pods})),
        namespace_selector().prop_map(|namespaces| json!({"namespaceSelector": namespaces})),
        (namespace_selector(), pods_selector())
            .prop_map(|(namespaces, pods)| json!({"namespaceSelector": namespaces, "podSelector": pods})),
        block().prop_map(|block| json!({"ipBlock": block})),
    ]
}

fn ports() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        Just(json!({})),
        prop::sample::select(vec!["web", "dns", "none"]).prop_map(|name| json!({"port": name})),
        (1..=4i32).prop_map(|first| json!({"port": first})),
        (1..=4i32, 0..=3i32).prop_map(|(first, more)| json!({"port": first, "endPort": first + more})),
    ];
    (
        number,
        prop::option::of(prop::sample::select(vec!["TCP", "UDP", "SCTP"])),
    )
        .prop_map(|(mut port, protocol)| {
            port["protocol"] = json!(protocol);
            port
        })
}

pub(super) fn policies() -> impl Strategy<Value = Vec<NetworkPolicy>> {
    let some = |item: BoxedStrategy<Value>| prop::option::of(prop::collection::vec(item, 0..=2));
    let rule =
        (some(peer().boxed()), some(ports().boxed())).prop_map(|(from, ports)| json!({"from": from, "ports": ports}));
    let types = prop::sample::select(vec![
        json!(null),
        json!(["Ingress"]),
        json!(["Ingress"]),
        json!(["Egress"]),
        json!(["Ingress", "Egress"]),
    ]);
    let one = (
        prop::sample::select(&NAMESPACES[..]),
        pods_selector(),
        some(rule.boxed()),
        types,
    )
        .prop_map(|(namespace, pods, rules, types)| {
            let spec = json!({"podSelector": pods, "ingress": rules, "policyTypes": types});
            policy(namespace, "drawn", &spec)
        });
    prop::collection::vec(one, 0..=4)
}

pub(super) const PROTOCOLS: [Protocol; 3] = [Protocol::Tcp, Protocol::Udp, Protocol::Sctp];

/// Every port that a universe asks for.
pub(super) fn targets(pods: &[Pod]) -> impl Iterator<Item = Target<'_>> {
    let ports = (1..=4).flat_map(|port| PROTOCOLS.map(|protocol| (port, protocol)));
    pods.iter().flat_map(move |pod| {
        ports
            .clone()
            .map(move |(port, protocol)| Target { pod, port, protocol })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Each connection of the universe is judged as the model judges it, whichever question is asked.
    #[test]
    fn every_connection_is_judged_as_by_the_model(policies in policies()) {
        let (pods, namespaces) = universe();
        let compiled = Policies::new(&policies, &namespaces);
        for target in targets(&pods) {
            let request = |source, addresses| Request {
                source, addresses, target: target.pod, port: target.port, protocol: target.protocol.name(),
            };
            let openings = compiled.openings(&target);
            let in_openings = |by: &dyn Fn(&Peer) -> bool| match &openings {
                Openings::Everybody { .. } => true,
                Openings::Rules(rules) => rules.iter().flat_map(|rule| rule.peers).any(by),
            };
            let mut expected = Vec::new();
            for pod in &pods {
                let wanted = allowed(&policies, &namespaces, &request(Some(pod), pod.addresses.clone()));
                prop_assert_eq!(compiled.admits(Source::Pod(pod), &target), wanted, "{:?} {:?}", pod, target);
                if pod != target.pod {
                    expected.extend(wanted.then_some(pod));
                    prop_assert_eq!(in_openings(&|peer| compiled.is_peer(peer, pod)), wanted, "{:?} {:?}", pod, target);
                }
            }
            prop_assert_eq!(compiled.admitted(&pods, &[target]), expected, "{:?}", target);
            for text in ADDRESSES {
                let wanted = allowed(&policies, &namespaces, &request(None, vec![address(text)]));
                prop_assert_eq!(compiled.admits(Source::Address(address(text)), &target), wanted, "{} {:?}", text, target);
                prop_assert_eq!(in_openings(&|peer| peer.admits_address(address(text))), wanted, "{} {:?}", text, target);
            }
        }
    }

    /// Who is admitted to several targets is admitted to one of them, and is none of them.
    #[test]
    fn several_targets_are_the_union_of_each(policies in policies(), chosen in prop::sample::subsequence((0..108).collect::<Vec<usize>>(), 0..5)) {
        let (pods, namespaces) = universe();
        let compiled = Policies::new(&policies, &namespaces);
        let all: Vec<Target<'_>> = targets(&pods).collect();
        let targets: Vec<Target<'_>> = chosen.iter().map(|index| all[*index]).collect();
        let is_own = |pod: &Pod| targets.iter().any(|target| target.pod == pod);
        let reaches = |pod: &Pod| targets.iter().any(|target| compiled.admits(Source::Pod(pod), target));
        let expected: Vec<&Pod> = pods.iter().filter(|pod| !is_own(pod) && reaches(pod)).collect();
        prop_assert_eq!(compiled.admitted(&pods, &targets), expected);
    }
}
