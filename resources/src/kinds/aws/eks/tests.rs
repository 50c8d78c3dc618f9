//! Add-ons and associations against an EKS in memory.

use std::sync::Arc;

use async_trait::async_trait;
use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::eks::fake::FakeEks;
use e2etls_clients::aws::eks::{Description, NewAddon, NewAssociation};
use e2etls_clients::faults::Fate;
use e2etls_clients::kube::fake::FakeCluster;
use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::kind::{Kind, Reading};
use e2etls_engine::marks::Marks;
use e2etls_engine::part::{Part, Ready as _};
use e2etls_engine::remove::delete_resource;
use e2etls_engine::table::Asked;
use e2etls_engine::testkit::{Subject, checks};
use serde_json::json;

use super::super::tried::conforms_unsearched;
use super::*;
use crate::kinds::Kinds;
use crate::session::OWNER_LABEL;
use crate::testkit::{create, operation};

const KINDS: Kinds = &[&ADDON, &ASSOCIATION];

struct World {
    aws: FakeAws,
    eks: Arc<FakeEks>,
    kube: FakeCluster,
    associations: bool,
}

impl World {
    fn new(associations: bool) -> Self {
        let aws = FakeAws::default();
        let eks = Arc::new(aws.eks("eu-central-1"));
        eks.add_cluster("prod", Description::default());
        Self {
            kube: FakeCluster::new(Arc::clone(&aws.faults)),
            aws,
            eks,
            associations,
        }
    }

    fn addon(&self) -> Part<Clients> {
        let content = json!({"version": "v1.19.1-eksbuild.1", "role_arn": "", "on_destroy": "preserve", "tags": null});
        Part::new("addon", &ADDON, "prod/cert-manager", content).ready_when(Arc::new(Active))
    }
}

#[async_trait]
impl Subject<Clients> for World {
    fn kind(&self) -> &'static dyn Kind<Clients> {
        match self.associations {
            true => &ASSOCIATION,
            false => &ADDON,
        }
    }

    fn operation(&self, asked: Asked, owner_id: &str) -> Operation<Clients> {
        let mut cluster = self.kube.cluster(OWNER_LABEL);
        cluster.eks_arn = Some("arn:aws:eks:eu-central-1:111122223333:cluster/prod".to_owned());
        let remotes = Clients {
            cluster: Some(Arc::new(cluster)),
            eks: Some(Arc::clone(&self.eks) as _),
            ..Clients::default()
        };
        let mut op = operation(asked, remotes, KINDS, "platform");
        op.owner.owner_id = Some(owner_id.to_owned());
        op
    }

    fn part(&self, topic: &str) -> Part<Clients> {
        let name = topic.replace(' ', "-");
        match self.associations {
            true => Part::new(
                topic,
                &ASSOCIATION,
                format!("prod/web/{name}"),
                json!({"role_arn": "arn:aws:iam::111122223333:role/a", "tags": null}),
            ),
            false => Part::new(
                topic,
                &ADDON,
                format!("prod/{name}"),
                json!({"version": "v1.0.0-eksbuild.1", "role_arn": "", "on_destroy": "preserve", "tags": null}),
            ),
        }
    }

    fn changed(&self, part: &Part<Clients>) -> Option<Part<Clients>> {
        let mut content = part.content.clone();
        match self.associations {
            true => content["role_arn"] = json!("arn:aws:iam::111122223333:role/b"),
            false => {
                content["version"] = json!("v1.1.0-eksbuild.1");
                content["role_arn"] = json!("arn:aws:iam::111122223333:role/a");
                content["on_destroy"] = json!("delete");
            }
        }
        Some(part.with_content(content))
    }

    async fn make_foreign(&self, part: &Part<Clients>) {
        let tags = Tags::from([("team".to_owned(), "web".to_owned())]);
        let name = part.name.rsplit('/').next().unwrap_or_default().to_owned();
        if self.associations {
            let new = NewAssociation {
                namespace: "web".to_owned(),
                service_account: name,
                role_arn: "arn:aws:iam::111122223333:role/theirs".to_owned(),
                tags,
            };
            drop(self.eks.create_association("prod", &new).await);
        } else {
            let version = "v0.9.0-eksbuild.1".to_owned();
            drop(
                self.eks
                    .create_addon(
                        "prod",
                        &NewAddon {
                            name: name.clone(),
                            version,
                            role_arn: None,
                            tags,
                        },
                    )
                    .await,
            );
            drop(self.eks.addon("prod", &name).await);
        }
    }

    async fn edit(&self, part: &Part<Clients>, _: &Observed) -> bool {
        let name = part.name.rsplit('/').next().unwrap_or_default();
        match self.associations {
            true => self
                .eks
                .edit_association("web", name, |found| found.role_arn = "edited".to_owned()),
            false => self
                .eks
                .edit_addon("prod", name, |found| found.version = "edited".to_owned()),
        }
        true
    }

    fn kept(&self, marks: Marks) -> Marks {
        Marks {
            configuration: None,
            ..marks
        }
    }

    /// What an add-on is doing is EKS's.
    fn steady(&self, mut object: Observed) -> Observed {
        object.content["status"] = json!(null);
        object
    }
}

#[tokio::test(start_paused = true)]
async fn add_ons_are_a_kind() {
    let subject = World::new(false);
    for (name, check) in checks(&subject) {
        assert_eq!(check.await, Ok(()), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn associations_are_a_kind_that_is_not_searched_for() {
    conforms_unsearched(&World::new(true)).await;
}

#[tokio::test(start_paused = true)]
async fn a_create_that_was_killed_anywhere_converges() {
    for associations in [false, true] {
        for fate in [Fate::KilledBefore, Fate::KilledAfter] {
            for call in 1.. {
                let world = World::new(associations);
                let parts = [world.part("shop")];
                world.aws.faults.at(call, fate.clone());
                let made = create(&world.operation(Asked::Create, "prod"), &parts, "i1", false).await;
                world.aws.faults.reset();
                if !made.failures.is_empty() {
                    let again = create(&world.operation(Asked::Create, "prod"), &parts, "i2", false).await;
                    // A create that was finished, and whose end nobody heard of, is imported.
                    let unfinished = |tags: &Tags| tags.contains_key(marks::CREATING);
                    let addons = world.eks.all_addons().into_iter().map(|found| found.tags);
                    let associations = world.eks.all_associations().into_iter().map(|found| found.tags);
                    let left = addons.chain(associations).any(|tags| unfinished(&tags));
                    let exists = |failure: &Failure| matches!(failure.trouble, Trouble::Exists { .. });
                    assert!(
                        !left && again.failures.iter().all(exists),
                        "{fate:?} at {call}: {:?}",
                        again.failures
                    );
                    let is_last = fate == Fate::KilledAfter;
                    assert!(again.failures.is_empty() || is_last, "{fate:?} at {call}");
                }
                let count = world.eks.all_addons().len() + world.eks.all_associations().len();
                assert_eq!(count, 1, "{fate:?} at {call}");
                if made.failures.is_empty() {
                    assert!(call > 1, "nothing was killed");
                    break;
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_add_on_that_fails_says_why_and_is_tried_again() {
    let world = World::new(false);
    world.eks.fail(
        "cert-manager",
        "CREATE_FAILED",
        "ConfigurationConflict: Conflicts found when trying to apply.",
    );
    let parts = [world.addon()];
    let made = create(&world.operation(Asked::Create, "prod"), &parts, "i1", false).await;
    let [failure] = made.failures.as_slice() else {
        panic!("one failure: {:?}", made.failures)
    };
    let Trouble::Domain { cause, .. } = &failure.trouble else {
        panic!("{failure:?}")
    };
    assert!(
        cause.contains("cert-manager is CREATE_FAILED: ConfigurationConflict"),
        "{cause}"
    );
    let again = create(&world.operation(Asked::Create, "prod"), &parts, "i2", false).await;
    assert_eq!(again.failures, Vec::new());
    assert_eq!(world.eks.all_addons()[0].status, "ACTIVE");
}

#[tokio::test(start_paused = true)]
async fn what_it_installed_stays_unless_the_tag_says_otherwise() {
    for (on_destroy, preserved) in [("preserve", true), ("delete", false)] {
        let world = World::new(false);
        let mut part = world.addon();
        part.content["on_destroy"] = json!(on_destroy);
        let parts = [part];
        let made = create(&world.operation(Asked::Create, "prod"), &parts, "i1", false).await;
        assert_eq!(made.failures, Vec::new());
        // Without any part: a delete knows nothing but the state.
        let op = world.operation(Asked::Delete, "prod");
        let removed = delete_resource(&op, &parts, &made.ledger, "i1", &[]).await;
        assert_eq!(removed.failures, Vec::new());
        assert_eq!(world.eks.deleted(), [("cert-manager".to_owned(), preserved)]);
        assert_eq!(world.eks.all_addons(), Vec::new());
    }
}

#[tokio::test(start_paused = true)]
async fn an_add_on_that_is_being_removed_says_so() {
    let world = World::new(false);
    let parts = [world.addon()];
    let made = create(&world.operation(Asked::Create, "prod"), &parts, "i1", false).await;
    assert_eq!(made.failures, Vec::new());
    drop(world.eks.delete_addon("prod", "cert-manager", true).await);
    let op = world.operation(Asked::Observe, "prod");
    let seen = ADDON.look(&op, parts[0].target(None), Reading::Fresh).await;
    let seen = seen.expect("an answer").expect("an add-on");
    assert!(seen.deleting.is_some());
    assert_eq!(Active.works(&op, &parts[0], &seen).await, Ok(Some(false)));
}

#[tokio::test(start_paused = true)]
async fn a_role_that_eks_does_not_see_yet_is_waited_for() {
    let world = World::new(true);
    world.eks.see_roles_late(5);
    let parts = [world.part("pca")];
    let made = create(&world.operation(Asked::Create, "prod"), &parts, "i1", false).await;
    assert_eq!(made.failures, Vec::new());
    let world = World::new(true);
    world.eks.see_roles_late(u32::MAX);
    let made = create(&world.operation(Asked::Create, "prod"), &parts, "i1", false).await;
    let words = format!("{:?}", made.failures);
    assert!(words.contains("Role provided in the request does not exist"), "{words}");
}
