//! Everything of a test that is at a remote.

use std::collections::BTreeMap;

use e2etls_lab::lab::kinds::{self, WRITTEN};
use kube::api::{ListParams, Patch, PatchParams};
use serde_json::{Value, json};

use crate::aws::{pca, tags};
use crate::ground::Ground;
use crate::leftovers::LONG_AGO;
use crate::public_certificate::{acm, tags as tags_of_certificate};
use crate::{edge, platform};

/// Objects of the namespace, authorities, certificates, load balancers, records, alarms, and what a platform is made of; as
/// `Kind/name`. Left out is what controllers make and take away by themselves.
///
/// No part of a comparison either: records that validate a certificate, which are kept for other Regions.
pub(super) async fn everything(ground: &Ground) -> Vec<String> {
    let mut all = ground.settled(&["CertificateRequest/", "Pod/", "ReplicaSet/"]).await;
    let named = |kind: &str, names: Vec<String>| -> Vec<String> {
        names.into_iter().map(|name| format!("{kind}/{name}")).collect()
    };
    all.extend(named("CA", authorities(ground)));
    if ground.is_alone() {
        all.extend(named("Role", platform::roles(ground)));
        all.extend(platform::in_eks(ground).into_iter().map(|(kind, name)| match kind {
            "addons" => format!("AddOn/{name}"),
            _ => format!("Association/{name}"),
        }));
        return all;
    }
    all.extend(named("PublicCertificate", certificates(ground)));
    all.extend(named("LoadBalancer", edge::balancers(ground)));
    let (_, zone) = edge::domain(ground);
    all.extend(named("Record", edge::stack::records(ground, &zone)));
    let alarms = edge::alarm::alarms(ground).into_iter();
    all.extend(named("Alarm", alarms.map(|alarm| text(&alarm["AlarmName"])).collect()));
    all
}

/// How many there are of each kind.
pub(super) fn counted(names: &[String]) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for name in names {
        let kind = name.split('/').next().unwrap_or_default();
        *counted.entry(kind.to_owned()).or_default() += 1;
    }
    counted
}

/// What is in `now` and was not in `before`.
pub(super) fn new(now: &[String], before: &[String]) -> Vec<String> {
    now.iter().filter(|name| !before.contains(name)).cloned().collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// ARNs of the authorities of this test that live.
fn authorities(ground: &Ground) -> Vec<String> {
    let all = crate::aws::authorities(ground);
    let own = format!("{}-", ground.namespace);
    let is_own = |ca: &Value| {
        let name = text(&ca["CertificateAuthorityConfiguration"]["Subject"]["CommonName"]);
        ca["Status"] != "DELETED" && name.starts_with(&own)
    };
    let own = all.iter().filter(|ca| is_own(ca));
    own.map(|ca| text(&ca["Arn"])).collect()
}

/// ARNs of the public certificates of this test.
fn certificates(ground: &Ground) -> Vec<String> {
    let types = json!(["RSA_2048", "EC_prime256v1", "EC_secp384r1"]);
    let request = json!({"Includes": {"keyTypes": types}, "MaxItems": 1000});
    let answer = acm(ground, "ListCertificates", &request);
    assert_eq!(answer["NextToken"], Value::Null, "the list has a second page");
    let all = answer["CertificateSummaryList"].as_array().cloned().unwrap_or_default();
    let (domain, _) = edge::domain(ground);
    let below = format!(".{domain}");
    let own = all.iter().filter(|one| text(&one["DomainName"]).ends_with(&below));
    own.map(|one| text(&one["CertificateArn"])).collect()
}

const CREATING: &str = "e2etls.dev/creating";
const CREATING_TAG: &str = "e2etls:creating";

/// Makes the marks of unfinished creates old: a young create may still be under way.
pub(super) async fn age(ground: &Ground) {
    for kind in WRITTEN {
        let api = kinds::api(&ground.kube, &ground.namespace, kind);
        for object in api.list(&ListParams::default()).await.expect("a list") {
            let marks = object.metadata.annotations.unwrap_or_default();
            if let (Some(mark), Some(name)) = (marks.get(CREATING), object.metadata.name) {
                let old = json!({"metadata": {"annotations": {CREATING: aged(mark)}}});
                let patched = api.patch(&name, &PatchParams::default(), &Patch::Merge(&old)).await;
                drop(patched.expect("it is patched"));
            }
        }
    }
    for arn in authorities(ground) {
        for (_, mark) in tags(ground, &arn).iter().filter(|(key, _)| key == CREATING_TAG) {
            let body = json!({"CertificateAuthorityArn": arn, "Tags": [{"Key": CREATING_TAG, "Value": aged(mark)}]});
            drop(pca(ground, "TagCertificateAuthority", &body));
        }
    }
    if ground.is_alone() {
        age_roles(ground);
        return;
    }
    for arn in certificates(ground) {
        let tags = tags_of_certificate(ground, &arn);
        for (_, mark) in tags.iter().filter(|(key, _)| key == CREATING_TAG) {
            let body = json!({"CertificateArn": arn, "Tags": [{"Key": CREATING_TAG, "Value": aged(mark)}]});
            drop(acm(ground, "AddTagsToCertificate", &body));
        }
    }
}

fn age_roles(ground: &Ground) {
    for role in platform::roles(ground) {
        let role = ("RoleName", role.as_str());
        let tags = platform::iam(ground, &[("Action", "ListRoleTags"), role]);
        let marks = tags.split(&format!("<Key>{CREATING_TAG}</Key>")).nth(1);
        let mark = marks.and_then(|rest| rest.split("<Value>").nth(1)?.split('<').next());
        if let Some(mark) = mark {
            let escaped = aged(mark).replace(':', "%3A").replace(' ', "%20");
            let tag = [
                ("Tags.member.1.Key", "e2etls%3Acreating"),
                ("Tags.member.1.Value", &escaped),
            ];
            drop(platform::iam(
                ground,
                &[&[("Action", "TagRole"), role][..], &tag].concat(),
            ));
        }
    }
}

/// A mark is the time, then who has tried.
fn aged(mark: &str) -> String {
    let (_, attempts) = mark.split_once(' ').unwrap_or_default();
    format!("{LONG_AGO} {attempts}")
}
