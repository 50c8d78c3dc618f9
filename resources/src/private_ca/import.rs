//! Import by ARN: what the CA, its tags and its chain show.

use e2etls_engine::kind::{Kind as _, Observed, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::table::Asked;
use jiff::Timestamp;
use serde_json::Value;
use tfplugin_framework::{AttributePath, Context, Diagnostic, Diagnostics, ImportRequest, Imported};

use super::UNSEEN;
use super::model::{CaType, PrivateCa};
use super::parts::{CA, arguments, users};
use crate::kinds::Clients;
use crate::kinds::aws::authority::PRIVATE_CA;
use crate::kinds::aws::marks;
use crate::lifecycle::import::{imported, nothing};
use crate::lifecycle::operation::operation;
use crate::pki::Certificate;
use crate::session::Session;
use crate::session::wording::Worded as _;

pub(super) async fn import(context: &Context<Session>, request: ImportRequest) -> Imported<PrivateCa> {
    let arn = request.id;
    if let Err(invalid) = crate::syntax::ca_arn(&arn) {
        return Err(Diagnostic::error("Invalid import ID").because(invalid.message).into());
    }
    let at = PrivateCa {
        arn: arn.clone().into(),
        ..PrivateCa::default()
    };
    let op = operation(context, &at, Asked::Observe).await?;
    let target = Target {
        name: "",
        uid: Some(&arn),
    };
    let look = op.bounded(PRIVATE_CA.look(&op, target, Reading::Fresh));
    let Some(found) = look.await.worded()? else {
        return Err(nothing(format!(
            "{arn} does not exist or was deleted. A deleted CA can be restored with `restore_arn`."
        )));
    };
    is_own(&op, &found).await?;
    let mut model = describe(&found, &op)?;
    if let Some(above) = chain_of(&found).filter(|_| model.r#type.known() == Some(&CaType::Subordinate)) {
        model.parent_arn = parent_of(&op, &arn, &above).await?.into();
        if model.parent_arn.is_null() {
            model.signed_certificate_pem = found.outputs.get("certificate_pem").cloned().into();
            model.signed_chain_pem = found.outputs.get("chain_pem").cloned().into();
        }
    }
    let unseen = [
        ("name", model.name.is_null()),
        ("parent_arn", model.parent_arn.is_null()),
    ];
    let unseen: Vec<&str> = unseen
        .into_iter()
        .filter_map(|(argument, unseen)| unseen.then_some(argument))
        .collect();
    let op = operation(context, &model, Asked::Observe).await?;
    let (state, mut private, warnings) = imported(&op, model, &[(CA.to_owned(), arn)].into()).await?;
    private.set(UNSEEN, &unseen);
    Ok((state, private, warnings))
}

/// A CA that another account shares is used by its ARN; it is managed there.
async fn is_own(op: &Operation<Clients>, found: &Observed) -> Result<(), Diagnostics> {
    let owner = found
        .outputs
        .get("owner_account")
        .map(String::as_str)
        .unwrap_or_default();
    if op.remotes.acm_pca().account().await.worded()? == owner {
        return Ok(());
    }
    Err(Diagnostic::error("The CA belongs to another account")
        .at(AttributePath::root("id"))
        .because(format!("{} belongs to account {owner}, which shares it.", found.uid))
        .advice(
            "To issue from it, use its ARN, for example in `e2etls_issuer`. Manage the CA in the account that owns it.",
        )
        .into())
}

/// The arguments. What leaves no trace has its default, so that the CA is protected from the first plan on.
fn describe(found: &Observed, op: &Operation<Clients>) -> Result<PrivateCa, Diagnostics> {
    let mut model = arguments(&found.content)?;
    let owner = found.marks.as_ref().and_then(|marks| marks.owner.as_deref());
    model.name = owner
        .and_then(|owner| owner.rsplit('/').next())
        .map(str::to_owned)
        .into();
    model.arn = found.uid.clone().into();
    // A disabled CA may be certified or not; anything else is on its way to be enabled.
    model.enabled = (found.content["enabled"] != Value::Bool(false)).into();
    model.deletion_protection = true.into();
    model.aws.common.create_before_destroy = false.into();
    let clients = &op.remotes;
    users(&mut model, |key, value| {
        let default = clients.default_tags.get(key).map(String::as_str) == Some(value);
        default || marks::is_ours(key) || marks::is_ignored(key, &clients.ignore_tags)
    });
    Ok(model)
}

/// The certificate above the CA's own.
fn chain_of(found: &Observed) -> Option<Certificate> {
    Certificate::first(found.outputs.get("chain_pem")?).ok()
}

/// The CA of this account whose certificate stands above; narrowed by its end before a certificate is read.
async fn parent_of(op: &Operation<Clients>, arn: &str, above: &Certificate) -> Result<Option<String>, Diagnostics> {
    let api = op.remotes.acm_pca();
    let end = Timestamp::from_second(above.not_after.as_second()).ok();
    let mut candidates = op.bounded(api.list()).await.worded()?;
    candidates.retain(|one| one.arn != arn && one.status != "DELETED" && one.not_after == end);
    for candidate in candidates {
        let own = op.bounded(api.certificate(&candidate.arn)).await.worded()?;
        if Certificate::first(&own.certificate_pem).is_ok_and(|own| own.der == above.der) {
            return Ok(Some(candidate.arn));
        }
    }
    Ok(None)
}
