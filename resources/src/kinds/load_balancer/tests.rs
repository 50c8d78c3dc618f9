use std::sync::Arc;
use std::time::Duration;

use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::elbv2::fake::{FakeElbV2, Kept};
use e2etls_clients::aws::elbv2::{Listener, LoadBalancer, Rule, Target as Registered, TargetGroup};
use e2etls_clients::faults::Fate;
use e2etls_clients::kube::fake::FakeCluster;
use e2etls_clients::kube::kinds;
use e2etls_engine::failure::Trouble;
use e2etls_engine::kind::{Kind as _, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::{Part, Ready};
use e2etls_engine::refusal::{Answer, Denial};
use e2etls_engine::table::Asked;
use serde_json::{Value, json};

use super::ready::{is_healthy, listens};
use super::{APPLICATION, Admitted, Healthy, Listening, SHARED_APPLICATION};
use crate::kinds::Clients;
use crate::kinds::kube::marks::OWNER_LABEL;
use crate::kinds::kube::{INGRESS, part};
use crate::testkit;

const ARN: &str = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/k8s-shop-web-1/1";
const HOSTNAME: &str = "k8s-shop-web-1-42.eu-central-1.elb.amazonaws.com";
const CERTIFICATE: &str = "arn:aws:acm:eu-central-1:111122223333:certificate/1";

struct Case {
    cluster: FakeCluster,
    aws: FakeAws,
    elbv2: Arc<FakeElbV2>,
    op: Operation<Clients>,
}

impl Case {
    /// An Ingress `shop/web`, and a controller that has done nothing yet.
    fn new() -> Self {
        let aws = FakeAws::default();
        let elbv2 = Arc::new(aws.elbv2("eu-central-1"));
        let cluster = FakeCluster::default();
        cluster.put(kinds::INGRESS, &ingress());
        let remotes = Clients {
            cluster: Some(Arc::new(cluster.cluster(OWNER_LABEL))),
            elbv2: Some(elbv2.clone()),
            ..Clients::default()
        };
        let mut op = testkit::operation(Asked::Create, remotes, &[], "edge");
        op.owner.namespace = Some("shop".to_owned());
        Self {
            cluster,
            aws,
            elbv2,
            op,
        }
    }

    /// The controller writes a host name.
    fn admit(&self, hostname: &str) {
        let status = json!({"loadBalancer": {"ingress": [{"hostname": hostname}]}});
        self.cluster
            .edit(kinds::INGRESS, Some("shop"), "web", |live| live["status"] = status);
    }

    /// The controller has made what was asked for.
    fn make(&self) {
        self.elbv2.all().push(balancer());
    }

    async fn wait(&self, ready: &dyn Ready<Clients>, content: Value) -> Result<(), Trouble> {
        let part = waits(content);
        let object = e2etls_engine::kind::Observed::default();
        ready
            .wait(&self.op, &part, &object)
            .await
            .map_err(|failure| failure.trouble)
    }
}

fn ingress() -> Value {
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": {"name": "web", "namespace": "shop", "labels": {}, "annotations": {}}, "spec": {}})
}

fn balancer() -> Kept {
    let group = TargetGroup {
        arn: "group".to_owned(),
        protocol: "HTTPS".to_owned(),
        load_balancers: vec!["lb".to_owned()],
    };
    let listener = Listener {
        arn: "listener".to_owned(),
        port: 443,
        protocol: "HTTPS".to_owned(),
        ssl_policy: "P".to_owned(),
        ..Listener::default()
    };
    let rule = Rule {
        hosts: vec!["shop.example.com".to_owned()],
        target_groups: vec![group.arn.clone()],
    };
    let target = Registered {
        id: "10.0.0.7".to_owned(),
        port: 8443,
        state: "healthy".to_owned(),
        ..Registered::default()
    };
    Kept {
        load_balancer: LoadBalancer {
            arn: ARN.to_owned(),
            dns_name: HOSTNAME.to_owned(),
            zone_id: "Z1".to_owned(),
            vpc: "vpc-1".to_owned(),
            scheme: "internal".to_owned(),
            state: "active".to_owned(),
            reason: String::new(),
        },
        name: "k8s-shop-web-1".to_owned(),
        listeners: vec![(listener, vec![CERTIFICATE.to_owned()], vec![rule])],
        target_groups: vec![(group, vec![target])],
    }
}

fn waits(mut content: Value) -> Part<Clients> {
    content["name"] = "shop/web".into();
    Part::wait_only("it", "shop/web", content, Arc::new(Listening))
}

fn listening() -> Value {
    json!({"kind": "Ingress", "shared": false, "listeners": [
        {"port": 443, "protocol": "HTTPS", "ssl_policy": "P", "client_auth": "off", "certificates": [CERTIFICATE]}]})
}

fn routed() -> Value {
    json!({"kind": "Ingress", "protocol": "HTTPS", "hosts": {"shop.example.com": "Service shop"}})
}

#[test]
fn a_listener_is_compared_member_by_member() {
    let seen = |change: &dyn Fn(&mut Value)| {
        let mut seen = json!({"state": "active", "listeners": [
            {"port": 443, "protocol": "HTTPS", "ssl_policy": "P", "client_auth": "", "redirects": false,
                "certificates": ["a", "b"]},
            {"port": 80, "protocol": "HTTP", "ssl_policy": "", "client_auth": "", "redirects": true,
                "certificates": []}]});
        change(&mut seen);
        seen
    };
    let wanted = |shared: bool| {
        json!({"shared": shared, "listeners": [
            {"port": 443, "protocol": "HTTPS", "ssl_policy": "P", "client_auth": "off", "certificates": ["a", "b"]},
            {"port": 80, "protocol": "HTTP", "redirects": true}]})
    };
    assert_eq!(listens(&wanted(false), &seen(&|_| {})), Ok(()));
    type Change<'a> = &'a dyn Fn(&mut Value);
    let differing: [(&str, Change<'_>); 8] = [
        ("provisioning", &|seen| seen["state"] = "provisioning".into()),
        ("nothing listens on port 80", &|seen| {
            seen["listeners"][1]["port"] = 81.into()
        }),
        ("`ssl_policy`", &|seen| {
            seen["listeners"][0]["ssl_policy"] = "Old".into()
        }),
        ("`protocol`", &|seen| seen["listeners"][0]["protocol"] = "HTTP".into()),
        ("`client_auth`", &|seen| {
            seen["listeners"][0]["client_auth"] = "verify".into()
        }),
        ("`redirects`", &|seen| seen["listeners"][1]["redirects"] = false.into()),
        ("does not have the certificate b", &|seen| {
            seen["listeners"][0]["certificates"] = json!(["a"]);
        }),
        ("still has the certificate c", &|seen| {
            seen["listeners"][0]["certificates"] = json!(["a", "b", "c"]);
        }),
    ];
    for (words, change) in differing {
        let why = listens(&wanted(false), &seen(change)).expect_err(words);
        assert!(why.contains(words), "{why}");
    }
    let swapped = seen(&|seen| seen["listeners"][0]["certificates"] = json!(["b", "a"]));
    assert!(listens(&wanted(false), &swapped).is_err());
    let of_others = seen(&|seen| seen["listeners"][0]["certificates"] = json!(["c", "b", "a"]));
    assert_eq!(
        listens(&wanted(true), &of_others),
        Ok(()),
        "a group has those of others"
    );
}

#[test]
fn all_hosts_need_healthy_targets() {
    let target =
        |state: &str| json!({"id": "10.0.0.7", "port": 8443, "state": state, "reason": "R", "description": "D"});
    let seen = |protocol: &str, targets: &[Value]| json!({"state": "active", "routes": {"shop.example.com": [{"protocol": protocol, "targets": targets}]}});
    let wanted = routed();
    for targets in [&[target("healthy")][..], &[target("healthy"), target("draining")]] {
        assert_eq!(is_healthy(&wanted, &seen("HTTPS", targets)), Ok(()), "{targets:?}");
    }
    for (words, seen) in [
        ("no Pod is registered", seen("HTTPS", &[])),
        ("no Pod is registered", seen("HTTPS", &[target("draining")])),
        (
            "10.0.0.7:8443 is unhealthy (R D)",
            seen("HTTPS", &[target("healthy"), target("unhealthy")]),
        ),
        ("is initial", seen("HTTPS", &[target("initial")])),
        ("\"HTTP\" and not \"HTTPS\"", seen("HTTP", &[target("healthy")])),
        (
            "for shop.example.com are not forwarded",
            json!({"state": "active", "routes": {}}),
        ),
        ("failed", json!({"state": "failed", "reason": "why"})),
    ] {
        let why = is_healthy(&wanted, &seen).expect_err(words);
        assert!(why.contains(words), "{why}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_is_found_by_the_status_of_its_ingress() {
    let case = Case::new();
    let target = Target {
        name: "shop/web",
        uid: None,
    };
    let look = || APPLICATION.look(&case.op, target, Reading::Fresh);
    assert_eq!(look().await, Ok(None), "no host name");
    case.admit(HOSTNAME);
    assert_eq!(look().await, Ok(None), "AWS does not know it yet");
    case.make();
    let seen = look().await.expect("an answer").expect("a load balancer");
    assert_eq!((seen.uid.as_str(), seen.outputs["zone_id"].as_str()), (ARN, "Z1"));
    assert_eq!(seen.deleting, None);
    // A name that was used before, by another load balancer.
    case.elbv2.all()[0].load_balancer.dns_name = "k8s-shop-web-1-43.eu-central-1.elb.amazonaws.com".to_owned();
    assert_eq!(look().await, Ok(None));
    case.admit("web.example.com");
    assert!(look().await.expect_err("not of AWS").words.contains("web.example.com"));
}

#[tokio::test(start_paused = true)]
async fn what_is_left_of_a_deleted_ingress_is_told() {
    let case = Case::new();
    case.admit(HOSTNAME);
    case.make();
    let target = Target {
        name: "shop/web",
        uid: Some(ARN),
    };
    let look = || APPLICATION.look(&case.op, target, Reading::Fresh);
    let seen = look().await.expect("an answer").expect("a load balancer");
    assert_eq!(seen.deleting, None);
    case.cluster.remove(kinds::INGRESS, Some("shop"), "web");
    let seen = look().await.expect("an answer").expect("a load balancer");
    let why = seen.deleting.clone().expect("something is awaited");
    assert!(why.contains("Ingress shop/web is gone") && why.contains(ARN), "{why}");
    assert_eq!(APPLICATION.delete(&case.op, &seen).await, Ok(false), "it is waited for");
    assert_eq!(
        SHARED_APPLICATION.delete(&case.op, &seen).await,
        Ok(true),
        "others use it"
    );
    case.elbv2.all().clear();
    assert_eq!(look().await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn waits_end_when_aws_says_so() {
    let case = Case::new();
    let object = APPLICATION.maker.look(
        &case.op,
        Target {
            name: "shop/web",
            uid: None,
        },
        Reading::Fresh,
    );
    let object = object.await.expect("an answer").expect("the Ingress");
    let admitted = part("edge", ingress());
    let ready = Admitted(&INGRESS);
    let (waited, ()) = tokio::join!(ready.wait(&case.op, &admitted, &object), async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        case.admit(HOSTNAME);
    });
    assert_eq!(waited, Ok(()));
    let (waited, ()) = tokio::join!(case.wait(&Listening, listening()), async {
        tokio::time::sleep(Duration::from_secs(3)).await;
        case.make();
        case.elbv2.all()[0].listeners[0].0.ssl_policy = "Old".to_owned();
        tokio::time::sleep(Duration::from_secs(3)).await;
        case.elbv2.all()[0].listeners[0].0.ssl_policy = "P".to_owned();
    });
    assert_eq!(waited, Ok(()));
    let (waited, ()) = tokio::join!(case.wait(&Healthy, routed()), async {
        case.elbv2.all()[0].target_groups[0].1[0].state = "initial".to_owned();
        tokio::time::sleep(Duration::from_secs(3)).await;
        case.elbv2.all()[0].target_groups[0].1[0].state = "healthy".to_owned();
    });
    assert_eq!(waited, Ok(()));
    let works = |ready: &'static dyn Ready<Clients>, content| {
        let part = waits(content);
        let op = &case.op;
        async move { ready.works(op, &part, &e2etls_engine::kind::Observed::default()).await }
    };
    assert_eq!(works(&Listening, listening()).await, Ok(Some(true)));
    assert_eq!(works(&Healthy, routed()).await, Ok(Some(true)));
    case.elbv2.all()[0].target_groups[0].1.clear();
    assert_eq!(works(&Healthy, routed()).await, Ok(Some(false)));
}

/// A warning of the controller about the Ingress.
fn complains(case: &Case, message: &str, count: u32, current: bool) {
    let ingress = case
        .cluster
        .get(kinds::INGRESS, Some("shop"), "web")
        .expect("the Ingress");
    let uid = match current {
        true => ingress["metadata"]["uid"].clone(),
        false => json!("of-another"),
    };
    let event = json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "web.1", "namespace": "shop"},
        "involvedObject": {"kind": "Ingress", "namespace": "shop", "name": "web", "uid": uid}, "type": "Warning",
        "reason": "FailedBuildModel", "message": message, "count": count});
    case.cluster.put(kinds::EVENT, &event);
}

#[tokio::test(start_paused = true)]
async fn a_controller_that_complains_ends_a_wait_with_its_words() {
    let case = Case::new();
    // This was said before, and is not said again.
    complains(&case, "old words", 1, true);
    let began = tokio::time::Instant::now();
    let (waited, ()) = tokio::join!(case.wait(&Listening, listening()), async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        complains(&case, "certificate not found", 2, true);
    });
    let Err(Trouble::Domain { cause, .. }) = waited else {
        panic!("{waited:?}")
    };
    assert_eq!(cause, "certificate not found");
    let took = began.elapsed().as_secs();
    assert!((80..120).contains(&took), "{took} s");
}

#[tokio::test(start_paused = true)]
async fn what_was_said_of_an_earlier_object_of_the_name_ends_nothing() {
    let case = Case::new();
    complains(&case, "of another object", 1, false);
    let (waited, ()) = tokio::join!(case.wait(&Listening, listening()), async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        complains(&case, "of another object", 2, false);
    });
    let Err(Trouble::Waiting { last_seen, .. }) = waited else {
        panic!("{waited:?}")
    };
    assert_eq!(last_seen, "it does not exist yet");
}

#[tokio::test(start_paused = true)]
async fn after_an_update_targets_are_watched_until_checks_would_have_failed() {
    let mut case = Case::new();
    case.op.asked = Asked::Update;
    case.admit(HOSTNAME);
    case.make();
    let mut content = routed();
    content["settle"] = json!(30);
    let began = tokio::time::Instant::now();
    let (waited, ()) = tokio::join!(case.wait(&Healthy, content), async {
        tokio::time::sleep(Duration::from_secs(20)).await;
        case.elbv2.all()[0].target_groups[0].1[0].state = "unhealthy".to_owned();
        tokio::time::sleep(Duration::from_secs(20)).await;
        case.elbv2.all()[0].target_groups[0].1[0].state = "healthy".to_owned();
    });
    assert_eq!(waited, Ok(()));
    assert!(began.elapsed() >= Duration::from_secs(70), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_missing_permission_ends_a_wait() {
    let case = Case::new();
    case.admit(HOSTNAME);
    case.aws
        .faults
        .rule(|called| match called.operation.starts_with("elasticloadbalancing:") {
            true => Fate::Refused(Answer::Forbidden(Denial::Permission)),
            false => Fate::Answered,
        });
    let waited = case.wait(&Listening, listening()).await;
    assert!(matches!(waited, Err(Trouble::Refused { .. })), "{waited:?}");
}
