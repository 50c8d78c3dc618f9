//! The documented permissions suffice: a life under the profile `namespaced`. All other tests run under `cluster-reader`.

use std::collections::BTreeSet;

use e2etls_lab::lab::{CLUSTER, Call, Recorder};
use serde_json::Value;

use crate::ground::Ground;
use crate::public_certificate::{certificate, in_zone, zone};
use crate::subject::{PROXY, STACK};

const NAMESPACED: &str = include_str!("../../../examples/permissions/namespaced.yaml");

async fn live(ground: &Ground, subject: &crate::subject::Subject) {
    let before = ground.listing().await;
    subject.write(ground, "it", false, "");
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    subject.write(ground, "it", true, "");
    drop(ground.terraform.apply_quietly().await.expect("an answer"));

    // After the first 403 of a kind it is listed in its namespace alone; what is found is one list a kind and namespace.
    let recorder = Recorder::new(&ground.session.recorder);
    recorder.reset().await.expect("an answer");
    drop(ground.terraform.plan(&[]).await.expect("an answer").empty());
    let calls = recorder.calls().await.expect("an answer");
    let refused = |call: &&Call| call.status == Some(403);
    assert!(
        calls.iter().filter(refused).count() > 0,
        "the profile reads no other namespace"
    );
    assert!(
        calls
            .iter()
            .filter(refused)
            .all(|call| !call.path.contains("/namespaces/"))
    );

    drop(ground.terraform.destroy(&[]).await.expect("an answer").success());
    ground.until_listing(&before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_and_a_stack_live_in_one_namespace() {
    for (namespace, subject) in [("profile-proxy", &PROXY), ("profile-stack", &STACK)] {
        let rules = NAMESPACED
            .replace("shop", namespace)
            .replace("name: e2etls", &format!("name: e2etls-{namespace}"));
        let ground = Ground::with_permissions(namespace, &rules).await;
        live(&ground, subject).await;
    }
}

const POLICY: &str = include_str!("../../../examples/permissions/iam-policy.json");

const GUIDE: &str = include_str!("../../../docs/guides/permissions.md");

/// The actions of AWS that the guide lists for a resource.
pub(crate) fn of_resource(resource: &str) -> BTreeSet<String> {
    let row = GUIDE.lines().find(|line| {
        let rest = line.strip_prefix(&format!("| `{resource}` | "));
        rest.is_some_and(|rest| !rest.starts_with('['))
    });
    let row = row.unwrap_or_else(|| panic!("the guide has no row for {resource}"));
    let words = row.split('`').skip(3).step_by(2);
    words.filter(|word| word.contains(':')).map(str::to_owned).collect()
}

/// The actions of the documented policy.
pub(crate) fn documented() -> BTreeSet<String> {
    actions(POLICY)
}

/// The actions of a policy document.
pub(crate) fn actions(policy: &str) -> BTreeSet<String> {
    let policy: Value = serde_json::from_str(policy).expect("JSON");
    let statements = policy["Statement"].as_array().expect("statements").iter();
    let actions = statements.flat_map(|statement| match &statement["Action"] {
        Value::Array(actions) => actions.clone(),
        one => vec![one.clone()],
    });
    actions
        .filter_map(|action| action.as_str().map(str::to_owned))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_of_the_documents_is_what_certificates_and_clusters_need() {
    let ground = Ground::new("profile-aws").await;
    let authority = |kind: &str, more: &str| {
        format!(
            r#"
resource "e2etls_private_ca" "{kind}" {{
  name                = "profile-{kind}"
  type                = "{}"
  usage_mode          = "GENERAL_PURPOSE"
  subject             = {{ common_name = "profile {kind}" }}
  deletion_protection = false
  {more}
}}
"#,
            kind.to_uppercase()
        )
    };
    let below = "parent_arn = e2etls_private_ca.root.arn";
    let domain = "profile.example";
    let dns = in_zone(domain, &zone(&ground, domain, false));
    let public = |more: &str| certificate(domain, more);
    let first = authority(
        "root",
        "validity_days = 3650\n  allow_acm_renewal = true\n  tags = { a = \"b\" }",
    ) + &authority("subordinate", &format!("validity_days = 365\n  {below}"))
        + &public(&format!("tags = {{ a = \"b\" }}\n  {dns}"));
    ground.write(&first);
    let cluster = format!("cluster = {{ name = {CLUSTER:?} }}");
    let config = std::fs::read_to_string(ground.terraform.path().join("main.tf")).unwrap();
    let facts = format!("data \"e2etls_cluster\" \"it\" {{\n  name = {CLUSTER:?}\n}}\n");
    let owner = "owner_id = \"profile-aws\"";
    let config = config.replace(
        owner,
        &format!("{owner}\n  {cluster}\n  allowed_account_ids = [\"123456789012\"]"),
    );
    crate::eks::permit(&ground).await;
    ground.terraform.write("main.tf", &(config + &facts)).unwrap();
    ground.terraform.apply_quietly().await.unwrap();
    let arn = ground.terraform.values("e2etls_private_ca.subordinate").await.unwrap()["arn"].clone();
    ground.write(
        &(authority("root", "validity_days = 3650")
            + &authority("subordinate", &format!("validity_days = 500\n  {below}"))
            + &public(&format!("tags = {{ a = \"c\" }}\n  {dns}"))),
    );
    ground.terraform.apply_quietly().await.unwrap();
    drop(
        ground
            .terraform
            .destroy(&["-target=e2etls_private_ca.subordinate"])
            .await
            .unwrap()
            .success(),
    );
    let restored = format!("validity_days = 500\n  restore_arn = {arn}\n  {below}");
    ground.write(&(authority("root", "validity_days = 3650") + &authority("subordinate", &restored)));
    ground.terraform.apply_quietly().await.unwrap();
    drop(ground.terraform.destroy(&[]).await.unwrap().success());

    let calls = Recorder::new(&ground.session.recorder).calls().await.unwrap();
    let asked: BTreeSet<String> = calls.iter().filter_map(Call::action).collect();
    // The tests of edges and reports hold these against their own calls.
    let mut documented = documented();
    let of_others = ["cloudwatch:", "ec2:", "elasticloadbalancing:", "route53:GetChange"];
    documented.retain(|action| !of_others.iter().any(|of_other| action.starts_with(of_other)));
    assert_eq!(asked, documented);
}
