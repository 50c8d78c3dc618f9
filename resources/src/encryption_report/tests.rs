use std::sync::Arc;

use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::ec2::Interface;
use e2etls_clients::aws::ec2::fake::{FakeEc2, Kept};
use e2etls_clients::aws::elbv2::fake::FakeElbV2;
use e2etls_clients::faults::Fate;
use e2etls_clients::kube::fake::FakeCluster;
use e2etls_clients::kube::kinds;
use e2etls_engine::refusal::{Answer, Denial};
use e2etls_report::document::{ClusterReport, Made};
use e2etls_report::{Report, Scope};
use serde_json::{Value, json};
use tfplugin_framework::{Attr, Diagnostics, Model};

use super::collect::{Collected, collect};
use super::covered::Covered;
use super::examine::document;
use super::model::{EncryptionReport, Expected, Place, Scope as Asked};
use super::set_up::{BALANCER, aws, cluster, ec2};
use super::{check, shown};
use crate::kinds::Clients;

async fn collected(cluster: &FakeCluster, aws: (FakeAws, Arc<FakeElbV2>)) -> Collected {
    let ec2 = ec2(&aws.0);
    collected_in(cluster, aws, ec2).await
}

async fn collected_in(cluster: &FakeCluster, aws: (FakeAws, Arc<FakeElbV2>), ec2: FakeEc2) -> Collected {
    let clients = Clients {
        ec2: Some(Arc::new(ec2)),
        elbv2: Some(aws.1),
        acm: Some(Arc::new(aws.0.acm("eu-central-1"))),
        ..Clients::default()
    };
    collect(&cluster.cluster("e2etls.dev/owner"), &clients, &Scope::All, &|_| ()).await
}

fn seen(found: &Collected) -> ClusterReport {
    found.report(ClusterReport::default(), &Scope::All)
}

fn reported(found: &Collected) -> Report {
    seen(found).report.expect("a report")
}

#[tokio::test]
async fn what_is_listed_is_reported() {
    let cluster = cluster();
    let found = collected(&cluster, aws()).await;
    assert_eq!(found.incomplete, [""; 0]);
    let hops = reported(&found).chains.remove(0).hops;
    let verdicts: Vec<String> = hops
        .iter()
        .map(|hop| format!("{} {} {}", hop.from, hop.to, hop.verdict))
        .collect();
    assert_eq!(
        verdicts,
        ["client edge encrypted", "edge proxy encrypted", "proxy app confined"],
        "{hops:#?}"
    );
    // Each kind once, and nothing by name: what a report costs is the same for one Pod and for thousands.
    let calls: Vec<String> = cluster.faults.calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(calls.len(), 19, "{calls:?}");
    assert!(calls.iter().all(|call| !call.contains("secrets")), "{calls:?}");
}

#[tokio::test]
async fn what_may_not_be_listed_is_said_and_is_unknown() {
    let all = [
        ("namespaces", "unknown"),
        ("nodes", "unknown"),
        ("pods", "unknown"),
        ("services", "unknown"),
        ("configmaps", "unknown"),
        ("ingresses", "unknown"),
        ("networkpolicies", "unknown"),
        ("clusternetworkpolicies", "unknown"),
        ("applicationnetworkpolicies", "unknown"),
        // Whoever writes them adds addresses to a Service.
        ("endpointslices", "unknown"),
        // They say when something ends, and not whether it is encrypted.
        ("certificates", "confined"),
        // They lead elsewhere: what a report says of its own ways holds without them.
        ("targetgroupbindings", "confined"),
        ("httproutes", "confined"),
        ("grpcroutes", "confined"),
        ("tcproutes", "confined"),
        ("tlsroutes", "confined"),
        ("udproutes", "confined"),
        ("gateways", "confined"),
    ];
    for (plural, verdict) in all {
        let cluster = cluster();
        cluster.faults.rule(move |call| {
            if call.operation.ends_with(plural) || call.operation.contains(&format!("/{plural}?")) {
                Fate::Refused(Answer::Forbidden(Denial::Permission))
            } else {
                Fate::Answered
            }
        });
        let found = collected(&cluster, aws()).await;
        assert!(
            found
                .incomplete
                .iter()
                .any(|line| line.starts_with(plural) && line.contains("the verb `list` on")),
            "{plural}: {:?}",
            found.incomplete
        );
        assert_eq!(reported(&found).verdict.to_string(), verdict, "{plural}");
    }
}

/// The Gateway API of a cluster may be older, or newer, than the one that is asked for first.
#[tokio::test]
async fn routes_lead_in_whatever_version_is_served() {
    for (kind, missing, found) in [
        (kinds::HTTP_ROUTE, &[][..], true),
        (kinds::HTTP_ROUTE, &["v1/httproutes", "v1/gateways"], true),
        (kinds::TLS_ROUTE, &["v1/tlsroutes", "v1alpha3/tlsroutes"], true),
        (
            kinds::TLS_ROUTE,
            &["v1/tlsroutes", "v1alpha3/tlsroutes", "v1alpha2/tlsroutes"],
            false,
        ),
    ] {
        let cluster = cluster();
        for object in gateway(kind) {
            cluster.put(
                if object["kind"] == "Gateway" {
                    kinds::GATEWAY
                } else {
                    kind
                },
                &object,
            );
        }
        cluster.faults.rule(move |call| {
            if missing.iter().any(|path| call.operation.contains(&format!("/{path}"))) {
                Fate::Refused(Answer::KindMissing)
            } else {
                Fate::Answered
            }
        });
        let report = reported(&collected(&cluster, aws()).await);
        let name = format!("{} shop/route", kind.kind);
        let chain = report.chains.iter().find(|chain| chain.object == name);
        let listener = chain.and_then(|chain| chain.listener.as_deref());
        assert_eq!(
            listener,
            found.then_some("HTTPS:443"),
            "{} without {missing:?}: {:?}",
            kind.kind,
            report.chains
        );
    }
}

/// A route to the proxy, and its Gateway.
fn gateway(kind: kinds::Kind) -> [Value; 2] {
    let route = json!({"apiVersion": kind.api_version(), "kind": kind.kind, "metadata": {"namespace": "shop", "name": "route"},
        "spec": {"hostnames": ["shop.example.com"], "parentRefs": [{"namespace": "infra", "name": "edge"}],
            "rules": [{"backendRefs": [{"name": "web", "port": 443}]}]}});
    let gateway = json!({"apiVersion": kinds::GATEWAY.api_version(), "kind": "Gateway", "metadata": {"namespace": "infra", "name": "edge"},
        "status": {"addresses": [{"type": "Hostname", "value": BALANCER}]}});
    [route, gateway]
}

/// Who else is in the range that the policy of the proxy admits.
#[tokio::test]
async fn what_ec2_lists_tells_who_else_gets_to_the_proxy() {
    type Change = fn(&mut Kept);
    let rows: [(Change, &str, &str); 4] = [
        (|_| (), "yes", ""),
        (
            |vpc| {
                let other = Interface {
                    id: "eni-2".to_owned(),
                    addresses: vec!["10.9.7.7".to_owned()],
                    ..Interface::default()
                };
                vpc.interfaces.push(other);
            },
            "no",
            "",
        ),
        (|vpc| vpc.subnets.clear(), "unknown", ""),
        (
            |vpc| vpc.interfaces[0].prefixes = vec!["all".to_owned()],
            "unknown",
            "The VPC vpc-1 was not read: EC2 says \"all\", which is no address",
        ),
    ];
    for (change, confined, missing) in rows {
        let (aws, elbv2) = aws();
        let ec2 = ec2(&aws);
        change(&mut ec2.all()[0]);
        let found = collected_in(&cluster(), (aws, elbv2), ec2).await;
        let hop = reported(&found).chains[0].hops[1].clone();
        assert_eq!(hop.confined.to_string(), confined, "{hop:#?}");
        assert_eq!(found.incomplete.concat(), missing);
    }
    // Nothing depends on it without such a policy.
    let (aws, elbv2) = aws();
    let cluster = cluster();
    cluster.edit(kinds::NETWORK_POLICY, Some("shop"), "web", |policy| {
        policy["spec"]["ingress"] = json!([])
    });
    let found = collected_in(&cluster, (aws, elbv2), FakeAws::default().ec2("eu-central-1")).await;
    assert!(found.aws.vpcs.is_empty());
}

#[tokio::test]
async fn a_target_group_binding_leads_in_through_the_load_balancers_of_its_group() {
    let binding = |group: &str, port: Value| {
        json!({"apiVersion": kinds::TARGET_GROUP_BINDING.api_version(), "kind": "TargetGroupBinding",
            "metadata": {"namespace": "shop", "name": "by-hand"},
            "spec": {"targetGroupARN": group, "serviceRef": {"name": "web", "port": port}}})
    };
    for (group, port, listener, said) in [
        ("tg", json!(443), Some("HTTPS:443"), None),
        (
            "gone",
            json!(443),
            None,
            Some("The load balancers of the target group gone were not read"),
        ),
        ("tg", json!("https"), None, None),
    ] {
        let cluster = cluster();
        cluster.put(kinds::TARGET_GROUP_BINDING, &binding(group, port));
        let found = collected(&cluster, aws()).await;
        let report = reported(&found);
        let chain = report
            .chains
            .iter()
            .find(|chain| chain.object == "TargetGroupBinding shop/by-hand");
        assert_eq!(
            chain.expect("a chain").listener.as_deref(),
            listener,
            "{group}: {:?}",
            report.chains
        );
        let is_said = |said: &str| found.incomplete.iter().any(|line| line.starts_with(said));
        assert!(said.is_none_or(is_said), "{:?}", found.incomplete);
    }
}

/// What leads to Services and is none of these is a way of which nothing is known.
#[tokio::test]
async fn a_route_without_a_gateway_is_a_way_that_is_not_known() {
    let [mut route, _] = gateway(kinds::HTTP_ROUTE);
    route["spec"]["parentRefs"] = json!([{"kind": "Service", "group": "", "name": "web"}]);
    let cluster = cluster();
    cluster.put(kinds::HTTP_ROUTE, &route);
    let report = reported(&collected(&cluster, aws()).await);
    let said = report
        .chains
        .iter()
        .flat_map(|chain| &chain.hops)
        .flat_map(|hop| &hop.evidence);
    let line = "api: what HTTPRoute shop/route leads through is not known: it is not attached to a Gateway";
    assert!(said.clone().any(|said| said == line), "{:?}", said.collect::<Vec<_>>());
    assert_eq!(report.verdict.to_string(), "unknown");
}

#[tokio::test]
async fn a_policy_of_another_kind_that_admits_something_makes_it_unknown() {
    let accept = json!([{"action": "Accept", "from": [{"namespaces": {}}]}]);
    let every = json!({"namespaces": {}});
    let cluster_wide = |tier: &str, subject: &Value, ingress: &Value| {
        let object = json!({"apiVersion": "networking.k8s.aws/v1alpha1", "kind": "ClusterNetworkPolicy", "metadata": {"name": "wide"},
            "spec": {"tier": tier, "priority": 1, "subject": subject, "ingress": ingress}});
        (kinds::CLUSTER_NETWORK_POLICY, object)
    };
    let application = |namespace: &str, ingress: &Value| {
        let object = json!({"apiVersion": "networking.k8s.aws/v1alpha1", "kind": "ApplicationNetworkPolicy",
            "metadata": {"namespace": namespace, "name": "wide"}, "spec": {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": ingress}});
        (kinds::APPLICATION_NETWORK_POLICY, object)
    };
    let of = |namespace: &str, pod: &str| {
        json!({"pods": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
            "podSelector": {"matchLabels": {"app": pod}}}})
    };
    let deny =
        json!([{"action": "Deny", "from": [{"namespaces": {}}]}, {"action": "Pass", "from": [{"namespaces": {}}]}]);
    for (what, (kind, object), verdict) in [
        ("it admits", cluster_wide("Admin", &every, &accept), "unknown"),
        (
            "it admits to the application",
            cluster_wide("Admin", &of("shop", "shop"), &accept),
            "unknown",
        ),
        (
            "it selects other Pods",
            cluster_wide("Admin", &of("shop", "other"), &accept),
            "confined",
        ),
        (
            "it selects other namespaces",
            cluster_wide("Admin", &of("other", "shop"), &accept),
            "confined",
        ),
        ("it keeps out", cluster_wide("Admin", &every, &deny), "confined"),
        (
            "it has no rules for ingress",
            cluster_wide("Admin", &every, &json!([])),
            "confined",
        ),
        (
            "it is asked last",
            cluster_wide("Baseline", &every, &accept),
            "confined",
        ),
        ("it admits beside others", application("shop", &json!([{}])), "unknown"),
        (
            "it is of another namespace",
            application("other", &json!([{}])),
            "confined",
        ),
        (
            "it keeps out beside others",
            application("shop", &json!([])),
            "confined",
        ),
    ] {
        let cluster = cluster();
        cluster.put(kind, &object);
        let report = reported(&collected(&cluster, aws()).await);
        assert_eq!(report.verdict.to_string(), verdict, "{what}");
        let hop = report.chains[0].hops.last().expect("a hop");
        let is_named = hop
            .evidence
            .iter()
            .any(|line| line.contains("NetworkPolicy") && line.contains("may admit other sources"));
        assert_eq!(is_named, verdict == "unknown", "{what}: {:?}", hop.evidence);
    }
}

/// Left out, it could be the one that lets everybody in.
#[tokio::test]
async fn what_is_not_of_its_type_is_not_left_out() {
    let cluster = cluster();
    let strange = json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"namespace": "shop", "name": "strange"}, "spec": {"podSelector": []}});
    cluster.put(kinds::NETWORK_POLICY, &strange);
    let found = collected(&cluster, aws()).await;
    assert_eq!(reported(&found).verdict.to_string(), "unknown");
    let [line] = &found.incomplete[..] else {
        panic!("{:?}", found.incomplete)
    };
    assert!(
        line.starts_with("networkpolicies were not listed") && line.contains("NetworkPolicy shop/strange"),
        "{line}"
    );
}

/// Its pages had expired, or the server was busy.
#[tokio::test]
async fn a_list_that_breaks_off_is_begun_anew() {
    for (refusals, complete) in [(2, true), (3, false)] {
        let cluster = cluster();
        let mut left = refusals;
        cluster.faults.rule(move |call| {
            if left == 0 || !call.operation.ends_with("/pods") {
                return Fate::Answered;
            }
            left -= 1;
            Fate::Refused(Answer::Throttled)
        });
        let found = collected(&cluster, aws()).await;
        assert_eq!(
            found.incomplete.is_empty(),
            complete,
            "{refusals}: {:?}",
            found.incomplete
        );
        assert_eq!(found.objects.pods.len(), if complete { 2 } else { 0 });
    }
}

#[tokio::test]
async fn a_load_balancer_that_may_not_be_read_is_unknown() {
    let aws = aws();
    aws.0
        .faults
        .rule(|_| Fate::Refused(Answer::Forbidden(Denial::Permission)));
    let found = collected(&cluster(), aws).await;
    assert!(found.incomplete[0].contains(BALANCER), "{:?}", found.incomplete);
    assert_eq!(reported(&found).verdict.to_string(), "unknown");
}

fn asked() -> EncryptionReport {
    let nulls = EncryptionReport::schema("").empty_value();
    EncryptionReport::from_value(&nulls).expect("nulls fit")
}

#[tokio::test]
async fn attributes_say_whether_the_expectation_holds() {
    let found = collected(&cluster(), aws()).await;
    for (expected, matches, findings) in [
        (Attr::Null, Attr::Null, 0),
        (Attr::Known(Expected::Confined), Attr::Known(true), 0),
        (Attr::Known(Expected::Encrypted), Attr::Known(false), 1),
    ] {
        let mut filled = asked();
        filled.expected_verdict = expected;
        let covered = Covered::Scope(Scope::All);
        let document = document(Made::default(), &covered, vec![seen(&found)]);
        shown::fill(&mut filled, &reported(&found), &document);
        assert_eq!(filled.matches_expectation, matches);
        let lines = filled.findings.known().cloned().unwrap_or_default();
        assert_eq!(lines.len(), findings, "{lines:?}");
        assert!(
            lines
                .iter()
                .all(|line| line.contains("the hop from proxy to app is confined, and encrypted was expected"))
        );
        let evidence: Value = serde_json::from_str(filled.evidence_json.as_str().expect("JSON")).expect("JSON");
        assert_eq!(evidence["clusters"][0]["report"]["chains"][0]["hops"][2]["to"], "app");
        assert_eq!(evidence["clusters"][0]["examined"]["pods"], 2);
        // What a rollout changes is in the evidence, and in nothing that a plan compares.
        let moving = "seen: Service shop/web leads to 1 Pod (web)";
        assert!(evidence.to_string().contains(moving), "{evidence:#}");
        let hops = filled.hops.known().cloned().unwrap_or_default();
        let said = hops
            .iter()
            .flat_map(|hop| hop.evidence.known().cloned().unwrap_or_default());
        assert!(said.collect::<Vec<_>>().iter().all(|item| !item.starts_with("seen:")));
    }
}

#[test]
fn a_scope_is_one_thing() {
    let place = || Attr::Known(Place::default());
    let name = || Attr::Known("shop".to_owned());
    for (scope, is_wrong) in [
        (Asked::default(), true),
        (
            Asked {
                all: Attr::Known(false),
                ..Asked::default()
            },
            true,
        ),
        (
            Asked {
                all: Attr::Known(true),
                ..Asked::default()
            },
            false,
        ),
        (
            Asked {
                namespace: name(),
                ..Asked::default()
            },
            false,
        ),
        (
            Asked {
                namespace: name(),
                stack: place(),
                ..Asked::default()
            },
            true,
        ),
        (
            Asked {
                namespace: Attr::Unknown,
                ..Asked::default()
            },
            false,
        ),
        (
            Asked {
                ingress: place(),
                all: Attr::Known(false),
                ..Asked::default()
            },
            false,
        ),
    ] {
        let mut diagnostics = Diagnostics::new();
        check(&scope, &mut diagnostics);
        assert_eq!(diagnostics.has_errors(), is_wrong, "{scope:?}");
    }
}
