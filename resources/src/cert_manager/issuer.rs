//! The issuer as a manifest, and back.

use serde_json::{Value, json};
use tfplugin_framework::Choice;

use super::reference::Reference;
use e2etls_clients::kube::kinds::{AWS_PCA_CLUSTER_ISSUER, AWS_PCA_ISSUER, Kind};
use e2etls_engine::value::UNKNOWN;

/// How an issuer is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Verify {
    /// A certificate is issued and verified.
    #[tf(rename = "issue")]
    Issue,
    /// Its condition `Ready` is trusted.
    #[tf(rename = "ready")]
    Ready,
    /// Not at all.
    #[tf(rename = "none")]
    Nothing,
}

/// What an issuer is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerSpec {
    /// Name.
    pub name: String,
    /// Namespace of an `AWSPCAIssuer`; `None` makes an `AWSPCAClusterIssuer`.
    pub namespace: Option<String>,
    /// The CA.
    pub ca_arn: String,
    /// Role that is assumed to issue.
    pub role_arn: Option<String>,
    /// Template for all requests.
    pub template: Option<String>,
}

impl IssuerSpec {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        if self.namespace.is_some() {
            AWS_PCA_ISSUER
        } else {
            AWS_PCA_CLUSTER_ISSUER
        }
    }

    /// What certificates say to use it.
    #[must_use]
    pub fn reference(&self) -> Reference {
        let kind = self.kind();
        Reference {
            name: self.name.clone(),
            kind: kind.kind.to_owned(),
            group: kind.group.to_owned(),
            ca_arn: Some(self.ca_arn.clone()),
        }
    }
}

/// The Region of an ARN.
#[must_use]
pub fn region_of(arn: &str) -> &str {
    if arn == UNKNOWN {
        UNKNOWN
    } else {
        arn.split(':').nth(3).unwrap_or_default()
    }
}

/// The manifest of an issuer.
#[must_use]
pub fn render(spec: &IssuerSpec) -> Value {
    let kind = spec.kind();
    let mut manifest = json!({
        "apiVersion": kind.api_version(),
        "kind": kind.kind,
        "metadata": {"name": spec.name},
        "spec": {"arn": spec.ca_arn, "region": region_of(&spec.ca_arn)},
    });
    if let Some(namespace) = &spec.namespace {
        manifest["metadata"]["namespace"] = json!(namespace);
    }
    if let Some(role) = &spec.role_arn {
        manifest["spec"]["role"] = json!(role);
    }
    if let Some(template) = &spec.template {
        manifest["spec"]["pcaTemplate"] = json!({"defaultTemplateName": template});
    }
    manifest
}

/// The inverse of [`render`]; `None` if it is not an issuer, or has something that this resource never renders (static
/// AWS keys).
#[must_use]
pub fn observe(object: &Value) -> Option<IssuerSpec> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let spec = &object["spec"];
    if spec["secretRef"]["name"].as_str().is_some_and(|name| !name.is_empty()) {
        return None;
    }
    let namespace = match object["kind"].as_str()? {
        kind if kind == AWS_PCA_ISSUER.kind => Some(text(&object["metadata"]["namespace"])?),
        kind if kind == AWS_PCA_CLUSTER_ISSUER.kind => None,
        _ => return None,
    };
    Some(IssuerSpec {
        name: text(&object["metadata"]["name"])?,
        namespace,
        ca_arn: text(&spec["arn"])?,
        role_arn: text(&spec["role"]),
        template: text(&spec["pcaTemplate"]["defaultTemplateName"]),
    })
}
