//! Edges beside a controller and AWS: what is read back, refused first, and waited for.

use std::sync::Arc;
use std::time::Duration;

use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::elbv2::fake::Kept;
use e2etls_clients::aws::elbv2::{Listener, LoadBalancer};
use e2etls_clients::kube::fake::FakeCluster;
use e2etls_clients::kube::kinds;
use e2etls_engine::ledger::UNPROVEN;
use e2etls_engine::table::Asked;
use serde_json::{Value as Json, json};
use tfplugin_framework::Attr;

use super::super::*;
use super::{CERTIFICATE, alb, edge, nlb};
use crate::kinds::kube::marks::OWNER_LABEL;
use crate::lifecycle::attributes::PartState;
use crate::testkit;

const ARN: &str = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/k8s-web-shop-1/1";

/// An edge whose load balancer is known, and AWS with that load balancer.
fn served() -> (Edge, Clients, FakeAws, Arc<e2etls_clients::aws::elbv2::fake::FakeElbV2>) {
    let aws = FakeAws::default();
    let elbv2 = Arc::new(aws.elbv2("eu-central-1"));
    let listener = Listener {
        arn: "listener".to_owned(),
        port: 443,
        protocol: "HTTPS".to_owned(),
        ssl_policy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09".to_owned(),
        ..Listener::default()
    };
    elbv2.all().push(Kept {
        load_balancer: LoadBalancer {
            arn: ARN.to_owned(),
            dns_name: "k8s-web-shop-1-2.eu-central-1.elb.amazonaws.com".to_owned(),
            zone_id: "Z1".to_owned(),
            state: "active".to_owned(),
            ..LoadBalancer::default()
        },
        name: "k8s-web-shop-1".to_owned(),
        listeners: vec![(listener, Vec::new(), Vec::new())],
        ..Kept::default()
    });
    let mut edge = edge(&alb(&json!({})));
    let part = |uid: &str, digest: &str| PartState {
        r#ref: Attr::Null,
        uid: uid.to_owned().into(),
        digest: digest.to_owned().into(),
        made: true.into(),
    };
    edge.head.common.parts = Attr::Known(
        [
            (parts::LOAD_BALANCER.to_owned(), part(ARN, "follows")),
            (parts::LISTENERS.to_owned(), part("", "0a")),
        ]
        .into(),
    );
    edge.head.common.drift = Attr::Known(Vec::new());
    edge.lb_arn = Attr::Unknown;
    let clients = Clients {
        elbv2: Some(elbv2.clone()),
        ..Clients::default()
    };
    (edge, clients, aws, elbv2)
}

async fn read_back(edge: &mut Edge, clients: &Clients) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    seen::read_back(edge.shown(), clients, &mut diagnostics).await;
    diagnostics
}

#[tokio::test]
async fn what_aws_says_is_shown_and_costs_one_request_later() {
    let (mut edge, clients, aws, elbv2) = served();
    assert!(read_back(&mut edge, &clients).await.is_empty());
    assert_eq!(edge.lb_zone_id.as_str(), Some("Z1"));
    assert_eq!(edge.lb_arn.as_str(), Some(ARN));
    assert_eq!(edge.head.common.drift, Attr::Known(Vec::new()));
    aws.faults.reset();
    read_back(&mut edge, &clients).await;
    assert_eq!(aws.faults.calls().len(), 1);
    // Somebody has switched the policy.
    elbv2.all()[0].listeners[0].0.ssl_policy = "ELBSecurityPolicy-2016-08".to_owned();
    read_back(&mut edge, &clients).await;
    assert_eq!(edge.effective_ssl_policy.as_str(), Some("ELBSecurityPolicy-2016-08"));
    assert_eq!(edge.head.common.drift, Attr::Known(vec![parts::LISTENERS.to_owned()]));
    let parts = edge.head.common.parts.known().expect("parts");
    assert_eq!(parts[parts::LISTENERS].digest.as_str(), Some(UNPROVEN));
}

#[tokio::test]
async fn a_load_balancer_that_is_gone_is_drift() {
    let (mut edge, clients, aws, elbv2) = served();
    read_back(&mut edge, &clients).await;
    elbv2.all().clear();
    read_back(&mut edge, &clients).await;
    let drift = edge.head.common.drift.known().expect("drift");
    assert_eq!(drift, &[parts::LOAD_BALANCER, parts::LISTENERS]);
    assert!(parts::arn(edge.common()).is_none());
    let (mut edge, ..) = served();
    aws.faults
        .rule(|_| e2etls_clients::faults::Fate::Refused(e2etls_engine::refusal::Answer::Unauthenticated));
    assert!(
        read_back(&mut edge, &clients).await.has_errors(),
        "not knowing is no drift"
    );
    assert_eq!(edge.head.common.drift, Attr::Known(Vec::new()));
}

#[tokio::test]
async fn a_class_that_does_not_fit_is_refused_first() {
    let cluster = FakeCluster::default();
    let class = |name: &str, controller: &str, parameters: Json| {
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": {"name": name},
            "spec": {"controller": controller, "parameters": parameters}})
    };
    let params = json!({"apiGroup": "eks.amazonaws.com", "kind": "IngressClassParams", "name": "shared"});
    for class in [
        class("alb", "ingress.k8s.aws/alb", json!({})),
        class("nginx", "k8s.io/ingress-nginx", json!({})),
        class("auto", "eks.amazonaws.com/alb", json!({})),
        class("shared", "eks.amazonaws.com/alb", params),
    ] {
        cluster.put(kinds::INGRESS_CLASS, &class);
    }
    cluster.put(
        kinds::AUTO_MODE_INGRESS_CLASS_PARAMS,
        &json!({"apiVersion": "eks.amazonaws.com/v1", "kind": "IngressClassParams", "metadata": {"name": "shared"},
            "spec": {"group": {"name": "web"}}}),
    );
    let remotes = Clients {
        cluster: Some(Arc::new(cluster.cluster(OWNER_LABEL))),
        ..Clients::default()
    };
    let op = testkit::operation(Asked::Create, remotes, Edge::KINDS, "edge");
    for (changes, refused) in [
        (json!({}), None),
        (json!({"group": {"name": "g"}}), None),
        (json!({"ingress_class": "none"}), Some("ingress_class")),
        (json!({"ingress_class": "nginx"}), Some("ingress_class")),
        (json!({"ingress_class": "auto"}), None),
        (json!({"ingress_class": "auto", "group": {"name": "g"}}), Some("group")),
        (json!({"ingress_class": "shared"}), Some("group")),
        (
            json!({"ingress_class": "shared", "group": {"name": "other"}}),
            Some("group"),
        ),
        (json!({"ingress_class": "shared", "group": {"name": "web"}}), None),
    ] {
        let found = class::fits(&edge(&alb(&changes)), &op, &AttributePath::default()).await;
        let paths = found.as_ref().err().map(|found| {
            let first = found.iter().next().expect("a message");
            first.path.as_ref().map(ToString::to_string).unwrap_or_default()
        });
        assert_eq!(paths.as_deref(), refused, "{changes}");
    }
    assert!(
        class::fits(&edge(&nlb(&json!({}))), &op, &AttributePath::default())
            .await
            .is_ok()
    );
    // Where it may not be read, the controller has the last word.
    let forbidden = e2etls_engine::refusal::Answer::Forbidden(e2etls_engine::refusal::Denial::Permission);
    cluster
        .faults
        .rule(move |_| e2etls_clients::faults::Fate::Refused(forbidden.clone()));
    assert!(
        class::fits(
            &edge(&alb(&json!({"ingress_class": "nginx"}))),
            &op,
            &AttributePath::default()
        )
        .await
        .is_ok()
    );
}

/// The controller in the test's place: it writes a host name, and makes a load balancer for it.
#[tokio::test(start_paused = true)]
async fn a_create_ends_when_the_load_balancer_serves_and_a_destroy_when_it_is_gone() {
    let (mut model, clients, _aws, elbv2) = served();
    let kept = elbv2.all().pop().expect("a load balancer");
    let cluster = FakeCluster::default();
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}});
    cluster.put(kinds::NAMESPACE, &namespace);
    let remotes = Clients {
        cluster: Some(Arc::new(cluster.cluster(OWNER_LABEL))),
        ..clients.clone()
    };
    model.head.common.parts = Attr::Null;
    let rendered: Vec<Part<Clients>> = parts::parts(&model).expect("parts");
    let mut op = testkit::operation(Asked::Create, remotes.clone(), Edge::KINDS, "edge");
    op.owner.namespace = Some("web".to_owned());
    let outcome = {
        let (cluster, elbv2) = (cluster.clone(), elbv2.clone());
        let controller = async move {
            tokio::time::sleep(Duration::from_secs(2)).await;
            let status = json!({"loadBalancer": {"ingress": [{"hostname": kept.load_balancer.dns_name}]}});
            cluster.edit(kinds::INGRESS, Some("web"), "shop", |live| live["status"] = status);
            elbv2.all().push(kept);
            tokio::time::sleep(Duration::from_secs(5)).await;
            // Its default certificate, a redirect, a rule and a target come later.
            let mut all = elbv2.all();
            all[0].listeners[0].1.push(CERTIFICATE.to_owned());
            all[0].listeners[0].2.push(e2etls_clients::aws::elbv2::Rule {
                hosts: vec!["shop.example.com".to_owned()],
                target_groups: vec!["group".to_owned()],
            });
            let redirect = Listener {
                arn: "redirect".to_owned(),
                port: 80,
                protocol: "HTTP".to_owned(),
                redirects: true,
                ..Listener::default()
            };
            all[0].listeners.push((redirect, Vec::new(), Vec::new()));
            let group = e2etls_clients::aws::elbv2::TargetGroup {
                arn: "group".to_owned(),
                protocol: "HTTPS".to_owned(),
                load_balancers: vec!["lb".to_owned()],
            };
            let target = e2etls_clients::aws::elbv2::Target {
                state: "healthy".to_owned(),
                ..Default::default()
            };
            all[0].target_groups.push((group, vec![target]));
        };
        tokio::join!(testkit::create(&op, &rendered, "i1", false), controller).0
    };
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    assert_eq!(outcome.ledger[parts::LOAD_BALANCER].uid.as_deref(), Some(ARN));
    assert_eq!(outcome.outputs[parts::LOAD_BALANCER]["zone_id"], "Z1");
    let mut op = testkit::operation(Asked::Delete, remotes, Edge::KINDS, "edge");
    op.owner.namespace = Some("web".to_owned());
    let began = tokio::time::Instant::now();
    let elbv2 = elbv2.clone();
    let (removed, ()) = tokio::join!(
        e2etls_engine::remove::delete_resource(&op, &rendered, &outcome.ledger, "i1", &[]),
        async {
            tokio::time::sleep(Duration::from_secs(20)).await;
            elbv2.all().clear();
        }
    );
    assert!(
        removed.failures.is_empty() && removed.left.is_empty(),
        "{:?}",
        removed.failures
    );
    assert!(began.elapsed() >= Duration::from_secs(20), "it was not waited for");
    assert!(cluster.all(kinds::INGRESS).is_empty());
}
