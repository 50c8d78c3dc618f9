//! Each resource lives under the role on its page, and uses all of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use e2etls_lab::lab::{Call, Recorder, apply::documents};

use crate::ground::Ground;
use crate::permissions::of_resource;
use crate::roles::{Permissions, SOMETIMES, granted, needed};
use crate::subject::{CERTIFICATE, EDGE, ISSUER, NETWORK_POLICY, PROXY, STACK, Subject};

/// What single resources do not use in a life without trouble, beside [`SOMETIMES`], and what uses it.
const SELDOM: [(&str, &str); 2] = [
    (
        "certificaterequests.cert-manager.io delete",
        "an answer to an earlier request is thrown away",
    ),
    (
        "pods list",
        "an app that somebody else runs is looked for, and an audit lists what is cut",
    ),
];
/// With more than one Pod of the proxy.
const BUDGET: [&str; 4] = ["create", "delete", "get", "patch"];

/// The role on the page of a resource, in this namespace.
fn role(resource: &str, namespace: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../examples/resources/e2etls_{resource}/role.yaml"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let named = |kind: &str| format!("name: e2etls-{kind}");
    let kind = resource.replace('_', "-");
    text.replace("shop", namespace)
        .replace(&named(&kind), &named(&format!("{kind}-{namespace}")))
}

/// A life: created, changed, planned, destroyed; what it stands on stays. The calls, refused ones apart.
async fn calls(ground: &Ground, subject: &Subject) -> Vec<Call> {
    subject.write_base(ground);
    drop(ground.terraform.apply(&[]).await.expect("an answer").success());
    let recorder = Recorder::new(&ground.session.recorder);
    recorder.reset().await.expect("an answer");
    for changed in [false, true] {
        subject.write(ground, "it", changed, "");
        drop(ground.terraform.apply_quietly().await.expect("an answer"));
    }
    subject.write_base(ground);
    drop(ground.terraform.apply(&[]).await.expect("an answer").success());
    let mut calls = recorder.calls().await.expect("an answer");
    calls.retain(|call| call.status != Some(403));
    calls
}

/// Holds the calls of AWS against the guide. What a resource stands on is only refreshed beside it.
fn is_in_the_guide(resource: &str, stands_on: &[&str], calls: &[Call]) {
    let reads = |action: &String| {
        let (_, name) = action.split_once(':').unwrap_or_default();
        ["Describe", "Get", "List"].iter().any(|verb| name.starts_with(verb))
    };
    let others = stands_on.iter().chain(&["private_ca", "public_certificate"]);
    let refreshed = others.flat_map(|other| of_resource(other)).filter(reads);
    let listed: BTreeSet<String> = of_resource(resource).into_iter().chain(refreshed).collect();
    let asked: BTreeSet<String> = calls.iter().filter_map(Call::action).collect();
    let more: Vec<&String> = asked.difference(&listed).collect();
    assert_eq!(more, Vec::<&String>::new(), "{resource}: not in the guide");
}

/// What a role grants and a life without trouble does not use.
async fn spare(resource: &str, subject: &Subject, stands_on: &[&str]) -> BTreeSet<String> {
    let namespace = format!("role-{}", resource.replace('_', "-"));
    let own = role(resource, &namespace);
    let others: String = stands_on
        .iter()
        .map(|other| format!("---\n{}", role(other, &namespace)))
        .collect();
    let ground = Ground::with_permissions(&namespace, &(own.clone() + &others)).await;
    ground.app().await;
    let calls = calls(&ground, subject).await;
    is_in_the_guide(resource, stands_on, &calls);
    let used: Permissions = calls.iter().flat_map(needed).collect();
    let own = granted(&documents(&own).expect("YAML"));
    let foreign: Vec<&String> = used.difference(&own).collect();
    // What it stands on is refreshed beside it.
    let of_others = granted(&documents(&others).expect("YAML"));
    let refreshed =
        |one: &String| of_others.contains(one) && ["get", "list", "watch"].iter().any(|verb| one.ends_with(verb));
    assert!(
        foreign.iter().all(|one| refreshed(one)),
        "{resource} uses what its role does not grant: {foreign:?}"
    );
    own.difference(&used).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_resource_lives_under_the_role_on_its_page() {
    let spared = [
        ("issuer", spare("issuer", &ISSUER, &[]).await),
        ("certificate", spare("certificate", &CERTIFICATE, &["issuer"]).await),
        ("network_policy", spare("network_policy", &NETWORK_POLICY, &[]).await),
        ("proxy", spare("proxy", &PROXY, &["issuer"]).await),
        ("edge", spare("edge", &EDGE, &["proxy", "issuer"]).await),
        ("stack", spare("stack", &STACK, &[]).await),
    ];
    let budget = BUDGET.map(|verb| format!("poddisruptionbudgets.policy {verb}"));
    for (resource, mut spared) in spared {
        spared.retain(|one| !SOMETIMES.iter().chain(&SELDOM).any(|(sometimes, _)| one == sometimes));
        match resource {
            // An edge is an Ingress or a Service, and the stack has none here.
            "stack" => spared.retain(|one| !budget.contains(one) && !one.starts_with("ingresses.")),
            "edge" => spared.retain(|one| !one.starts_with("services ")),
            "network_policy" => spared.retain(|one| one != "services list"),
            _ => {}
        }
        assert_eq!(spared, Permissions::new(), "{resource}: granted, and not used");
    }
}
