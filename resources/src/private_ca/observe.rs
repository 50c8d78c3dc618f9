//! Read and import: what the CA is now.

use jiff::Timestamp;
use tfplugin_framework::{Attr, AttributePath, Diagnostics, Imported, Private, State};

use super::certify::days_of;
use super::convert::{revocation, revocation_model, subject_model, user_tags};
use super::model::{CaType, KeyAlgorithm, PrivateCa, UsageMode};
use super::plan::{Notes, UNSEEN};
use super::run::{Run, Tags};
use crate::kinds::aws::marks::{CREATING as CREATING_TAG, INSTANCE as INSTANCE_TAG, OWNER as OWNER_TAG};
use crate::lifecycle::place::new_instance;
use crate::pki::Certificate;
use crate::session::wording::Worded as _;
use e2etls_clients::aws::acm_pca::Authority;

/// AWS's own default, and ours.
const DELETION_WINDOW: i64 = 30;

/// Sees the CA; false if it is gone. One request, and another where its certificate has changed.
pub(super) async fn read(run: &Run<'_>, model: &mut PrivateCa) -> Result<bool, Diagnostics> {
    let arn = model.arn.as_str().unwrap_or_default().to_owned();
    let Some(authority) = run.api.describe(&arn).await.worded()? else {
        same_account(run, &arn).await?;
        return Ok(false);
    };
    if authority.status == "DELETED" {
        return Ok(false);
    }
    match authority.status.as_str() {
        "ACTIVE" => model.enabled = Attr::Known(true),
        "DISABLED" => model.enabled = Attr::Known(false),
        _ => {}
    }
    if revocation(model) != authority.revocation {
        model.revocation = revocation_model(&authority.revocation);
    }
    let before = model.certificate_pem.clone();
    observe(run, &authority, model).await?;
    let is_replaced = before.known().is_some() && before != model.certificate_pem;
    if is_replaced && is_signed_in_aws(model) {
        // Somebody certified the CA by hand: the plan shows it as other days than the configured ones.
        model.validity_days = model.certificate_pem.as_str().and_then(days_of).into();
    }
    if model.csr_pem.known().is_none() && authority.status != "CREATING" {
        model.csr_pem = run.api.csr(&arn).await.worded()?.into();
    }
    Ok(true)
}

/// Sets what follows from the CA as it is.
pub(super) async fn observe(run: &Run<'_>, authority: &Authority, model: &mut PrivateCa) -> Result<(), Diagnostics> {
    let end = authority.not_after.map(|end| end.to_string());
    if matches!(authority.status.as_str(), "CREATING" | "PENDING_CERTIFICATE" | "FAILED") {
        model.certificate_pem = Attr::Null;
        model.chain_pem = Attr::Null;
    } else if model.not_after.as_str() != end.as_deref() || model.certificate_pem.known().is_none() {
        let own = run.api.certificate(&authority.arn).await.worded()?;
        model.certificate_pem = own.certificate_pem.into();
        model.chain_pem = (!own.chain_pem.is_empty()).then_some(own.chain_pem).into();
    }
    model.not_after = end.into();
    model.status = authority.status.clone().into();
    model.owner_account = authority.owner_account.clone().into();
    Ok(())
}

/// True if AWS signs the CA's certificate, so that we can ask for another.
pub(super) fn is_signed_in_aws(model: &PrivateCa) -> bool {
    model.r#type.known() == Some(&CaType::Root) || !model.parent_arn.is_null()
}

/// A CA that is not there is gone only in its own account.
pub(super) async fn same_account(run: &Run<'_>, arn: &str) -> Result<(), Diagnostics> {
    let account = run.api.account().await.worded()?;
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

/// The CA `arn` as state. What leaves no trace has its default, so that it is protected from the first plan on.
pub(super) async fn import(run: &Run<'_>, arn: &str) -> Imported<PrivateCa> {
    let mut diagnostics = Diagnostics::new();
    let Some(authority) = run
        .api
        .describe(arn)
        .await
        .worded()?
        .filter(|found| found.status != "DELETED")
    else {
        same_account(run, arn).await?;
        diagnostics.remote(
            "There is nothing to import",
            format!("{arn} does not exist, or is deleted."),
        );
        return Err(diagnostics);
    };
    if authority.owner_account != run.api.account().await.worded()? {
        let detail = format!(
            "{arn} belongs to account {}, which shares it. Use its ARN; its life is managed there.",
            authority.owner_account
        );
        diagnostics.input(AttributePath::root("id"), "The CA is of another account", detail);
        return Err(diagnostics);
    }
    let tags = run.api.tags(arn).await.worded()?;
    let mut model = imported(run, &authority, &tags);
    model.allow_acm_renewal = run.api.acm_may_renew(arn).await.worded()?.into();
    model.csr_pem = run.csr(arn).await?.into();
    observe(run, &authority, &mut model).await?;
    model.validity_days = model.certificate_pem.as_str().and_then(days_of).into();
    model.parent_arn = parent_of(run, &authority, &model).await?.into();
    let mut private = Private::default();
    let unseen = [
        ("name", model.name.is_null()),
        ("parent_arn", model.parent_arn.is_null()),
    ];
    let unseen: Vec<&str> = unseen
        .iter()
        .filter(|(_, unseen)| *unseen)
        .map(|(argument, _)| *argument)
        .collect();
    private.set(UNSEEN, &unseen);
    let mut written = user_tags(run.default_tags, &model);
    written.extend(tags.get(OWNER_TAG).map(|owner| (OWNER_TAG.to_owned(), owner.clone())));
    Notes {
        written: Some(written),
        creating: tags.contains_key(CREATING_TAG),
    }
    .store(&mut private);
    Ok((State(model), private))
}

fn imported(run: &Run<'_>, authority: &Authority, tags: &Tags) -> PrivateCa {
    let user: Tags = tags
        .iter()
        .filter(|(key, value)| !is_foreign(run, key) && run.default_tags.get(*key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let name = tags
        .get(OWNER_TAG)
        .and_then(|owner| owner.rsplit('/').next())
        .map(str::to_owned);
    PrivateCa {
        id: authority.arn.clone().into(),
        arn: authority.arn.clone().into(),
        instance: tags.get(INSTANCE_TAG).cloned().unwrap_or_else(new_instance).into(),
        name: name.into(),
        r#type: if authority.ca_type == CaType::Root.as_str() {
            CaType::Root
        } else {
            CaType::Subordinate
        }
        .into(),
        usage_mode: usage_mode(&authority.usage_mode).into(),
        subject: subject_model(&authority.subject).into(),
        key_algorithm: key_algorithm(&authority.key_algorithm).into(),
        parent_arn: Attr::Null,
        validity_days: Attr::Null,
        signed_certificate_pem: Attr::Null,
        signed_chain_pem: Attr::Null,
        revocation: revocation_model(&authority.revocation),
        allow_acm_renewal: Attr::Null,
        enabled: (authority.status != "DISABLED").into(),
        deletion_protection: true.into(),
        deletion_window_days: DELETION_WINDOW.into(),
        restore_arn: Attr::Null,
        region: run.api.region().to_owned().into(),
        tags: (!user.is_empty()).then_some(user).into(),
        timeouts: Attr::Null,
        status: Attr::Null,
        owner_account: Attr::Null,
        certificate_pem: Attr::Null,
        chain_pem: Attr::Null,
        csr_pem: Attr::Null,
        not_after: Attr::Null,
    }
}

/// Tags that are not the user's: our marks, AWS's own, and what the provider is told to ignore.
fn is_foreign(run: &Run<'_>, key: &str) -> bool {
    key.starts_with("e2etls:")
        || key.starts_with("aws:")
        || run.ignore_tags.iter().any(|ignored| match ignored.strip_suffix('*') {
            Some(prefix) => key.starts_with(prefix),
            None => key == ignored,
        })
}

/// The CA of this account whose certificate stands above; narrowed by its name before a certificate is read.
async fn parent_of(run: &Run<'_>, authority: &Authority, model: &PrivateCa) -> Result<Option<String>, Diagnostics> {
    let above = model
        .chain_pem
        .as_str()
        .and_then(|chain| Certificate::first(chain).ok());
    let Some(above) = above.filter(|_| model.r#type.known() == Some(&CaType::Subordinate)) else {
        return Ok(None);
    };
    for candidate in run.api.list().await.worded()? {
        let end = Timestamp::from_second(above.not_after.as_second()).ok();
        if candidate.arn == authority.arn || candidate.status == "DELETED" || candidate.not_after != end {
            continue;
        }
        let own = run.api.certificate(&candidate.arn).await.worded()?;
        if Certificate::first(&own.certificate_pem).is_ok_and(|own| own.der == above.der) {
            return Ok(Some(candidate.arn));
        }
    }
    Ok(None)
}

fn usage_mode(spelled: &str) -> Option<UsageMode> {
    [UsageMode::GeneralPurpose, UsageMode::ShortLived]
        .into_iter()
        .find(|mode| mode.as_str() == spelled)
}

fn key_algorithm(spelled: &str) -> Option<KeyAlgorithm> {
    use KeyAlgorithm::{P256, P384, P521, Rsa2048, Rsa3072, Rsa4096};
    [Rsa2048, Rsa3072, Rsa4096, P256, P384, P521]
        .into_iter()
        .find(|key| key.as_str() == spelled)
}
