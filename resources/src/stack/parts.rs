//! What a stack is made of: the proxy's parts, and what only a stack has: namespace, issuer, app.

use std::collections::BTreeMap;
use std::sync::Arc;

use e2etls_engine::owner::sha256_hex;
use e2etls_engine::part::Part;
use e2etls_engine::value::UNKNOWN;
use serde_json::{Value, json};
use tfplugin_framework::Attr;

use super::model::{App, Stack, StackProxy};
use crate::cert_manager::issuer::{self, IssuerSpec};
use crate::cert_manager::parts::{Check, check_of, issuer as issuer_parts};
use crate::cert_manager::reference::reference;
use crate::kinds::Clients;
use crate::kinds::kube::{part, rollout::Rollout};
use crate::lifecycle::inputs::optional_text;
use crate::proxy::render;
use crate::proxy::render::spec::{CertificateSource, Protocol, ProxySpec, Upstream};
use crate::proxy::spec;

/// Address of the app that the stack runs.
const APP: &str = "app/deployment";
/// Its address with the suffix of its name.
pub(super) const APP_NAME: (&str, &str) = (APP, "-app");
/// Label that selects the Pods of an app that the stack runs.
const APP_LABEL: &str = "e2etls.dev/app";

/// The proxy's rendering; `None` while an argument that decides which parts there are is unknown.
pub(super) fn proxy_spec(stack: &Stack) -> Option<ProxySpec> {
    let proxy: &StackProxy = stack.proxy.known()?;
    let app: &App = stack.app.known()?;
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
        server_names: spec::list(&stack.hostnames),
        upstream: Upstream {
            service: None,
            selector: Some(app_labels(stack, app)?),
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
        replicas: spec::replicas(&proxy.replicas, &proxy.autoscaled)?,
        pod: spec::proxy_pod(&proxy.pod, &stack.proxy_image),
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
    if runs_app(app)? {
        parts.push(part(APP, app_deployment(stack, app, &proxy)?).ready_when(Arc::new(Rollout)));
    }
    parts.extend(rest);
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

fn labels(name: &str) -> Value {
    json!({"app.kubernetes.io/instance": name, "app.kubernetes.io/managed-by": "e2etls"})
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

/// Whether the stack runs the app itself; `None` while neither `image` nor `selector` tells. Just one of them is given.
fn runs_app(app: &App) -> Option<bool> {
    match (&app.image, &app.selector) {
        (Attr::Known(_), _) | (_, Attr::Null) => Some(true),
        (Attr::Null, _) | (_, Attr::Known(_)) => Some(false),
        (Attr::Unknown, Attr::Unknown) => None,
    }
}

fn app_labels(stack: &Stack, app: &App) -> Option<BTreeMap<String, String>> {
    if runs_app(app)? {
        return Some(BTreeMap::from([(APP_LABEL.to_owned(), spec::text(&stack.name))]));
    }
    spec::labels(&app.selector)
}

/// `None` while it is not known whether the stack sets the number of Pods.
fn app_deployment(stack: &Stack, app: &App, proxy: &ProxySpec) -> Option<Value> {
    let replicas = spec::replicas(&app.replicas, &app.autoscaled)?;
    let name = proxy
        .object_names
        .get(APP)
        .cloned()
        .unwrap_or_else(|| format!("{}{}", proxy.name, APP_NAME.1));
    let selector = json!({APP_LABEL: spec::text(&stack.name)});
    let env: Vec<Value> = match &app.env {
        Attr::Known(env) => env
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect(),
        Attr::Unknown => vec![json!({"name": UNKNOWN, "value": UNKNOWN})],
        Attr::Null => Vec::new(),
    };
    let settings = spec::pod(&app.pod);
    let mut pod = json!({
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "containers": [{
            "name": "app",
            "image": spec::text(&app.image),
            "env": env,
            "ports": [{"name": "http", "containerPort": spec::number(&app.port), "protocol": "TCP"}],
            "readinessProbe": {"tcpSocket": {"port": spec::number(&app.port)}, "periodSeconds": 5},
            "terminationMessagePolicy": "FallbackToLogsOnError",
        }],
    });
    render::place(&settings, &mut pod);
    if let Some(resources) = settings.resources {
        pod["containers"][0]["resources"] = resources;
    }
    if let Some(spread) = settings.topology_spread {
        pod["topologySpreadConstraints"] = spread;
    }
    if let Some(grace) = settings.termination_grace {
        pod["terminationGracePeriodSeconds"] = render::seconds(&grace).map_or(json!(UNKNOWN), Value::from);
    }
    let mut pod_labels = settings.labels;
    pod_labels.insert(APP_LABEL.to_owned(), spec::text(&stack.name));
    let mut content = json!({
        "selector": {"matchLabels": selector},
        "template": {"metadata": {"labels": pod_labels, "annotations": settings.annotations}, "spec": pod},
    });
    if let Some(replicas) = replicas {
        content["replicas"] = replicas;
    }
    Some(json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": proxy.namespace, "labels": labels(&proxy.name)},
        "spec": content,
    }))
}
