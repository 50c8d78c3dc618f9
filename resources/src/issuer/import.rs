//! Import: the object shows all arguments except how it is to be checked.

use std::collections::BTreeMap;

use e2etls_clients::kube::kinds::Kind as ClusterKind;
use e2etls_engine::table::Asked;
use tfplugin_framework::{Attr, Context, Diagnostics, ImportRequest, Imported};

use super::model::{Issuer, IssuerKind};
use super::refused;
use crate::cert_manager::issuer::Verify;
use crate::cert_manager::issuer::{IssuerSpec, observe};
use crate::lifecycle::attributes::{InCluster, NEWEST_TEMPLATE};
use crate::lifecycle::import::{ImportId, import_id, imported, is_free, nothing, object};
use crate::lifecycle::operation::operation;
use crate::session::Session;
use crate::usage;

pub(super) async fn from_object(context: &Context<Session>, request: ImportRequest) -> Imported<Issuer> {
    let id = id(&request.id)?;
    let kind = if id.namespace.is_some() {
        e2etls_clients::kube::kinds::AWS_PCA_ISSUER
    } else {
        e2etls_clients::kube::kinds::AWS_PCA_CLUSTER_ISSUER
    };
    let found = object::<Issuer>(context, &id, kind).await?;
    let Some(found) = found else {
        return Err(nothing(format!(
            "The cluster has no {} `{}`. Check the namespace, the name and the cluster.",
            kind.kind, request.id
        )));
    };
    is_free(&found, &reference(kind, &request.id))?;
    let Some(spec) = observe(&found) else {
        return Err(refused(
            "Can't import this issuer",
            "The issuer has no CA, or it uses static AWS keys (`secretRef`), which this resource does not support.",
            "Give aws-privateca-issuer an AWS identity of its own, remove `secretRef`, and import the issuer again.",
        ));
    };
    let mut issuer = of_spec(&spec);
    issuer.head.cluster = id.cluster.clone().into();
    let op = operation(context, &issuer, Asked::Observe).await?;
    imported(&op, issuer, &BTreeMap::new()).await
}

fn reference(kind: ClusterKind, id: &str) -> String {
    format!("{} `{id}`", kind.kind)
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
        head: InCluster {
            force_conflicts: false.into(),
            template_version: NEWEST_TEMPLATE.into(),
            ..InCluster::default()
        },
        name: spec.name.clone().into(),
        kind: kind.into(),
        namespace: spec.namespace.clone().into(),
        ca_arn: spec.ca_arn.clone().into(),
        role_arn: spec.role_arn.clone().into(),
        template: spec.template.clone().into(),
        usages: usage::server_auth().into(),
        verify: Verify::Issue.into(),
        canary_namespace: "default".to_owned().into(),
        ready: Attr::Null,
        r#ref: Attr::Null,
        ca_bundle_pem: Attr::Null,
    }
}
