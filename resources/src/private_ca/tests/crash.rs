//! The process is killed at each call of each operation; the same operation, run again, converges.

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, Create, Delete, Plan, Private, State, Update};

use super::fake::{Fake, is_marked};
use super::{Around, root};
use crate::private_ca::model::{CrlModel, PrivateCa, RevocationModel};
use crate::private_ca::{create_with, delete_with, observe, update_with};

fn create(model: PrivateCa) -> Create<PrivateCa> {
    Create {
        config: tfplugin_framework::Config(model.clone()),
        plan: Plan(model),
        private: Private::default(),
    }
}

/// A finished CA, its state and its private state.
async fn finished(fake: &Fake, around: &Around) -> (PrivateCa, Private) {
    let made = create_with(&around.run(fake), create(root())).await;
    assert!(!made.diagnostics.has_errors(), "{:?}", made.diagnostics);
    (made.state.unwrap().0, made.private)
}

#[tokio::test]
async fn a_create_that_was_killed_at_any_call_converges_on_one_ca() {
    let around = Around::named();
    let whole = Fake::default();
    finished(&whole, &around).await;
    let calls = whole.calls();
    assert!(calls > 8, "{calls}");
    for last in 0..=calls {
        let fake = Fake::default();
        fake.killed_after(last);
        let killed = create_with(&around.run(&fake), create(root())).await;
        assert!(killed.diagnostics.has_errors(), "{last}");
        fake.revived();
        let again = create_with(&around.run(&fake), create(root())).await;
        let alive = fake.alive();
        assert_eq!(alive.len(), 1, "killed after call {last}");
        if last == calls {
            // The one hole: the mark is gone and no state was saved. It ends in an import.
            let detail = &again.diagnostics.iter().next().unwrap().detail();
            assert!(
                detail.contains(&format!("id = {:?}", alive[0].authority.arn)),
                "{detail}"
            );
            let (state, _) = observe::import(&around.run(&fake), &alive[0].authority.arn)
                .await
                .unwrap();
            assert_eq!(
                (state.name.as_str(), state.validity_days.known()),
                (Some("dev"), Some(&3650))
            );
        } else {
            assert!(
                !again.diagnostics.has_errors(),
                "killed after call {last}: {:?}",
                again.diagnostics
            );
            assert_eq!(alive[0].authority.status, "ACTIVE");
            assert!(!is_marked(&alive[0]));
            assert_eq!(
                again.state.unwrap().instance.as_str(),
                alive[0].tags.get("e2etls:instance").map(String::as_str)
            );
        }
    }
}

fn changed(prior: &PrivateCa) -> PrivateCa {
    let crl = CrlModel {
        s3_bucket_name: "lists".to_owned().into(),
        expiration_in_days: 7.into(),
        custom_cname: Attr::Null,
        s3_object_acl: Attr::Null,
    };
    PrivateCa {
        validity_days: 4000.into(),
        enabled: false.into(),
        revocation: RevocationModel {
            crl: crl.into(),
            ocsp: Attr::Null,
        }
        .into(),
        tags: BTreeMap::from([("stage".to_owned(), "b".to_owned())]).into(),
        status: Attr::Unknown,
        certificate_pem: Attr::Unknown,
        chain_pem: Attr::Unknown,
        not_after: Attr::Unknown,
        ..prior.clone()
    }
}

#[tokio::test]
async fn an_update_that_was_killed_at_any_call_converges() {
    let around = Around::named();
    let update = |prior: &PrivateCa, private: &Private| {
        let plan = changed(prior);
        let config = tfplugin_framework::Config(plan.clone());
        Update {
            config,
            plan: Plan(plan),
            prior: State(prior.clone()),
            private: private.clone(),
        }
    };
    let whole = Fake::default();
    let (prior, private) = finished(&whole, &around).await;
    whole.revived();
    update_with(&around.run(&whole), update(&prior, &private)).await;
    for last in 0..=whole.calls() {
        let fake = Fake::default();
        let (mut state, private) = finished(&fake, &around).await;
        fake.killed_after(last);
        update_with(&around.run(&fake), update(&state, &private)).await;
        fake.revived();
        assert!(observe::read(&around.run(&fake), &mut state).await.unwrap());
        let again = update_with(&around.run(&fake), update(&state, &private)).await;
        assert!(
            !again.diagnostics.has_errors(),
            "killed after call {last}: {:?}",
            again.diagnostics
        );
        let kept = &fake.alive()[0];
        assert_eq!(kept.authority.status, "DISABLED", "killed after call {last}");
        assert_eq!(
            kept.authority
                .revocation
                .crl
                .as_ref()
                .map(|crl| crl.s3_bucket_name.as_str()),
            Some("lists")
        );
        assert_eq!(
            (kept.tags.get("stage").map(String::as_str), kept.tags.get("team")),
            (Some("b"), None)
        );
        assert_eq!(
            again
                .state
                .unwrap()
                .0
                .certificate_pem
                .as_str()
                .and_then(crate::private_ca::certify::days_of),
            Some(4000)
        );
    }
}

#[tokio::test]
async fn a_delete_that_was_killed_at_any_call_converges() {
    let around = Around::named();
    for last in 0..8 {
        let fake = Fake::default();
        let (mut prior, _) = finished(&fake, &around).await;
        prior.deletion_protection = false.into();
        let delete = || Delete {
            prior: State(prior.clone()),
            private: Private::default(),
        };
        fake.killed_after(last);
        delete_with(&around.run(&fake), delete()).await;
        fake.revived();
        let again = delete_with(&around.run(&fake), delete()).await;
        assert!(
            again.state.is_none() && !again.diagnostics.has_errors(),
            "killed after call {last}: {:?}",
            again.diagnostics
        );
        assert!(fake.alive().is_empty());
    }
}
