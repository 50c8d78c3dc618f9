//! What must hold across the arguments of a stack. Unknown values may be anything.

use tfplugin_framework::{Attr, AttributePath, Diagnostics};

use super::model::{App, Stack};
use super::{app, edge, pod_template, rendering, rollouts, sidecar};
use crate::kinds::kube::marks::DOMAIN;
use crate::lifecycle::inputs::optional_text;
use crate::proxy::model::Mode as ProxyMode;
use crate::proxy::render::Names;
use crate::proxy::render::spec::Mode;
use crate::proxy::{ArgumentPlace, autoscaling, image_updates, one_of, pre_stop, rendered, validate_isolation};

/// All errors in the arguments of a stack.
pub(super) fn stack(config: &Stack, diagnostics: &mut Diagnostics) {
    let root = AttributePath::root;
    one_of(
        &AttributePath::default(),
        &[
            ("issuer", config.issuer.is_given()),
            ("ca_arn", config.ca_arn.is_given()),
        ],
        diagnostics,
    );
    validate_issuer(config, diagnostics);
    edge::check(config, diagnostics);
    let app = config.app.known();
    if let Some(app) = app {
        validate_app(app, diagnostics);
        // In a sidecar they are the proxy's Pods too, and the rendering tells.
        if config.proxy.known().and_then(|proxy| proxy.mode.known()) != Some(&ProxyMode::Sidecar) {
            own_keys(app, diagnostics);
        }
    }
    let Some(proxy) = config.proxy.known() else { return };
    if let Some(app) = app {
        sidecar::validate(app, proxy, diagnostics);
        pod_template::validate(app, proxy, diagnostics);
    }
    let at = root("proxy");
    // Where the stack runs the app, it knows the labels itself.
    let selector = app
        .filter(|app| app.image.is_null() && app.pod_template_json.is_null())
        .map_or(&Attr::Unknown, |app| &app.selector);
    if let Some(isolation) = proxy.isolation.known() {
        let isolation_at = at.clone().attribute("isolation");
        validate_isolation(
            &isolation_at,
            &root("app").attribute("selector"),
            isolation,
            selector,
            diagnostics,
        );
    }
    image_updates(&at.clone().attribute("pod"), &proxy.pod, diagnostics);
    let pod_at = at.clone().attribute("pod");
    let (grace_at, grace) = match app.filter(|_| proxy.mode.known() == Some(&ProxyMode::Sidecar)) {
        Some(app) if app.pod_template_json.is_null() => (
            root("app").attribute("pod").attribute("termination_grace"),
            sidecar::grace(app),
        ),
        Some(app) => (root("app").attribute("pod_template_json"), sidecar::grace(app)),
        None => (
            pod_at.clone().attribute("termination_grace"),
            proxy.pod.known().and_then(|pod| optional_text(&pod.termination_grace)),
        ),
    };
    let stop = (grace.as_deref(), rollouts::pre_stop_seconds(config));
    pre_stop(&pod_at, &proxy.pod, &grace_at, stop, diagnostics);
    autoscaling(
        &at.attribute("replicas"),
        &proxy.replicas,
        &proxy.autoscaled,
        diagnostics,
    );
    if let Some(spec) = rendering::proxy_spec(config) {
        if let Some(app) = app {
            pod_template::keeps_the_key(app, &Names::of(&spec).secret(), diagnostics);
        }
        rendered(&spec, &[app::APP_NAME], diagnostics, |argument| match argument {
            ArgumentPlace::Name => root("name"),
            ArgumentPlace::Selector => root("app").attribute("selector"),
            ArgumentPlace::ObjectNames => root("object_names"),
            ArgumentPlace::Block("pod") if spec.mode == Mode::Sidecar => root("app").attribute("pod"),
            ArgumentPlace::Block(name) => root("proxy").attribute(name),
        });
    }
}

/// What says how the stack's own issuer works needs one.
fn validate_issuer(config: &Stack, diagnostics: &mut Diagnostics) {
    let only_with_ca = [
        ("role_arn", config.role_arn.is_given()),
        ("template", config.template.is_given()),
        ("verify", config.verify.is_given()),
    ];
    for (argument, _) in only_with_ca
        .iter()
        .filter(|(_, given)| *given == Some(true) && config.ca_arn.is_null())
    {
        diagnostics.input(
            AttributePath::root(*argument),
            "Conflicting arguments",
            format!(
                "`{argument}` applies only to the issuer that the stack creates for `ca_arn`. Set `ca_arn`, or remove \
                 `{argument}`."
            ),
        );
    }
}

fn validate_app(app: &App, diagnostics: &mut Diagnostics) {
    let at = AttributePath::root("app");
    let choices = [
        ("selector", app.selector.is_given()),
        ("image", app.image.is_given()),
        ("pod_template_json", app.pod_template_json.is_given()),
    ];
    one_of(&at, &choices, diagnostics);
    let runs_nothing = app.image.is_null() && app.pod_template_json.is_null();
    let only_if_run = [
        ("replicas", app.replicas.known().is_some() && runs_nothing),
        ("autoscaled", app.autoscaled.known().is_some() && runs_nothing),
        ("min_ready", app.min_ready.known().is_some() && runs_nothing),
        ("env", app.env.known().is_some() && app.image.is_null()),
        ("pod", app.pod.known().is_some() && app.image.is_null()),
    ];
    for (argument, _) in only_if_run.iter().filter(|(_, wrong)| *wrong) {
        let detail = if runs_nothing {
            format!(
                "`{argument}` applies only to an application that the stack runs. Set `image`, or remove `{argument}`."
            )
        } else {
            format!("What `{argument}` says is part of `pod_template_json`. Remove `{argument}`.")
        };
        diagnostics.input(at.clone().attribute(*argument), "Conflicting arguments", detail);
    }
    autoscaling(
        &at.clone().attribute("replicas"),
        &app.replicas,
        &app.autoscaled,
        diagnostics,
    );
}

/// Keys that tell the Pods of the application from others are the provider's.
fn own_keys(app: &App, diagnostics: &mut Diagnostics) {
    let Some(pod) = app.pod.known() else { return };
    for (argument, given) in [("labels", &pod.labels), ("annotations", &pod.annotations)] {
        let keys = given.known().into_iter().flat_map(|given| given.keys());
        for key in keys.filter(|key| key.starts_with(DOMAIN)) {
            diagnostics.input(
                AttributePath::root("app").attribute("pod").attribute(argument).key(key),
                format!("Invalid `{argument}`"),
                format!("The provider sets `{key}` itself. Choose another key."),
            );
        }
    }
}
