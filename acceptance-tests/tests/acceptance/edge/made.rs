//! A stack that makes its own public certificate.

use std::collections::BTreeSet;

use e2etls_lab::lab::{Call, Recorder};

use super::stack::{STACK, import_again, records, while_asked, with_own_certificate};
use super::{address_of, balancers, certificate, ground, in_acm, served};
use crate::ground::Ground;
use crate::permissions::documented;
use crate::public_certificate::{cnames, living, zone};

/// The stack, for these names.
fn without(ground: &Ground, zone: &str, names: &str) -> String {
    with_own_certificate(ground, zone, "internal", names)
}

/// The ARN of the certificate of the stack.
async fn arn(ground: &Ground) -> String {
    let values = ground.terraform.values(STACK).await.expect("an answer");
    let uid = values["parts"]["edge/certificate"]["uid"].as_str();
    uid.unwrap_or_else(|| panic!("no certificate in {values:#}")).to_owned()
}

/// The load balancer serves a host with the certificate of the stack.
async fn serves(ground: &Ground, host: &str) {
    let values = ground.terraform.values(STACK).await.expect("an answer");
    let hostname = values["lb_hostname"].as_str().expect("a host name");
    let to = address_of(ground, hostname, 443).await;
    assert_eq!(served(&to, host), in_acm(ground, &arn(ground).await), "{host}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_makes_its_certificate_and_another_one_for_other_names_while_it_serves() {
    let ground = ground("edge-made").await;
    let domain = "edge-made.example";
    let zone = zone(&ground, domain, false);
    let (host, more) = (format!("shop.{domain}"), format!("www.{domain}"));
    let base = ground.ca("");
    ground.write(&(base.clone() + &without(&ground, &zone, &format!("\"{host}\""))));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let after = &plan.change(STACK).json["after"];
    assert_eq!(after["expected_verdict"], "confined", "known in the plan");
    assert_eq!(after["parts"]["edge/certificate"]["ref"], "ACM certificate shop");
    drop(ground.terraform.apply_quietly().await.unwrap());
    serves(&ground, &host).await;
    let first = arn(&ground).await;
    assert_eq!(
        (living(&ground, &host), cnames(&ground, &zone)),
        (vec![first.clone()], 1)
    );

    // Another name: the first one is served at every moment.
    let both = base.clone() + &without(&ground, &zone, &format!("\"{host}\", \"{more}\""));
    ground.write(&both);
    let plan = ground.terraform.plan(&[]).await.unwrap();
    assert_eq!(plan.change(STACK).actions, ["update"]);
    assert!(
        plan.output.words().contains("The public certificate is replaced"),
        "{}",
        plan.output
    );
    let applied = while_asked(&ground, &zone, &host, ground.terraform.apply_quietly()).await;
    drop(applied.unwrap());
    for host in [&host, &more] {
        serves(&ground, host).await;
    }
    let second = arn(&ground).await;
    assert_ne!(first, second);
    assert_eq!(
        living(&ground, &host),
        std::slice::from_ref(&second),
        "the old one is gone"
    );

    is_found_again(&ground).await;
    assert_eq!(arn(&ground).await, second);

    // A given one takes its place, and goes again.
    let given = base.clone() + &certificate(&ground, "web");
    let of_given = |text: String| {
        let edge = "healthcheck      = { interval = \"5s\" }";
        let arns = "certificate_arns = [e2etls_public_certificate.web.arn]";
        text.replace(edge, &format!("{arns}\n    {edge}"))
    };
    ground.write(&(given.clone() + &of_given(without(&ground, &zone, &format!("\"{host}\"")))));
    drop(ground.terraform.apply_quietly().await.unwrap());
    assert_eq!(living(&ground, &host), Vec::<String>::new());
    ground.write(&(given + &without(&ground, &zone, &format!("\"{host}\""))));
    drop(ground.terraform.apply_quietly().await.unwrap());
    serves(&ground, &host).await;

    let calls = Recorder::new(&ground.session.recorder).calls().await.unwrap();
    let asked: BTreeSet<String> = calls.iter().filter_map(Call::action).collect();
    let more: Vec<_> = asked.difference(&documented()).cloned().collect();
    assert_eq!(more, Vec::<String>::new());
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(living(&ground, &host), Vec::<String>::new());
    assert_eq!(balancers(&ground), Vec::<String>::new());
    assert_eq!(records(&ground, &zone), Vec::<String>::new());
}

/// A state that was lost finds the certificate by its tags, and a refresh asks nothing but what it must.
async fn is_found_again(ground: &Ground) {
    import_again(ground).await;
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    let recorder = Recorder::new(&ground.session.recorder);
    let before = recorder.calls().await.expect("an answer").len();
    drop(ground.terraform.plan(&[]).await.expect("an answer").empty());
    let calls = recorder.calls().await.expect("an answer").split_off(before);
    let of_acm = calls.iter().filter_map(Call::action);
    let of_acm: Vec<String> = of_acm.filter(|action| action.starts_with("acm:")).collect();
    let mut sorted = of_acm.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted, ["acm:DescribeCertificate", "acm:ListTagsForCertificate"]);
    assert!(of_acm.len() <= 3, "{of_acm:?}");
}
