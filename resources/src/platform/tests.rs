//! Plans of platforms, and operations on a cluster and an account in memory.
//!
//! This file is long because plans, refusals and a whole life stand on the same cluster and account.

use std::sync::Arc;

use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::eks::fake::FakeEks;
use e2etls_clients::aws::eks::{Description, EksApi as _, NewAddon};
use e2etls_clients::faults::Fate;
use e2etls_clients::kube::fake::FakeCluster;
use e2etls_clients::kube::kinds::{AWS_PCA_ISSUER, CERTIFICATE, CONFIG_MAP, DEPLOYMENT};
use e2etls_clients::kube::objects::ApplyOptions;
use e2etls_engine::failure::Trouble;
use e2etls_engine::observe::observe;
use e2etls_engine::remove::delete_resource;
use e2etls_engine::table::Asked;
use e2etls_engine::write::Outcome;
use serde_json::{Value as Json, json};
use tfplugin_framework::{AttributePath, Model as _, Value};

use super::model::OnDestroy;
use super::*;
use crate::session::OWNER_LABEL;
use crate::testkit;

const CA: &str = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";
const ARN: &str = "arn:aws:eks:eu-central-1:111122223333:cluster/prod";

fn config(changes: &Json) -> Value {
    let mut config = json!({"cluster_name": "prod", "ca_arns": [CA], "template_version": 1,
        "addons": {"cert_manager": "v1.20.3-eksbuild.1", "private_ca_connector": "v1.10.1-eksbuild.1"}});
    for (name, value) in changes.as_object().expect("arguments") {
        config[name.as_str()] = value.clone();
    }
    testkit::config::<Platform>(&config)
}

fn platform(changes: &Json) -> Platform {
    let planned = testkit::plan::<Platform>(Value::Null, config(changes), tfplugin_framework::Private::default());
    assert!(!planned.diagnostics.has_errors(), "{:?}", planned.diagnostics);
    Platform::from_value(&planned.planned).expect("a platform")
}

/// An account with the cluster `prod`.
struct World {
    aws: FakeAws,
    eks: Arc<FakeEks>,
    kube: FakeCluster,
}

impl World {
    fn new(auto_mode: bool) -> Self {
        let aws = FakeAws::default();
        let eks = Arc::new(aws.eks("eu-central-1"));
        eks.add_cluster(
            "prod",
            Description {
                arn: Some(ARN.to_owned()),
                auto_mode: Some(auto_mode),
                ..Description::default()
            },
        );
        Self {
            kube: FakeCluster::new(Arc::clone(&aws.faults)),
            aws,
            eks,
        }
    }

    fn operation(&self, asked: Asked) -> Operation<Clients> {
        let mut cluster = self.kube.cluster(OWNER_LABEL);
        cluster.eks_arn = Some(ARN.to_owned());
        let clients = Clients {
            cluster: Some(Arc::new(cluster)),
            eks: Some(Arc::clone(&self.eks) as _),
            iam: Some(Arc::clone(&self.aws.iam) as _),
            ..Clients::default()
        };
        testkit::operation(asked, clients, Platform::KINDS, Platform::NAME)
    }

    async fn create(&self, platform: &Platform, instance: &str) -> Outcome {
        let parts = platform.render().expect("everything is known");
        testkit::create(&self.operation(Asked::Create), &parts, instance, false).await
    }

    /// Roles, associations, add-ons and ConfigMaps.
    fn count(&self) -> [usize; 4] {
        [
            self.aws.iam.all().len(),
            self.eks.all_associations().len(),
            self.eks.all_addons().len(),
            self.kube.all(CONFIG_MAP).len(),
        ]
    }

    fn deployment(&self, app: &str, metadata: &Json) {
        let mut object = json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": app, "namespace": "pki", "labels": {"app.kubernetes.io/name": app}}});
        for (member, value) in metadata.as_object().expect("metadata") {
            object["metadata"][member.as_str()] = value.clone();
        }
        self.kube.put(DEPLOYMENT, &object);
    }

    /// The mistake that is found before anything is written.
    async fn refused(&self, platform: &Platform) -> Option<(String, String)> {
        let refused = prepare::fits(platform, &self.operation(Asked::Create)).await.err()?;
        assert_eq!(self.count()[..3], [0; 3], "nothing was written");
        let first = refused.iter().next().expect("a diagnostic");
        let path = first.path.as_ref().map(ToString::to_string).unwrap_or_default();
        Some((path, first.detail()))
    }
}

#[test]
fn mistakes_are_found_at_their_arguments() {
    for (changes, path) in [
        (json!({"ca_arns": []}), "ca_arns"),
        (
            json!({"ca_arns": ["arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/*"]}),
            "ca_arns",
        ),
        (
            json!({"ca_arns": ["arn:aws:acm:eu-central-1:111122223333:certificate/1"]}),
            "ca_arns",
        ),
        (json!({"cluster_name": "-prod"}), "cluster_name"),
        (json!({"role_name": "team/issuer"}), "role_name"),
        (json!({"permissions_boundary": "boundary"}), "permissions_boundary"),
        (json!({"addons": {"cert_manager": "1.20.3"}}), "addons.cert_manager"),
        (
            json!({"addons": {"pod_identity_agent": "latest"}}),
            "addons.pod_identity_agent",
        ),
        (json!({"service_account": {"name": "issuer"}}), "service_account"),
        (
            json!({"oidc_provider_arn": "https://oidc.eks.eu-central-1.amazonaws.com/id/A"}),
            "oidc_provider_arn",
        ),
        (json!({"tags": {"aws:x": "1"}}), "tags[\"aws:x\"]"),
    ] {
        assert_eq!(testkit::mistakes::<Platform>(&config(&changes)), [path], "{changes}");
    }
    let theirs = json!({"addons": null, "service_account": {"namespace": "pki", "name": "issuer"}});
    assert_eq!(testkit::mistakes::<Platform>(&config(&theirs)), Vec::<String>::new());
}

#[test]
fn the_name_of_the_cluster_is_the_providers() {
    let provider = |cluster: Json| testkit::provider(&json!({"cluster": cluster}));
    let unnamed = config(&json!({"cluster_name": null}));
    let planned = testkit::plan_in::<Platform>(&provider(json!({"name": "prod"})), Value::Null, unnamed.clone());
    assert!(!planned.diagnostics.has_errors(), "{:?}", planned.diagnostics);
    let model = Platform::from_value(&planned.planned).expect("a platform");
    assert_eq!(model.eks_cluster.as_str(), Some("prod"));
    let role = model.render().expect("everything is known").swap_remove(1);
    assert_eq!(role.name, "e2etls-prod-privateca");

    let elsewhere = provider(json!({"host": "https://127.0.0.1:6443"}));
    let planned = testkit::plan_in::<Platform>(&elsewhere, Value::Null, unnamed);
    let paths = planned.diagnostics.iter().filter_map(|one| one.path.clone());
    assert_eq!(paths.collect::<Vec<_>>(), [AttributePath::root("cluster_name")]);
}

#[test]
fn the_role_is_for_one_service_account_and_for_end_entities() {
    let parts = platform(&json!({"permissions_boundary": "arn:aws:iam::111122223333:policy/boundary"})).render();
    let parts = parts.expect("everything is known");
    let role = parts.iter().find(|part| part.address == parts::ROLE).expect("a role");
    let trust = &role.content["trust"]["Statement"][0];
    assert_eq!(trust["Principal"], json!({"Service": "pods.eks.amazonaws.com"}));
    assert_eq!(
        trust["Condition"]["StringEquals"],
        json!({
            "aws:RequestTag/eks-cluster-name": "prod",
            "aws:RequestTag/kubernetes-namespace": "aws-privateca-issuer",
            "aws:RequestTag/kubernetes-service-account": "aws-privateca-issuer",
        })
    );
    let statements = role.content["policy"]["Statement"].as_array().expect("statements");
    let issues = statements
        .iter()
        .find(|one| one["Action"] == json!(["acm-pca:IssueCertificate"]));
    let templates = &issues.expect("it may issue")["Condition"]["StringLike"]["acm-pca:TemplateArn"];
    let templates: Vec<&str> = templates
        .as_array()
        .expect("templates")
        .iter()
        .filter_map(Json::as_str)
        .collect();
    assert!(templates.iter().all(|one| one.contains("EndEntity")), "{templates:?}");
    assert!(statements.iter().all(|one| one["Resource"] == json!([CA])));
    assert_eq!(role.content["boundary"], "arn:aws:iam::111122223333:policy/boundary");
}

#[test]
fn the_connector_starts_last() {
    let addons = json!({"cert_manager": "v1.0.0-eksbuild.1", "private_ca_connector": "v1.0.0-eksbuild.1",
        "pod_identity_agent": "v1.0.0-eksbuild.1"});
    let parts = platform(&json!({"addons": addons}))
        .render()
        .expect("everything is known");
    let needs = |address: &str| {
        let part = parts.iter().find(|part| part.address == address).expect("a part");
        part.needs()
    };
    assert_eq!(needs("association"), ["role"]);
    assert_eq!(needs("cert-manager"), ["addon/cert-manager"]);
    let connector = needs("addon/private-ca-connector");
    assert_eq!(connector, ["cert-manager", "association", "addon/pod-identity-agent"]);
    let existing = platform(&json!({"addons": null}))
        .render()
        .expect("everything is known");
    let addresses: Vec<&str> = existing.iter().map(|part| part.address.as_str()).collect();
    assert_eq!(
        addresses,
        [
            "platform",
            "role",
            "association",
            "cert-manager",
            "private-ca-connector"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn it_comes_stays_and_goes() {
    let world = World::new(true);
    let mut platform = platform(&json!({}));
    assert!(prepare::fits(&platform, &world.operation(Asked::Create)).await.is_ok());
    let made = world.create(&platform, "i1").await;
    assert_eq!(made.failures, Vec::new());
    assert_eq!(world.count(), [1, 1, 2, 1]);
    platform.observed(&made.objects);
    let arn = platform.role_arn.as_str().expect("an ARN").to_owned();
    assert_eq!(world.eks.all_associations()[0].role_arn, arn);
    assert!(world.kube.all(CERTIFICATE).is_empty(), "a dry run stores nothing");

    let parts = platform.render().expect("parts");
    let op = world.operation(Asked::Observe);
    let seen = observe(&op, &parts, &made.ledger, &made.memory, "i1")
        .await
        .expect("seen");
    assert_eq!((seen.found, seen.drift), (true, Vec::new()));

    let removed = delete_resource(&world.operation(Asked::Delete), &parts, &made.ledger, "i1", &[]).await;
    assert_eq!(removed.failures, Vec::new());
    assert_eq!(world.count(), [0; 4]);
    let preserved: Vec<bool> = world
        .eks
        .deleted()
        .into_iter()
        .map(|(_, preserved)| preserved)
        .collect();
    assert_eq!(preserved, [true, true]);
}

#[tokio::test(start_paused = true)]
async fn a_create_that_was_killed_anywhere_converges() {
    let platform = platform(&json!({}));
    let mut kills = 0;
    for fate in [Fate::KilledBefore, Fate::KilledAfter] {
        for call in 1.. {
            let world = World::new(true);
            world.aws.faults.at(call, fate.clone());
            let made = world.create(&platform, "i1").await;
            world.aws.faults.reset();
            if made.failures.is_empty() {
                assert_eq!(world.count(), [1, 1, 2, 1]);
                break;
            }
            kills += 1;
            let again = world.create(&platform, "i2").await;
            let exists = |trouble: &Trouble| matches!(trouble, Trouble::Exists { .. });
            let imported = again.failures.iter().all(|one| exists(&one.trouble));
            assert!(imported, "{fate:?} at {call}: {:?}", again.failures);
            let count = world.count();
            if again.failures.is_empty() {
                assert_eq!(count, [1, 1, 2, 1], "{fate:?} at {call}");
            } else {
                assert!(
                    count.iter().zip([1, 1, 2, 1]).all(|(is, most)| *is <= most),
                    "{fate:?} at {call}"
                );
            }
        }
    }
    assert!(kills > 20, "{kills} kills");
}

#[tokio::test(start_paused = true)]
async fn what_others_installed_is_left_alone() {
    let managed = platform(&json!({}));
    for app in ["cert-manager", "aws-privateca-issuer"] {
        let world = World::new(true);
        world.deployment(app, &json!({"annotations": {"meta.helm.sh/release-name": "x"}}));
        let (path, words) = world.refused(&managed).await.expect("it is refused");
        let argument = if app == "cert-manager" {
            "cert_manager"
        } else {
            "private_ca_connector"
        };
        assert_eq!(path, format!("addons.{argument}"));
        assert!(
            words.contains(&format!("Deployment pki/{app}, installed by Helm")),
            "{words}"
        );
        let existing = platform(&json!({"addons": null}));
        assert_eq!(world.refused(&existing).await, None);
        // What an add-on left behind is EKS's own.
        let world = World::new(true);
        let left = json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": app, "namespace": "default", "labels": {"app.kubernetes.io/name": app}}});
        let applied = world
            .kube
            .objects()
            .apply(DEPLOYMENT, &left, "eks", ApplyOptions::default())
            .await;
        assert!(applied.is_ok());
        assert_eq!(world.refused(&managed).await, None);
    }
}

#[tokio::test(start_paused = true)]
async fn another_cluster_and_a_missing_agent_are_found_first() {
    let world = World::new(false);
    let (path, words) = world.refused(&platform(&json!({}))).await.expect("no agent");
    assert_eq!(path, "addons.pod_identity_agent");
    assert!(words.contains("not in Auto Mode"), "{words}");
    let addons = json!({"pod_identity_agent": "v1.3.10-eksbuild.1"});
    assert_eq!(world.refused(&platform(&json!({"addons": addons}))).await, None);

    world.eks.add_cluster("other", Description::default());
    let (path, words) = world
        .refused(&platform(&json!({"cluster_name": "other"})))
        .await
        .expect("another");
    assert_eq!(path, "cluster_name");
    assert!(words.contains("not the EKS cluster `other`"), "{words}");
    let (path, words) = world
        .refused(&platform(&json!({"cluster_name": "none"})))
        .await
        .expect("none");
    assert_eq!(path, "cluster_name");
    assert!(words.contains("no cluster `none` in eu-central-1"), "{words}");
}

#[tokio::test(start_paused = true)]
async fn what_is_said_to_exist_has_to() {
    let world = World::new(true);
    world.kube.unserve(CERTIFICATE);
    let made = world.create(&platform(&json!({"addons": null})), "i1").await;
    let troubles: Vec<_> = made.failures.iter().map(|one| (&one.address, &one.trouble)).collect();
    let [(address, Trouble::Domain { what, .. })] = troubles.as_slice() else {
        panic!("{troubles:?}")
    };
    assert_eq!(
        (address.as_str(), what.as_str()),
        ("cert-manager", "cert-manager is not installed")
    );
}

#[tokio::test(start_paused = true)]
async fn with_an_openid_connect_provider_the_add_on_has_the_role() {
    let provider = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-central-1.amazonaws.com/id/A1";
    let platform = platform(&json!({"oidc_provider_arn": provider}));
    let world = World::new(false);
    assert_eq!(world.refused(&platform).await, None, "no agent is needed");
    let made = world.create(&platform, "i1").await;
    assert_eq!(made.failures, Vec::new());
    assert_eq!(world.count(), [1, 0, 2, 1]);
    let role = &made.objects[parts::ROLE];
    let statement = &role.content["trust"]["Statement"][0];
    assert_eq!(statement["Principal"], json!({"Federated": provider}));
    assert_eq!(
        statement["Condition"]["StringEquals"],
        json!({
            "oidc.eks.eu-central-1.amazonaws.com/id/A1:aud": "sts.amazonaws.com",
            "oidc.eks.eu-central-1.amazonaws.com/id/A1:sub": "system:serviceaccount:aws-privateca-issuer:aws-privateca-issuer",
        })
    );
    let roles: Vec<_> = world.eks.all_addons().into_iter().map(|addon| addon.role_arn).collect();
    assert_eq!(roles, [Some(role.outputs["arn"].clone()), None]);

    world.eks.add_cluster(
        "prod",
        Description {
            arn: Some(ARN.to_owned()),
            oidc_issuer: Some("https://oidc.eks.eu-central-1.amazonaws.com/id/B2".to_owned()),
            ..Description::default()
        },
    );
    let refused = prepare::fits(&platform, &world.operation(Asked::Update))
        .await
        .expect_err("another issuer");
    let path = refused.iter().next().and_then(|one| one.path.clone());
    assert_eq!(path, Some(AttributePath::root("oidc_provider_arn")));
}

#[tokio::test(start_paused = true)]
async fn it_is_not_destroyed_while_issuers_need_it() {
    let world = World::new(true);
    let issuer = |labels: Json| {
        json!({"apiVersion": "awspca.cert-manager.io/v1beta1", "kind": "AWSPCAIssuer",
            "metadata": {"name": "corp", "namespace": "web", "labels": labels}})
    };
    let op = world.operation(Asked::Delete);
    world.kube.put(AWS_PCA_ISSUER, &issuer(json!({OWNER_LABEL: "0a"})));
    let refused = prepare::is_free(&op).await.expect_err("an issuer needs it");
    let words = refused.iter().next().expect("a diagnostic").detail();
    assert!(words.contains("AWSPCAIssuer web/corp"), "{words}");
    world.kube.put(AWS_PCA_ISSUER, &issuer(json!({})));
    assert!(prepare::is_free(&op).await.is_ok(), "an issuer of others");
    world.kube.unserve(AWS_PCA_ISSUER);
    assert!(prepare::is_free(&op).await.is_ok(), "no such kind");
}

#[test]
fn add_ons_are_not_removed_with_all_certificates_unasked() {
    let without = |platform: &Platform, on_destroy: &str, protected: bool| {
        let prior = Platform {
            addons_on_destroy: match on_destroy {
                "delete" => OnDestroy::Delete,
                _ => OnDestroy::Preserve,
            }
            .into(),
            deletion_protection: protected.into(),
            ..platform.clone()
        };
        let plan = Platform {
            addons: Attr::Null,
            ..prior.clone()
        };
        let mut diagnostics = Diagnostics::new();
        plan::removals(&prior, &plan, &mut diagnostics);
        (diagnostics.has_errors(), diagnostics.iter().count())
    };
    let platform = platform(&json!({}));
    assert_eq!(without(&platform, "delete", true), (true, 1));
    assert_eq!(without(&platform, "delete", false), (false, 1));
    assert_eq!(without(&platform, "preserve", true), (false, 0));
}

#[tokio::test(start_paused = true)]
async fn an_add_on_of_others_is_used_as_it_is() {
    let world = World::new(true);
    let new = NewAddon {
        name: "cert-manager".to_owned(),
        version: "v1.19.1-eksbuild.1".to_owned(),
        ..NewAddon::default()
    };
    assert!(world.eks.create_addon("prod", &new).await.is_ok());
    let refused = prepare::fits(&platform(&json!({})), &world.operation(Asked::Create))
        .await
        .expect_err("theirs");
    let first = refused.iter().next().expect("a diagnostic");
    assert_eq!(
        first.path.as_ref().map(ToString::to_string).as_deref(),
        Some("addons.cert_manager")
    );
    assert!(first.detail().contains("existing"), "{}", first.detail());
}
