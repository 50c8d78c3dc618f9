//! One row for each rule: what is listed, and what follows.

use std::collections::BTreeMap;

use super::*;
use crate::objects::Container;

/// A cluster of one Node with one Pod on it, as a row changes it.
struct Cluster {
    nodes: Vec<Node>,
    pods: Vec<Pod>,
    configuration: Option<BTreeMap<String, String>>,
    target: Pod,
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(pair).collect()
}

const KEY: &str = "enable-network-policy-controller";

fn node(labels: &[(&str, &str)]) -> Node {
    Node {
        name: "n1".to_owned(),
        labels: map(labels),
        addresses: Vec::new(),
    }
}

fn agent(app: &str, namespace: &str, containers: &[(&str, &[&str])]) -> Pod {
    let container = |(name, arguments): &(&str, &[&str])| Container {
        name: (*name).to_owned(),
        command: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
        ..Container::default()
    };
    Pod {
        namespace: namespace.to_owned(),
        name: format!("{app}-x"),
        labels: map(&[("k8s-app", app)]),
        node: "n1".to_owned(),
        ready: true,
        host_network: true,
        containers: containers.iter().map(container).collect(),
        ..Pod::default()
    }
}

fn aws_node(arguments: &[&str]) -> Pod {
    agent(
        "aws-node",
        "kube-system",
        &[("aws-node", &[]), ("aws-eks-nodeagent", arguments)],
    )
}

const ON: &[&str] = &["--enable-ipv6=false", "--enable-network-policy=true"];

/// A Node of the VPC CNI with policies, and a Pod of a ReplicaSet on it.
fn vpc_cni() -> Cluster {
    Cluster {
        nodes: vec![node(&[("kubernetes.io/os", "linux")])],
        pods: vec![aws_node(ON)],
        configuration: Some(map(&[(KEY, "true")])),
        target: Pod {
            namespace: "shop".to_owned(),
            name: "web-1-a".to_owned(),
            owner: Some(("ReplicaSet".to_owned(), "web-1".to_owned())),
            node: "n1".to_owned(),
            addresses: vec!["10.0.0.1".parse().unwrap()],
            ..Pod::default()
        },
    }
}

/// A Node of EKS Auto Mode with policies.
fn auto_mode() -> Cluster {
    Cluster {
        nodes: vec![node(&[("eks.amazonaws.com/compute-type", "auto")])],
        pods: Vec::new(),
        ..vpc_cni()
    }
}

fn on(engine: Engine) -> Enforcement {
    use except::{HOST_PEER, NAMED_PORT, NODE, SHARED, START};
    Enforcement::On {
        engine,
        except: vec![NODE, START, SHARED, HOST_PEER, NAMED_PORT],
    }
}

fn check(row: &str, cluster: Cluster, change: impl FnOnce(&mut Cluster), expected: &Enforcement) {
    let mut cluster = cluster;
    change(&mut cluster);
    let engines = Engines::new(&cluster.nodes, &cluster.pods, cluster.configuration.as_ref());
    assert_eq!(engines.enforcement(&cluster.target), *expected, "{row}");
}

#[test]
fn the_vpc_cni() {
    let row = |row: &str, change: fn(&mut Cluster), expected: Enforcement| check(row, vpc_cni(), change, &expected);
    use Enforcement::{Off, Unknown};
    row("the agent is on", |_| {}, on(Engine::VpcCni));
    row(
        "it is on in another order",
        |it| it.pods = vec![aws_node(&[ON[1], ON[0]])],
        on(Engine::VpcCni),
    );
    row(
        "it is off",
        |it| it.pods = vec![aws_node(&["--enable-network-policy=false"])],
        Off(off::AGENT),
    );
    row(
        "it has no such argument",
        |it| it.pods = vec![aws_node(&[])],
        Off(off::AGENT),
    );
    row(
        "another argument",
        |it| it.pods = vec![aws_node(&["--enable-network-policy-x=true"])],
        Off(off::AGENT),
    );
    row(
        "the last one counts: off",
        |it| it.pods = vec![aws_node(&[ON[1], "--enable-network-policy=false"])],
        Off(off::AGENT),
    );
    row(
        "the last one counts: on",
        |it| it.pods = vec![aws_node(&["--enable-network-policy=false", ON[1]])],
        on(Engine::VpcCni),
    );
    row(
        "another container has the argument",
        |it| it.pods = vec![agent("aws-node", "kube-system", &[("x", ON)])],
        Off(off::NO_AGENT),
    );
    row(
        "the agent is not ready",
        |it| it.pods[0].ready = false,
        Off(off::NOTHING),
    );
    row(
        "it is on another node",
        |it| it.pods[0].node = "n2".to_owned(),
        Off(off::NOTHING),
    );
    row(
        "it is no Pod of the VPC CNI",
        |it| it.pods[0].labels = map(&[("app", "aws-node")]),
        Off(off::NOTHING),
    );
    row(
        "it is in a namespace of anybody",
        |it| it.pods[0].namespace = "shop".to_owned(),
        Off(off::NOTHING),
    );
    row(
        "two of them, and one is off",
        |it| it.pods.push(aws_node(&[])),
        Off(off::AGENT),
    );
    row(
        "two of them, and the first is off",
        |it| it.pods.insert(0, aws_node(&[])),
        Off(off::AGENT),
    );
    row("nothing there", |it| it.pods.clear(), Off(off::NOTHING));
    row(
        "the ConfigMap could not be read",
        |it| it.configuration = None,
        Unknown(unknown::UNREAD),
    );
    row(
        "it says false",
        |it| it.configuration = Some(map(&[(KEY, "false")])),
        Off(off::CONTROLLER),
    );
    row(
        "it says something",
        |it| it.configuration = Some(map(&[(KEY, "True")])),
        Off(off::CONTROLLER),
    );
    row(
        "there is none",
        |it| it.configuration = Some(map(&[])),
        Unknown(unknown::CONTROLLER),
    );
    row(
        "there is none, and the agent is off",
        |it| {
            it.configuration = Some(map(&[]));
            it.pods = vec![aws_node(&[])];
        },
        Off(off::AGENT),
    );
}

#[test]
fn eks_auto_mode() {
    let row = |row: &str, change: fn(&mut Cluster), expected: Enforcement| check(row, auto_mode(), change, &expected);
    use Enforcement::{Off, Unknown};
    row("the ConfigMap says true", |_| {}, on(Engine::AutoMode));
    row(
        "it says false",
        |it| it.configuration = Some(map(&[(KEY, "false")])),
        Off(off::AUTO_MODE),
    );
    row(
        "it says something",
        |it| it.configuration = Some(map(&[(KEY, "yes")])),
        Off(off::AUTO_MODE),
    );
    row(
        "it has no such key",
        |it| it.configuration = Some(map(&[("enable-windows-ipam", "true")])),
        Off(off::AUTO_MODE),
    );
    row(
        "there is none",
        |it| it.configuration = Some(map(&[])),
        Off(off::AUTO_MODE),
    );
    row(
        "it could not be read",
        |it| it.configuration = None,
        Unknown(unknown::AUTO_MODE),
    );
    row(
        "the label of another kind of node",
        |it| it.nodes = vec![node(&[("eks.amazonaws.com/compute-type", "ec2")])],
        Off(off::NOTHING),
    );
    row("no owner", |it| it.target.owner = None, Off(off::NO_OWNER));
    row(
        "hostNetwork",
        |it| it.target.host_network = true,
        Off(off::HOST_NETWORK),
    );
}

#[test]
fn the_node() {
    let row = |row: &str, change: fn(&mut Cluster), expected: Enforcement| check(row, vpc_cni(), change, &expected);
    use Enforcement::{Off, Unknown};
    let fargate: fn(&mut Cluster) = |it| it.nodes = vec![node(&[("eks.amazonaws.com/compute-type", "fargate")])];
    row("Fargate", fargate, Off(off::FARGATE));
    row(
        "Windows",
        |it| it.nodes = vec![node(&[("kubernetes.io/os", "windows")])],
        Off(off::WINDOWS),
    );
    row(
        "Windows in Auto Mode",
        |it| {
            it.nodes = vec![node(&[
                ("eks.amazonaws.com/compute-type", "auto"),
                ("kubernetes.io/os", "windows"),
            ])];
        },
        Off(off::WINDOWS),
    );
    row(
        "Calico",
        |it| it.pods = vec![agent("calico-node", "calico-system", &[])],
        Unknown(unknown::CALICO),
    );
    row(
        "Calico beside the VPC CNI",
        |it| it.pods.push(agent("calico-node", "kube-system", &[])),
        Unknown(unknown::CALICO),
    );
    row(
        "Cilium",
        |it| it.pods = vec![agent("cilium", "kube-system", &[])],
        Unknown(unknown::CILIUM),
    );
    row(
        "Cilium beside the VPC CNI",
        |it| it.pods.insert(0, agent("cilium", "kube-system", &[])),
        Unknown(unknown::CILIUM),
    );
    row(
        "Calico that is not ready",
        |it| {
            it.pods = vec![Pod {
                ready: false,
                ..agent("calico-node", "kube-system", &[])
            }];
        },
        Off(off::NOTHING),
    );
    row(
        "Cilium on another node",
        |it| {
            it.pods = vec![Pod {
                node: "n2".to_owned(),
                ..agent("cilium", "kube-system", &[])
            }];
        },
        Off(off::NOTHING),
    );
    row(
        "another engine, that is not known",
        |it| it.pods = vec![agent("kube-router", "kube-system", &[])],
        Off(off::NOTHING),
    );
    row(
        "a node without labels",
        |it| it.nodes = vec![node(&[])],
        on(Engine::VpcCni),
    );
    row(
        "a node that is not listed",
        |it| it.nodes.clear(),
        Unknown(unknown::NODE),
    );
}

#[test]
fn the_target() {
    let row = |row: &str, change: fn(&mut Cluster), expected: Enforcement| check(row, vpc_cni(), change, &expected);
    use Enforcement::{Off, Unknown};
    row(
        "hostNetwork",
        |it| it.target.host_network = true,
        Off(off::HOST_NETWORK),
    );
    row(
        "hostNetwork beside Cilium",
        |it| {
            it.target.host_network = true;
            it.pods = vec![agent("cilium", "kube-system", &[])];
        },
        Off(off::HOST_NETWORK),
    );
    row("no owner", |it| it.target.owner = None, Off(off::NO_OWNER));
    row(
        "no owner beside Calico",
        |it| {
            it.target.owner = None;
            it.pods = vec![agent("calico-node", "kube-system", &[])];
        },
        Unknown(unknown::CALICO),
    );
    row(
        "no owner, and nothing enforces",
        |it| {
            it.target.owner = None;
            it.pods.clear();
        },
        Off(off::NOTHING),
    );
    row("no node", |it| it.target.node.clear(), Unknown(unknown::NO_NODE));
}

#[test]
fn exceptions_of_an_ipv6_cluster() {
    for (address, expected) in [("10.0.0.1", false), ("2001:db8::1", true)] {
        let cluster = vpc_cni();
        let engines = Engines::new(&cluster.nodes, &cluster.pods, cluster.configuration.as_ref());
        let target = Pod {
            addresses: vec![address.parse().unwrap()],
            ..cluster.target
        };
        let Enforcement::On { except, .. } = engines.enforcement(&target) else {
            panic!("it is on")
        };
        assert_eq!(except.contains(&except::IPV4), expected, "{address}");
        assert!(except.contains(&except::NODE));
    }
}
