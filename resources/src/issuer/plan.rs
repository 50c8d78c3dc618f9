//! What a plan of an issuer decides by itself.

use tfplugin_framework::{Attr, AttributePath, Config, Diagnostics, Plan, State};

use super::model::{Issuer, IssuerKind, Verify};
use super::reference::{IssuerOutput, plain};
use super::render::IssuerSpec;
use crate::orchestrate::part::DRIFTED;
use e2etls_clients::kube::kinds::{AWS_PCA_CLUSTER_ISSUER, AWS_PCA_ISSUER};

/// Namespace and kind belong together.
pub(super) fn validate(config: &Config<Issuer>, diagnostics: &mut Diagnostics) {
    let path = || AttributePath::root("namespace");
    match (config.kind.known(), &config.namespace) {
        (Some(IssuerKind::Namespaced), Attr::Null) => diagnostics.input(
            path(),
            "Missing `namespace`",
            "An `AWSPCAIssuer` lives in a namespace. Name it, or make an `AWSPCAClusterIssuer`.",
        ),
        (Some(IssuerKind::Cluster), Attr::Known(namespace)) => diagnostics.input(
            path(),
            "No `namespace` for this kind",
            format!(
                "An `AWSPCAClusterIssuer` lives in no namespace, but `{namespace}` is given. Remove it; the namespace of its \
                 check is `canary_namespace`."
            ),
        ),
        _ => {}
    }
}

/// Fills in what configuration leaves to us.
pub(super) fn fill(config: &Config<Issuer>, prior: Option<&State<Issuer>>, plan: &mut Plan<Issuer>) {
    if config.template_version.is_null() && plan.template_version.is_unknown() {
        plan.template_version = Attr::Known(1);
    }
    if plan.ca_bundle_pem.is_null() || prior.is_some_and(|prior| prior.ca_arn != plan.ca_arn) {
        plan.ca_bundle_pem = Attr::Unknown;
    }
}

/// The computed attributes that follow from the arguments.
pub(super) fn derive(issuer: &mut Issuer) {
    issuer.ready = issuer.verify.clone().map(|verify| verify != Verify::Nothing);
    let kind = issuer.kind.clone().map(|kind| match kind {
        IssuerKind::Namespaced => AWS_PCA_ISSUER,
        IssuerKind::Cluster => AWS_PCA_CLUSTER_ISSUER,
    });
    issuer.r#ref = Attr::Known(IssuerOutput {
        name: issuer.name.clone(),
        kind: kind.clone().map(|kind| kind.kind.to_owned()),
        group: Attr::Known(AWS_PCA_ISSUER.group.to_owned()),
        ca_arn: issuer.ca_arn.clone(),
    });
}

/// The issuer as plain text; `None` while its kind is not known.
pub(super) fn spec(issuer: &Issuer) -> Option<IssuerSpec> {
    let namespace = match issuer.kind.known()? {
        IssuerKind::Namespaced => Some(plain(&issuer.namespace).unwrap_or_default()),
        IssuerKind::Cluster => None,
    };
    Some(IssuerSpec {
        name: plain(&issuer.name).unwrap_or_default(),
        namespace,
        ca_arn: plain(&issuer.ca_arn).unwrap_or_default(),
        role_arn: plain(&issuer.role_arn),
        template: plain(&issuer.template),
    })
}

/// Makes an update check the issuer again though its content stays: the last check failed or was of less, or the usages
/// select another template.
pub(super) fn check_again(prior: &mut Issuer, plan: &Issuer) {
    let unchecked = prior.ready.known() != Some(&true) && plan.ready.known() == Some(&true);
    let more = plan.verify.known() == Some(&Verify::Issue)
        && (prior.verify != plan.verify || (prior.usages != plan.usages && plan.template.is_null()));
    if let (true, Attr::Known(parts)) = (unchecked || more, &mut prior.parts) {
        for part in parts.values_mut() {
            part.digest = Attr::Known(format!("{DRIFTED}unchecked"));
        }
    }
}
