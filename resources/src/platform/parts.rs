//! What a cluster has once, and what is waited for.
//!
//! ```text
//! platform (arguments)
//! role ──arn──▶ association ──────────────────────────┐
//! addon/pod-identity-agent ────────────────────────────┤
//! addon/cert-manager ──▶ cert-manager (it admits) ─────┴─▶ addon/private-ca-connector ──▶ private-ca-connector (it is served)
//! ```
//!
//! The connector starts last: a Pod has the role only if the association was there before it.

use std::sync::Arc;

use e2etls_engine::part::{Part, Ready};
use e2etls_engine::value::{UNKNOWN, link};
use serde_json::{Value, json};
use tfplugin_framework::{Attr, Choice as _};

use super::model::{EXISTING, NAMESPACE, Platform};
use super::ready::{CertManager, Connector};
use super::role;
use crate::kinds::Clients;
use crate::kinds::aws::eks::{ADDON, ASSOCIATION, Active};
use crate::kinds::aws::iam_role::IAM_ROLE;
use crate::kinds::kube::part;
use crate::lifecycle::inputs::{tags, text};

/// Address of the ConfigMap that carries the arguments.
pub(super) const CONFIGURATION: &str = "platform";
/// Address of the role.
pub(super) const ROLE: &str = "role";
const ASSOCIATED: &str = "association";
const AGENT: &str = "addon/pod-identity-agent";
const CERT_MANAGER: &str = "cert-manager";
const CONNECTOR: &str = "private-ca-connector";

/// Name of the add-on of cert-manager.
pub(super) const CERT_MANAGER_ADDON: &str = "cert-manager";
/// Name of the add-on of aws-privateca-issuer.
pub(super) const CONNECTOR_ADDON: &str = "aws-privateca-connector-for-kubernetes";
/// Name of the add-on of the agent of EKS Pod Identity.
pub(super) const AGENT_ADDON: &str = "eks-pod-identity-agent";
/// Namespace and name of the service account of aws-privateca-issuer, where nothing else is said.
pub(super) const SERVICE_ACCOUNT: [&str; 2] = ["aws-privateca-issuer"; 2];

/// The versions of cert-manager, the connector and the agent; `None` while it is not known which are installed.
pub(super) fn versions(platform: &Platform) -> Option<[Option<String>; 3]> {
    let of = |version: &Attr<String>| match version {
        Attr::Unknown => None,
        Attr::Known(version) if version != EXISTING => Some(Some(version.clone())),
        _ => Some(None),
    };
    match &platform.addons {
        Attr::Unknown => None,
        Attr::Null => Some([None, None, None]),
        Attr::Known(addons) => Some([
            of(&addons.cert_manager)?,
            of(&addons.private_ca_connector)?,
            of(&addons.pod_identity_agent)?,
        ]),
    }
}

/// Namespace and name of the service account, which may not be known.
pub(super) fn service_account(platform: &Platform) -> [String; 2] {
    match &platform.service_account {
        Attr::Unknown => [UNKNOWN.to_owned(), UNKNOWN.to_owned()],
        Attr::Null => SERVICE_ACCOUNT.map(str::to_owned),
        Attr::Known(account) => [text(&account.namespace), text(&account.name)],
    }
}

/// All parts; `None` while an argument that decides which there are, or what they are called, is unknown.
pub(super) fn parts(platform: &Platform) -> Option<Vec<Part<Clients>>> {
    let cluster = platform.eks_cluster.known()?;
    let role_name = role::name(platform)?;
    let [cert_manager, connector, agent] = versions(platform)?;
    let account = service_account(platform);
    if account.iter().any(|name| name == UNKNOWN) {
        return None;
    }
    // What the Pods of the connector must find when they start.
    let mut before = vec![CERT_MANAGER.to_owned()];
    let mut parts = vec![
        part(CONFIGURATION, config_map(cluster)),
        Part::new(ROLE, &IAM_ROLE, role_name, role::content(platform, cluster, &account)),
    ];
    let federated = platform.oidc_provider_arn.is_given()?;
    if !federated {
        let content = json!({"role_arn": link(ROLE, "arn"), "tags": tags(&platform.tags)});
        let name = format!("{cluster}/{}", account.join("/"));
        parts.push(Part::new(ASSOCIATED, &ASSOCIATION, name, content));
        before.push(ASSOCIATED.to_owned());
    }
    let addon = |address: &str, name: &str, version: &str, role_arn: &str| {
        let on_destroy = platform.addons_on_destroy.known();
        let content = json!({"version": version, "role_arn": role_arn, "tags": tags(&platform.tags),
            "on_destroy": on_destroy.map_or(UNKNOWN, |choice| choice.word())});
        Part::new(address, &ADDON, format!("{cluster}/{name}"), content).ready_when(Arc::new(Active))
    };
    if let Some(version) = &agent {
        parts.push(addon(AGENT, AGENT_ADDON, version, ""));
        before.push(AGENT.to_owned());
    }
    let installed = cert_manager.map(|version| addon(&addon_of(CERT_MANAGER), CERT_MANAGER_ADDON, &version, ""));
    parts.extend(software(CERT_MANAGER, "cert-manager", installed, Arc::new(CertManager)));
    let role_arn = if federated { link(ROLE, "arn") } else { String::new() };
    let installed = connector.map(|version| {
        let mut part = addon(&addon_of(CONNECTOR), CONNECTOR_ADDON, &version, &role_arn);
        part.after = before;
        part
    });
    parts.extend(software(
        CONNECTOR,
        "aws-privateca-issuer",
        installed,
        Arc::new(Connector),
    ));
    Some(parts)
}

fn addon_of(software: &str) -> String {
    format!("addon/{software}")
}

/// An add-on, if it is one, and the wait until it works.
fn software(
    address: &str,
    name: &str,
    addon: Option<Part<Clients>>,
    works: Arc<dyn Ready<Clients>>,
) -> Vec<Part<Clients>> {
    let version = addon
        .as_ref()
        .map_or_else(|| EXISTING.into(), |addon| addon.content["version"].clone());
    let mut wait = Part::wait_only(address, name, json!({"installed": version}), works);
    wait.after = addon.iter().map(|addon| addon.address.clone()).collect();
    addon.into_iter().chain([wait]).collect()
}

fn config_map(cluster: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "e2etls-platform",
            "namespace": NAMESPACE,
            "labels": {"app.kubernetes.io/managed-by": "e2etls"},
            "annotations": {},
        },
        "data": {"cluster": cluster},
    })
}
