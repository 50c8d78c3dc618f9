//! Read, update, delete and import of a CA that exists.

use jiff::Timestamp;
use tfplugin_framework::{Attr, AttributePath, Context, Diagnostics, Imported, Private, State};

use super::certify::{certify, csr, observe, settled, until};
use super::convert::{marks, revocation, revocation_model, subject_model, user_tags};
use super::create::owner;
use super::model::{CaType, KeyAlgorithm, PrivateCa, UsageMode};
use crate::clients::aws::private_ca::{Authority, PrivateCa as Service};
use crate::orchestrate::owner::{CREATING_TAG, INSTANCE_TAG, OWNER_TAG, new_instance};
use crate::pki::Certificate;
use crate::provider::Session;

/// Sees the CA; false if it is gone. One request, and another where its certificate has changed.
pub(super) async fn read(context: &Context<Session>, model: &mut PrivateCa) -> Result<bool, Diagnostics> {
    let service = context.session.private_ca(model.region.as_str()).await?;
    let arn = model.arn.as_str().unwrap_or_default().to_owned();
    let Some(authority) = service.describe(&arn).await? else {
        same_account(&service, &arn).await?;
        return Ok(false);
    };
    if authority.status == "DELETED" {
        return Ok(false);
    }
    reflect(&authority, model);
    observe(&service, &authority, model).await?;
    if model.csr_pem.known().is_none() {
        model.csr_pem = service.csr(&arn).await?.into();
    }
    Ok(true)
}

/// What was changed by hand shows in the arguments.
fn reflect(authority: &Authority, model: &mut PrivateCa) {
    match authority.status.as_str() {
        "ACTIVE" => model.enabled = Attr::Known(true),
        "DISABLED" => model.enabled = Attr::Known(false),
        _ => {}
    }
    if revocation(model) != authority.revocation {
        model.revocation = revocation_model(&authority.revocation);
    }
}

/// A CA that is not there is gone only in its own account.
async fn same_account(service: &Service, arn: &str) -> Result<(), Diagnostics> {
    let account = service.aws().account().await?;
    if arn.split(':').nth(4) == Some(account) {
        return Ok(());
    }
    let mut diagnostics = Diagnostics::new();
    let detail = format!(
        "{arn} can't be seen with the credentials of account {account}. It is not taken for gone.\n\nUse credentials of its \
         account."
    );
    diagnostics.remote("This is another account", detail);
    Err(diagnostics)
}

/// True if the CA still carries this state's instance; else a warning says that it was adopted elsewhere.
async fn is_mine(service: &Service, model: &PrivateCa, warnings: &mut Diagnostics) -> Result<bool, Diagnostics> {
    let arn = model.arn.as_str().unwrap_or_default();
    let tags = service.tags(arn).await?;
    let mine = tags.get(INSTANCE_TAG).is_none_or(|instance| Some(instance.as_str()) == model.instance.as_str());
    if !mine {
        warnings.warn(
            None,
            "The CA was adopted elsewhere",
            format!("{arn} belongs to another instance of this resource now. It was left alone."),
        );
    }
    Ok(mine)
}

/// Changes the CA in place.
pub(super) async fn update(
    context: &Context<Session>,
    prior: &PrivateCa,
    model: &mut PrivateCa,
) -> Result<Diagnostics, Diagnostics> {
    let mut warnings = Diagnostics::new();
    let service = context.session.private_ca(model.region.as_str()).await?;
    let arn = model.arn.as_str().unwrap_or_default().to_owned();
    if only_local(prior, model) {
        return Ok(warnings);
    }
    if !is_mine(&service, prior, &mut warnings).await? {
        return Ok(warnings);
    }
    let mut authority = settled(context, &service, &arn).await?;
    if revocation(model) != authority.revocation {
        service.set_revocation(&arn, &revocation(model)).await?;
    }
    let enabled = model.enabled.known() != Some(&false);
    if authority.status == "DISABLED" && enabled {
        // A disabled CA takes no certificate.
        service.set_enabled(&arn, true).await?;
        authority = settled(context, &service, &arn).await?;
    }
    let renewed = model.validity_days != prior.validity_days
        || model.signed_certificate_pem != prior.signed_certificate_pem
        || matches!(authority.status.as_str(), "EXPIRED" | "PENDING_CERTIFICATE");
    if renewed {
        certify(context, &service, model, &authority).await?;
    }
    if !enabled && authority.status != "DISABLED" {
        service.set_enabled(&arn, false).await?;
    }
    if model.allow_acm_renewal != prior.allow_acm_renewal {
        service.let_acm_renew(&arn, model.allow_acm_renewal.known() == Some(&true)).await?;
    }
    retag(context, &service, prior, model).await?;
    let authority = settled(context, &service, &arn).await?;
    observe(&service, &authority, model).await?;
    Ok(warnings)
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

async fn retag(context: &Context<Session>, service: &Service, prior: &PrivateCa, model: &PrivateCa) -> Result<(), Diagnostics> {
    let arn = model.arn.as_str().unwrap_or_default();
    let owner = owner(&context.session, service, model.name.as_str().unwrap_or_default()).await?;
    let mut wanted = user_tags(&context.session, model);
    let dropped: Vec<&str> =
        prior.tags.known().into_iter().flatten().map(|(key, _)| key.as_str()).filter(|key| !wanted.contains_key(*key)).collect();
    service.untag(arn, &dropped).await?;
    wanted.extend(marks(&owner, model.instance.as_str().unwrap_or_default(), None));
    service.tag(arn, &wanted).await
}

/// Deletes the CA: disabled, then deleted, and seen to be. Before the create leg of a tainted replacement it is only marked.
pub(super) async fn delete(
    context: &Context<Session>,
    prior: &PrivateCa,
    before_create: bool,
) -> Result<Diagnostics, Diagnostics> {
    let mut warnings = Diagnostics::new();
    let service = context.session.private_ca(prior.region.as_str()).await?;
    let arn = prior.arn.as_str().unwrap_or_default();
    let Some(authority) = service.describe(arn).await? else {
        same_account(&service, arn).await?;
        return Ok(warnings);
    };
    if authority.status == "DELETED" || !is_mine(&service, prior, &mut warnings).await? {
        return Ok(warnings);
    }
    if before_create {
        let now = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        service.tag(arn, &[(CREATING_TAG.to_owned(), now)].into()).await?;
        return Ok(warnings);
    }
    let authority = settled(context, &service, arn).await?;
    if authority.status == "ACTIVE" {
        service.set_enabled(arn, false).await?;
    }
    let days = prior.deletion_window_days.known().and_then(|days| i32::try_from(*days).ok()).unwrap_or(30);
    service.delete(arn, days).await?;
    until(context, "the CA to be DELETED", || async {
        Ok(match service.describe(arn).await? {
            Some(found) if found.status != "DELETED" => Err(found.status),
            _ => Ok(()),
        })
    })
    .await?;
    Ok(warnings)
}

/// Finds a CA by its ARN.
pub(super) async fn import(context: &Context<Session>, id: &str) -> Imported<PrivateCa> {
    let mut diagnostics = Diagnostics::new();
    if let Err(invalid) = crate::syntax::ca_arn(id) {
        diagnostics.input(AttributePath::root("id"), "The import id is no ARN", invalid.message);
        return Err(diagnostics);
    }
    let region = id.split(':').nth(3).unwrap_or_default();
    let service = context.session.private_ca(Some(region)).await?;
    let Some(authority) = service.describe(id).await?.filter(|found| found.status != "DELETED") else {
        diagnostics.remote("There is nothing to import", format!("{id} does not exist, or is deleted."));
        return Err(diagnostics);
    };
    let tags = service.tags(id).await?;
    let named = tags.get(OWNER_TAG).and_then(|owner| owner.rsplit('/').next()).map(str::to_owned);
    let name = named.or_else(|| authority.subject.common_name.clone()).unwrap_or_default();
    let instance = match tags.get(INSTANCE_TAG) {
        Some(instance) => instance.clone(),
        None => new_instance(),
    };
    let user = tags.iter().filter(|(key, value)| !key.starts_with("e2etls:") && context.session.default_tags.get(*key) != Some(value));
    let user: std::collections::BTreeMap<String, String> = user.map(|(key, value)| (key.clone(), value.clone())).collect();
    let mut model = PrivateCa {
        id: id.to_owned().into(),
        arn: id.to_owned().into(),
        instance: instance.into(),
        name: name.into(),
        r#type: if authority.ca_type == CaType::Root.as_str() { CaType::Root } else { CaType::Subordinate }.into(),
        usage_mode: usage_mode(&authority.usage_mode).into(),
        subject: subject_model(&authority.subject).into(),
        key_algorithm: key_algorithm(&authority.key_algorithm).into(),
        parent_arn: Attr::Null,
        validity_days: Attr::Null,
        signed_certificate_pem: Attr::Null,
        signed_chain_pem: Attr::Null,
        revocation: revocation_model(&authority.revocation),
        allow_acm_renewal: service.acm_may_renew(id).await?.into(),
        enabled: (authority.status != "DISABLED").into(),
        deletion_protection: Attr::Null,
        deletion_window_days: Attr::Null,
        restore_arn: Attr::Null,
        region: region.to_owned().into(),
        tags: (!user.is_empty()).then_some(user).into(),
        timeouts: Attr::Null,
        status: Attr::Null,
        owner_account: Attr::Null,
        certificate_pem: Attr::Null,
        chain_pem: Attr::Null,
        csr_pem: csr(context, &service, id).await?.into(),
        not_after: Attr::Null,
    };
    observe(&service, &authority, &mut model).await?;
    model.validity_days = model.certificate_pem.as_str().and_then(days_of).into();
    Ok((State(model), Private::default()))
}

fn usage_mode(spelled: &str) -> Option<UsageMode> {
    [UsageMode::GeneralPurpose, UsageMode::ShortLived].into_iter().find(|mode| mode.as_str() == spelled)
}

fn key_algorithm(spelled: &str) -> Option<KeyAlgorithm> {
    use KeyAlgorithm::{P256, P384, P521, Rsa2048, Rsa3072, Rsa4096};
    [Rsa2048, Rsa3072, Rsa4096, P256, P384, P521].into_iter().find(|key| key.as_str() == spelled)
}

/// Days of a certificate as they were asked for: AWS dates the beginning back by an hour.
fn days_of(pem: &str) -> Option<i64> {
    let certificate = Certificate::first(pem).ok()?;
    Some(certificate.not_after.duration_since(certificate.not_before).as_hours() / 24)
}
