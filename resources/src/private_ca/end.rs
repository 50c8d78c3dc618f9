//! Delete: disabled, deleted, and seen to be.

use tfplugin_framework::Diagnostics;

use super::change::is_mine;
use super::model::PrivateCa;
use super::observe::same_account;
use super::protect;
use super::run::Run;
use crate::kinds::aws::marks::CREATING as CREATING_TAG;
use crate::lifecycle::place::mark_time;
use crate::session::wording::Worded as _;
use e2etls_clients::aws::acm_pca::Authority;

/// Longest window that AWS offers: for a CA that is removed without having been asked about.
const LONGEST_WINDOW: i32 = 30;

/// True for a CA that never had a certificate: nothing depends on it.
pub(super) fn is_uncertified(status: &str) -> bool {
    matches!(status, "" | "CREATING" | "PENDING_CERTIFICATE" | "FAILED")
}

/// Deletes the CA or, before the create leg of a tainted replacement that wants the same CA, only marks it for that.
pub(super) async fn delete(run: &Run<'_>, prior: &PrivateCa, hand_over: bool) -> Result<Diagnostics, Diagnostics> {
    let mut warnings = Diagnostics::new();
    let arn = prior.arn.as_str().unwrap_or_default();
    let Some(authority) = run.api.describe(arn).await.worded()? else {
        same_account(run, arn).await?;
        return Ok(warnings);
    };
    if authority.status == "DELETED" {
        return Ok(warnings);
    }
    let tags = run.api.tags(arn).await.worded()?;
    if !is_mine(&tags, prior, &mut warnings) {
        return Ok(warnings);
    }
    if hand_over {
        run.api
            .tag(arn, &[(CREATING_TAG.to_owned(), mark_time())].into())
            .await
            .worded()?;
        return Ok(warnings);
    }
    // Protection does not hold for a create that never came to a certificate.
    if !(tags.contains_key(CREATING_TAG) && is_uncertified(&authority.status)) {
        let mut refusal = Diagnostics::new();
        protect(prior, &mut refusal);
        if refusal.has_errors() {
            return Err(refusal);
        }
    }
    remove(run, &authority, prior).await?;
    Ok(warnings)
}

/// Takes the CA to DELETED; AWS wants an ACTIVE one disabled first.
pub(super) async fn remove(run: &Run<'_>, authority: &Authority, model: &PrivateCa) -> Result<(), Diagnostics> {
    let authority = if authority.status == "CREATING" {
        run.settled(&authority.arn).await?
    } else {
        authority.clone()
    };
    let arn = authority.arn.as_str();
    if authority.status == "ACTIVE" {
        run.api.set_enabled(arn, false).await.worded()?;
    }
    let days = model
        .deletion_window_days
        .known()
        .and_then(|days| i32::try_from(*days).ok());
    run.api.delete(arn, days.unwrap_or(LONGEST_WINDOW)).await.worded()?;
    run.until("the CA to be DELETED", || async {
        Ok(match run.api.describe(arn).await.worded()? {
            Some(found) if found.status != "DELETED" => Err(found.status),
            _ => Ok(()),
        })
    })
    .await
}
