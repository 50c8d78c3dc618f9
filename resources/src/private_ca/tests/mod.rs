//! Plans through the plan engine.

mod content;
mod mistakes;

use std::collections::BTreeMap;

use e2etls_engine::kind::Observed;
use e2etls_engine::plan::plan as plan_ledger;
use serde_json::json;
use tfplugin_framework::server::{Planned, Server};
use tfplugin_framework::{Attr, AttributePath, Model, Private, Severity, Value};

use super::model::{CaType, CrlModel, KeyAlgorithm, OcspModel, PrivateCa, RevocationModel, SubjectModel, UsageMode};
use super::parts::{CA, arguments, content};
use crate::lifecycle::Managed as _;
use crate::lifecycle::attributes::{Common, InAws, parts};
use crate::lifecycle::configuration::read;
use crate::lifecycle::outputs::show;
use crate::provider::E2etls;
use crate::testkit;

const ARN: &str = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/0";

fn known(text: &str) -> Attr<String> {
    text.to_owned().into()
}

/// A root as the user writes it, defaults filled in.
fn root() -> PrivateCa {
    PrivateCa {
        aws: InAws {
            common: Common {
                create_before_destroy: false.into(),
                ..Common::default()
            },
            ..InAws::default()
        },
        name: known("dev"),
        r#type: CaType::Root.into(),
        usage_mode: UsageMode::ShortLived.into(),
        subject: SubjectModel {
            common_name: known("dev root"),
            ..SubjectModel::default()
        }
        .into(),
        key_algorithm: KeyAlgorithm::P256.into(),
        validity_days: 3650.into(),
        allow_acm_renewal: false.into(),
        enabled: true.into(),
        deletion_protection: true.into(),
        deletion_window_days: 30.into(),
        ..PrivateCa::default()
    }
}

/// The state of `model` after an apply.
fn applied(model: &PrivateCa) -> PrivateCa {
    let mut ledger = plan_ledger(None, &[], &model.render().expect("parts"));
    for entry in ledger.values_mut() {
        entry.uid = Some(ARN.to_owned());
        entry.made = Some(true);
    }
    PrivateCa {
        aws: InAws {
            common: Common {
                id: known(ARN),
                instance: known("0"),
                parts: parts(ledger),
                drift: Vec::new().into(),
                ..model.aws.common.clone()
            },
            region: known("eu-central-1"),
            tags: model.aws.tags.clone(),
        },
        arn: known(ARN),
        status: known("ACTIVE"),
        owner_account: known("111122223333"),
        certificate_pem: known("certificate"),
        csr_pem: known("csr"),
        not_after: known("2036-01-01T00:00:00Z"),
        ..model.clone()
    }
}

fn state() -> PrivateCa {
    applied(&root())
}

/// What the user writes for `model`.
fn config(model: &PrivateCa) -> Value {
    let common = Common {
        create_before_destroy: model.aws.common.create_before_destroy.clone(),
        ..Common::default()
    };
    PrivateCa {
        aws: InAws {
            common,
            region: Attr::Null,
            tags: model.aws.tags.clone(),
        },
        arn: Attr::Null,
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

fn plan_with(prior: Option<&PrivateCa>, config: Value, private: Private) -> Planned {
    testkit::plan::<PrivateCa>(prior.map_or(Value::Null, Model::to_value), config, private)
}

fn plan(prior: Option<&PrivateCa>, wanted: &PrivateCa) -> Planned {
    plan_with(prior, config(wanted), Private::default())
}

fn errors(planned: &Planned) -> Vec<String> {
    let errors = planned.diagnostics.iter().filter(|one| one.severity == Severity::Error);
    errors
        .map(|one| format!("{:?} {}", one.path.as_ref().map(ToString::to_string), one.what))
        .collect()
}

const COMPUTED: [&str; 8] = [
    "arn",
    "certificate_pem",
    "chain_pem",
    "csr_pem",
    "id",
    "instance",
    "not_after",
    "status",
];

fn unknown(planned: &Planned) -> Vec<&'static str> {
    COMPUTED
        .into_iter()
        .filter(|attribute| planned.planned.get(attribute).is_unknown())
        .collect()
}

fn with(model: &PrivateCa, change: impl FnOnce(&mut PrivateCa)) -> PrivateCa {
    let mut changed = model.clone();
    change(&mut changed);
    changed
}

#[test]
fn a_create_tells_the_price_and_what_is_not_known() {
    for (mode, price) in [
        (UsageMode::ShortLived, "50 USD"),
        (UsageMode::GeneralPurpose, "400 USD"),
    ] {
        let planned = plan(None, &with(&root(), |ca| ca.usage_mode = mode.into()));
        assert_eq!(errors(&planned), Vec::<String>::new());
        assert!(planned.diagnostics.iter().any(|one| one.detail().contains(price)));
        assert_eq!(unknown(&planned), COMPUTED);
    }
    let restored = plan(None, &with(&root(), |ca| ca.restore_arn = known(ARN)));
    assert!(!restored.diagnostics.iter().any(|one| one.detail().contains("USD")));
}

#[test]
fn nothing_changes_where_nothing_changed() {
    let planned = plan(Some(&state()), &state());
    assert_eq!(planned.planned, state().to_value());
    assert!(planned.replace.is_empty() && planned.diagnostics.is_empty());
}

#[test]
fn what_changes_in_place_makes_unknown_what_follows_and_no_more() {
    type Change = fn(&mut PrivateCa);
    let certificate: &[&str] = &["certificate_pem", "chain_pem", "not_after", "status"];
    let table: [(&str, Change, &[&str]); 6] = [
        ("validity", |ca| ca.validity_days = 4000.into(), certificate),
        ("unknown validity", |ca| ca.validity_days = Attr::Unknown, certificate),
        ("enabled", |ca| ca.enabled = false.into(), &["status"]),
        (
            "tags",
            |ca| ca.aws.tags = BTreeMap::from([("a".to_owned(), "b".to_owned())]).into(),
            &[],
        ),
        ("unknown tags", |ca| ca.aws.tags = Attr::Unknown, &[]),
        ("protection", |ca| ca.deletion_protection = false.into(), &[]),
    ];
    for (name, change, wanted) in table {
        let planned = plan(Some(&state()), &with(&state(), change));
        assert_eq!((errors(&planned), planned.replace.len()), (Vec::new(), 0), "{name}");
        assert_eq!(unknown(&planned), wanted, "{name}");
    }
}

#[test]
fn identity_replaces_and_protection_refuses() {
    type Change = fn(&mut PrivateCa);
    let open = with(&state(), |ca| ca.deletion_protection = false.into());
    let table: [(&str, Change); 4] = [
        ("name", |ca| ca.name = known("other")),
        ("usage_mode", |ca| ca.usage_mode = UsageMode::GeneralPurpose.into()),
        ("key_algorithm", |ca| ca.key_algorithm = KeyAlgorithm::Rsa4096.into()),
        ("type", |ca| ca.r#type = CaType::Subordinate.into()),
    ];
    for (argument, change) in table {
        let changed = with(&open, change);
        let planned = plan(Some(&open), &changed);
        assert_eq!(
            (errors(&planned), planned.replace),
            (Vec::new(), vec![AttributePath::root(argument)])
        );
        // Judged on the prior state: giving the protection up is an apply of its own.
        let refused = errors(&plan(Some(&state()), &changed));
        assert_eq!(
            refused,
            ["Some(\"deletion_protection\") Deletion protection is on"],
            "{argument}"
        );
    }
}

#[test]
fn a_destroy_is_refused_while_protected() {
    let destroy = |state: &PrivateCa, private| errors(&plan_with(Some(state), Value::Null, private));
    assert_eq!(destroy(&state(), Private::default()).len(), 1);
    let open = with(&state(), |ca| ca.deletion_protection = false.into());
    assert!(destroy(&open, Private::default()).is_empty());
    // A create that never finished may always be given up.
    let unfinished = Private::from_bytes(br#"{"memory": {"unfinished": true}}"#);
    assert!(destroy(&state(), unfinished).is_empty());
}

#[test]
fn an_untainted_half_made_ca_is_finished_by_an_update() {
    let half = with(&state(), |ca| {
        ca.status = Attr::Null;
        ca.certificate_pem = Attr::Null;
        ca.not_after = Attr::Null;
        ca.csr_pem = Attr::Null;
        ca.aws.common.drift = vec![CA.to_owned()].into();
        if let Attr::Known(parts) = &mut ca.aws.common.parts {
            parts
                .values_mut()
                .for_each(|part| part.digest = known("drifted:not seen to work"));
        }
    });
    let planned = plan(Some(&half), &half);
    assert_eq!(
        unknown(&planned),
        ["certificate_pem", "chain_pem", "csr_pem", "not_after", "status"]
    );
    assert!(planned.replace.is_empty());
}

#[test]
fn a_ca_that_waits_for_its_signature_is_at_rest_until_it_is_given() {
    let outside = with(&root(), |ca| ca.r#type = CaType::Subordinate.into());
    let waiting = with(&applied(&outside), |ca| {
        ca.status = known("PENDING_CERTIFICATE");
        ca.certificate_pem = Attr::Null;
        ca.not_after = Attr::Null;
    });
    assert_eq!(plan(Some(&waiting), &waiting).planned, waiting.to_value());
    let signed = with(&waiting, |ca| {
        ca.signed_certificate_pem = known("certificate");
        ca.signed_chain_pem = known("chain");
    });
    let planned = plan(Some(&waiting), &signed);
    assert!(planned.planned.get("certificate_pem").is_unknown() && planned.replace.is_empty());
}

#[test]
fn what_an_import_could_not_read_replaces_nothing() {
    let imported = with(&state(), |ca| ca.name = Attr::Null);
    let private = || Private::from_bytes(br#"{"unseen": ["name"]}"#);
    let planned = plan_with(Some(&imported), config(&state()), private());
    assert_eq!((errors(&planned), planned.replace.len()), (Vec::new(), 0));
    // Once it has one, another one replaces it.
    let named = with(&state(), |ca| ca.deletion_protection = false.into());
    let other = with(&named, |ca| ca.name = known("other"));
    let planned = plan_with(Some(&named), config(&other), private());
    assert_eq!(planned.replace, [AttributePath::root("name")]);
}
