//! Import: the object shows all arguments.

use std::collections::BTreeMap;

use e2etls_clients::kube::kinds::CERTIFICATE;
use e2etls_engine::table::Asked;
use tfplugin_framework::{Attr, Choice, Context, Diagnostic, ImportRequest, Imported};

use super::model::{Algorithm, Certificate, PrivateKey, Rotation};
use super::plan;
use crate::cert_manager::certificate::{CertificateSpec, KeySpec, observe};
use crate::cert_manager::reference::IssuerRef;
use crate::lifecycle::attributes::{InCluster, NEWEST_TEMPLATE};
use crate::lifecycle::import::{import_id, imported, is_free, nothing, object};
use crate::lifecycle::operation::operation;
use crate::session::Session;
use crate::usage::Usage;

pub(super) async fn from_object(context: &Context<Session>, request: ImportRequest) -> Imported<Certificate> {
    let id = import_id(&request.id, true)?;
    let Some(found) = object::<Certificate>(context, &id, CERTIFICATE).await? else {
        return Err(nothing(format!(
            "The cluster has no Certificate `{}`. Check the namespace, the name and the cluster.",
            request.id
        )));
    };
    is_free(&found, &format!("Certificate `{}`", request.id))?;
    let Some(mut certificate) = observe(&found).and_then(|spec| of_spec(&spec)) else {
        return Err(Diagnostic::error("Can't import this Certificate")
            .because("The Certificate has no DNS names, or it has usages or a key that this resource does not support.")
            .advice("Edit it so that it uses supported ones, and import it again.")
            .into());
    };
    certificate.head.cluster = id.cluster.clone().into();
    let op = operation(context, &certificate, Asked::Observe).await?;
    imported(&op, certificate, &BTreeMap::new()).await
}

/// The arguments that render to `spec`; `None` if there are none.
pub(super) fn of_spec(spec: &CertificateSpec) -> Option<Certificate> {
    let usages: Option<Vec<Usage>> = spec.usages.iter().map(|usage| Usage::from_word(usage)).collect();
    let key = PrivateKey {
        algorithm: Algorithm::from_word(&spec.key.algorithm)?.into(),
        size: spec.key.size.into(),
        rotation: Rotation::from_word(&spec.key.rotation)?.into(),
    };
    let issuer = &spec.issuer;
    let mut certificate = Certificate {
        head: InCluster {
            force_conflicts: false.into(),
            template_version: NEWEST_TEMPLATE.into(),
            ..InCluster::default()
        },
        name: spec.name.clone().into(),
        namespace: spec.namespace.clone().into(),
        dns_names: spec.dns_names.clone().into(),
        issuer: Attr::Known(IssuerRef {
            name: issuer.name.clone().into(),
            kind: issuer.kind.clone().into(),
            group: issuer.group.clone().into(),
            ca_arn: issuer.ca_arn.clone().into(),
        }),
        duration: spec.duration.clone().into(),
        renew_before_percentage: spec.renew_before_percentage.into(),
        usages: usages?.into(),
        key: if spec.key == KeySpec::default() {
            Attr::Null
        } else {
            Attr::Known(key)
        },
        secret_name: spec.secret_name.clone().into(),
        ready: Attr::Null,
        spec_sha256: Attr::Null,
    };
    plan::derive(&mut certificate);
    Some(certificate)
}
