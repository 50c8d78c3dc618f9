//! A proxy in the Pods of the app: what is then the app's to say.

use tfplugin_framework::{AttributePath, Diagnostics};

use super::model::{App, Stack, StackProxy};
use super::pod_template;
use crate::proxy::model::Mode;
use crate::proxy::render::is_taken;
use crate::proxy::render::spec::Pod;
use crate::proxy::spec;

/// The proxy's containers have an image and resources of their own; the rest of the Pod is the app's.
pub(super) fn pod(stack: &Stack, proxy: &StackProxy, app: &App) -> Pod {
    let container = spec::proxy_pod(&proxy.pod, &stack.proxy_image);
    let of_app = spec::pod(&app.settings());
    Pod {
        image: container.image,
        pre_stop: container.pre_stop,
        resources: container.resources,
        termination_grace: grace(app),
        ..of_app
    }
}

/// How long the Pods have to stop, if the app says so.
pub(super) fn grace(app: &App) -> Option<String> {
    let written = app.pod_template_json.as_str().and_then(pod_template::grace);
    written
        .map(|seconds| format!("{seconds}s"))
        .or_else(|| spec::pod(&app.settings()).termination_grace)
}

/// Refuses what a sidecar does not have.
pub(super) fn validate(app: &App, proxy: &StackProxy, diagnostics: &mut Diagnostics) {
    if proxy.mode.known() != Some(&Mode::Sidecar) {
        return;
    }
    let at = AttributePath::root("proxy");
    if app.image.is_null() && app.pod_template_json.is_null() {
        diagnostics.input(
            at.clone().attribute("mode"),
            "Conflicting arguments",
            "A sidecar runs in the Pods of an application that the stack runs. Set `app.image` or \
             `app.pod_template_json`, or use `mode = \"gateway\"`.",
        );
    }
    let pod = if app.pod_template_json.is_null() {
        "app.pod"
    } else {
        "app.pod_template_json"
    };
    let mut conflict = |path: AttributePath, instead: String| {
        let argument = path.clone();
        diagnostics.input(
            path,
            "Conflicting arguments",
            format!("A sidecar runs in the Pods of the application, so `{argument}` has no effect. Use `{instead}`."),
        );
    };
    let counts = [
        ("replicas", !proxy.replicas.is_null()),
        ("autoscaled", !proxy.autoscaled.is_null()),
        ("min_ready", !proxy.min_ready.is_null()),
    ];
    for (argument, _) in counts.iter().filter(|(_, given)| *given) {
        conflict(at.clone().attribute(*argument), format!("app.{argument}"));
    }
    for argument in proxy.pod.known().map(of_the_app).unwrap_or_default() {
        let path = at.clone().attribute("pod").attribute(argument);
        conflict(path, pod.to_owned());
    }
    if let Some(port) = app.port.known().filter(|port| is_taken(**port)) {
        diagnostics.input(
            AttributePath::root("app").attribute("port"),
            "Port in use",
            format!(
                "A sidecar listens on port {port} of the same Pod. Let the application listen on another port, or use \
                 `proxy.mode = \"gateway\"`."
            ),
        );
    }
}

/// The settings of a Pod that a sidecar can't have of its own.
fn of_the_app(pod: &crate::proxy::model::Pod) -> Vec<&'static str> {
    let all = [
        ("termination_grace", pod.termination_grace.is_null()),
        ("pull_secrets", pod.pull_secrets.is_null()),
        ("tolerations_json", pod.tolerations_json.is_null()),
        ("node_selector", pod.node_selector.is_null()),
        ("topology_spread_json", pod.topology_spread_json.is_null()),
        ("priority_class", pod.priority_class.is_null()),
        ("service_account", pod.service_account.is_null()),
        ("labels", pod.labels.is_null()),
        ("annotations", pod.annotations.is_null()),
    ];
    all.into_iter()
        .filter(|(_, null)| !null)
        .map(|(name, _)| name)
        .collect()
}
