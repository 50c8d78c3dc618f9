//! What a stack is made of: the proxy's parts, and what only a stack has: namespace, issuer, app.

use std::sync::Arc;

use e2etls_engine::part::Part;
use serde_json::{Value, json};

use super::app::{self, APP, labels};
use super::edge;
use super::model::Stack;
use super::rendering::{issuer_spec, proxy_spec};
use crate::cert_manager::issuer;
use crate::cert_manager::parts::{Check, check_of, issuer as issuer_parts};
use crate::kinds::Clients;
use crate::kinds::kube::{part, rollout::Rollout};
use crate::proxy::render;
use crate::proxy::render::spec::{Mode, ProxySpec};
use crate::proxy::spec;

/// All parts; the namespace, where the stack makes it, is the first.
pub(super) fn parts(stack: &Stack) -> Option<Vec<Part<Clients>>> {
    let proxy = proxy_spec(stack)?;
    let mut parts = Vec::new();
    if *stack.create_namespace.known()? {
        parts.push(part("namespace", namespace(&proxy.namespace)));
    }
    let mut rest = spec::parts(&proxy);
    // The ConfigMap keeps the arguments and, without a namespace of ours, the mark: it comes first.
    parts.push(rest.remove(0));
    if !stack.ca_arn.is_null() {
        let check = Check {
            verify: stack.verify.known().copied(),
            namespace: proxy.namespace.clone(),
            usages: vec!["server auth".to_owned()],
        };
        parts.extend(issuer_parts(
            ISSUER,
            &issuer_spec(stack),
            issuer_manifest(stack, &proxy),
            check,
        ));
        for part in rest.iter_mut().filter(|part| part.address == "proxy/certificate") {
            part.after.push(check_of(ISSUER));
        }
    }
    let app = stack.app.known()?;
    if app::runs_app(app)? {
        let mut deployment = part(APP, app::deployment(stack, app, &proxy)?).ready_when(Arc::new(Rollout));
        let needed: &[&str] = match proxy.mode {
            // The Pods of the app are the proxy's.
            Mode::Sidecar => render::needs("proxy/deployment"),
            // An app that was a sidecar's serves until the gateway does.
            Mode::Gateway => &["proxy/deployment"],
        };
        let present = needed
            .iter()
            .filter(|address| rest.iter().chain(&parts).any(|part| part.address == **address));
        deployment.after = present.map(|address| (*address).to_owned()).collect();
        parts.push(deployment);
    }
    parts.extend(rest);
    let of_edge = edge::parts(stack, &proxy, &parts)?;
    parts.extend(of_edge);
    Some(parts)
}

/// Address of the issuer.
const ISSUER: &str = "issuer";

fn issuer_manifest(stack: &Stack, proxy: &ProxySpec) -> Value {
    let mut manifest = issuer::render(&issuer_spec(stack));
    manifest["metadata"]["labels"] = labels(&proxy.name);
    manifest
}

/// The proxy runs `restricted`, which an app that may not be changed often can't: `baseline` is enforced, more is warned of.
fn namespace(name: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {
            "pod-security.kubernetes.io/enforce": "baseline",
            "pod-security.kubernetes.io/warn": "restricted",
        }},
    })
}
