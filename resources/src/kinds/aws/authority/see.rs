//! Looks at CAs.

use std::collections::BTreeMap;

use e2etls_clients::aws::Tags;
use e2etls_clients::aws::acm_pca::{Authority, Issued};
use e2etls_engine::kind::{Observed, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::Refusal;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::content::{FIXED, Seen};
use crate::kinds::Clients;
use crate::kinds::aws::content::is_here;
use crate::kinds::aws::marks;

/// Maximum age of a CA whose tags are read although nothing else suggests that it is ours: a create that was killed is
/// soon run again.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The CA of this ARN, unless it is deleted; for a refresh, one that AWS failed to create does not exist. A refresh
/// reads no tags.
pub(super) async fn look(
    op: &Operation<Clients>,
    target: Target<'_>,
    reading: Reading,
) -> Result<Option<Observed>, Refusal> {
    let Some(arn) = target.uid else { return Ok(None) };
    let Some(authority) = describe(op, arn).await? else {
        return Ok(None);
    };
    if authority.status == "FAILED" && reading == Reading::Shared {
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

/// The CA of this ARN, unless it is deleted.
pub(super) async fn describe(op: &Operation<Clients>, arn: &str) -> Result<Option<Authority>, Refusal> {
    let found = op.remotes.acm_pca().describe(arn).await?;
    if found.is_none() {
        is_here(op.remotes.acm_pca(), "acm-pca:DescribeCertificateAuthority", arn).await?;
    }
    Ok(found.filter(|found| found.status != "DELETED"))
}

/// Reads what neither the description nor the `known` outputs of the CA contain, if it still ends when it did
/// then. With `tags`, permissions are read too: only a refresh goes without both.
pub(super) async fn complete(
    op: &Operation<Clients>,
    authority: Authority,
    tags: Option<Tags>,
    known: Option<&BTreeMap<String, String>>,
) -> Result<Seen, Refusal> {
    let api = op.remotes.acm_pca();
    let known = |output: &str| known.and_then(|outputs| outputs.get(output)).cloned();
    let (arn, status) = (authority.arn.as_str(), authority.status.as_str());
    let own = match (authority.not_after.map(|end| end.to_string()), known("certificate_pem")) {
        _ if matches!(status, "CREATING" | "PENDING_CERTIFICATE" | "FAILED") => None,
        (end, Some(certificate_pem)) if end == known("not_after") => Some(Issued {
            certificate_pem,
            chain_pem: known("chain_pem").unwrap_or_default(),
        }),
        _ => Some(api.certificate(arn).await?),
    };
    let csr = match known("csr_pem") {
        None if !matches!(status, "CREATING" | "FAILED") => api.csr(arn).await?,
        known => known,
    };
    let allow_acm_renewal = match (&tags, authority.usage_mode.as_str()) {
        (None, _) => None,
        // ACM can't issue from it.
        (Some(_), "SHORT_LIVED_CERTIFICATE") => Some(false),
        (Some(_), _) => Some(api.acm_may_renew(arn).await?),
    };
    Ok(Seen {
        own,
        csr,
        tags,
        allow_acm_renewal,
        ..Seen::from(authority)
    })
}

/// CAs of an owner, or of any; tags are read only of those that may be meant. A refresh finds none: what an operation
/// has made is in the state, and what a killed create left behind, the next create finds.
pub(super) async fn of_owner(
    op: &Operation<Clients>,
    owner: Option<&str>,
    like: Option<&Part<Clients>>,
    reading: Reading,
) -> Result<Vec<Observed>, Refusal> {
    let mut found = Vec::new();
    if reading == Reading::Shared {
        return Ok(found);
    }
    let since = Timestamp::now().checked_sub(LOOK_BACK).unwrap_or(Timestamp::MIN);
    let restored = like.and_then(|part| part.content["restore_arn"].as_str());
    for authority in op.remotes.acm_pca().list().await? {
        if authority.status == "DELETED" || (owner.is_some() && !may_be_meant(&authority, like, since)) {
            continue;
        }
        let tags = op
            .remotes
            .acm_pca()
            .living_tags(&authority.arn)
            .await?
            .unwrap_or_default();
        let is_of = tags
            .get(marks::OWNER)
            .is_some_and(|found| owner.is_none_or(|owner| owner == found));
        // A restore that was killed before it wrote the mark: the argument says that this create may have it.
        let is_consented = restored == Some(&authority.arn) && !tags.contains_key(marks::CREATING);
        if is_of && !is_consented {
            let name = like
                .map_or(marks::name(&tags).unwrap_or_default(), |part| &part.name)
                .to_owned();
            let seen = Seen {
                tags: Some(tags),
                ..Seen::from(authority)
            };
            found.push(seen.observed(&name));
        }
    }
    Ok(found)
}

/// Whose tags are worth a call: unfinished, alike, or created recently.
fn may_be_meant(authority: &Authority, like: Option<&Part<Clients>>, since: Timestamp) -> bool {
    matches!(authority.status.as_str(), "CREATING" | "PENDING_CERTIFICATE")
        || authority.created_at.is_some_and(|at| at >= since)
        || like.is_some_and(|part| is_alike(&part.content, authority))
}

/// True if a CA has what never changes.
pub(super) fn is_alike(content: &Value, authority: &Authority) -> bool {
    let live = Seen::from(authority.clone()).content();
    FIXED.iter().all(|member| live[*member] == content[*member])
}
