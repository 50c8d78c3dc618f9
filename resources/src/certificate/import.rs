//! Import: the object shows all arguments.

use e2etls_clients::kube::kinds::CERTIFICATE;
use serde_json::Value;
use tfplugin_framework::{Attr, Choice, Context, Diagnostic, ImportRequest, Imported};

use super::model::{Algorithm, Certificate, PrivateKey, Rotation};
use crate::cert_manager::certificate::{CertificateSpec, KeySpec, observe};
use crate::cert_manager::reference::IssuerRef;
use crate::lifecycle::import::{import_id, of_object};
use crate::session::Session;
use crate::usage::Usage;

pub(super) async fn from_object(context: &Context<Session>, request: ImportRequest) -> Imported<Certificate> {
    let id = import_id(&request.id, true)?;
    let unsupported = || {
        Diagnostic::error("Can't import this Certificate")
            .because("The Certificate has no DNS names, or it has usages or a key that this resource does not support.")
            .advice("Edit it so that it uses supported ones, and import it again.")
    };
    let read = |found: &Value| {
        let read = observe(found).and_then(|spec| of_spec(&spec));
        read.ok_or_else(|| unsupported().into())
    };
    of_object(context, &id, CERTIFICATE, read).await
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
    Some(Certificate {
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
        ..Certificate::default()
    })
}
