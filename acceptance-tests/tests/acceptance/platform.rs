//! `e2etls_platform` through Terraform, against EKS, IAM and a cluster of its own: a cluster has one platform, and issuers of
//! other tests would keep it from being destroyed.
//!
//! This file is long because a cluster has one platform: its whole life is one test.

use std::collections::BTreeSet;
use std::process::Command;

use e2etls_lab::lab::{CLUSTER, Call, Node, Options, Recorder, apply::documents};
use serde_json::{Value, json};

use crate::eks::{GROUP, write};
use crate::ground::Ground;
use crate::permissions::actions;
use crate::roles::{Permissions, granted, needed};

pub(crate) const ADDRESS: &str = "e2etls_platform.this";
const ROLE: &str = include_str!("../../../examples/resources/e2etls_platform/role.yaml");
const POLICY: &str = include_str!("../../../examples/permissions/iam-policy-platform.json");
pub(crate) const VERSIONS: [&str; 2] = ["v1.19.1-eksbuild.1", "v1.20.3-eksbuild.1"];

/// Binds roles to the AWS identity of the tests, where they are.
pub(crate) async fn permit(ground: &Ground, roles: &[Value]) {
    for role in roles {
        ground.apply(role.clone()).await;
        let metadata = &role["metadata"];
        ground
            .apply(json!({
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": format!("{}Binding", role["kind"].as_str().expect("a kind")),
                "metadata": {"name": metadata["name"], "namespace": metadata["namespace"]},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role["kind"], "name": metadata["name"]},
                "subjects": [{"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": GROUP}],
            }))
            .await;
    }
}

/// A cluster without Pods, in which the identity of the tests has the role of a platform.
pub(crate) async fn ground(namespace: &str) -> Ground {
    let options = Options {
        node: Node::None,
        load_balancers: false,
        ..Options::default()
    };
    let ground = Ground::alone(namespace, options).await;
    permit(&ground, &documents(ROLE).expect("YAML")).await;
    ground.without_kubeconfig()
}

pub(crate) fn platform(version: &str, more: &str) -> String {
    format!(
        r#"
resource "e2etls_platform" "this" {{
  ca_arns             = [e2etls_private_ca.ca.arn]
  deletion_protection = false
  addons = {{
    cert_manager         = "{version}"
    private_ca_connector = "v1.10.1-eksbuild.1"
    pod_identity_agent   = "v1.3.10-eksbuild.1"
  }}
  {more}
}}
"#
    )
}

/// An issuer of the whole cluster.
const ISSUER: &str = r#"
resource "e2etls_issuer" "wide" {
  name   = "wide"
  kind   = "AWSPCAClusterIssuer"
  ca_arn = e2etls_private_ca.ca.arn
  verify = "ready"
}
"#;

/// The lab's own view of EKS, or what becomes of an add-on.
fn control(ground: &Ground, path: &str, body: Option<&Value>) -> Value {
    let url = ground.lab.endpoints().ministack.clone().expect("EKS runs");
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--fail-with-body"])
        .arg(format!("{url}/e2etls/eks/addons{path}"));
    if let Some(body) = body {
        curl.args(["-X", "POST", "-d", &body.to_string()]);
    }
    let output = curl.output().expect("curl runs");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

/// Names of the add-ons that there are, and how many roles of ours.
pub(crate) fn there(ground: &Ground) -> (Vec<String>, usize) {
    let all = control(ground, "", None);
    let all = all
        .as_array()
        .expect("a list")
        .iter()
        .filter(|addon| addon["deleted"] == false);
    let mut names: Vec<String> = all
        .map(|addon| addon["addonName"].as_str().expect("a name").to_owned())
        .collect();
    names.sort();
    (names, roles(ground).len())
}

/// Add-ons and associations, by the names of their collections.
pub(crate) fn in_eks(ground: &Ground) -> Vec<(&'static str, String)> {
    let addons = eks(ground, "/addons", &[]);
    let addons = addons["addons"].as_array().expect("a list").iter();
    let addons = addons.map(|name| ("addons", name.as_str().expect("a name").to_owned()));
    let associations = eks(ground, "/pod-identity-associations", &[]);
    let associations = associations["associations"].as_array().expect("a list").iter();
    let associations = associations.map(|one| {
        let id = one["associationId"].as_str().expect("an id").to_owned();
        ("pod-identity-associations", id)
    });
    addons.chain(associations).collect()
}

/// A call about the cluster by somebody else.
fn eks(ground: &Ground, path: &str, args: &[&str]) -> Value {
    let url = ground.lab.endpoints().ministack.clone().expect("EKS runs");
    let path = format!("/clusters/{CLUSTER}{path}");
    let text = crate::public_certificate::request_at(&url, "eks", &path, args);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// Names of our roles.
pub(crate) fn roles(ground: &Ground) -> Vec<String> {
    let listed = iam(ground, &[("Action", "ListRoles"), ("PathPrefix", "/e2etls/")]);
    assert!(!listed.contains("<IsTruncated>true"), "the list has a second page");
    let names = listed.split("<RoleName>").skip(1);
    let names = names.filter_map(|rest| rest.split('<').next());
    names.map(str::to_owned).collect()
}

/// A call of IAM by somebody else.
pub(crate) fn iam(ground: &Ground, query: &[(&str, &str)]) -> String {
    let query: Vec<String> = query.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let path = format!("/?{}&Version=2010-05-08", query.join("&"));
    crate::public_certificate::request(ground, "iam", &path, &[])
}

async fn import(ground: &Ground) {
    let imported = ground.terraform.import(ADDRESS, "kube-system/platform").await;
    drop(imported.expect("an answer").success());
}

/// Everything that the provider asked of the cluster and of AWS.
async fn asked(ground: &Ground) -> Vec<Call> {
    let calls = Recorder::new(&ground.session.recorder)
        .calls()
        .await
        .expect("an answer");
    calls.into_iter().filter(|call| call.status != Some(403)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_lives_under_its_documented_permissions() {
    let ground = ground("platform").await;
    write(&ground, "");
    drop(ground.terraform.apply(&[]).await.expect("an answer").success());
    Recorder::new(&ground.session.recorder)
        .reset()
        .await
        .expect("an answer");

    lives(&ground).await;
    is_restored(&ground).await;
    goes(&ground).await;

    let calls = asked(&ground).await;
    let used: Permissions = calls.iter().flat_map(needed).collect();
    let mut role = granted(&documents(ROLE).expect("an answer"));
    // Only an object that is being deleted is watched.
    role.remove("configmaps watch");
    assert_eq!(used, role);
    let asked = calls.iter().filter_map(Call::action);
    let asked = asked.filter(|action| !action.starts_with("acm-pca:"));
    let mut documented = actions(POLICY);
    // Where something is wrong: what keeps a role from being deleted. And what no call is: the right to hand a role on.
    for seldom in [
        "iam:ListAttachedRolePolicies",
        "iam:ListInstanceProfilesForRole",
        "iam:ListRolePolicies",
        "iam:PassRole",
        // The description follows from the cluster's name, and an association from the role's.
        "iam:UpdateRoleDescription",
    ] {
        assert!(documented.remove(seldom), "{seldom}");
    }
    assert_eq!(asked.collect::<BTreeSet<_>>(), documented);

    fails_and_goes_on(&ground).await;
    is_needed(&ground).await;
    turns(&ground).await;
}

/// Created, upgraded, and the same to a second plan.
async fn lives(ground: &Ground) {
    let boundary = "arn:aws:iam::123456789012:policy/boundary";
    write(
        ground,
        &platform(VERSIONS[0], &format!("permissions_boundary = {boundary:?}")),
    );
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    let (addons, roles) = there(ground);
    assert_eq!(
        addons,
        [
            "aws-privateca-connector-for-kubernetes",
            "cert-manager",
            "eks-pod-identity-agent"
        ]
    );
    assert_eq!(roles, 1);
    let values = ground.terraform.values(ADDRESS).await.expect("an answer");
    assert_eq!(values["eks_cluster"], CLUSTER);
    assert_eq!(
        values["role_arn"],
        "arn:aws:iam::123456789012:role/e2etls/e2etls-lab-privateca"
    );

    // A refresh asks for each object once: the cluster's identity, the arguments, the role and its policy, the association
    // (listed and described), three add-ons. Under this role, ConfigMaps of all namespaces are asked for in vain first.
    let recorder = Recorder::new(&ground.session.recorder);
    let before = recorder.calls().await.expect("an answer").len();
    drop(ground.terraform.plan(&[]).await.expect("an answer").empty());
    let calls = recorder.calls().await.expect("an answer").split_off(before);
    let of_ca = |call: &&Call| call.action().is_some_and(|action| action.starts_with("acm-pca:"));
    let own: Vec<String> = calls
        .iter()
        .filter(|call| !of_ca(call))
        .map(|call| format!("{} {}", call.method, call.path))
        .collect();
    assert!(own.len() <= 11, "{own:#?}");

    let tagged = "tags = { team = \"pki\" }\n  role_name = \"issuer\"";
    write(ground, &platform(VERSIONS[1], tagged));
    let plan = ground.terraform.plan(&[]).await.expect("an answer");
    assert_eq!(plan.change(ADDRESS).actions, ["update"]);
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    let values = ground.terraform.values(ADDRESS).await.expect("an answer");
    assert_eq!(values["role_arn"], "arn:aws:iam::123456789012:role/e2etls/issuer");
    assert_eq!(there(ground).1, 1, "the old role is gone");
    let more = tagged.replace("}", ", stage = \"test\" }");
    write(
        ground,
        &platform(VERSIONS[1], &format!("{more}\n  permissions_boundary = {boundary:?}")),
    );
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    write(ground, &platform(VERSIONS[1], tagged));
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
}

/// What is changed by hand is shown, and restored.
async fn is_restored(ground: &Ground) {
    let nobody = |principal: &str| {
        format!(
            "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Deny%22%2C{principal}%22Action\
             %22%3A%22sts%3AAssumeRole%22%7D%5D%7D"
        )
    };
    let (trust, policy) = (
        nobody("%22Principal%22%3A%22%2A%22%2C"),
        nobody("%22Resource%22%3A%22%2A%22%2C"),
    );
    let of_role = ("RoleName", "issuer");
    drop(iam(
        ground,
        &[
            ("Action", "UpdateAssumeRolePolicy"),
            of_role,
            ("PolicyDocument", &trust),
        ],
    ));
    drop(iam(
        ground,
        &[
            ("Action", "PutRolePolicy"),
            of_role,
            ("PolicyName", "e2etls"),
            ("PolicyDocument", &policy),
        ],
    ));
    let plan = ground.terraform.plan(&[]).await.expect("an answer");
    assert_eq!(plan.change(ADDRESS).actions, ["update"]);
    let drift = plan.change(ADDRESS).json["before"]["drift"].to_string();
    assert!(drift.contains("role policy") && drift.contains("role trust"), "{drift}");
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    assert!(!iam(ground, &[("Action", "GetRole"), of_role]).contains("Deny"));

    // A state that was lost finds it again.
    drop(
        ground
            .terraform
            .state(&["rm", ADDRESS])
            .await
            .expect("an answer")
            .success(),
    );
    import(ground).await;
    write(
        ground,
        &platform(
            VERSIONS[1],
            "tags = { team = \"pki\" }\n  role_name = \"issuer\"\n  addons_on_destroy = \"delete\"",
        ),
    );
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
}

/// Destroyed: what was installed goes, as the last apply said.
async fn goes(ground: &Ground) {
    write(ground, "");
    drop(ground.terraform.apply(&[]).await.expect("an answer").success());
    assert_eq!(there(ground), (Vec::new(), 0));
    let all = control(ground, "", None);
    let all = all.as_array().expect("an answer").iter();
    assert!(
        all.clone().count() >= 3 && all.clone().all(|addon| addon["preserve"] == false),
        "{all:?}"
    );
}

/// An add-on that can't be installed ends the apply with the words of EKS, and the next apply tries again.
async fn fails_and_goes_on(ground: &Ground) {
    let issue = json!({"code": "ConfigurationConflict", "message": "Conflicts found", "resourceIds": ["cert-manager"]});
    let fate = json!({"status": "CREATE_FAILED", "issue": issue, "next": true});
    drop(control(ground, "/cert-manager", Some(&fate)));
    write(ground, &platform(VERSIONS[1], ""));
    let began = std::time::Instant::now();
    let refused = ground.terraform.apply(&[]).await.expect("an answer");
    drop(refused.failure(&[
        "EKS could not install the add-on",
        "ConfigurationConflict: Conflicts found (cert-manager)",
    ]));
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
    drop(ground.terraform.apply_quietly().await.expect("an answer"));

    // A version that EKS does not have.
    write(ground, &platform("v9.9.9-eksbuild.1", ""));
    let refused = ground.terraform.apply(&[]).await.expect("an answer");
    drop(refused.failure(&["InvalidParameterException", "eks:UpdateAddon"]));
    write(ground, &platform(VERSIONS[1], ""));
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
}

/// It is not destroyed while there are issuers, whoever forgot to refer to it.
async fn is_needed(ground: &Ground) {
    crate::eks::permit(ground).await;
    let wide = documents(include_str!("../../../examples/permissions/cluster-reader.yaml")).expect("an answer");
    let wide: Vec<Value> = wide
        .into_iter()
        .filter(|role| role["metadata"]["name"] == "e2etls-cluster-issuers")
        .collect();
    permit(ground, &wide).await;
    write(ground, &(platform(VERSIONS[1], "") + ISSUER));
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    let before = there(ground);
    write(ground, ISSUER);
    let refused = ground.terraform.apply(&[]).await.expect("an answer");
    drop(refused.failure(&["The platform is in use", "AWSPCAClusterIssuer wide"]));
    assert_eq!(there(ground), before, "nothing was deleted");
    write(ground, &platform(VERSIONS[1], ""));
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    write(ground, "");
    drop(ground.terraform.apply(&[]).await.expect("an answer").success());
}

/// From EKS Pod Identity to the cluster's OpenID Connect provider and back, in place.
async fn turns(ground: &Ground) {
    let federated = format!(
        "oidc_provider_arn = \"arn:aws:iam::123456789012:oidc-provider/${{trimprefix(data.e2etls_cluster.it.oidc_issuer, \
         \"http://\")}}\"\n}}\ndata \"e2etls_cluster\" \"it\" {{\n  name = {CLUSTER:?}"
    );
    for (more, association) in [("", true), (federated.as_str(), false), ("", true)] {
        write(ground, &platform(VERSIONS[1], more));
        drop(ground.terraform.apply_quietly().await.expect("an answer"));
        let values = ground.terraform.values(ADDRESS).await.expect("an answer");
        assert_eq!(values["parts"]["association"].is_object(), association, "{values}");
        let role = iam(ground, &[("Action", "GetRole"), ("RoleName", "e2etls-lab-privateca")]);
        assert_eq!(role.contains("pods.eks.amazonaws.com"), association, "{role}");
        assert_eq!(role.contains("AssumeRoleWithWebIdentity"), !association, "{role}");
    }
    write(ground, "");
    drop(ground.terraform.apply(&[]).await.expect("an answer").success());
}
