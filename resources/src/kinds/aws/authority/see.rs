//! Looks at CAs.

use std::collections::BTreeMap;

use e2etls_clients::aws::Tags;
use e2etls_clients::aws::acm_pca::{Authority, Issued};
use e2etls_engine::kind::{Observed, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::{Answer, Denial, Refusal};
use jiff::{SignedDuration, Timestamp};

use super::content::{FIXED, Seen};
use crate::kinds::Clients;
use crate::kinds::aws::marks;

/// How old a CA may be whose tags are still worth a look though nothing else speaks for it: a create that was killed is soon
/// run again.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The CA of this ARN, unless it is deleted; one that AWS could not create is nothing to a refresh. A refresh reads no tags.
pub(super) async fn look(
    op: &Operation<Clients>,
    target: Target<'_>,
    reading: Reading,
) -> Result<Option<Observed>, Refusal> {
    let Some(arn) = target.uid else { return Ok(None) };
    let Some(authority) = op.remotes.acm_pca().describe(arn).await? else {
        is_here(op, arn)?;
        return Ok(None);
    };
    if authority.status == "DELETED" || (authority.status == "FAILED" && reading == Reading::Shared) {
        return Ok(None);
    }
    let tags = match reading {
        Reading::Fresh => match op.remotes.acm_pca().living_tags(arn).await? {
            Some(tags) => Some(tags),
            None => return Ok(None),
        },
        _ => None,
    };
    let seen = complete(op, authority, tags, op.remotes.known.get(arn)).await?;
    Ok(Some(seen.observed(target.name)))
}

/// What can't be seen is gone only in its own account and Region.
pub(super) fn is_here(op: &Operation<Clients>, arn: &str) -> Result<(), Refusal> {
    let mut fields = arn.split(':').skip(3);
    let (region, account) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
    let place = &op.owner.place;
    if *place == format!("{account}/{region}") {
        return Ok(());
    }
    let words = format!(
        "Wrong account: the CA is in {account}/{region}, the credentials work in {place}. It does not count as deleted. Use \
         credentials of its account."
    );
    let denied = Answer::Forbidden(Denial::Permission);
    Err(Refusal::new(denied, "acm-pca:DescribeCertificateAuthority", arn, words))
}

/// Reads what neither the description has nor the outputs tell that are `known` of the CA, if it still ends when it did then.
/// With `tags`, permissions are read too: only a refresh goes without both.
pub(super) async fn complete(
    op: &Operation<Clients>,
    authority: Authority,
    tags: Option<Tags>,
    known: Option<&BTreeMap<String, String>>,
) -> Result<Seen, Refusal> {
    let api = op.remotes.acm_pca();
    let known = |output: &str| known.and_then(|outputs| outputs.get(output)).cloned();
    let status = authority.status.as_str();
    let own = match (authority.not_after.map(|end| end.to_string()), known("certificate_pem")) {
        _ if matches!(status, "CREATING" | "PENDING_CERTIFICATE" | "FAILED") => None,
        (end, Some(certificate_pem)) if end == known("not_after") => Some(Issued {
            certificate_pem,
            chain_pem: known("chain_pem").unwrap_or_default(),
        }),
        _ => Some(api.certificate(&authority.arn).await?),
    };
    let csr = match known("csr_pem") {
        None if !matches!(status, "CREATING" | "FAILED") => api.csr(&authority.arn).await?,
        known => known,
    };
    let acm_may_renew = match (&tags, authority.usage_mode.as_str()) {
        (None, _) => None,
        // ACM can't issue from it.
        (Some(_), "SHORT_LIVED_CERTIFICATE") => Some(false),
        (Some(_), _) => Some(api.acm_may_renew(&authority.arn).await?),
    };
    Ok(Seen {
        authority,
        own,
        csr,
        tags,
        acm_may_renew,
    })
}

/// CAs of an owner, or of any; tags are read of those only that may be meant. A refresh finds none: what an operation has
/// made is in the state, and what a killed create has left the next create finds.
pub(super) async fn of_owner(
    op: &Operation<Clients>,
    owner: Option<&str>,
    like: Option<&Part<Clients>>,
    reading: Reading,
) -> Result<Vec<Observed>, Refusal> {
    if reading == Reading::Shared {
        return Ok(Vec::new());
    }
    let since = Timestamp::now().checked_sub(LOOK_BACK).unwrap_or(Timestamp::MIN);
    let restored = like.and_then(|part| part.content["restore_arn"].as_str());
    let mut found = Vec::new();
    for authority in op.remotes.acm_pca().list().await? {
        if !(owner.is_none() || may_be_meant(&authority, like, since)) || authority.status == "DELETED" {
            continue;
        }
        let Some(tags) = op.remotes.acm_pca().living_tags(&authority.arn).await? else {
            continue;
        };
        let found_owner = tags.get(marks::OWNER);
        let is_of = match owner {
            Some(owner) => found_owner.is_some_and(|found| found == owner),
            None => found_owner.is_some(),
        };
        // A restore that was killed before it wrote the mark: the argument says that this create may have it.
        let is_consented = restored == Some(&authority.arn) && !tags.contains_key(marks::CREATING);
        if is_of && !is_consented {
            let name = like.map_or_else(|| name(&tags), |part| part.name.clone());
            found.push(Seen::listed(authority, tags).observed(&name));
        }
    }
    Ok(found)
}

/// Whose tags are worth a call: not finished, alike, or made lately.
fn may_be_meant(authority: &Authority, like: Option<&Part<Clients>>, since: Timestamp) -> bool {
    let is_new = authority.created_at.is_some_and(|at| at >= since);
    let is_like = |part: &Part<Clients>| {
        let live = Seen::listed(authority.clone(), Tags::new()).observed("").content;
        FIXED.iter().all(|member| live[*member] == part.content[*member])
    };
    is_new || matches!(authority.status.as_str(), "CREATING" | "PENDING_CERTIFICATE") || like.is_some_and(is_like)
}

/// The resource's name, which its owner ends with.
fn name(tags: &Tags) -> String {
    let owner = tags.get(marks::OWNER).map(String::as_str).unwrap_or_default();
    owner.rsplit('/').next().unwrap_or_default().to_owned()
}
