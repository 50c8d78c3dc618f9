//! The app that the stack runs.

use std::collections::BTreeMap;

use e2etls_engine::value::UNKNOWN;
use serde_json::{Value, json};
use tfplugin_framework::Attr;

use super::model::{App, Stack};
use super::{pod_template, rollouts};
use crate::lifecycle::inputs::optional_text;
use crate::proxy::render::spec::{Mode, ProxySpec};
use crate::proxy::render::{self, sidecar};
use crate::proxy::spec;

/// Address of the app that the stack runs.
pub(super) const APP: &str = "app/deployment";
/// Its address with the suffix of its name.
pub(super) const APP_NAME: (&str, &str) = (APP, "-app");
/// Label that selects the Pods of an app that the stack runs.
const APP_LABEL: &str = "e2etls.dev/app";

/// Labels of what only a stack has.
pub(super) fn labels(name: &str) -> Value {
    json!({"app.kubernetes.io/instance": name, "app.kubernetes.io/managed-by": "e2etls"})
}

/// Whether the stack runs the app itself; `None` while no argument tells. Just one of the three is given.
pub(super) fn runs_app(app: &App) -> Option<bool> {
    let (image, template) = (&app.image, &app.pod_template_json);
    match (&app.selector, image, template) {
        (Attr::Null, ..) | (_, Attr::Known(_), _) | (.., Attr::Known(_)) => Some(true),
        (Attr::Known(_), ..) | (_, Attr::Null, Attr::Null) => Some(false),
        _ => None,
    }
}

pub(super) fn labels_of(stack: &Stack, app: &App) -> Option<BTreeMap<String, String>> {
    if runs_app(app)? {
        return Some(BTreeMap::from([(APP_LABEL.to_owned(), spec::text(&stack.name))]));
    }
    spec::labels(&app.selector)
}

/// `None` while it is not known whether the stack sets the number of Pods.
pub(super) fn deployment(stack: &Stack, app: &App, proxy: &ProxySpec) -> Option<Value> {
    let replicas = spec::replicas(&app.replicas, &app.autoscaled)?;
    let name = proxy
        .object_names
        .get(APP)
        .cloned()
        .unwrap_or_else(|| format!("{}{}", proxy.name, APP_NAME.1));
    let selector = json!({APP_LABEL: spec::text(&stack.name)});
    let mut content = json!({
        "selector": {"matchLabels": selector},
        "template": template(stack, app),
    });
    if let Some(replicas) = replicas {
        content["replicas"] = replicas;
    }
    let min_ready = match proxy.mode {
        // The load balancer leads to these Pods.
        Mode::Sidecar => rollouts::min_ready(stack, &app.min_ready),
        Mode::Gateway => optional_text(&app.min_ready),
    };
    render::wait_for_ready(min_ready.as_deref(), &mut content);
    let mut deployment = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": proxy.namespace, "labels": labels(&proxy.name)},
        "spec": content,
    });
    // A template that is not known yet has nothing to add to.
    if deployment["spec"]["template"].is_object() {
        match proxy.mode {
            Mode::Sidecar => sidecar::add_to(proxy, &mut deployment),
            Mode::Gateway => serve_while_stopping(&mut deployment["spec"]["template"]["spec"]),
        }
    }
    Some(deployment)
}

/// Kubernetes' default of `terminationGracePeriodSeconds`.
const GRACE_SECONDS: u64 = 30;

/// Until the proxy has noticed that a Pod is stopping, it sends it requests. Kubernetes asks for less than the grace period.
fn serve_while_stopping(pod: &mut Value) {
    let grace = match &pod["terminationGracePeriodSeconds"] {
        Value::String(_) => return render::outlive(pod, &UNKNOWN.into()),
        given => given.as_u64().unwrap_or(GRACE_SECONDS),
    };
    let seconds = render::PRE_STOP_SECONDS.min(grace.saturating_sub(1));
    if seconds > 0 {
        render::outlive(pod, &seconds.into());
    }
}

/// The template of the Pods; [`UNKNOWN`] while that of the user is.
fn template(stack: &Stack, app: &App) -> Value {
    let given = match &app.pod_template_json {
        Attr::Known(text) => pod_template::read(text),
        Attr::Unknown => return UNKNOWN.into(),
        Attr::Null => None,
    };
    let mut template = given.unwrap_or_else(|| of_image(app));
    template["metadata"]["labels"][APP_LABEL] = spec::text(&stack.name).into();
    template
}

fn of_image(app: &App) -> Value {
    let env: Vec<Value> = match &app.env {
        Attr::Known(env) => env
            .iter()
            .map(|(name, value)| json!({"name": name, "value": value}))
            .collect(),
        Attr::Unknown => vec![json!({"name": UNKNOWN, "value": UNKNOWN})],
        Attr::Null => Vec::new(),
    };
    let settings = spec::pod(&app.settings());
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
    json!({"metadata": {"labels": settings.labels, "annotations": settings.annotations}, "spec": pod})
}
