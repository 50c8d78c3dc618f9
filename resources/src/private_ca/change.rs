//! Update: changes of a CA in place.

use tfplugin_framework::Diagnostics;

use super::TYPE_NAME;
use super::certify::signer;
use super::convert::{marks, revocation, user_tags};
use super::create::bring;
use super::model::PrivateCa;
use super::observe::{observe, same_account};
use super::plan::{Notes, must_certify};
use super::run::{Run, Tags};
use crate::kinds::aws::marks::{CREATING as CREATING_TAG, INSTANCE as INSTANCE_TAG};
use crate::session::wording::Worded as _;
use e2etls_clients::aws::acm_pca::Authority;

/// Changes the CA in place. The notes are of the state before, and are brought up to date.
pub(super) async fn update(
    run: &Run<'_>,
    prior: &PrivateCa,
    model: &mut PrivateCa,
    notes: &mut Notes,
) -> Result<Diagnostics, Diagnostics> {
    let mut warnings = Diagnostics::new();
    if only_local(prior, model) {
        return Ok(warnings);
    }
    let arn = model.arn.as_str().unwrap_or_default().to_owned();
    let authority = existing(run, &arn).await?;
    let tags = run.api.tags(&arn).await.worded()?;
    if !is_mine(&tags, prior, &mut warnings) {
        keep(prior, model);
        return Ok(warnings);
    }
    let signer = signer(run, model).await?;
    if revocation(model) != authority.revocation {
        run.api.set_revocation(&arn, &revocation(model)).await.worded()?;
    }
    bring(run, model, authority, &signer, must_certify(prior, model)).await?;
    let allow = model.allow_acm_renewal.known() == Some(&true);
    if model.allow_acm_renewal != prior.allow_acm_renewal && run.api.acm_may_renew(&arn).await.worded()? != allow {
        run.api.let_acm_renew(&arn, allow).await.worded()?;
    }
    retag(run, prior, model, &tags, notes).await?;
    let authority = run.settled(&arn).await?;
    observe(run, &authority, model).await?;
    Ok(warnings)
}

async fn existing(run: &Run<'_>, arn: &str) -> Result<Authority, Diagnostics> {
    match run.api.describe(arn).await.worded()? {
        Some(found) if found.status == "CREATING" => run.settled(arn).await,
        Some(found) if found.status != "DELETED" => Ok(found),
        _ => {
            same_account(run, arn).await?;
            let mut diagnostics = Diagnostics::new();
            let detail =
                format!("{arn} was deleted after the plan was made.\n\nPlan again: {TYPE_NAME} will be created.");
            diagnostics.remote("The CA is gone", detail);
            Err(diagnostics)
        }
    }
}

/// True if the CA still carries this state's instance; else a warning says that it was adopted elsewhere.
pub(super) fn is_mine(tags: &Tags, state: &PrivateCa, warnings: &mut Diagnostics) -> bool {
    let mine = tags
        .get(INSTANCE_TAG)
        .is_none_or(|instance| Some(instance.as_str()) == state.instance.as_str());
    if !mine {
        warnings.warn(
            None,
            "The CA was adopted elsewhere",
            format!(
                "{} belongs to another instance of this resource now. It was left alone.",
                state.arn.as_str().unwrap_or_default()
            ),
        );
    }
    mine
}

/// What was to become known stays as it was.
fn keep(prior: &PrivateCa, model: &mut PrivateCa) {
    for (attribute, before) in [
        (&mut model.status, &prior.status),
        (&mut model.certificate_pem, &prior.certificate_pem),
        (&mut model.chain_pem, &prior.chain_pem),
        (&mut model.not_after, &prior.not_after),
    ] {
        attribute.clone_from(before);
    }
}

/// True if nothing changes but what only this state knows.
fn only_local(prior: &PrivateCa, model: &PrivateCa) -> bool {
    let mut same = model.clone();
    same.deletion_protection = prior.deletion_protection.clone();
    same.deletion_window_days = prior.deletion_window_days.clone();
    same.restore_arn = prior.restore_arn.clone();
    same.timeouts = prior.timeouts.clone();
    same == *prior
}

/// Writes our tags where they differ, and takes away those that we wrote and no longer want. Others' stay.
async fn retag(
    run: &Run<'_>,
    prior: &PrivateCa,
    model: &PrivateCa,
    found: &Tags,
    notes: &mut Notes,
) -> Result<(), Diagnostics> {
    let arn = model.arn.as_str().unwrap_or_default();
    let owner = run.owner(model.name.as_str().unwrap_or_default()).await?;
    let mut wanted = user_tags(run.default_tags, model);
    wanted.extend(marks(&owner, model.instance.as_str().unwrap_or_default(), None));
    let before = notes.written.clone().unwrap_or_default();
    let before = before.keys().chain(prior.tags.known().into_iter().flat_map(Tags::keys));
    let mut dropped: Vec<&str> = before
        .map(String::as_str)
        .filter(|key| !wanted.contains_key(*key) && found.contains_key(*key))
        .collect();
    dropped.sort_unstable();
    dropped.dedup();
    if wanted.iter().any(|(key, value)| found.get(key) != Some(value)) {
        run.api.tag(arn, &wanted).await.worded()?;
    }
    if !dropped.is_empty() {
        run.api.untag(arn, &dropped).await.worded()?;
    }
    wanted.remove(INSTANCE_TAG);
    notes.written = Some(wanted);
    if found.contains_key(CREATING_TAG) {
        run.api.untag(arn, &[CREATING_TAG]).await.worded()?;
    }
    notes.creating = false;
    Ok(())
}
