//! What a stack is made of: the proxy's parts, and what only a stack has: namespace, issuer, app.

use std::sync::Arc;

use e2etls_engine::owner::sha256_hex;
use e2etls_engine::part::Part;
use e2etls_engine::value::UNKNOWN;
use serde_json::{Value, json};
use tfplugin_framework::Attr;

use super::app::{self, APP, labels};
use super::model::{App, Stack, StackProxy};
use super::{edge, rollouts, sidecar};
use crate::cert_manager::issuer::{self, IssuerSpec};
use crate::cert_manager::parts::{Check, check_of, issuer as issuer_parts};
use crate::cert_manager::reference::reference;
use crate::kinds::Clients;
use crate::kinds::kube::{part, rollout::Rollout};
use crate::lifecycle::inputs::optional_text;
use crate::proxy::render;
use crate::proxy::render::spec::{CertificateSource, Mode, Protocol, ProxySpec, Upstream};
use crate::proxy::spec;

/// The proxy's rendering; `None` while an argument that decides which parts there are is unknown.
pub(super) fn proxy_spec(stack: &Stack) -> Option<ProxySpec> {
    let proxy: &StackProxy = stack.proxy.known()?;
    let app: &App = stack.app.known()?;
    let mode = spec::mode(&proxy.mode)?;
    let (selector, replicas, mut pod) = match mode {
        Mode::Gateway => (
            Some(app::labels_of(stack, app)?),
            spec::replicas(&proxy.replicas, &proxy.autoscaled)?,
            spec::proxy_pod(&proxy.pod, &stack.proxy_image),
        ),
        Mode::Sidecar => (
            None,
            spec::replicas(&app.replicas, &app.autoscaled)?,
            sidecar::pod(stack, proxy, app),
        ),
    };
    pod.pre_stop = rollouts::pre_stop(stack, pod.pre_stop);
    let issuer = match (&stack.ca_arn, &stack.issuer) {
        (Attr::Null, issuer) => reference(issuer),
        _ => issuer_spec(stack).reference(),
    };
    let duration = match &proxy.certificate {
        Attr::Known(certificate) => &certificate.duration,
        Attr::Unknown => &Attr::Unknown,
        Attr::Null => &Attr::Null,
    };
    let spec = ProxySpec {
        template_version: spec::template_version(&stack.head.template_version)?,
        name: spec::text(&stack.name),
        namespace: spec::text(&stack.namespace),
        mode,
        server_names: spec::list(&stack.hostnames),
        upstream: Upstream {
            service: None,
            selector,
            port: spec::number(&app.port).unwrap_or_default(),
            protocol: Protocol::Http.into(),
            ca_pem: None,
            server_name: None,
            client_certificate_secret: None,
        },
        certificate: spec::certificate_spec(CertificateSource::Issuer(issuer), duration),
        profile: spec::profile(&proxy.tls),
        http: spec::http(&proxy.http, Protocol::Http.into()),
        isolation: spec::isolation(&proxy.isolation)?,
        replicas,
        min_ready: rollouts::min_ready(stack, &proxy.min_ready),
        pod,
        object_names: spec::names(&stack.object_names)?,
    };
    render::addresses_known(&spec).then_some(spec)
}

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

/// The issuer's name ends in 8 hex digits of the CA's ARN: another CA is another issuer, and never the old one re-pointed.
fn issuer_name(stack: &Stack) -> String {
    match stack.ca_arn.as_str() {
        Some(arn) => format!("{}-{}", spec::text(&stack.name), sha256_hex(arn, 8)),
        None => UNKNOWN.to_owned(),
    }
}

/// What the issuer part is rendered from.
pub(super) fn issuer_spec(stack: &Stack) -> IssuerSpec {
    IssuerSpec {
        name: issuer_name(stack),
        namespace: Some(spec::text(&stack.namespace)),
        ca_arn: spec::text(&stack.ca_arn),
        role_arn: optional_text(&stack.role_arn),
        template: optional_text(&stack.template),
    }
}

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
