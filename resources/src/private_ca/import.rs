//! Import by ARN: what the chain of the CA shows.

use e2etls_engine::kind::Observed;
use e2etls_engine::operation::Operation;
use jiff::Timestamp;
use tfplugin_framework::{AttributePath, Diagnostic, Diagnostics};

use super::model::{CaType, PrivateCa};
use crate::kinds::Clients;
use crate::pki::Certificate;
use crate::session::wording::Worded as _;

/// Reads who has signed the CA. One that another account shares is used by its ARN; it is managed there.
pub(super) async fn describe(
    model: &mut PrivateCa,
    op: &Operation<Clients>,
    found: &Observed,
) -> Result<(), Diagnostics> {
    let output = |output: &str| found.outputs.get(output);
    let owner = output("owner_account").map(String::as_str).unwrap_or_default();
    if op.remotes.acm_pca().account().await.worded()? != owner {
        return Err(Diagnostic::error("The CA belongs to another account")
            .at(AttributePath::root("id"))
            .because(format!("{} belongs to account {owner}, which shares it.", found.uid))
            .advice(
                "To issue from it, use its ARN, for example in `e2etls_issuer`. Manage the CA in the account that owns \
                 it.",
            )
            .into());
    }
    let above = output("chain_pem").and_then(|chain| Certificate::first(chain).ok());
    if let Some(above) = above.filter(|_| model.r#type.known() == Some(&CaType::Subordinate)) {
        model.parent_arn = parent_of(op, &found.uid, &above).await?.into();
        if model.parent_arn.is_null() {
            model.signed_certificate_pem = output("certificate_pem").cloned().into();
            model.signed_chain_pem = output("chain_pem").cloned().into();
        }
    }
    Ok(())
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
