//! Requests certificates, and changes their tags.
//!
//! Everything here goes by what is there now, so that it converges wherever it was killed.

use std::collections::BTreeMap;

use e2etls_clients::aws::Tags;
use e2etls_clients::aws::acm::{Certificate, NewCertificate};
use e2etls_engine::kind::{Observed, Put, pause};
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::{Answer, Cause, Refusal};
use serde_json::{Value, json};

use super::see::observed;
use super::{DNS_TAG, FIXED, is_over, issued};
use crate::kinds::Clients;
use crate::kinds::aws::marks;
use crate::kinds::aws::token::with_token;

/// Longest idempotency token of ACM.
const TOKEN: usize = 32;
/// How often a certificate that ACM has just named is looked up until it is considered deleted: for an hour, its token
/// returns a deleted one.
const LOOKS: u32 = 4;

/// Members that differ; of the tags, only those that are wanted.
pub(super) fn differences(desired: &Value, live: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for member in FIXED.iter().chain(&["dns"]) {
        // Without its tag nothing is known of `dns`; the next write sets it.
        let is_known = live.get(*member).is_some_and(|is| !is.is_null());
        if is_known && desired[*member] != live[*member] {
            found.insert((*member).to_owned(), live[*member].clone());
        }
    }
    let wanted = desired["tags"].as_object().into_iter().flatten();
    for (key, value) in wanted.filter(|_| live.get("tags").is_some()) {
        let is = live["tags"].get(key).unwrap_or(&Value::Null);
        if is != value {
            found.insert(format!("tags.{key}"), is.clone());
        }
    }
    found
}

/// All tags that the certificate is to have.
fn wanted(op: &Operation<Clients>, put: &Put<'_, Clients>) -> Tags {
    let mut tags = op.remotes.default_tags.clone();
    let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
    tags.extend(
        put.part.content["tags"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(text),
    );
    tags.extend(marks::tags(put.marks));
    if let Some(dns) = put.part.content["dns"].as_str() {
        tags.insert(DNS_TAG.to_owned(), dns.to_owned());
    }
    tags
}

/// Requests the certificate, or continues with the one that an unfinished create has requested.
pub(super) async fn make(op: &Operation<Clients>, put: &Put<'_, Clients>) -> Result<Observed, Refusal> {
    let told = match put.made.object() {
        Some(made) => taken(op, put, &made.uid).await?,
        None => None,
    };
    let (certificate, found) = match told {
        Some(taken) => taken,
        None => request(op, put).await?,
    };
    put.made.tell(Observed {
        name: put.part.name.clone(),
        uid: certificate.arn.clone(),
        ..Observed::default()
    });
    if is_over(&certificate.status) {
        let words = issued::over(&certificate.status, certificate.failure_reason.as_deref());
        let words = format!("{words} Apply again to request another certificate.");
        return Err(Refusal::new(
            Answer::Invalid,
            "acm:RequestCertificate",
            certificate.arn,
            words,
        ));
    }
    let tags = retag(op, put, &certificate.arn, &found, |_| true).await?;
    Ok(observed(&certificate, Some(&tags), &put.part.name))
}

async fn request(op: &Operation<Clients>, put: &Put<'_, Clients>) -> Result<(Certificate, Tags), Refusal> {
    let content = &put.part.content;
    let text = |member: &str| content[member].as_str().unwrap_or_default().to_owned();
    let sans = content["sans"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let new = NewCertificate {
        domain: text("domain"),
        sans: sans.map(str::to_owned).collect(),
        key_algorithm: text("key_algorithm"),
        token: String::new(),
        tags: wanted(op, put),
    };
    let fixed: Vec<&Value> = FIXED.iter().map(|member| &content[*member]).collect();
    let of = [op.owner.to_string(), put.part.address.clone(), json!(fixed).to_string()];
    let of: Vec<&str> = of.iter().map(String::as_str).collect();
    let ask = |token| {
        let new = NewCertificate { token, ..new.clone() };
        async move { op.remotes.acm().request_certificate(&new).await }
    };
    let take = |arn: String| async move { taken(op, put, &arn).await };
    with_token(TOKEN, &of, ask, take).await
}

/// The certificate that a request was answered with, and its tags, if it may be taken for the one that is being made.
async fn taken(
    op: &Operation<Clients>,
    put: &Put<'_, Clients>,
    arn: &str,
) -> Result<Option<(Certificate, Tags)>, Refusal> {
    let Some(certificate) = visible(op, arn).await? else {
        return Ok(None);
    };
    let tags = match op.remotes.acm().tags(arn).await {
        Err(refusal) if refusal.answer == Answer::Absent => return Ok(None),
        tags => tags?,
    };
    let of = marks::marks(&tags);
    let own = of.instance == put.marks.instance;
    let may = put.may_adopt(&of) && (own || !is_over(&certificate.status));
    Ok(may.then_some((certificate, tags)))
}

/// The certificate, which may not be visible in the first moment.
async fn visible(op: &Operation<Clients>, arn: &str) -> Result<Option<Certificate>, Refusal> {
    for tries in 0..LOOKS {
        if let Some(found) = op.remotes.acm().describe(arn).await? {
            return Ok(Some(found));
        }
        tokio::time::sleep(pause(tries)).await;
    }
    Ok(None)
}

/// Changes the tags of the certificate that was seen as `over`: nothing else of it can change.
pub(super) async fn change(
    op: &Operation<Clients>,
    put: &Put<'_, Clients>,
    over: &Observed,
) -> Result<Observed, Refusal> {
    let found = op.remotes.acm().tags(&over.uid).await?;
    let mut object = over.clone();
    retagged(&mut object, &found);
    let causes: Vec<Cause> = differences(&put.part.content, &object.content)
        .into_keys()
        .filter(|path| !is_consented(put, path))
        .map(|field| Cause {
            field,
            manager: "somebody else".to_owned(),
        })
        .collect();
    if !causes.is_empty() {
        let words = "It was changed after the plan.";
        let answer = Answer::Conflict(causes);
        return Err(Refusal::new(answer, "acm:AddTagsToCertificate", &over.uid, words));
    }
    let goes = |key: &str| is_consented(put, &format!("tags.{key}"));
    let tags = retag(op, put, &over.uid, &found, goes).await?;
    retagged(&mut object, &tags);
    Ok(object)
}

/// True if the plan showed the path, or the create has made it all.
fn is_consented(put: &Put<'_, Clients>, path: &str) -> bool {
    let consent = put.consent;
    consent.force
        || consent
            .paths
            .iter()
            .any(|covered| covered.is_empty() || covered == path)
}

/// The tags afterwards: first those that are set, then, ours last, those that go.
async fn retag(
    op: &Operation<Clients>,
    put: &Put<'_, Clients>,
    arn: &str,
    found: &Tags,
    goes: impl Fn(&str) -> bool,
) -> Result<Tags, Refusal> {
    let change = marks::change(found, &wanted(op, put), &op.remotes.ignore_tags, goes);
    op.remotes.acm().add_tags(arn, &change.set).await?;
    let keys: Vec<&str> = change.remove.iter().map(String::as_str).collect();
    op.remotes.acm().remove_tags(arn, &keys).await?;
    Ok(change.apply(found))
}

/// The same object with other tags.
fn retagged(object: &mut Observed, tags: &Tags) {
    let fresh = observed(&Certificate::default(), Some(tags), "");
    object.marks = fresh.marks;
    for member in ["tags", "dns"] {
        object.content[member] = fresh.content[member].clone();
    }
}
