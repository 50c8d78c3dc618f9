//! From arguments to content and back, and what of it is reported.

use super::*;

fn revocation(crl: Attr<CrlModel>, ocsp: Attr<OcspModel>) -> Attr<RevocationModel> {
    RevocationModel { crl, ocsp }.into()
}

fn crl() -> CrlModel {
    CrlModel {
        s3_bucket_name: known("lists"),
        expiration_in_days: 7.into(),
        ..CrlModel::default()
    }
}

#[test]
fn arguments_come_back_from_their_content() {
    let ocsp = |cname: Attr<String>| OcspModel { custom_cname: cname }.into();
    for revocation in [
        Attr::Null,
        revocation(crl().into(), Attr::Null),
        revocation(Attr::Null, ocsp(Attr::Null)),
        revocation(crl().into(), ocsp(known("ocsp.example.com"))),
    ] {
        let model = with(&root(), |ca| {
            ca.revocation = revocation;
            ca.aws.tags = BTreeMap::from([("a".to_owned(), "b".to_owned())]).into();
        });
        let back: PrivateCa = read(&arguments(content(&model)).to_string()).expect("arguments");
        let wanted = PrivateCa {
            name: Attr::Null,
            deletion_protection: Attr::Null,
            aws: InAws {
                tags: model.aws.tags.clone(),
                ..InAws::default()
            },
            ..model
        };
        assert_eq!(back, wanted);
    }
}

#[test]
fn a_create_that_failed_leaves_the_arn() {
    let failed = Observed {
        uid: ARN.to_owned(),
        ..Observed::default()
    };
    let mut planned = with(&root(), |ca| (ca.arn, ca.status) = (Attr::Unknown, Attr::Unknown));
    show(&mut planned, &[(CA.to_owned(), failed)].into());
    assert_eq!((&planned.arn, &planned.aws.common.id), (&known(ARN), &known(ARN)));
    assert_eq!(
        (planned.aws.region, planned.status),
        (known("eu-central-1"), Attr::Null)
    );
}

#[test]
fn what_somebody_changed_stands_at_its_argument() {
    let prior = with(&state(), |ca| ca.revocation = revocation(crl().into(), Attr::Null));
    let mut live = content(&prior);
    live["revocation"]["crl"]["custom_path"] = json!("theirs");
    let observe = |live| {
        let ca = Observed {
            uid: ARN.to_owned(),
            content: live,
            outputs: [("status".to_owned(), "DISABLED".to_owned())].into(),
            ..Observed::default()
        };
        with(&prior, |model| show(model, &[(CA.to_owned(), ca)].into()))
    };
    let same = observe(live.clone());
    assert_eq!(
        (&same.revocation, &same.enabled, &same.status),
        (&prior.revocation, &prior.enabled, &known("DISABLED"))
    );
    live["enabled"] = json!(false);
    live["validity_days"] = json!(100);
    live["revocation"] = json!({"crl": null, "ocsp": ""});
    let drifted = observe(live);
    let ocsp = revocation(Attr::Null, OcspModel::default().into());
    assert_eq!((drifted.revocation, drifted.enabled), (ocsp, false.into()));
    assert_eq!(drifted.validity_days, 100.into());
}
