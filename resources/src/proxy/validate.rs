//! What must hold across the arguments of a proxy; shared with the stack. Unknown values may be anything.

mod namespaces;
mod upstream;

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, AttributePath, Diagnostic, Diagnostics, Step};

pub(crate) use namespaces::named as system_namespace;

use super::model::{Http, Isolation, IsolationMode, Mode, Pod, Proxy};
use super::render::{self, Argument, Key, ProxySpec};
use super::spec;
use crate::session::Session;

/// All errors in the arguments of a proxy.
pub(super) fn proxy(config: &Proxy, diagnostics: &mut Diagnostics) {
    let root = AttributePath::root;
    if config.mode.known() == Some(&Mode::Sidecar) {
        diagnostics.input(
            root("mode"),
            "Invalid `mode`",
            "A sidecar is part of the application's Pods, so whoever renders those has to run it. Use `mode = \
             \"gateway\"`, or a resource `e2etls_stack` with `app.image`.",
        );
    }
    if let Some(upstream) = config.upstream.known() {
        upstream::validate(upstream, diagnostics);
        upstream::validate_grpc(upstream, &config.http, diagnostics);
    }
    if let Some(certificate) = config.certificate.known() {
        let at = root("certificate");
        one_of(
            &at,
            &[
                ("issuer", certificate.issuer.is_given()),
                ("secret_name", certificate.secret_name.is_given()),
            ],
            diagnostics,
        );
        if certificate.secret_name.is_given() == Some(true) && certificate.duration.known().is_some() {
            diagnostics.input(
                at.attribute("duration"),
                "Conflicting arguments",
                "With `secret_name`, somebody else maintains the certificate, so `duration` has no effect. Remove one \
                 of the two.",
            );
        }
    }
    let selector = config
        .upstream
        .known()
        .map_or(&Attr::Unknown, |upstream| &upstream.selector);
    if let Some(isolation) = config.isolation.known() {
        validate_isolation(
            &root("isolation"),
            &root("upstream").attribute("selector"),
            isolation,
            selector,
            diagnostics,
        );
    }
    autoscaling(&root("replicas"), &config.replicas, &config.autoscaled, diagnostics);
    let grace = config.pod.known().and_then(|pod| pod.termination_grace.as_str());
    let grace_at = root("pod").attribute("termination_grace");
    let stop = (grace, Some(render::PRE_STOP_SECONDS));
    pre_stop(&root("pod"), &config.pod, &grace_at, stop, diagnostics);
    image_updates(&root("pod"), &config.pod, diagnostics);
    if let Some(spec) = spec::of_proxy(config) {
        rendered(&spec, &[], diagnostics, |argument| match argument {
            Place::Name => root("name"),
            Place::Selector => root("upstream").attribute("selector"),
            Place::ObjectNames => root("object_names"),
            Place::Block(name) => root(name),
        });
    }
}

/// Where a resource has what the rendering complains about.
pub(crate) enum Place {
    /// The name of the resource.
    Name,
    /// The labels that select the app's Pods.
    Selector,
    /// The names of single objects.
    ObjectNames,
    /// A block of the proxy, such as `http`.
    Block(&'static str),
}

/// Refuses labels of the provider that would make the app's selector, at `selector`, select the proxy's Pods.
pub(crate) fn provider_labels(
    spec: Option<ProxySpec>,
    session: Option<&Session>,
    selector: AttributePath,
    diagnostics: &mut Diagnostics,
) {
    let (Some(spec), Some(session)) = (spec, session) else {
        return;
    };
    if render::is_selected_by(&spec, &session.labels) {
        diagnostics.input(
            selector,
            "Conflicting labels",
            "The provider argument `labels` also puts these labels on the proxy's own Pods, so the proxy would send \
             requests to itself. Select the application by labels that only its Pods have, or remove them from the \
             provider's `labels`.",
        );
    }
}

/// Errors that show in the rendering, at the paths that `place` gives.
pub(crate) fn rendered(
    spec: &ProxySpec,
    more_addresses: &[(&str, &str)],
    diagnostics: &mut Diagnostics,
    place: impl Fn(Place) -> AttributePath,
) {
    for (argument, message) in render::mistakes(spec, more_addresses) {
        let path = match argument {
            Argument::Name => place(Place::Name),
            Argument::Selector => place(Place::Selector),
            Argument::ObjectName(address) => place(Place::ObjectNames).key(address),
            Argument::Within(block, attribute, key) => {
                let path = place(Place::Block(block)).attribute(attribute);
                match key {
                    Some(Key::Name(name)) => path.key(name),
                    Some(Key::Index(position)) => path.index(position),
                    Some(Key::Attribute(name)) => path.attribute(name),
                    None => path,
                }
            }
        };
        let summary = match path.0.iter().rev().find(|step| matches!(step, Step::Attribute(_))) {
            Some(Step::Attribute(name)) => format!("Invalid `{name}`"),
            _ => "Invalid argument".to_owned(),
        };
        diagnostics.input(path, summary, message);
    }
}

/// Errors in an isolation: where policies are created, which Pods they select and who reaches the proxy must be set.
pub(crate) fn validate_isolation(
    at: &AttributePath,
    selector_at: &AttributePath,
    isolation: &Isolation,
    selector: &Attr<BTreeMap<String, String>>,
    diagnostics: &mut Diagnostics,
) {
    let admits = isolation.allow_from.known().is_some_and(|sources| !sources.is_empty());
    if admits && isolation.mode.known() == Some(&IsolationMode::Off) {
        diagnostics.warn(
            Some(at.clone().attribute("allow_from")),
            "`allow_from` has no effect",
            "With `isolation.mode = \"off\"`, no network policy is created, and everybody can reach the application.",
        );
    }
    for (position, source) in isolation.allow_from.known().into_iter().flatten().enumerate() {
        let at = at
            .clone()
            .attribute("allow_from")
            .index(position)
            .attribute("namespaces");
        system_namespace(&at, &source.namespaces, diagnostics);
    }
    if isolation.mode.known() != Some(&IsolationMode::Enforce) {
        return;
    }
    if selector.is_null() {
        diagnostics.input(
            selector_at.clone(),
            "Missing selector",
            "With `isolation.mode = \"enforce\"`, a network policy selects the application's Pods. Set `selector` to \
             their labels.",
        );
    }
    if isolation.lb_cidrs.is_null() {
        diagnostics.input(
            at.clone().attribute("lb_cidrs"),
            "Missing load balancer networks",
            "With `isolation.mode = \"enforce\"`, only `allow_from` and `lb_cidrs` can reach the proxy. Set `lb_cidrs` \
             to the CIDRs of the load balancer's subnets, or to `[]` if only Pods in `allow_from` call it.",
        );
    }
}

/// `replicas` and an autoscaler exclude each other.
pub(crate) fn autoscaling(
    at: &AttributePath,
    replicas: &Attr<i64>,
    autoscaled: &Attr<bool>,
    diagnostics: &mut Diagnostics,
) {
    if replicas.known().is_some() && autoscaled.known() == Some(&true) {
        diagnostics.input(
            at.clone(),
            "Conflicting arguments",
            "With `autoscaled = true`, an autoscaler decides the number of Pods. Remove `replicas`.",
        );
    }
}

/// A Pod must not be killed while it serves as before. `at` is the path of `pod`, `grace` what a stopping Pod has in all, as
/// the argument at `grace_at` says; `default` is for how many seconds it serves if no argument says that.
pub(crate) fn pre_stop(
    at: &AttributePath,
    pod: &Attr<Pod>,
    grace_at: &AttributePath,
    (grace, default): (Option<&str>, Option<u64>),
    diagnostics: &mut Diagnostics,
) {
    let given = match pod.known().map(|pod| &pod.pre_stop) {
        Some(Attr::Unknown) => return,
        Some(Attr::Known(given)) => Some(given.as_str()),
        _ => None,
    };
    let serves = given.map_or(default, render::seconds);
    let (Some(serves), Some(grace)) = (serves, grace) else {
        return;
    };
    if render::seconds(grace).is_some_and(|all| all < serves + 2) {
        let (argument, at) = match given {
            Some(_) => ("pre_stop", at.clone().attribute("pre_stop")),
            None => ("termination_grace", grace_at.clone()),
        };
        diagnostics.input(
            at,
            format!("Invalid `{argument}`"),
            format!(
                "The termination grace period of the Pod is {grace}. After a `pre_stop` of {serves}s, that leaves it no time for \
                 its last requests. Make the grace period longer, or `pod.pre_stop` shorter."
            ),
        );
    }
}

/// An image that is given is not updated by the provider. `at` is the path of `pod`.
pub(crate) fn image_updates(at: &AttributePath, pod: &Attr<Pod>, diagnostics: &mut Diagnostics) {
    let Some(pod) = pod.known() else { return };
    if pod.image.is_given() == Some(true) && pod.image_updates.is_given() == Some(true) {
        diagnostics.input(
            at.clone().attribute("image_updates"),
            "Conflicting arguments",
            "`image_updates` says which image the provider chooses, but `image` is set. Remove one of the two.",
        );
    }
}

/// Exactly one of two or more arguments must be given.
pub(crate) fn one_of(at: &AttributePath, choices: &[(&str, Option<bool>)], diagnostics: &mut Diagnostics) {
    let given: Vec<&str> = choices
        .iter()
        .filter(|(_, given)| *given == Some(true))
        .map(|(name, _)| *name)
        .collect();
    if let [one, other, ..] = given[..] {
        diagnostics.input(
            at.clone().attribute(other),
            "Conflicting arguments",
            format!("Set either `{one}` or `{other}`, not both."),
        );
    } else if choices.iter().all(|(_, given)| *given == Some(false))
        && let [(first, _), .., (last, _)] = choices
    {
        let names: Vec<&str> = choices[..choices.len() - 1].iter().map(|(name, _)| *name).collect();
        diagnostics.input(
            at.clone().attribute(*first),
            "Missing argument",
            format!("Set one of `{}` and `{last}`.", names.join("`, `")),
        );
    }
}

/// A warning where a change loses requests while it is rolled out. `at` is the path of `http`.
pub(crate) fn rollout(at: AttributePath, prior: &Attr<Http>, planned: &Attr<Http>, diagnostics: &mut Diagnostics) {
    let expects = |http: &Attr<Http>| {
        let http = http.known()?;
        Some(http.proxy_protocol.known() == Some(&true))
    };
    let (before, after) = (expects(prior).unwrap_or(false), expects(planned).unwrap_or(false));
    if before == after || planned.is_unknown() {
        return;
    }
    diagnostics.add(
        Diagnostic::warning("Requests fail during this rollout")
            .at(at.attribute("proxy_protocol"))
            .because(
                "The load balancer and the Pods have to agree on the PROXY header, and while `http.proxy_protocol` \
                 changes, some Pods expect it and others do not.",
            )
            .advice(
                "Apply the change in a maintenance window, together with that of the load balancer. To lose nothing, \
                 make a second proxy with the new setting and move the traffic to it.",
            ),
    );
}
