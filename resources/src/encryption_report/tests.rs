use std::sync::Arc;

use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::elbv2::fake::{FakeElbV2, Kept};
use e2etls_clients::aws::elbv2::{Listener, LoadBalancer, Rule, Target, TargetGroup};
use e2etls_clients::faults::Fate;
use e2etls_clients::kube::fake::FakeCluster;
use e2etls_clients::kube::kinds;
use e2etls_engine::refusal::{Answer, Denial};
use e2etls_report::document::{ClusterReport, Document, Made, SCHEMA, in_words};
use e2etls_report::{Report, Scope};
use serde_json::{Value, json};
use tfplugin_framework::{Attr, Diagnostics, Model};

use super::collect::{Collected, collect};
use super::model::{EncryptionReport, Expected, Place, Scope as Asked};
use super::{check, shown};
use crate::kinds::Clients;

const BALANCER: &str = "k8s-shop-0a1b2c3d4e.eu-central-1.elb.amazonaws.com";
const NGINX: &str = "server { listen 8443 ssl; location / { proxy_pass http://shop.shop.svc.cluster.local; } }";

fn pod(name: &str, labels: &Value, address: &str, config: Option<&str>) -> Value {
    let volumes = config.map(|name| json!([{"name": "config", "configMap": {"name": name}}]));
    json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"namespace": "shop", "name": name, "labels": labels, "annotations": {},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "u", "controller": true}]},
        "spec": {"nodeName": "node", "volumes": volumes, "containers": [{"name": "main", "image": "x",
            "volumeMounts": [{"name": "config", "mountPath": "/etc/nginx/conf.d"}]}]},
        "status": {"phase": "Running", "podIPs": [{"ip": address}], "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "main", "ready": true, "image": "x", "imageID": "", "restartCount": 0,
                "state": {"running": {"startedAt": "2030-01-01T00:00:00Z"}}}]}})
}

fn policy(name: &str, selects: &Value, from: &Value) -> Value {
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"namespace": "shop", "name": name},
        "spec": {"podSelector": {"matchLabels": selects}, "policyTypes": ["Ingress"], "ingress": [{"from": [from]}]}})
}

fn service(name: &str, selector: &Value, port: i32, target: i32) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "shop", "name": name},
        "spec": {"clusterIP": "172.20.0.9", "selector": selector, "ports": [{"port": port, "targetPort": target}]}})
}

/// What somebody set up by hand.
fn cluster() -> FakeCluster {
    let cluster = FakeCluster::default();
    let (app, web) = (json!({"app": "shop"}), json!({"app": "web"}));
    let node = json!({"apiVersion": "v1", "kind": "Node",
        "metadata": {"name": "node", "labels": {"eks.amazonaws.com/compute-type": "auto"}}});
    let vpc_cni = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "kube-system", "name": "amazon-vpc-cni"},
        "data": {"enable-network-policy-controller": "true"}});
    let nginx = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "shop", "name": "nginx",
        "managedFields": [{"time": "2026-01-01T00:00:00Z"}]}, "data": {"default.conf": NGINX}});
    let other = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "shop", "name": "other"}, "data": {"a": "b"}});
    let ingress = json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"namespace": "shop", "name": "web"},
        "spec": {"rules": [{"host": "shop.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix",
            "backend": {"service": {"name": "web", "port": {"number": 443}}}}]}}]},
        "status": {"loadBalancer": {"ingress": [{"hostname": BALANCER}]}}});
    for (kind, object) in [
        (kinds::NODE, node),
        (kinds::CONFIG_MAP, vpc_cni),
        (kinds::CONFIG_MAP, nginx),
        (kinds::CONFIG_MAP, other),
        (kinds::POD, pod("web", &web, "10.0.1.1", Some("nginx"))),
        (kinds::POD, pod("shop", &app, "10.0.1.2", None)),
        (kinds::SERVICE, service("web", &web, 443, 8443)),
        (kinds::SERVICE, service("shop", &app, 80, 8080)),
        (
            kinds::NETWORK_POLICY,
            policy("web", &web, &json!({"ipBlock": {"cidr": "10.9.0.0/16"}})),
        ),
        (
            kinds::NETWORK_POLICY,
            policy("shop", &app, &json!({"podSelector": {"matchLabels": web}})),
        ),
        (kinds::INGRESS, ingress),
    ] {
        cluster.put(kind, &object);
    }
    cluster
}

fn aws() -> (FakeAws, Arc<FakeElbV2>) {
    let aws = FakeAws::default();
    let elbv2 = Arc::new(aws.elbv2("eu-central-1"));
    let listener = Listener {
        arn: "listener".to_owned(),
        port: 443,
        protocol: "HTTPS".to_owned(),
        ssl_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned(),
        ..Listener::default()
    };
    let rule = Rule {
        hosts: vec!["shop.example.com".to_owned()],
        target_groups: vec!["tg".to_owned()],
    };
    let target = Target {
        id: "10.0.1.1".to_owned(),
        port: 8443,
        state: "healthy".to_owned(),
        ..Target::default()
    };
    let group = TargetGroup {
        arn: "tg".to_owned(),
        protocol: "HTTPS".to_owned(),
    };
    elbv2.all().push(Kept {
        load_balancer: LoadBalancer {
            arn: "lb".to_owned(),
            dns_name: BALANCER.to_owned(),
            scheme: "internal".to_owned(),
            ..LoadBalancer::default()
        },
        name: "k8s-shop".to_owned(),
        listeners: vec![(listener, Vec::new(), vec![rule])],
        target_groups: vec![(group, vec![target])],
    });
    (aws, elbv2)
}

async fn collected(cluster: &FakeCluster, aws: (FakeAws, Arc<FakeElbV2>)) -> Collected {
    let clients = Clients {
        elbv2: Some(aws.1),
        acm: Some(Arc::new(aws.0.acm("eu-central-1"))),
        ..Clients::default()
    };
    collect(&cluster.cluster("e2etls.dev/owner"), &clients, &Scope::All).await
}

fn seen(found: &Collected) -> ClusterReport {
    found.report(&cluster().cluster("e2etls.dev/owner"), "uid", &Scope::All)
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
    assert_eq!(calls.len(), 13, "{calls:?}");
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
        // Only Services without a selector need them.
        ("endpointslices", "confined"),
        // They say when something ends, and not whether it is encrypted.
        ("certificates", "confined"),
        // They lead elsewhere: what a report says of its own ways holds without them.
        ("targetgroupbindings", "confined"),
        ("httproutes", "confined"),
        ("grpcroutes", "confined"),
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
        let document = Document {
            schema: SCHEMA,
            version: "1.0.0".to_owned(),
            made: Made::default(),
            scope: in_words(&Scope::All),
            clusters: vec![seen(&found)],
        };
        shown::fill(&mut filled, &reported(&found), &document);
        assert_eq!(filled.matches_expectation, matches);
        let lines = filled.findings.known().cloned().unwrap_or_default();
        assert_eq!(lines.len(), findings, "{lines:?}");
        assert!(
            lines
                .iter()
                .all(|line| line.contains("from proxy to app it is confined, and encrypted was expected"))
        );
        let evidence: Value = serde_json::from_str(filled.evidence_json.as_str().expect("JSON")).expect("JSON");
        assert_eq!(evidence["clusters"][0]["report"]["chains"][0]["hops"][2]["to"], "app");
        assert_eq!(evidence["clusters"][0]["examined"]["pods"], 2);
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
