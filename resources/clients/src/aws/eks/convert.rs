//! From the SDK's types to ours.

use aws_sdk_eks::types::{Addon as SdkAddon, AddonIssue, PodIdentityAssociation};

use super::{Addon, Association};
use crate::aws::{Tags, text};

pub(super) fn addon(found: &SdkAddon) -> Addon {
    let issues = found.health().map(|health| health.issues()).unwrap_or_default();
    Addon {
        name: text(found.addon_name()),
        arn: text(found.addon_arn()),
        version: text(found.addon_version()),
        role_arn: found
            .service_account_role_arn()
            .filter(|arn| !arn.is_empty())
            .map(str::to_owned),
        status: text(found.status().map(|status| status.as_str())),
        issues: issues.iter().map(issue).collect(),
        tags: tags(found.tags()),
    }
}

/// `InsufficientNumberOfReplicas: The add-on is unhealthy … (cert-manager-webhook)`.
fn issue(found: &AddonIssue) -> String {
    let code = text(found.code().map(|code| code.as_str()));
    let words = text(found.message());
    match found.resource_ids() {
        [] => format!("{code}: {words}"),
        objects => format!("{code}: {words} ({})", objects.join(", ")),
    }
}

pub(super) fn association(found: &PodIdentityAssociation) -> Association {
    Association {
        id: text(found.association_id()),
        arn: text(found.association_arn()),
        namespace: text(found.namespace()),
        service_account: text(found.service_account()),
        role_arn: text(found.role_arn()),
        owner_arn: found.owner_arn().filter(|arn| !arn.is_empty()).map(str::to_owned),
        tags: tags(found.tags()),
    }
}

fn tags(found: Option<&std::collections::HashMap<String, String>>) -> Tags {
    found
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
