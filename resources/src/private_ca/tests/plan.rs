//! Plans, through the plan engine.

use tfplugin_framework::server::{PlanCall, Planned, Server};
use tfplugin_framework::{Attr, AttributePath, Model, Private, Severity, Value};

use super::root;
use crate::private_ca::model::{CaType, KeyAlgorithm, PrivateCa, UsageMode};
use crate::provider::E2etls;

const TYPE: &str = "e2etls_private_ca";

/// What the user writes for `model`.
fn config(model: &PrivateCa) -> Value {
    PrivateCa {
        id: Attr::Null,
        arn: Attr::Null,
        instance: Attr::Null,
        region: Attr::Null,
        status: Attr::Null,
        owner_account: Attr::Null,
        certificate_pem: Attr::Null,
        chain_pem: Attr::Null,
        csr_pem: Attr::Null,
        not_after: Attr::Null,
        ..model.clone()
    }
    .to_value()
}

/// `root()` as state.
fn state() -> PrivateCa {
    let arn = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/0".to_owned();
    PrivateCa {
        id: arn.clone().into(),
        arn: arn.into(),
        instance: "0".to_owned().into(),
        region: "eu-central-1".to_owned().into(),
        status: "ACTIVE".to_owned().into(),
        owner_account: "111122223333".to_owned().into(),
        certificate_pem: "certificate".to_owned().into(),
        chain_pem: Attr::Null,
        csr_pem: "csr".to_owned().into(),
        not_after: "2036-01-01T00:00:00Z".to_owned().into(),
        ..root()
    }
}

fn plan_with(prior: Option<&PrivateCa>, config: Value, private: Private) -> Planned {
    let prior = prior.map_or(Value::Null, Model::to_value);
    Server::new(E2etls).plan_resource(
        TYPE,
        PlanCall {
            prior,
            proposed: config.clone(),
            config,
            private,
        },
    )
}

fn plan(prior: Option<&PrivateCa>, wanted: &PrivateCa) -> Planned {
    plan_with(prior, config(wanted), Private::default())
}

pub(super) fn private_of_create(model: &PrivateCa) -> Private {
    plan(None, model).private
}

fn errors(planned: &Planned) -> Vec<String> {
    let errors = planned
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error);
    errors
        .map(|diagnostic| {
            format!(
                "{:?} {}",
                diagnostic.path.as_ref().map(ToString::to_string),
                diagnostic.what
            )
        })
        .collect()
}

#[test]
fn a_create_tells_the_price_and_what_is_not_known() {
    for (mode, price) in [
        (UsageMode::ShortLived, "50 USD"),
        (UsageMode::GeneralPurpose, "400 USD"),
    ] {
        let planned = plan(
            None,
            &PrivateCa {
                usage_mode: mode.into(),
                ..root()
            },
        );
        assert_eq!(errors(&planned), Vec::<String>::new());
        assert!(
            planned
                .diagnostics
                .iter()
                .any(|diagnostic| diagnostic.detail().contains(price))
        );
        for unknown in ["arn", "status", "certificate_pem", "csr_pem", "not_after", "region"] {
            assert!(planned.planned.get(unknown).is_unknown(), "{unknown}");
        }
    }
}

#[test]
fn nothing_changes_where_nothing_changed() {
    let planned = plan(Some(&state()), &state());
    assert_eq!(planned.planned, state().to_value());
    assert!(planned.replace.is_empty() && planned.diagnostics.is_empty());
}

#[test]
fn what_changes_in_place_makes_unknown_what_follows_and_no_more() {
    let state = state();
    type Change = fn(&mut PrivateCa);
    let table: [(&str, Change, &[&str]); 4] = [
        (
            "validity",
            |ca| ca.validity_days = 4000.into(),
            &["certificate_pem", "chain_pem", "not_after", "status"],
        ),
        ("enabled", |ca| ca.enabled = false.into(), &["status"]),
        ("tags", |ca| ca.tags = Attr::Null, &[]),
        ("protection", |ca| ca.deletion_protection = false.into(), &[]),
    ];
    for (name, change, wanted) in table {
        let mut changed = state.clone();
        change(&mut changed);
        let planned = plan(Some(&state), &changed);
        assert_eq!((errors(&planned), planned.replace.len()), (Vec::new(), 0), "{name}");
        let unknown = [
            "id",
            "arn",
            "instance",
            "certificate_pem",
            "chain_pem",
            "csr_pem",
            "not_after",
            "status",
            "region",
        ];
        let unknown: Vec<&str> = unknown
            .into_iter()
            .filter(|attribute| planned.planned.get(attribute).is_unknown())
            .collect();
        assert_eq!(unknown, wanted, "{name}");
    }
}

#[test]
fn identity_replaces_and_protection_refuses() {
    let open = PrivateCa {
        deletion_protection: false.into(),
        ..state()
    };
    type Change = fn(&mut PrivateCa);
    let table: [(&str, Change); 4] = [
        ("name", |ca| ca.name = "other".to_owned().into()),
        ("usage_mode", |ca| ca.usage_mode = UsageMode::GeneralPurpose.into()),
        ("key_algorithm", |ca| ca.key_algorithm = KeyAlgorithm::Rsa4096.into()),
        ("type", |ca| ca.r#type = CaType::Subordinate.into()),
    ];
    for (argument, change) in table {
        let mut changed = open.clone();
        change(&mut changed);
        let planned = plan(Some(&open), &changed);
        assert_eq!(
            (errors(&planned), planned.replace),
            (Vec::new(), vec![AttributePath::root(argument)])
        );
        // Judged on the prior state: giving the protection up is an apply of its own.
        let refused = plan(Some(&state()), &changed);
        assert_eq!(
            errors(&refused),
            ["Some(\"deletion_protection\") Deletion protection is on"],
            "{argument}"
        );
    }
}

#[test]
fn a_destroy_is_refused_while_protected() {
    let destroy = |state: &PrivateCa, private| plan_with(Some(state), Value::Null, private);
    assert_eq!(errors(&destroy(&state(), Private::default())).len(), 1);
    let open = PrivateCa {
        deletion_protection: false.into(),
        ..state()
    };
    assert!(errors(&destroy(&open, Private::default())).is_empty());
    // A create that never came to a certificate may always be given up.
    let unfinished = PrivateCa {
        status: "PENDING_CERTIFICATE".to_owned().into(),
        ..state()
    };
    let private = Private::from_bytes(br#"{"notes": {"written": null, "creating": true}}"#);
    assert!(errors(&destroy(&unfinished, private.clone())).is_empty());
    assert_eq!(
        errors(&destroy(&state(), private)).len(),
        1,
        "a certified CA stays protected"
    );
}

#[test]
fn an_untainted_half_made_ca_is_finished_by_an_update() {
    let half = PrivateCa {
        status: Attr::Null,
        certificate_pem: Attr::Null,
        not_after: Attr::Null,
        ..state()
    };
    let planned = plan(Some(&half), &half);
    assert!(planned.planned.get("certificate_pem").is_unknown() && planned.replace.is_empty());
    // Finished but for the mark.
    let private = Private::from_bytes(br#"{"notes": {"written": null, "creating": true}}"#);
    let planned = plan_with(Some(&state()), config(&state()), private);
    assert!(planned.planned.get("status").is_unknown() && !planned.planned.get("certificate_pem").is_unknown());
}

#[test]
fn a_ca_that_waits_for_its_signature_is_at_rest_until_it_is_given() {
    let waiting = PrivateCa {
        r#type: CaType::Subordinate.into(),
        status: "PENDING_CERTIFICATE".to_owned().into(),
        certificate_pem: Attr::Null,
        not_after: Attr::Null,
        ..state()
    };
    assert_eq!(plan(Some(&waiting), &waiting).planned, waiting.to_value());
    let signed = PrivateCa {
        signed_certificate_pem: "certificate".to_owned().into(),
        signed_chain_pem: "chain".to_owned().into(),
        ..waiting.clone()
    };
    let planned = plan(Some(&waiting), &signed);
    assert!(planned.planned.get("certificate_pem").is_unknown() && planned.replace.is_empty());
}

#[test]
fn what_an_import_could_not_read_replaces_nothing() {
    let imported = PrivateCa {
        name: Attr::Null,
        ..state()
    };
    let private = Private::from_bytes(br#"{"unseen": ["name"]}"#);
    let planned = plan_with(Some(&imported), config(&state()), private);
    assert_eq!((errors(&planned), planned.replace.len()), (Vec::new(), 0));
}

#[test]
fn contradictions_are_refused_at_their_paths() {
    type Change = fn(&mut PrivateCa);
    let table: [(&str, Change); 6] = [
        ("parent_arn", |ca| {
            ca.parent_arn = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/1"
                .to_owned()
                .into()
        }),
        ("signed_certificate_pem", |ca| {
            ca.signed_certificate_pem = "pem".to_owned().into();
            ca.signed_chain_pem = Attr::Unknown;
        }),
        ("allow_acm_renewal", |ca| ca.allow_acm_renewal = true.into()),
        ("validity_days", |ca| ca.validity_days = 0.into()),
        ("deletion_window_days", |ca| ca.deletion_window_days = 6.into()),
        ("name", |ca| ca.name = "Not a name".to_owned().into()),
    ];
    for (argument, change) in table {
        let mut wrong = root();
        change(&mut wrong);
        let found = Server::new(E2etls).validate_resource(TYPE, &config(&wrong));
        let paths: Vec<String> = found
            .iter()
            .filter_map(|diagnostic| Some(diagnostic.path.as_ref()?.to_string()))
            .collect();
        assert_eq!(paths, [argument]);
    }
}

#[test]
fn an_unknown_algorithm_is_answered_with_the_nearest() {
    let Value::Map(mut wrong) = config(&root()) else {
        unreachable!()
    };
    wrong.insert("key_algorithm".to_owned(), "EC_prime256".into());
    let found = Server::new(E2etls).validate_resource(TYPE, &Value::Map(wrong));
    assert!(
        found
            .iter()
            .any(|diagnostic| diagnostic.detail().contains("Did you mean `EC_prime256v1`?")),
        "{found:?}"
    );
}
