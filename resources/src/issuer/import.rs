//! Import: the object shows all arguments except how it is to be checked.

use e2etls_clients::kube::kinds::{AWS_PCA_CLUSTER_ISSUER, AWS_PCA_ISSUER};
use serde_json::Value;
use tfplugin_framework::{Context, Diagnostic, Diagnostics, ImportRequest, Imported};

use super::model::{Issuer, IssuerKind};
use crate::cert_manager::issuer::{IssuerSpec, observe};
use crate::lifecycle::import::{ImportId, import_id, of_object};
use crate::session::Session;

pub(super) async fn from_object(context: &Context<Session>, request: &ImportRequest) -> Imported<Issuer> {
    let id = id(&request.id)?;
    let kind = match id.namespace {
        Some(_) => AWS_PCA_ISSUER,
        None => AWS_PCA_CLUSTER_ISSUER,
    };
    let unsupported = || {
        Diagnostic::error("Can't import this issuer")
            .because(
                "The issuer has no CA, or it uses static AWS keys (`secretRef`), which this resource does not support.",
            )
            .advice(
                "Give aws-privateca-issuer an AWS identity of its own, remove `secretRef`, and import the issuer again.",
            )
    };
    let read = |found: &Value| {
        let issuer = observe(found).as_ref().map(of_spec).ok_or_else(unsupported)?;
        Ok((issuer, Diagnostics::new()))
    };
    of_object(context, &id, kind, read).await
}

/// `NAMESPACE/NAME` is an `AWSPCAIssuer`, `NAME` an `AWSPCAClusterIssuer`; a UID may stand before either.
pub(super) fn id(text: &str) -> Result<ImportId, Diagnostics> {
    let rest = text.split_once(':').map_or(text, |(_, rest)| rest);
    let first = rest.split('/').next().unwrap_or_default();
    let is_uid = first.len() == 36 && first.bytes().filter(|byte| *byte == b'-').count() == 4;
    let steps = rest.split('/').count() - usize::from(is_uid);
    import_id(text, steps > 1)
}

fn of_spec(spec: &IssuerSpec) -> Issuer {
    let kind = if spec.namespace.is_some() {
        IssuerKind::Namespaced
    } else {
        IssuerKind::Cluster
    };
    Issuer {
        name: spec.name.clone().into(),
        kind: kind.into(),
        namespace: spec.namespace.clone().into(),
        ca_arn: spec.ca_arn.clone().into(),
        role_arn: spec.role_arn.clone().into(),
        template: spec.template.clone().into(),
        ..Issuer::default()
    }
}
