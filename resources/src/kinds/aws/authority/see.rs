//! Looks at CAs.

use std::collections::BTreeMap;

use e2etls_clients::aws::acm_pca::{Authority, Issued};
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::Refusal;
use serde_json::Value;

use super::PrivateCa;
use super::content::Seen;
use crate::kinds::Clients;
use crate::kinds::aws::content::is_here;
use crate::kinds::aws::given::OfAws as _;

/// The CA of this ARN, unless it is deleted.
pub(super) async fn describe(op: &Operation<Clients>, arn: &str) -> Result<Option<Authority>, Refusal> {
    let found = op.remotes.acm_pca().describe(arn).await?;
    if found.is_none() {
        is_here(op.remotes.acm_pca(), "acm-pca:DescribeCertificateAuthority", arn).await?;
    }
    Ok(found.filter(|found| found.status != "DELETED"))
}

/// Reads what neither the description nor the `known` outputs of the CA contain, if it still ends when it did
/// then. Permissions are read only if it is `whole`.
pub(super) async fn complete(
    op: &Operation<Clients>,
    authority: Authority,
    whole: bool,
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
    let allow_acm_renewal = match authority.usage_mode.as_str() {
        _ if !whole => None,
        // ACM can't issue from it.
        "SHORT_LIVED_CERTIFICATE" => Some(false),
        _ => Some(api.acm_may_renew(arn).await?),
    };
    Ok(Seen {
        own,
        csr,
        allow_acm_renewal,
        ..Seen::from(authority)
    })
}

/// True if a CA has what never changes.
pub(super) fn is_alike(content: &Value, authority: &Authority) -> bool {
    let live = Seen::from(authority.clone()).content();
    PrivateCa::FIXED.iter().all(|member| live[*member] == content[*member])
}
