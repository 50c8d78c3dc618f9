//! Who may touch which CA, and what is made of it.

use tfplugin_framework::{Applied, Attr, Config, Create, Delete, Diagnostics, Plan, Private, State};

use super::fake::{Fake, is_marked};
use super::{Around, root, subject};
use crate::kinds::aws::marks::{INSTANCE as INSTANCE_TAG, OWNER as OWNER_TAG};
use crate::private_ca::model::{CaType, KeyAlgorithm, PrivateCa, UsageMode};
use crate::private_ca::{create_with, delete_with, observe};

async fn create(fake: &Fake, around: &Around, model: PrivateCa, leg: &str) -> Applied<PrivateCa> {
    let private = Private::from_bytes(format!("{{\"leg\":{leg:?}}}").as_bytes());
    create_with(
        &around.run(fake),
        Create {
            config: Config(model.clone()),
            plan: Plan(model),
            private,
        },
    )
    .await
}

async fn made(fake: &Fake, around: &Around, model: PrivateCa) -> PrivateCa {
    let applied = create(fake, around, model, "create").await;
    assert!(!applied.diagnostics.has_errors(), "{:?}", applied.diagnostics);
    applied.state.unwrap().0
}

async fn delete(fake: &Fake, around: &Around, prior: PrivateCa, private: Private) -> Applied<PrivateCa> {
    delete_with(
        &around.run(fake),
        Delete {
            prior: State(prior),
            private,
        },
    )
    .await
}

/// The private bytes of a create plan of `model`, as the plan itself makes them.
fn create_plan(model: &PrivateCa) -> Private {
    super::plan::private_of_create(model)
}

fn details(diagnostics: &Diagnostics) -> String {
    diagnostics
        .iter()
        .map(|diagnostic| format!("{}: {}\n", diagnostic.what, diagnostic.detail()))
        .collect()
}

fn subordinate(parent: &PrivateCa) -> PrivateCa {
    PrivateCa {
        name: "issuing".to_owned().into(),
        r#type: CaType::Subordinate.into(),
        usage_mode: UsageMode::GeneralPurpose.into(),
        subject: subject("issuing").into(),
        parent_arn: parent.arn.clone(),
        validity_days: 365.into(),
        ..root()
    }
}

#[tokio::test]
async fn the_first_leg_of_a_tainted_replacement_leaves_the_ca_to_the_second() {
    let (fake, around) = (Fake::default(), Around::named());
    let before = made(&fake, &around, root()).await;
    let gone = delete(&fake, &around, before.clone(), create_plan(&root())).await;
    assert!(gone.state.is_none() && is_marked(&fake.alive()[0]));
    let after = made(&fake, &around, root()).await;
    assert_eq!(after.arn, before.arn);
    assert_ne!(after.instance, before.instance);
    assert!(!is_marked(&fake.alive()[0]));
}

#[tokio::test]
async fn a_tainted_ca_is_not_lost_to_a_change_while_protected() {
    let (fake, around) = (Fake::default(), Around::named());
    let before = made(&fake, &around, root()).await;
    let other = PrivateCa {
        key_algorithm: KeyAlgorithm::P384.into(),
        ..root()
    };
    let kept = delete(&fake, &around, before, create_plan(&other)).await;
    assert!(kept.state.is_some() && details(&kept.diagnostics).contains("deletion_protection"));
    assert_eq!(fake.alive()[0].authority.status, "ACTIVE");
}

#[tokio::test]
async fn creating_before_destroying_adopts_and_the_destroy_finds_nothing_of_its_own() {
    let (fake, around) = (Fake::default(), Around::named());
    let before = made(&fake, &around, root()).await;
    let arn = before.arn.as_str().unwrap().to_owned();
    // The create of the tainted one never finished.
    fake.edit(&arn, |kept| {
        drop(
            kept.tags
                .insert("e2etls:creating".to_owned(), "2026-01-01T00:00:00Z".to_owned()),
        )
    });
    let after = made(&fake, &around, root()).await;
    assert_eq!(after.arn, before.arn);
    let left = delete(
        &fake,
        &around,
        PrivateCa {
            deletion_protection: false.into(),
            ..before
        },
        Private::default(),
    )
    .await;
    assert!(left.state.is_none() && details(&left.diagnostics).contains("adopted elsewhere"));
    assert_eq!(fake.alive().len(), 1);
}

#[tokio::test]
async fn a_replacement_before_the_destroy_makes_another_ca() {
    let (fake, around) = (Fake::default(), Around::named());
    let before = made(&fake, &around, root()).await;
    let again = create(&fake, &around, root(), "replacing").await;
    assert!(!again.diagnostics.has_errors());
    assert_ne!(again.state.unwrap().arn, before.arn);
    assert_eq!(fake.alive().len(), 2);
}

#[tokio::test]
async fn destroy_and_apply_gives_a_new_key() {
    let (fake, around) = (Fake::default(), Around::named());
    let before = made(&fake, &around, root()).await;
    let prior = PrivateCa {
        deletion_protection: false.into(),
        ..before.clone()
    };
    delete(&fake, &around, prior, Private::default()).await;
    let after = made(&fake, &around, root()).await;
    assert_ne!(
        after.arn, before.arn,
        "the token of the deleted CA must not be used again"
    );
}

#[tokio::test]
async fn a_protected_ca_is_not_deleted_without_a_plan_either() {
    let (fake, around) = (Fake::default(), Around::named());
    let prior = made(&fake, &around, root()).await;
    let kept = delete(&fake, &around, prior, Private::default()).await;
    assert!(kept.state.is_some() && kept.diagnostics.has_errors());
    assert_eq!(fake.alive().len(), 1);
}

#[tokio::test]
async fn an_unfinished_ca_of_other_content_is_made_anew() {
    let (fake, around) = (Fake::default(), Around::named());
    fake.killed_after(3);
    create(&fake, &around, root(), "create").await;
    fake.revived();
    assert_eq!(fake.alive().len(), 1);
    let mended = PrivateCa {
        key_algorithm: KeyAlgorithm::P384.into(),
        ..root()
    };
    let after = made(&fake, &around, mended).await;
    assert_eq!(fake.alive().len(), 1);
    assert_eq!(fake.alive()[0].authority.arn, after.arn.as_str().unwrap());
}

#[tokio::test]
async fn other_owners_are_bystanders() {
    let fake = Fake::default();
    let other = Around {
        owner_id: Some("other".to_owned()),
        ..Around::default()
    };
    fake.killed_after(4);
    create(&fake, &other, root(), "create").await;
    fake.revived();
    let before = fake.alive().remove(0);
    let mine = made(&fake, &Around::named(), root()).await;
    assert_ne!(mine.arn.as_str(), Some(before.authority.arn.as_str()));
    assert_eq!(fake.alive()[0].tags, before.tags);
}

#[tokio::test]
async fn restores_only_what_is_alike_and_deleted() {
    let (fake, around) = (Fake::default(), Around::named());
    let before = made(&fake, &around, root()).await;
    let prior = PrivateCa {
        deletion_protection: false.into(),
        ..before.clone()
    };
    let wish = PrivateCa {
        restore_arn: before.arn.clone(),
        ..root()
    };
    let alive = create(&fake, &around, wish.clone(), "create").await;
    assert!(details(&alive.diagnostics).contains("nothing to restore"));
    delete(&fake, &around, prior, Private::default()).await;
    let unlike = PrivateCa {
        key_algorithm: KeyAlgorithm::P384.into(),
        ..wish.clone()
    };
    assert!(create(&fake, &around, unlike, "create").await.diagnostics.has_errors());
    let after = made(&fake, &around, wish).await;
    assert_eq!((after.arn, after.status.as_str()), (before.arn, Some("ACTIVE")));
}

#[tokio::test]
async fn path_lengths_fit_the_parent() {
    let (fake, around) = (Fake::default(), Around::named());
    let top = made(
        &fake,
        &around,
        PrivateCa {
            usage_mode: UsageMode::GeneralPurpose.into(),
            ..root()
        },
    )
    .await;
    let middle = made(&fake, &around, subordinate(&top)).await;
    let short = PrivateCa {
        name: "short".to_owned().into(),
        usage_mode: UsageMode::ShortLived.into(),
        ..subordinate(&middle)
    };
    let leaf = made(
        &fake,
        &around,
        PrivateCa {
            validity_days: 100.into(),
            ..short
        },
    )
    .await;
    let wanted = [
        "RootCACertificate/V1",
        "SubordinateCACertificate_PathLen3/V1",
        "SubordinateCACertificate_PathLen0/V1",
    ];
    assert_eq!(fake.templates(), wanted);
    let below = PrivateCa {
        name: "below".to_owned().into(),
        validity_days: 50.into(),
        ..subordinate(&leaf)
    };
    let refused = create(&fake, &around, below, "create").await;
    assert!(details(&refused.diagnostics).contains("path length 0"));
    assert_eq!(fake.alive().len(), 3, "refused before the first write");
}

#[tokio::test]
async fn a_parent_that_cant_sign_is_seen_before_the_first_write() {
    let (fake, around) = (Fake::default(), Around::named());
    let parent = made(&fake, &around, root()).await;
    let outlives = PrivateCa {
        validity_days: 36_000.into(),
        ..subordinate(&parent)
    };
    assert!(details(&create(&fake, &around, outlives, "create").await.diagnostics).contains("outlive"));
    fake.edit(parent.arn.as_str().unwrap(), |kept| {
        kept.authority.status = "DISABLED".to_owned()
    });
    let refused = create(&fake, &around, subordinate(&parent), "create").await;
    assert!(refused.state.is_none() && details(&refused.diagnostics).contains("not ACTIVE"));
    assert_eq!(fake.alive().len(), 1);
}

#[tokio::test]
async fn a_ca_that_is_signed_outside_waits_with_its_csr() {
    let (fake, around) = (Fake::default(), Around::named());
    let state = made(
        &fake,
        &around,
        PrivateCa {
            parent_arn: Attr::Null,
            ..subordinate(&root())
        },
    )
    .await;
    assert_eq!(state.status.as_str(), Some("PENDING_CERTIFICATE"));
    assert!(state.csr_pem.as_str().is_some() && state.certificate_pem.is_null());
    assert!(!is_marked(&fake.alive()[0]));
}

#[tokio::test]
async fn imports_with_protection_and_finds_the_parent() {
    let (fake, around) = (Fake::default(), Around::named());
    let top = made(
        &fake,
        &around,
        PrivateCa {
            usage_mode: UsageMode::GeneralPurpose.into(),
            ..root()
        },
    )
    .await;
    let below = made(&fake, &around, subordinate(&top)).await;
    let (state, _) = observe::import(&around.run(&fake), below.arn.as_str().unwrap())
        .await
        .unwrap();
    assert_eq!(state.0, below);
}

#[tokio::test]
async fn another_account_is_not_gone() {
    let (fake, around) = (Fake::default(), Around::named());
    let mut state = made(&fake, &around, root()).await;
    state.arn = "arn:aws:acm-pca:eu-central-1:999999999999:certificate-authority/0"
        .to_owned()
        .into();
    let refused = observe::read(&around.run(&fake), &mut state).await.unwrap_err();
    assert!(details(&refused).contains("not taken for gone"));
}

#[tokio::test]
async fn a_wait_ends_when_the_host_asks_and_says_what_it_saw() {
    let (fake, around) = (Fake::default(), Around::named());
    let state = made(&fake, &around, root()).await;
    fake.edit(state.arn.as_str().unwrap(), |kept| {
        kept.authority.status = "CREATING".to_owned()
    });
    around.cancel.cancel();
    let ended = around
        .run(&fake)
        .settled(state.arn.as_str().unwrap())
        .await
        .unwrap_err();
    assert!(
        details(&ended).contains("was stopped. Last seen: CREATING"),
        "{}",
        details(&ended)
    );
}

#[tokio::test]
async fn carries_its_owner_and_instance() {
    let (fake, around) = (Fake::default(), Around::named());
    let state = made(&fake, &around, root()).await;
    let tags = &fake.alive()[0].tags;
    assert_eq!(
        tags.get(OWNER_TAG).map(String::as_str),
        Some("prod/private_ca/111122223333/eu-central-1/dev")
    );
    assert_eq!(tags.get(INSTANCE_TAG).map(String::as_str), state.instance.as_str());
}
