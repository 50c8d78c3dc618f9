//! Who else gets to the Pods: policies, Services, and Nodes.

use std::collections::BTreeSet;

use serde_json::json;

use super::super::set_up::{app, interface, object, pod, policy, service};
use super::{OPEN, Row, TO_APP, TO_EDGE, TO_PROXY};
use crate::aws::{Answer, Interface};
use crate::objects::Pod;

/// What is broken, and the hops that show it.
pub(super) const ROWS: &[Row] = &[
    (
        "policies are not enforced",
        |it| it.vpc_cni = Some([].into()),
        &[TO_EDGE, "edge→proxy ynn encrypted", OPEN],
    ),
    (
        "whether policies are enforced is not known",
        |it| it.vpc_cni = None,
        &[TO_EDGE, NOBODY_KNOWS, "proxy→app nnu unknown"],
    ),
    (
        "no policy selects the application",
        |it| drop(it.objects.policies.remove(0)),
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "the policy selects nothing",
        |it| it.objects.policies[0] = policy("shop-app", &json!({"app": "shopp"}), &json!([])),
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "another policy opens what the first one closes",
        |it| it.objects.policies.push(policy("wide", &json!({}), &json!([{}]))),
        &[TO_EDGE, "edge→proxy ynn encrypted", OPEN],
    ),
    (
        "another policy admits a Pod that is there",
        |it| {
            it.objects
                .pods
                .push(Pod::from(object::<k8s_openapi::api::core::v1::Pod>(pod(
                    "debug",
                    &json!({"run": "debug"}),
                    "10.0.1.9",
                    80,
                ))));
            let from = json!([{"from": [{"podSelector": {"matchLabels": {"run": "debug"}}}]}]);
            it.objects
                .policies
                .push(policy("debug", &json!({"app": "shop"}), &from));
        },
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "another policy admits addresses",
        |it| {
            let from = json!([{"from": [{"ipBlock": {"cidr": "10.7.0.0/16"}}]}]);
            it.objects.policies.push(policy("vpn", &json!({"app": "shop"}), &from));
        },
        &[TO_EDGE, TO_PROXY, "proxy→app nnu unknown"],
    ),
    (
        "another policy admits the addresses of Nodes",
        |it| {
            let from = json!([{"from": [{"ipBlock": {"cidr": "10.0.200.0/24"}}]}]);
            it.objects
                .policies
                .push(policy("nodes", &json!({"app": "shop"}), &from));
        },
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "the load balancer's networks hold Pods",
        |it| {
            let from = json!([{"from": [{"ipBlock": {"cidr": "10.0.0.0/16"}}]}]);
            it.objects.policies[1] = policy("shop-proxy", &json!({"e2etls.dev/proxy": "shop"}), &from);
        },
        &[TO_EDGE, "edge→proxy ynn encrypted", TO_APP],
    ),
    (
        "the proxy admits every address",
        |it| {
            let from = json!([{"from": [{"ipBlock": {"cidr": "0.0.0.0/1"}}, {"ipBlock": {"cidr": "128.0.0.0/1"}}]}]);
            it.objects.policies[1] = policy("shop-proxy", &json!({"e2etls.dev/proxy": "shop"}), &from);
        },
        &[TO_EDGE, "edge→proxy ynn encrypted", TO_APP],
    ),
    (
        "a NodePort leads to the application",
        |it| {
            let spec = json!({"type": "NodePort", "selector": {"app": "shop"}, "ports": [{"port": 80, "targetPort": 8080, "nodePort": 30080}]});
            it.objects.services.push(service("debug", &spec));
        },
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "a NodePort leads to another port of the application",
        |it| {
            let spec = json!({"type": "NodePort", "selector": {"app": "shop"}, "ports": [{"port": 81, "targetPort": 9090, "nodePort": 30081}]});
            it.objects.services.push(service("metrics", &spec));
        },
        &[TO_EDGE, TO_PROXY, TO_APP],
    ),
    (
        "external addresses lead to the application",
        |it| {
            let spec = json!({"selector": {"app": "shop"}, "externalIPs": ["10.0.200.1"], "ports": [{"port": 80, "targetPort": "web"}]});
            it.objects.services.push(service("external", &spec));
        },
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "a port of the Node leads to the application",
        |it| {
            it.pods("shop-a")
                .for_each(|pod| pod.containers[0].ports[0].host = Some(8080))
        },
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "the application uses the network of its Node",
        |it| it.pods("shop-a").for_each(|pod| pod.host_network = true),
        &[TO_EDGE, "edge→proxy ynn encrypted", OPEN],
    ),
    (
        "a Pod beside the application uses the network of the Node",
        |it| {
            let mut agent = app("agent", "10.0.200.1");
            agent.labels.clear();
            agent.host_network = true;
            it.objects.pods.push(agent);
        },
        &[TO_EDGE, "edge→proxy ynn encrypted", OPEN],
    ),
    (
        "a Pod of the application has no controller",
        |it| it.pods("shop-b").for_each(|pod| pod.owner = None),
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "a Pod of the application runs on Fargate",
        |it| {
            let mut node = it.objects.nodes[0].clone();
            node.name = "fargate".to_owned();
            node.labels
                .insert("eks.amazonaws.com/compute-type".to_owned(), "fargate".to_owned());
            it.objects.nodes.push(node);
            it.pods("shop-b").for_each(|pod| pod.node = "fargate".to_owned());
        },
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "another network interface is in the load balancer's subnet",
        |it| {
            it.vpc()
                .interfaces
                .push(interface("eni-9", "RDSNetworkInterface", "10.0.100.9"))
        },
        &[TO_EDGE, SHARED, TO_APP],
    ),
    (
        "another load balancer is in the subnet",
        |it| {
            it.vpc()
                .interfaces
                .push(interface("eni-9", "ELB app/k8s-other/2", "10.0.100.9"))
        },
        &[TO_EDGE, SHARED, TO_APP],
    ),
    (
        "somebody's network interface has the description of the load balancer's",
        |it| {
            let own = interface("eni-9", "ELB app/k8s-shop/1", "10.0.100.9");
            let requester = String::new();
            it.vpc().interfaces.push(Interface { requester, ..own });
        },
        &[TO_EDGE, SHARED, TO_APP],
    ),
    (
        "addresses in the load balancer's subnet are delegated to a Node",
        |it| it.vpc().interfaces[1].prefixes = vec!["10.0.100.16/28".parse().expect("a CIDR")],
        &[TO_EDGE, SHARED, TO_APP],
    ),
    (
        "the policy admits more than the load balancer's subnet",
        |it| it.admits("10.0.100.0/23"),
        &[TO_EDGE, NOBODY_KNOWS, TO_APP],
    ),
    (
        "the policy admits a subnet without the load balancer",
        |it| it.vpc().interfaces[0].addresses.clear(),
        &[TO_EDGE, NOBODY_KNOWS, TO_APP],
    ),
    (
        "the subnets are shared by another account",
        |it| it.vpc().owners = BTreeSet::from(["444455556666".to_owned()]),
        &[TO_EDGE, NOBODY_KNOWS, TO_APP],
    ),
    (
        "the VPC was not read",
        |it| {
            drop(
                it.aws
                    .vpcs
                    .insert("vpc-1".to_owned(), Answer::Unread("AccessDenied".to_owned())),
            )
        },
        &[TO_EDGE, NOBODY_KNOWS, TO_APP],
    ),
    (
        "it is not known which VPC it is",
        |it| it.balancer().vpc.clear(),
        &[TO_EDGE, NOBODY_KNOWS, TO_APP],
    ),
];

const SHARED: &str = "edge→proxy ynn encrypted";
const NOBODY_KNOWS: &str = "edge→proxy ynu encrypted";
