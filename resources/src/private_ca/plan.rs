//! Pure decisions: what a plan of a CA shows, refuses and warns of.

use serde::{Deserialize, Serialize};
use tfplugin_framework::{
    Attr, AttributePath, Config, DestroyPlan, Diagnostics, Model, PlanRequest, PlanResponse, Private,
};

use super::convert::user_tags;
use super::end::is_uncertified;
use super::model::{CaType, PrivateCa, UsageMode};
use super::observe::is_signed_in_aws;
use super::run::Tags;
use super::{NAME, PrivateCaResource, protect};
use crate::kinds::aws::marks::OWNER as OWNER_TAG;
use crate::lifecycle::refusals;
use crate::session::Session;
use e2etls_engine::owner::Owner;

/// Private: what the tags and the create have come to.
const NOTES: &str = "notes";
/// Private, of a create plan: what can't be changed later, for the delete leg of a replacement to compare.
const CONTENT: &str = "content";
/// Private, of an imported CA: arguments that could not be read back; giving them replaces nothing.
pub(super) const UNSEEN: &str = "unseen";

/// What a state remembers of a CA beside its attributes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Notes {
    /// The tags that we wrote last, without the instance.
    pub(super) written: Option<Tags>,
    /// The create did not finish.
    pub(super) creating: bool,
}

impl Notes {
    pub(super) fn load(private: &Private) -> Self {
        private.get(NOTES).unwrap_or_default()
    }

    pub(super) fn store(&self, private: &mut Private) {
        private.set(NOTES, self);
    }
}

pub(super) fn validate(config: &Config<PrivateCa>, diagnostics: &mut Diagnostics) {
    let root = config.r#type.known() == Some(&CaType::Root);
    if root && config.parent_arn.known().is_some() {
        refuse(
            "parent_arn",
            "A `ROOT` signs itself: `parent_arn` is of a `SUBORDINATE`.",
            diagnostics,
        );
    }
    let outside = [
        ("signed_certificate_pem", &config.signed_certificate_pem),
        ("signed_chain_pem", &config.signed_chain_pem),
    ];
    for (argument, _) in outside.iter().filter(|(_, given)| given.known().is_some()) {
        if root || config.parent_arn.known().is_some() {
            let why = "The certificate is signed in AWS: leave it out, or use a `SUBORDINATE` without `parent_arn`.";
            refuse(argument, why, diagnostics);
        }
    }
    if config.signed_certificate_pem.known().is_some() && config.signed_chain_pem.is_null() {
        refuse(
            "signed_chain_pem",
            "A certificate that is signed outside needs its chain up to the root.",
            diagnostics,
        );
    }
    if config.usage_mode.known() == Some(&UsageMode::ShortLived) && config.allow_acm_renewal.known() == Some(&true) {
        let why =
            "ACM can't issue from a CA of the mode `SHORT_LIVED_CERTIFICATE`: leave it out, or use `GENERAL_PURPOSE`.";
        refuse("allow_acm_renewal", why, diagnostics);
    }
    if root && config.enabled.known() == Some(&false) && config.restore_arn.is_null() {
        let why = "A root that is made disabled can't issue anything; it costs the same.";
        diagnostics.warn(Some(AttributePath::root("enabled")), "The CA is disabled", why);
    }
}

fn refuse(argument: &str, why: &str, diagnostics: &mut Diagnostics) {
    diagnostics.input(AttributePath::root(argument), "Contradicting arguments", why);
}

pub(super) fn plan(request: &PlanRequest<'_, PrivateCaResource>, response: &mut PlanResponse<PrivateCa>) {
    let session = request.session.map(AsRef::as_ref);
    let Some(prior) = request.prior else {
        create(session, response);
        return;
    };
    let unseen: Vec<String> = request.private.get(UNSEEN).unwrap_or_default();
    response
        .replace
        .retain(|path| !unseen.iter().any(|argument| *path == AttributePath::root(argument)));
    let plan = &mut response.plan.0;
    let certify = must_certify(prior, plan);
    for (attribute, before) in [
        (&mut plan.certificate_pem, &prior.certificate_pem),
        (&mut plan.chain_pem, &prior.chain_pem),
        (&mut plan.not_after, &prior.not_after),
    ] {
        *attribute = if certify { Attr::Unknown } else { before.clone() };
    }
    let notes = Notes::load(request.private);
    let other = notes.creating || session.is_some_and(|session| has_other_marks(session, &notes, prior, plan));
    let moves = certify || other || plan.enabled != prior.enabled;
    plan.status = if moves { Attr::Unknown } else { prior.status.clone() };
    if plan.to_value() != prior.to_value() {
        refusals::remark(session, false, &mut response.diagnostics);
    }
}

fn create(session: Option<&Session>, response: &mut PlanResponse<PrivateCa>) {
    refusals::remark(session, true, &mut response.diagnostics);
    let plan = &response.plan.0;
    if let Some(content) = content(plan) {
        response.private.set(CONTENT, &content);
    }
    let price = match plan.usage_mode.known() {
        Some(UsageMode::ShortLived) => 50,
        _ => 400,
    };
    if plan.restore_arn.is_null() {
        let detail = format!(
            "AWS charges about {price} USD a month for the CA, by the day, until it is deleted. A deleted CA costs nothing, but a \
             restored one is billed for the time between."
        );
        response.diagnostics.warn(
            Some(AttributePath::root("usage_mode")),
            "The CA costs money every month",
            detail,
        );
    }
}

pub(super) fn plan_destroy(request: &DestroyPlan<'_, PrivateCaResource>, diagnostics: &mut Diagnostics) {
    let never_finished =
        Notes::load(request.private).creating && is_uncertified(request.prior.status.as_str().unwrap_or_default());
    if !never_finished {
        protect(request.prior, diagnostics);
    }
    refusals::remark(request.session.map(AsRef::as_ref), false, diagnostics);
}

/// True if the CA needs a certificate: its first, another, or one in place of an expired one.
pub(super) fn must_certify(prior: &PrivateCa, plan: &PrivateCa) -> bool {
    let lacks = matches!(
        prior.status.as_str(),
        None | Some("CREATING" | "PENDING_CERTIFICATE" | "EXPIRED")
    );
    if is_signed_in_aws(plan) {
        lacks || plan.validity_days != prior.validity_days
    } else {
        !plan.signed_certificate_pem.is_null()
            && (lacks
                || plan.signed_certificate_pem != prior.signed_certificate_pem
                || plan.signed_chain_pem != prior.signed_chain_pem)
    }
}

/// True if the provider's `owner_id` or `default_tags` are no longer those that were written. The attributes don't show
/// them, so the plan shows the status as not known.
fn has_other_marks(session: &Session, notes: &Notes, prior: &PrivateCa, plan: &PrivateCa) -> bool {
    let (Some(written), Some(place)) = (&notes.written, place(prior)) else {
        return false;
    };
    if session.owner_id_unknown || session.default_tags_unknown || plan.tags.is_unknown() {
        return false;
    }
    let owner = Owner {
        owner_id: session.owner_id.clone(),
        resource: NAME,
        place,
        namespace: None,
        name: plan.name.as_str().unwrap_or_default().to_owned(),
    };
    let mut wanted = user_tags(&session.default_tags, plan);
    wanted.insert(OWNER_TAG.to_owned(), owner.to_string());
    wanted != *written
}

fn place(prior: &PrivateCa) -> Option<String> {
    let mut fields = prior.arn.as_str()?.split(':').skip(3);
    let (region, account) = (fields.next()?, fields.next()?);
    Some(format!("{account}/{region}"))
}

/// What a create would make that can't be changed later, in one text; `None` while it is not known.
fn content(model: &PrivateCa) -> Option<String> {
    let known = |known: bool| known.then_some(());
    known(model.name.known().is_some() && model.r#type.known().is_some() && model.usage_mode.known().is_some())?;
    known(model.subject.known().is_some() && model.key_algorithm.known().is_some())?;
    let fixed = (
        &model.name,
        &model.r#type,
        &model.usage_mode,
        &model.subject,
        &model.key_algorithm,
    );
    Some(format!("{fixed:?}"))
}

/// True if the create plan whose private bytes these are makes the same CA again: a delete before it leaves the CA to it.
pub(super) fn wants_the_same(private: &Private, prior: &PrivateCa) -> bool {
    let planned: Option<String> = private.get(CONTENT);
    planned.is_some() && planned == content(prior)
}
