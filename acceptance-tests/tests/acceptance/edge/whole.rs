//! One apply, from an empty account and a new cluster to a page behind a load balancer: the example, as it is documented.

use e2etls_lab::lab::{CLUSTER, Options, apply::documents};
use serde_json::{Value, json};

use super::alarm::{TOPIC, cloudwatch};
use super::stack::{STACK, records};
use super::{address_of, ask, in_acm, served};
use crate::aws;
use crate::ground::Ground;
use crate::platform::permit;
use crate::public_certificate::{self, request, zone};

const EXAMPLE: &str = include_str!("../../../../examples/stacks/auto-mode/main.tf");
const PLATFORM: &str = include_str!("../../../../examples/resources/e2etls_platform/role.yaml");
const ROLES: &str = include_str!("../../../../examples/permissions/cluster-reader.yaml");
const HOST: &str = "shop.example.com";

/// The example with what only the lab has, and with shorter pauses.
fn example() -> String {
    let mut text = EXAMPLE.to_owned();
    for (ours, lab) in [
        (
            "cluster  = { name = \"dev\" }",
            format!("cluster  = {{ name = {CLUSTER:?} }}"),
        ),
        ("registry.example.com/shop:1", "e2etls.lab/hello".to_owned()),
        (
            "mode      = \"gateway\"\n",
            "mode = \"gateway\"\n    min_ready = \"2s\"\n    pod = { pre_stop = \"2s\" }\n".to_owned(),
        ),
        (
            "kind   = \"alb\"\n",
            "kind = \"alb\"\n    deregistration_delay = \"10s\"\n".to_owned(),
        ),
    ] {
        assert!(text.contains(ours), "the example has no {ours}");
        text = text.replace(ours, &lab);
    }
    text
}

/// How many there are of what it makes in AWS: certificates, load balancers, roles, add-ons and alarms.
fn left(ground: &Ground) -> [usize; 5] {
    let count = |service: &str, path: &str, args: &[&str], what: &str| {
        request(ground, service, path, args).matches(what).count()
    };
    let list = "Action=DescribeLoadBalancers&Version=2015-12-01&PageSize=400";
    let target = ["-X", "POST", "-H", "X-Amz-Target: CertificateManager.ListCertificates"];
    let json = ["-H", "Content-Type: application/x-amz-json-1.1", "-d", "{}"];
    let (addons, roles) = crate::platform::there(ground);
    [
        count("acm", "/", &[&target[..], &json[..]].concat(), "CertificateArn"),
        count(
            "elasticloadbalancing",
            "/",
            &["-X", "POST", "-d", list],
            "<LoadBalancerName>",
        ),
        roles,
        addons.len(),
        alarms(ground).len(),
    ]
}

fn alarms(ground: &Ground) -> Vec<Value> {
    let answer = cloudwatch(ground, "DescribeAlarms", &json!({}));
    answer["MetricAlarms"].as_array().expect("a list").clone()
}

/// What ELBv2 answers about an object of this ARN.
fn balancing(ground: &Ground, operation: &str, argument: &str, arn: &str) -> String {
    let action = format!("Action={operation}&Version=2015-12-01");
    let argument = format!("{argument}={arn}");
    let args = ["-X", "POST", "-d", &action, "--data-urlencode", &argument];
    request(ground, "elasticloadbalancing", "/", &args)
}

/// The texts of these elements.
fn elements<'a>(answer: &'a str, name: &str) -> Vec<&'a str> {
    let rests = answer.split(&*format!("<{name}>")).skip(1).collect::<Vec<_>>();
    rests.into_iter().filter_map(|rest| rest.split('<').next()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_cluster_and_an_empty_account_become_a_served_application_in_one_apply() {
    let ground = Ground::alone("whole", Options::default()).await;
    for roles in [PLATFORM, ROLES] {
        permit(&ground, &documents(roles).expect("YAML")).await;
    }
    let ground = ground.without_kubeconfig();
    let zone = zone(&ground, "example.com", false);
    ground.terraform.write("main.tf", &example()).expect("it is written");
    let cidrs = format!("{:?}", ground.lab.endpoints().lb_cidrs);
    let variables = format!("zone_id = {zone:?}\nlb_cidrs = {cidrs}\nalarm_topic_arn = {TOPIC:?}\n");
    ground
        .terraform
        .write("terraform.tfvars", &variables)
        .expect("it is written");
    assert_eq!(left(&ground), [0; 5]);

    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    is_certified(&ground).await;
    is_balanced(&ground).await;
    is_served(&ground, &zone).await;
    assert_eq!(left(&ground), [1, 1, 1, 2, 1]);

    drop(ground.terraform.destroy(&[]).await.expect("an answer").success());
    assert_eq!(left(&ground), [0; 5]);
    assert_eq!(aws::living(&ground, "dev root"), Vec::<Value>::new());
    assert_eq!(records(&ground, &zone), Vec::<String>::new());
    let namespaces = ground.api("", "v1", "Namespace", "namespaces");
    assert!(
        namespaces.get_opt("shop").await.expect("an answer").is_none(),
        "the namespace is gone"
    );
}

/// The ARN of the certificate that the stack has made.
async fn certificate(ground: &Ground) -> String {
    let values = ground.terraform.values(STACK).await.expect("an answer");
    let uid = values["parts"]["edge/certificate"]["uid"].as_str();
    uid.expect("an ARN").to_owned()
}

/// The CA is active, the public certificate is issued, and an alarm watches it.
async fn is_certified(ground: &Ground) {
    let ca = ground
        .terraform
        .values("e2etls_private_ca.dev")
        .await
        .expect("an answer");
    assert_eq!(aws::status(ground, ca["arn"].as_str().expect("an ARN")), "ACTIVE");
    let certificate = certificate(ground).await;
    let described = public_certificate::describe(ground, &certificate);
    assert_eq!(described["Status"], "ISSUED", "{described}");
    assert_eq!(described["DomainName"], "shop.example.com");

    let alarms = alarms(ground);
    let watched = json!([{"Name": "CertificateArn", "Value": certificate}]);
    assert_eq!(alarms[0]["Dimensions"], watched, "{alarms:?}");
    assert_eq!(alarms[0]["MetricName"], "DaysToExpiry");
    assert_eq!(alarms[0]["AlarmActions"], json!([TOPIC]));
    assert_eq!(alarms[0]["ActionsEnabled"], true);
}

/// What the controller has made of the Ingress, as ELBv2 has it: certificate, policy, and targets that are well.
async fn is_balanced(ground: &Ground) {
    let stack = ground.terraform.values(STACK).await.expect("an answer");
    let balancer = stack["lb_arn"].as_str().expect("an ARN");
    let listeners = balancing(ground, "DescribeListeners", "LoadBalancerArn", balancer);
    let mut ports = elements(&listeners, "Port");
    ports.retain(|port| !port.trim().is_empty());
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports, ["443", "80"], "{listeners}");
    assert_eq!(
        elements(&listeners, "CertificateArn"),
        [certificate(ground).await],
        "{listeners}"
    );
    let policy = elements(&listeners, "SslPolicy");
    assert_eq!(policy, ["ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"], "{listeners}");
    assert_eq!(stack["effective_ssl_policy"], policy[0]);

    let groups = balancing(ground, "DescribeTargetGroups", "LoadBalancerArn", balancer);
    assert_eq!(elements(&groups, "Protocol"), ["HTTPS"], "{groups}");
    let group = elements(&groups, "TargetGroupArn");
    let health = balancing(ground, "DescribeTargetHealth", "TargetGroupArn", group[0]);
    assert_eq!(elements(&health, "State"), ["healthy", "healthy"], "{health}");
}

/// The name leads to the load balancer, which serves the public certificate and the application's page.
async fn is_served(ground: &Ground, zone: &str) {
    let stack = ground.terraform.values(STACK).await.expect("an answer");
    assert_eq!(stack["expected_verdict"], "confined", "{stack}");
    let hostname = stack["lb_hostname"].as_str().expect("a host name");
    let names = records(ground, zone);
    assert!(names.contains(&format!("{HOST}. A {hostname}.")), "{names:?}");
    let to = address_of(ground, hostname, 443).await;
    let page = ask(&to, "https", HOST, &[]);
    assert!(page.contains(" 200 ") && page.contains("hello from pod"), "{page}");
    assert_eq!(served(&to, HOST), in_acm(ground, &certificate(ground).await));
    let moved = ask(&address_of(ground, hostname, 80).await, "http", HOST, &[]);
    assert!(moved.contains(" 301 ") && moved.contains("https://"), "{moved}");
}
