//! Two stacks in one namespace, behind load balancers of their own: one is destroyed, and the other does not notice.

use std::collections::BTreeMap;

use e2etls_lab::lab::kinds::{self, MADE, WRITTEN};
use kube::api::ListParams;
use serde_json::Value;

use super::alarm::{alarms, with_alarm};
use super::stack::{records, stack, while_asked};
use super::{address_of, balancers, certificate, ground, in_acm, served};
use crate::ground::Ground;
use crate::public_certificate::zone;
use crate::tls::{chain, openssl};

const NAMESPACE: &str = "edge-two";
const STAYS: &str = "e2etls_stack.pay";
const INGRESS: kinds::Kind = ("networking.k8s.io", "v1", "Ingress", "ingresses");

/// What there is of the stack of this name: every object with its version, records, alarms, and what is served.
#[derive(Debug, PartialEq)]
struct Seen {
    objects: BTreeMap<String, String>,
    records: Vec<String>,
    alarms: Vec<Value>,
    state: Value,
    /// The leaf that the load balancer serves, and the one that the proxy does.
    leaves: [String; 2],
}

async fn objects(ground: &Ground, stack: &str) -> BTreeMap<String, String> {
    let mut objects = BTreeMap::new();
    for kind in WRITTEN.iter().chain(&MADE).chain([&INGRESS]) {
        let api = kinds::api(&ground.kube, &ground.namespace, *kind);
        let list = api.list(&ListParams::default()).await.expect("an answer");
        for object in list.items {
            let name = object.metadata.name.unwrap_or_default();
            if name == stack || name.starts_with(&format!("{stack}-")) {
                let version = object.metadata.resource_version.unwrap_or_default();
                objects.insert(format!("{}/{name}", kind.2), version);
            }
        }
    }
    objects
}

fn of(all: Vec<String>, stack: &str) -> Vec<String> {
    all.into_iter()
        .filter(|one| one.contains(&format!("{stack}.")))
        .collect()
}

async fn seen(ground: &Ground, zone: &str) -> Seen {
    let state = ground.terraform.values(STAYS).await.expect("an answer");
    let host = format!("pay.{NAMESPACE}.example");
    let balancer = address_of(ground, state["lb_hostname"].as_str().expect("a host name"), 443).await;
    let ca = ground
        .terraform
        .values("e2etls_private_ca.ca")
        .await
        .expect("an answer");
    let ca_pem = ca["certificate_pem"].as_str().expect("a certificate");
    let proxy = ground.service_address("pay-proxy").await;
    // Only from the subnets of load balancers: nobody else reaches it.
    let from = ground.lab.endpoints().lb_cidrs[0].replacen("10.", "127.", 1);
    let from = from.replace(".0/20", ".5:0");
    let port = e2etls_lab::kubelet::lab_port(443);
    let handshake = openssl(&proxy, port, &host, ca_pem, &["-bind", &from]);
    assert!(handshake.verified, "{}", handshake.text);
    let leaf = chain(&handshake.text).into_iter().next().expect("a leaf");
    let mut alarms = alarms(ground);
    alarms.retain(|alarm| alarm["AlarmName"].to_string().contains("-pay-"));
    Seen {
        objects: objects(ground, "pay").await,
        records: of(records(ground, zone), "pay"),
        alarms,
        state,
        leaves: [served(&balancer, &host), format!("{leaf:?}")],
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_two_stacks_is_destroyed_and_the_other_is_untouched() {
    let ground = ground(NAMESPACE).await;
    let zone = zone(&ground, &format!("{NAMESPACE}.example"), false);
    let base = ground.ca("") + &certificate(&ground, "web");
    let goes = with_alarm(&stack(&ground, &zone, "internal", ""), "");
    let stays = goes.replace("shop", "pay");
    ground.write(&(base.clone() + &goes + &stays));
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    let before = seen(&ground, &zone).await;
    assert!(before.objects.len() >= 15, "{:#?}", before.objects);
    assert_eq!((before.records.len(), before.alarms.len()), (2, 1), "{before:#?}");
    let certificate = ground
        .terraform
        .values("e2etls_public_certificate.web")
        .await
        .expect("an answer");
    let arn = certificate["arn"].as_str().expect("an ARN");
    assert_eq!(before.leaves[0], in_acm(&ground, arn));
    assert_eq!((alarms(&ground).len(), balancers(&ground).len()), (2, 2));

    ground.write(&(base.clone() + &stays));
    let plan = ground.terraform.plan(&[]).await.expect("an answer");
    assert_eq!(plan.changes().len(), 1, "{}", plan.output);
    assert_eq!(plan.change("e2etls_stack.shop").actions, ["delete"]);
    let host = format!("pay.{NAMESPACE}.example");
    let applied = while_asked(&ground, &zone, &host, ground.terraform.apply(&[])).await;
    drop(applied.expect("an answer").success());

    let gone = || async { objects(&ground, "shop").await.is_empty() };
    ground.until("the destroyed stack to go", gone).await;
    assert_eq!((alarms(&ground).len(), balancers(&ground).len()), (1, 1));
    assert_eq!(of(records(&ground, &zone), "shop"), Vec::<String>::new());
    assert_eq!(seen(&ground, &zone).await, before);
    drop(ground.terraform.plan(&[]).await.expect("an answer").empty());
    drop(ground.terraform.destroy(&[]).await.expect("an answer").success());
}
