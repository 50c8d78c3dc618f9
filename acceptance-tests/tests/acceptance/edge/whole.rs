//! One apply, from an empty account and a new cluster to a page behind a load balancer: the example, as it is documented.

use e2etls_lab::lab::{CLUSTER, Options, apply::documents};

use super::stack::{STACK, records};
use super::{address_of, ask};
use crate::ground::Ground;
use crate::platform::permit;
use crate::public_certificate::{request, zone};

const EXAMPLE: &str = include_str!("../../../../examples/stacks/auto-mode/main.tf");
const PLATFORM: &str = include_str!("../../../../examples/resources/e2etls_platform/role.yaml");
const ROLES: &str = include_str!("../../../../examples/permissions/cluster-reader.yaml");

/// The example with what only the lab has, and with shorter pauses.
fn example() -> String {
    let mut text = EXAMPLE.to_owned();
    for (ours, lab) in [
        (
            "cluster  = { name = \"dev\" }",
            format!("cluster  = {{ name = {CLUSTER:?} }}"),
        ),
        ("registry.example.com/shop:1", "e2etls.lab/hello".to_owned()),
        ("min_ready = \"30s\"", "min_ready = \"2s\"".to_owned()),
        ("pre_stop = \"30s\"", "pre_stop = \"2s\"".to_owned()),
        (
            "deregistration_delay = \"60s\"",
            "deregistration_delay = \"10s\"".to_owned(),
        ),
    ] {
        assert!(text.contains(ours), "the example has no {ours}");
        text = text.replace(ours, &lab);
    }
    text
}

/// What is left of it in AWS: certificates, load balancers, roles and add-ons.
fn left(ground: &Ground) -> [usize; 4] {
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
    ]
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
    let variables = format!("zone_id  = {zone:?}\nlb_cidrs = {cidrs}\n");
    ground
        .terraform
        .write("terraform.tfvars", &variables)
        .expect("it is written");
    assert_eq!(left(&ground), [0; 4]);

    drop(ground.terraform.apply_quietly().await.unwrap());
    let stack = ground.terraform.values(STACK).await.unwrap();
    assert_eq!(stack["expected_verdict"], "confined", "{stack}");
    let hostname = stack["lb_hostname"].as_str().expect("a host name");
    let names = records(&ground, &zone);
    assert!(names.contains(&format!("shop.example.com. A {hostname}.")), "{names:?}");
    let page = ask(
        &address_of(&ground, hostname, 443).await,
        "https",
        "shop.example.com",
        &[],
    );
    assert!(page.contains(" 200 ") && page.contains("hello from pod"), "{page}");
    let moved = ask(
        &address_of(&ground, hostname, 80).await,
        "http",
        "shop.example.com",
        &[],
    );
    assert!(moved.contains(" 301 ") && moved.contains("https://"), "{moved}");
    assert_eq!(left(&ground), [1, 1, 1, 2]);

    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(left(&ground), [0; 4]);
    assert_eq!(records(&ground, &zone), Vec::<String>::new());
    let namespaces = ground.api("", "v1", "Namespace", "namespaces");
    assert!(
        namespaces.get_opt("shop").await.unwrap().is_none(),
        "the namespace is gone"
    );
}
