//! Create: find what an interrupted create left, or make a CA, and take it to ACTIVE.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tfplugin_framework::{AttributePath, Diagnostics, Leg};

use super::TYPE_NAME;
use super::certify::{Signer, certify, days_of, ends_no_earlier, signer};
use super::convert::{is_alike, marks, new_authority, revocation, token, user_tags};
use super::end::remove;
use super::model::PrivateCa;
use super::observe::observe;
use super::run::{Run, Tags};
use crate::kinds::aws::marks::{CREATING as CREATING_TAG, OWNER as OWNER_TAG};
use crate::lifecycle::place::{mark_time, new_instance};
use crate::session::wording::{self, Worded as _};
use e2etls_clients::aws::acm_pca::{Authority, NewAuthority};
use e2etls_engine::owner::Owner;
use e2etls_engine::refusal::{Answer, Denial};

/// How old a CA of other content may be whose tags are still worth a look: an interrupted create is soon run again.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long the bucket of a revocation list may take to accept the service.
const BUCKET: Duration = Duration::from_secs(60);
/// The policy of the bucket does not let the service write.
const BY_BUCKET: Answer = Answer::Forbidden(Denial::Policy);

/// Makes or finishes the CA. As soon as it has an ARN the model has it too, so that a failure loses nothing.
pub(super) async fn create(run: &Run<'_>, model: &mut PrivateCa, leg: Option<Leg>) -> Result<(), Diagnostics> {
    let signer = signer(run, model).await?;
    let owner = run.owner(model.name.as_str().unwrap_or_default()).await?;
    let instance = new_instance();
    let (arn, is_new) = match model.restore_arn.as_str() {
        Some(arn) => (restore(run, arn, model, &owner).await?, false),
        None => find_or_make(run, &owner, &instance, model, leg).await?,
    };
    model.id = arn.clone().into();
    model.arn = arn.into();
    model.instance = instance.into();
    model.region = run.api.region().to_owned().into();
    finish(run, &owner, is_new, &signer, model).await.map_err(|mut diagnostics| {
        diagnostics.remote(
            format!("The create of {TYPE_NAME} is not finished"),
            "Everything made so far is kept. `terraform untaint ADDRESS`, then `terraform apply` finishes it; a plain `terraform \
             apply` goes on with the same CA as well.",
        );
        diagnostics
    })
}

async fn finish(
    run: &Run<'_>,
    owner: &Owner,
    is_new: bool,
    signer: &Signer,
    model: &mut PrivateCa,
) -> Result<(), Diagnostics> {
    let arn = model.arn.as_str().unwrap_or_default().to_owned();
    let authority = run.settled(&arn).await?;
    if authority.status == "FAILED" {
        return Err(failed(authority));
    }
    if !is_new {
        let mut tags = user_tags(run.default_tags, model);
        tags.extend(marks(
            owner,
            model.instance.as_str().unwrap_or_default(),
            Some(&mark_time()),
        ));
        run.api.tag(&arn, &tags).await.worded()?;
        if revocation(model) != authority.revocation {
            run.api.set_revocation(&arn, &revocation(model)).await.worded()?;
        }
    }
    model.csr_pem = run.csr(&arn).await?.into();
    let renew = !is_new && has_other_validity(run, &authority, signer, model).await?;
    let authority = bring(run, model, authority, signer, renew).await?;
    let allow = model.allow_acm_renewal.known() == Some(&true);
    if (allow || !is_new) && run.api.acm_may_renew(&arn).await.worded()? != allow {
        run.api.let_acm_renew(&arn, allow).await.worded()?;
    }
    observe(run, &authority, model).await?;
    run.api.untag(&arn, &[CREATING_TAG]).await.worded()
}

/// Brings the CA to where the arguments want it: certified (again, with `renew`), then on or off.
pub(super) async fn bring(
    run: &Run<'_>,
    model: &PrivateCa,
    mut authority: Authority,
    signer: &Signer,
    renew: bool,
) -> Result<Authority, Diagnostics> {
    let enabled = model.enabled.known() != Some(&false);
    let certify_it =
        signer.is_ready() && (renew || matches!(authority.status.as_str(), "PENDING_CERTIFICATE" | "EXPIRED"));
    if authority.status == "DISABLED" && (enabled || certify_it) {
        // A disabled CA signs nothing, not even itself.
        run.api.set_enabled(&authority.arn, true).await.worded()?;
        authority = run.settled(&authority.arn).await?;
    }
    if certify_it {
        if !matches!(signer, Signer::Outside(_)) {
            ends_no_earlier(&authority, model.validity_days.known().copied().unwrap_or_default())?;
        }
        authority = certify(run, model, &authority, signer).await?;
    }
    if authority.status == "ACTIVE" && !enabled {
        run.api.set_enabled(&authority.arn, false).await.worded()?;
        authority = run.settled(&authority.arn).await?;
    }
    Ok(authority)
}

/// True if an adopted CA was certified for other days: the user has changed them since the create was interrupted.
async fn has_other_validity(
    run: &Run<'_>,
    authority: &Authority,
    signer: &Signer,
    model: &PrivateCa,
) -> Result<bool, Diagnostics> {
    if matches!(signer, Signer::Outside(_)) || !matches!(authority.status.as_str(), "ACTIVE" | "DISABLED") {
        return Ok(false);
    }
    let own = run.api.certificate(&authority.arn).await.worded()?;
    Ok(days_of(&own.certificate_pem) != model.validity_days.known().copied())
}

/// The ARN of the CA to finish, and whether it was made now.
async fn find_or_make(
    run: &Run<'_>,
    owner: &Owner,
    instance: &str,
    model: &PrivateCa,
    leg: Option<Leg>,
) -> Result<(String, bool), Diagnostics> {
    let found = run.api.list().await.worded()?;
    let since = Timestamp::now().checked_sub(LOOK_BACK).unwrap_or(Timestamp::MIN);
    let mut replaced = String::new();
    for authority in found.iter().filter(|authority| is_candidate(model, authority, since)) {
        let Some(tags) = run.api.living_tags(&authority.arn).await.worded()? else {
            continue;
        };
        if tags.get(OWNER_TAG) != Some(&owner.to_string()) {
            continue;
        }
        match (tags.contains_key(CREATING_TAG), is_alike(model, authority)) {
            (true, true) => return Ok((authority.arn.clone(), false)),
            // It never finished, and the user has mended a mistake that can't be changed in place.
            (true, false) => remove(run, authority, model).await?,
            (false, true) if leg == Some(Leg::Replacing) => replaced.clone_from(&authority.arn),
            (false, true) => return Err(exists(&authority.arn, owner)),
            (false, false) => {}
        }
    }
    let ended = found
        .iter()
        .filter(|authority| is_alike(model, authority) && is_over(authority));
    let newest = ended
        .max_by_key(|authority| authority.created_at)
        .map_or("", |authority| authority.arn.as_str());
    let content = format!("{:?}", new_authority(model, String::new(), Tags::new()));
    let token = token(&[&owner.to_string(), &content, newest, &replaced]);
    let mut tags = user_tags(run.default_tags, model);
    tags.extend(marks(owner, instance, Some(&mark_time())));
    make(run, &new_authority(model, token, tags))
        .await
        .map(|arn| (arn, true))
}

/// A bucket's policy takes a moment to be seen; until then the service says that it can't write there.
async fn make(run: &Run<'_>, new: &NewAuthority) -> Result<String, Diagnostics> {
    let begun = tokio::time::Instant::now();
    run.until("the bucket of the revocation list", || async {
        match run.api.create(new).await {
            Ok(arn) => Ok(Ok(arn)),
            Err(refusal) if new.revocation.crl.is_some() && begun.elapsed() < BUCKET && refusal.answer == BY_BUCKET => {
                Ok(Err("AWS Private CA can't write to it yet".to_owned()))
            }
            Err(refusal) => Err(wording::aws(&refusal)),
        }
    })
    .await
}

fn is_over(authority: &Authority) -> bool {
    matches!(authority.status.as_str(), "DELETED" | "FAILED")
}

/// Whose tags are worth a call: alike, not finished, or made lately.
fn is_candidate(model: &PrivateCa, authority: &Authority, since: Timestamp) -> bool {
    match authority.status.as_str() {
        "DELETED" | "FAILED" => false,
        "CREATING" | "PENDING_CERTIFICATE" => true,
        _ => is_alike(model, authority) || authority.created_at.is_some_and(|at| at >= since),
    }
}

async fn restore(run: &Run<'_>, arn: &str, model: &PrivateCa, owner: &Owner) -> Result<String, Diagnostics> {
    let refuse = |summary: &str, detail: String| {
        let mut diagnostics = Diagnostics::new();
        diagnostics.input(AttributePath::root("restore_arn"), summary, detail);
        diagnostics
    };
    let Some(found) = run.api.describe(arn).await.worded()? else {
        return Err(refuse(
            "There is no such CA",
            format!("{arn} does not exist in this account and Region."),
        ));
    };
    if !is_alike(model, &found) {
        let detail = format!(
            "Type, usage mode, key algorithm or subject of {arn} differ from the arguments. Nothing was restored."
        );
        return Err(refuse("The CA is another one", detail));
    }
    match found.status.as_str() {
        "DELETED" => run.api.restore(arn).await.worded()?,
        // A restore that was interrupted has done this part already; a CA in use is refused.
        "DISABLED" | "PENDING_CERTIFICATE" | "EXPIRED" => {}
        status => {
            let tags = run.api.tags(arn).await.worded()?;
            if tags.get(OWNER_TAG) != Some(&owner.to_string()) || !tags.contains_key(CREATING_TAG) {
                let detail = format!("{arn} is {status}: there is nothing to restore. Import it instead.");
                return Err(refuse("The CA is not deleted", detail));
            }
        }
    }
    Ok(found.arn)
}

fn failed(authority: Authority) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let reason = authority.failure_reason.unwrap_or_default();
    diagnostics.remote(
        "AWS could not create the CA",
        format!("{}: {reason}\n\nApply again: another CA is made.", authority.arn),
    );
    diagnostics
}

fn exists(arn: &str, owner: &Owner) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let detail = format!(
        "{arn} carries this resource's owner `{owner}`, has the same content and is finished, but is not in the state: an apply \
         was killed just before it could save it, or another state uses the same `owner_id`, or a replacement of an unchanged CA \
         was asked for with `create_before_destroy`. Nothing was changed.\n\nIf it is this resource, import it:\n\nimport {{\n  to \
         = {TYPE_NAME}.NAME\n  id = {arn:?}\n}}"
    );
    diagnostics.remote("The CA exists already", detail);
    diagnostics
}
