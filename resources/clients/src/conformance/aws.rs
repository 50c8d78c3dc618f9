//! Checks of AWS services.
//!
//! This file is long because each service is checked from its first call to its last in one go.

use std::time::Duration;

use e2etls_engine::refusal::Answer;
use serde_json::json;

use super::expect::refused;
use crate::aws::Tags;
use crate::aws::acm::{AcmApi, Certificate, NewCertificate};
use crate::aws::acm_pca::{AcmPcaApi, NewAuthority, Revocation, Subject};
use crate::aws::cloudwatch::{CloudWatchApi, MetricAlarm};
use crate::aws::iam::{IamApi, NewRole};
use crate::aws::route53::{Action, Change, RecordSet, Route53Api};

/// Looks at a remote that takes its time.
const LOOKS: u32 = 60;

fn tags(pairs: &[(&str, &str)]) -> Tags {
    let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(own).collect()
}

/// Checks Route 53 in an empty zone (a name that ends with a dot), which is empty again afterwards.
///
/// # Panics
/// Where the service does otherwise.
pub async fn route53(api: &dyn Route53Api, zone: &str) {
    let found = api.zone(zone).await.expect("an answer").expect("the zone");
    assert_eq!((found.id.as_str(), found.private), (zone, false));
    assert_eq!(api.zone("Z00000000000000000000").await, Ok(None), "no such zone");
    let record = |name: &str, record_type: &str, value: &str| RecordSet {
        name: format!("{name}.{}", found.name),
        record_type: record_type.to_owned(),
        ttl: Some(300),
        values: vec![value.to_owned()],
        ..RecordSet::default()
    };
    let change = |action, record: &RecordSet| Change {
        action,
        record: record.clone(),
    };
    let (first, other) = (
        record("_a", "CNAME", "x.example.net"),
        record("_a", "CNAME", "y.example.net"),
    );
    let star = record("*", "TXT", "\"owner\"");
    let made = api
        .change(zone, &[change(Action::Create, &first), change(Action::Create, &star)])
        .await;
    in_sync(api, &made.expect("a batch")).await;
    assert_eq!(
        api.records(zone, &first.name, Some("CNAME")).await,
        Ok(vec![first.clone()])
    );
    assert_eq!(api.records(zone, &first.name, None).await, Ok(vec![first.clone()]));
    assert_eq!(api.records(zone, &first.name, Some("TXT")).await, Ok(Vec::new()));
    assert_eq!(
        api.records(zone, &star.name, None).await,
        Ok(vec![star.clone()]),
        "a wildcard is as it was written"
    );
    // All or nothing.
    let beside = record("_b", "CNAME", "x.example.net");
    let both = [change(Action::Create, &beside), change(Action::Create, &other)];
    refused(api.change(zone, &both).await, &Answer::Exists);
    assert_eq!(api.records(zone, &beside.name, None).await, Ok(Vec::new()));
    refused(
        api.change(zone, &[change(Action::Delete, &beside)]).await,
        &Answer::Absent,
    );
    refused(
        api.change(zone, &[change(Action::Delete, &other)]).await,
        &Answer::Conflict(Vec::new()),
    );
    api.change(zone, &[change(Action::Upsert, &other)])
        .await
        .expect("an upsert");
    assert_eq!(api.records(zone, &first.name, None).await, Ok(vec![other.clone()]));
    let gone = api
        .change(zone, &[change(Action::Delete, &other), change(Action::Delete, &star)])
        .await;
    in_sync(api, &gone.expect("a batch")).await;
    assert_eq!(api.records(zone, &star.name, None).await, Ok(Vec::new()));
}

async fn in_sync(api: &dyn Route53Api, change: &str) {
    for _ in 0..LOOKS {
        if api.is_in_sync(change).await.expect("an answer") {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    panic!("{change} is never in sync");
}

/// Checks ACM, validating a name in a public zone; nothing is left. `token` is one that was never used.
///
/// # Panics
/// Where the service does otherwise.
pub async fn acm(api: &dyn AcmApi, dns: &dyn Route53Api, zone: &str, token: &str) {
    let base = dns.zone(zone).await.expect("an answer").expect("the zone").name;
    let domain = base.trim_end_matches('.');
    let new = NewCertificate {
        domain: domain.to_owned(),
        sans: vec![format!("*.{domain}")],
        key_algorithm: "EC_prime256v1".to_owned(),
        token: token.to_owned(),
        tags: tags(&[("a", "1"), ("b", "2")]),
    };
    let arn = api.request_certificate(&new).await.expect("an ARN");
    assert_eq!(
        api.request_certificate(&new).await.as_ref(),
        Ok(&arn),
        "the same token, the same certificate"
    );
    let found = described(api, &arn, |found| {
        found.validation.iter().all(|one| one.record.is_some())
    })
    .await;
    let records: Vec<_> = found.validation.iter().filter_map(|one| one.record.clone()).collect();
    assert_eq!(
        (found.status.as_str(), found.sans.len(), records.len()),
        ("PENDING_VALIDATION", 2, 2)
    );
    assert_eq!(
        records[0], records[1],
        "a wildcard is validated by the record of its base"
    );
    let listed = api.list(&["PENDING_VALIDATION"]).await.expect("a list");
    let summary = listed
        .iter()
        .find(|one| one.arn == arn)
        .expect("it is listed whatever its key type");
    assert_eq!(
        (summary.domain.as_str(), summary.key_algorithm.as_str()),
        (domain, "EC_prime256v1")
    );
    api.add_tags(&arn, &tags(&[("b", "3"), ("c", "4")]))
        .await
        .expect("tags");
    api.remove_tags(&arn, &["a", "none"]).await.expect("no tags");
    assert_eq!(api.tags(&arn).await, Ok(tags(&[("b", "3"), ("c", "4")])));
    let record = RecordSet {
        name: records[0].name.clone(),
        record_type: records[0].record_type.clone(),
        ttl: Some(300),
        values: vec![records[0].value.clone()],
        ..RecordSet::default()
    };
    let change = |action| Change {
        action,
        record: record.clone(),
    };
    dns.change(zone, &[change(Action::Create)]).await.expect("a record");
    let issued = described(api, &arn, |found| found.status == "ISSUED").await;
    assert!(issued.not_after.is_some() && issued.in_use_by.is_empty());
    api.delete(&arn).await.expect("it is deleted");
    assert_eq!(api.describe(&arn).await, Ok(None));
    refused(api.delete(&arn).await, &Answer::Absent);
    refused(api.tags(&arn).await, &Answer::Absent);
    dns.change(zone, &[change(Action::Delete)]).await.expect("no record");
}

async fn described(api: &dyn AcmApi, arn: &str, wanted: impl Fn(&Certificate) -> bool) -> Certificate {
    for _ in 0..LOOKS {
        if let Some(found) = api.describe(arn).await.expect("an answer").filter(&wanted) {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("{arn} does not become what is waited for");
}

/// Checks AWS Private CA; a deleted CA is left. `token` is one that was never used.
///
/// # Panics
/// Where the service does otherwise.
pub async fn acm_pca(api: &dyn AcmPcaApi, token: &str) {
    let new = NewAuthority {
        ca_type: "ROOT".to_owned(),
        usage_mode: "SHORT_LIVED_CERTIFICATE".to_owned(),
        key_algorithm: "EC_prime256v1".to_owned(),
        signing_algorithm: "SHA256WITHECDSA".to_owned(),
        subject: Subject {
            common_name: Some("conformance".to_owned()),
            ..Subject::default()
        },
        revocation: Revocation::default(),
        token: token.to_owned(),
        tags: tags(&[("a", "1"), ("b", "2")]),
    };
    let arn = api.create(&new).await.expect("an ARN");
    assert_eq!(api.create(&new).await.as_ref(), Ok(&arn), "the same token, the same CA");
    let found = api.describe(&arn).await.expect("an answer").expect("the CA");
    assert_eq!(found.subject, new.subject);
    assert!(api.list().await.expect("a list").iter().any(|one| one.arn == arn));
    api.tag(&arn, &tags(&[("b", "3"), ("c", "4")])).await.expect("tags");
    api.untag(&arn, &["a"]).await.expect("no tags");
    assert_eq!(api.tags(&arn).await, Ok(tags(&[("b", "3"), ("c", "4")])));
    assert_eq!(api.acm_may_renew(&arn).await, Ok(false));
    api.delete(&arn, 7).await.expect("it is deleted");
    let gone = api.describe(&arn).await.expect("an answer");
    assert!(gone.is_none_or(|found| found.status == "DELETED"));
    let nowhere = arn.replace(":certificate-authority/", ":certificate-authority/0");
    assert_eq!(api.describe(&nowhere).await, Ok(None));
}

/// Checks IAM; a role of this name must not be there, and is not afterwards.
///
/// # Panics
/// Where the service does otherwise.
pub async fn iam(api: &dyn IamApi, name: &str) {
    assert_eq!(api.role(name).await, Ok(None));
    assert_eq!(api.inline_policy(name, "p").await, Ok(None));
    let trust = |service: &str| {
        let principal = json!({"Service": service});
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal,
               "Action": ["sts:AssumeRole", "sts:TagSession"]}]})
    };
    let new = NewRole {
        name: name.to_owned(),
        path: "/conformance/".to_owned(),
        trust: trust("pods.eks.amazonaws.com"),
        description: "conformance".to_owned(),
        boundary: None,
        tags: tags(&[("a", "1"), ("b", "2")]),
    };
    let made = api.create_role(&new).await.expect("a role");
    refused(api.create_role(&new).await, &Answer::Exists);
    let found = api.role(name).await.expect("an answer").expect("the role");
    assert_eq!((&found.arn, &found.id, &found.path), (&made.arn, &made.id, &new.path));
    assert_eq!((&found.trust, &found.tags), (&new.trust, &new.tags));
    assert_eq!((found.description.as_str(), &found.boundary), ("conformance", &None));
    let under = api.roles_under("/conformance/").await.expect("a list");
    assert!(under.contains(&(name.to_owned(), made.id)));
    let none = json!({"Version": "2012-10-17"});
    refused(api.put_inline_policy(name, "p", &none).await, &Answer::Invalid);
    let policy =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]});
    api.put_inline_policy(name, "p", &policy).await.expect("a policy");
    assert_eq!(api.inline_policy(name, "p").await, Ok(Some(policy.clone())));
    api.update_trust(name, &trust("ec2.amazonaws.com"))
        .await
        .expect("a trust policy");
    api.update_description(name, "other").await.expect("a description");
    let boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    api.set_boundary(name, Some(boundary)).await.expect("a boundary");
    api.add_tags(name, &tags(&[("b", "3"), ("c", "4")]))
        .await
        .expect("tags");
    api.remove_tags(name, &["a", "none"]).await.expect("no tags");
    let found = api.role(name).await.expect("an answer").expect("the role");
    assert_eq!(
        (found.trust, found.description.as_str()),
        (trust("ec2.amazonaws.com"), "other")
    );
    assert_eq!(
        (found.boundary.as_deref(), found.tags),
        (Some(boundary), tags(&[("b", "3"), ("c", "4")]))
    );
    api.set_boundary(name, None).await.expect("no boundary");
    refused(api.delete_role(name).await, &Answer::InUse(Vec::new()));
    assert_eq!(api.attached(name).await, Ok(vec!["inline policy p".to_owned()]));
    api.delete_inline_policy(name, "p").await.expect("it is deleted");
    refused(api.delete_inline_policy(name, "p").await, &Answer::Absent);
    api.delete_role(name).await.expect("it is deleted");
    refused(api.delete_role(name).await, &Answer::Absent);
    refused(api.put_inline_policy(name, "p", &policy).await, &Answer::Absent);
}

/// Checks CloudWatch; an alarm of this name must not be there, and is not afterwards.
///
/// # Panics
/// Where the service does otherwise.
pub async fn cloudwatch(api: &dyn CloudWatchApi, name: &str) {
    assert_eq!(api.alarm(name).await, Ok(None));
    let text = |text: &str| text.to_owned();
    let alarm = MetricAlarm {
        name: name.to_owned(),
        description: text("conformance"),
        namespace: text("AWS/CertificateManager"),
        metric: text("DaysToExpiry"),
        dimensions: tags(&[("CertificateArn", "arn:aws:acm:1")]),
        statistic: text("Minimum"),
        unit: String::new(),
        period: 86_400,
        periods: 1,
        comparison: text("LessThanThreshold"),
        threshold: 14.0,
        missing_data: text("breaching"),
        warm_up: 0,
        acts: true,
        actions: vec![text("arn:aws:sns:eu-central-1:111122223333:a")],
        ok_actions: Vec::new(),
        no_data_actions: Vec::new(),
    };
    let first = tags(&[("a", "1"), ("b", "2")]);
    api.put_alarm(&alarm, &first).await.expect("an alarm");
    let (arn, found) = api.alarm(name).await.expect("an answer").expect("the alarm");
    assert_eq!(found, alarm);
    assert!(arn.ends_with(&format!(":alarm:{name}")), "{arn}");
    assert_eq!(api.tags(&arn).await, Ok(Some(first.clone())));
    let changed = MetricAlarm {
        threshold: 30.0,
        acts: false,
        ok_actions: alarm.actions.clone(),
        actions: Vec::new(),
        ..alarm
    };
    let ignored = tags(&[("a", "2"), ("c", "4")]);
    api.put_alarm(&changed, &ignored).await.expect("a change");
    assert_eq!(api.alarm(name).await, Ok(Some((arn.clone(), changed))));
    assert_eq!(api.tags(&arn).await, Ok(Some(first)), "of an alarm that is there");
    api.add_tags(&arn, &tags(&[("b", "3")])).await.expect("tags");
    api.remove_tags(&arn, &["a", "none"]).await.expect("no tags");
    assert_eq!(api.tags(&arn).await, Ok(Some(tags(&[("b", "3")]))));
    api.delete_alarm(name).await.expect("it is deleted");
    assert_eq!(api.alarm(name).await, Ok(None));
    refused(api.delete_alarm(name).await, &Answer::Absent);
    refused(api.add_tags(&arn, &tags(&[("b", "3")])).await, &Answer::Absent);
}
