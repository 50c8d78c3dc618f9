//! Import: the object shows all arguments.

use e2etls_clients::kube::kinds::CERTIFICATE;
use serde_json::{Value, json};
use tfplugin_framework::{Attr, Choice, Context, Diagnostic, ImportRequest, Imported};

use super::model::{Algorithm, Certificate, PrivateKey, Rotation};
use super::plan;
use crate::cert_manager::certificate::{CertificateSpec, KeySpec, observe};
use crate::cert_manager::reference::IssuerRef;
use crate::cert_manager::renewal::Renewal;
use crate::kinds::kube::marks::{OWNER_ANNOTATION, annotation};
use crate::lifecycle::import::{import_id, of_object};
use crate::session::Session;
use crate::usage::Usage;

/// Where a Certificate has fields that arguments stand for, and which.
const HELD: [(&str, &[&str]); 2] = [
    (
        ".spec",
        &[
            "dnsNames",
            "duration",
            "issuerRef",
            "privateKey",
            "renewBefore",
            "renewBeforePercentage",
            "secretName",
            "usages",
        ],
    ),
    (".spec.privateKey", &["algorithm", "rotationPolicy", "size"]),
];

pub(super) async fn from_object(context: &Context<Session>, request: &ImportRequest) -> Imported<Certificate> {
    let id = import_id(&request.id, true)?;
    let unsupported = || {
        Diagnostic::error("Can't import this Certificate")
            .because("The Certificate has no DNS names, or it has usages or a key that this resource does not support.")
            .advice(
                "Edit the Certificate so that it has DNS names and uses only supported usages and keys, then \
                import it again.",
            )
    };
    let text = request.id.clone();
    let read = |found: &Value| {
        let read = observe(found).and_then(|spec| of_spec(&spec));
        let certificate = read.ok_or_else(unsupported)?;
        if let Some(refused) = shares_of_others(found, &certificate) {
            return Err(refused.into());
        }
        Ok((certificate, warning(&text, &unheld(found)).into_iter().collect()))
    };
    of_object(context, &id, CERTIFICATE, read).await
}

/// Why a Certificate of somebody else that is renewed at a percentage can't be taken over: that field would stay theirs.
pub(super) fn shares_of_others(object: &Value, certificate: &Certificate) -> Option<Diagnostic> {
    if object["spec"]["renewBeforePercentage"].is_null() || annotation(object, OWNER_ANNOTATION).is_some() {
        return None;
    }
    let (spec, text) = (plan::spec(certificate), |field: &str| {
        object["metadata"][field].as_str().unwrap_or_default()
    });
    let patch = json!({"spec": {"renewBefore": spec.renew_before(), "renewBeforePercentage": null}});
    let refused = Diagnostic::error("Can't import this Certificate yet")
        .because(
            "The Certificate has `spec.renewBeforePercentage`. This resource writes `spec.renewBefore`, and cert-manager \
             refuses a Certificate with both. Nothing was changed.",
        )
        .advice(format!(
            "Set the same time as `spec.renewBefore`, and import the Certificate again:\n\nkubectl patch certificate \
             {} -n {} --type merge -p '{patch}'",
            text("name"),
            text("namespace")
        ));
    Some(refused)
}

/// The fields of a Certificate that no argument stands for.
pub(super) fn unheld(certificate: &Value) -> Vec<String> {
    let is_said = |name: &str, value: &Value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        // cert-manager's default.
        value => name != "revisionHistoryLimit" || *value != 1,
    };
    let mut found = Vec::new();
    for (path, held) in HELD {
        let fields = certificate.pointer(&path.replace('.', "/")).and_then(Value::as_object);
        for (name, value) in fields.into_iter().flatten() {
            if !held.contains(&name.as_str()) && is_said(name, value) {
                found.push(format!("`{}.{name}`", &path[1..]));
            }
        }
    }
    found
}

fn warning(id: &str, unheld: &[String]) -> Option<Diagnostic> {
    let warning = || {
        Diagnostic::warning("Some fields of the Certificate are not managed")
            .because(format!(
                "Certificate `{id}` has {}, but this resource has no arguments for these fields. They are kept as \
                 they are and still affect the certificate, but no plan shows or changes them.",
                unheld.join(", ")
            ))
            .advice("Remove the fields that you don't need from the Certificate, for example with `kubectl edit`.")
    };
    (!unheld.is_empty()).then(warning)
}

/// The arguments that render to `spec`; `None` if there are none.
pub(super) fn of_spec(spec: &CertificateSpec) -> Option<Certificate> {
    let usages: Option<Vec<Usage>> = spec.usages.iter().map(|usage| Usage::from_word(usage)).collect();
    let key = PrivateKey {
        algorithm: Algorithm::from_word(&spec.key.algorithm)?.into(),
        size: spec.key.size.into(),
        rotation: Rotation::from_word(&spec.key.rotation)?.into(),
    };
    let (percentage, before) = match &spec.renewal {
        Renewal::Percentage(percentage) => ((*percentage).into(), Attr::Null),
        Renewal::Before(before) => (Attr::Null, before.clone().into()),
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
        renew_before_percentage: percentage,
        renew_before: before,
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
