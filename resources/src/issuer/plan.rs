//! What a plan of an issuer decides without a remote.

use tfplugin_framework::{Attr, AttributePath, Config, Diagnostics, Plan, State};

use super::model::{Issuer, IssuerKind};
use crate::cert_manager::issuer::IssuerSpec;
use crate::cert_manager::issuer::Verify;
use crate::cert_manager::reference::IssuerOutput;
use crate::lifecycle::inputs::{optional_text, text};
use e2etls_clients::kube::kinds::{AWS_PCA_CLUSTER_ISSUER, AWS_PCA_ISSUER};

/// Namespace and kind belong together.
pub(super) fn validate(config: &Config<Issuer>, diagnostics: &mut Diagnostics) {
    let path = || AttributePath::root("namespace");
    match (config.kind.known(), &config.namespace) {
        (Some(IssuerKind::Namespaced), Attr::Null) => diagnostics.input(
            path(),
            "Missing `namespace`",
            "An `AWSPCAIssuer` belongs to a namespace. Set `namespace`, or use the kind `AWSPCAClusterIssuer`.",
        ),
        (Some(IssuerKind::Cluster), Attr::Known(namespace)) => diagnostics.input(
            path(),
            "Unexpected `namespace`",
            format!(
                "An `AWSPCAClusterIssuer` has no namespace, but `namespace` is `{namespace}`. Remove it. The namespace \
                 in which the issuer is checked is set by `canary_namespace`."
            ),
        ),
        _ => {}
    }
}

/// Fills in what the configuration omits.
pub(super) fn fill(prior: Option<&State<Issuer>>, plan: &mut Plan<Issuer>) {
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
        IssuerKind::Namespaced => Some(text(&issuer.namespace)),
        IssuerKind::Cluster => None,
    };
    Some(IssuerSpec {
        name: text(&issuer.name),
        namespace,
        ca_arn: text(&issuer.ca_arn),
        role_arn: optional_text(&issuer.role_arn),
        template: optional_text(&issuer.template),
    })
}
