//! Errors that only the rendering can see: what it adds conflicts with what was configured.
//!
//! This file is long because each conflict has a rule and a message of its own.

use std::collections::BTreeMap;

use super::names::{ADDRESSES, Names};
use super::nginx::{PORT, PROBE_PORT, is_identity_header, scheme, trusted};
use super::spec::{Input, ProxySpec};
use crate::syntax::{APP, added};
use e2etls_engine::value::UNKNOWN;

/// The argument that has an error; each resource has it at a path of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// The name of the resource.
    Name,
    /// The labels that select the app's Pods.
    Selector,
    /// An entry of `object_names`.
    ObjectName(String),
    /// An attribute of one of the proxy's blocks, such as `http` and `hsts`.
    Within(&'static str, &'static str, Option<Key>),
}

/// What stands behind an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A key of a map.
    Name(String),
    /// An item of a list.
    Index(usize),
    /// An attribute of an object.
    Attribute(&'static str),
}

type Mistakes = Vec<(Argument, String)>;

/// Every error and its message. Unknown values may be anything; `more` are addresses that `object_names` accepts in
/// addition to the proxy's, with the suffixes of their names.
#[must_use]
pub fn mistakes(spec: &ProxySpec, more: &[(&str, &str)]) -> Mistakes {
    let mut found = Vec::new();
    if spec.name.starts_with(|first: char| first.is_ascii_digit()) {
        let message = format!(
            "`{}` starts with a digit, but names of Services must start with a letter. Choose a name that starts with \
             a letter.",
            spec.name
        );
        found.push((Argument::Name, message));
    }
    if selects_the_proxy(spec) {
        let message = "These labels also select the proxy's own Pods, so the proxy would send requests to itself. Use \
            labels that only the application's Pods have.";
        found.push((Argument::Selector, message.to_owned()));
    }
    isolation(spec, &mut found);
    object_names(spec, more, &mut found);
    http(spec, &mut found);
    pod(spec, &mut found);
    found
}

fn isolation(spec: &ProxySpec, found: &mut Mistakes) {
    for (position, source) in spec.isolation.allow_from.iter().enumerate() {
        if source.pods.is_none() && source.namespaces.is_none() && source.cidrs.is_empty() {
            let message = "This item names nobody. Set `pods`, `namespaces` or `cidrs`.";
            let at = Argument::Within("isolation", "allow_from", Some(Key::Index(position)));
            found.push((at, message.to_owned()));
        }
    }
}

fn object_names(spec: &ProxySpec, more: &[(&str, &str)], found: &mut Mistakes) {
    let known: Vec<&str> = ADDRESSES.iter().chain(more).map(|(known, _)| *known).collect();
    for (address, name) in &spec.object_names {
        let at = || Argument::ObjectName(address.clone());
        if address.contains(UNKNOWN) || name.contains(UNKNOWN) {
            continue;
        }
        if !known.contains(&address.as_str()) {
            let message = format!(
                "`{address}` is not an address of this resource. Valid addresses: `{}`.",
                known.join("`, `")
            );
            found.push((at(), message));
            continue;
        }
        let twin = ADDRESSES.iter().chain(more).find(|(other, suffix)| {
            let given = spec.object_names.get(*other);
            let other_name = given.cloned().unwrap_or_else(|| format!("{}{suffix}", spec.name));
            other != address && kind(other) == kind(address) && other_name == *name
        });
        if let Some((twin, _)) = twin {
            let message = format!(
                "`{twin}` has the same name, and both are objects of the same kind: one would overwrite the other. Choose \
                 another name."
            );
            found.push((at(), message));
        } else if kind(address) == "Service" && (name.len() > 63 || name.contains('.')) {
            let message = format!(
                "`{name}` is not a valid Service name: use lowercase letters, digits and hyphens, start with a letter, at \
                 most 63 characters."
            );
            found.push((at(), message));
        }
    }
}

/// What must not be named alike.
fn kind(address: &str) -> &str {
    match address {
        "proxy/service" | "proxy/upstream" => "Service",
        "isolation/app" | "isolation/proxy" => "NetworkPolicy",
        "proxy/deployment" | "app/deployment" => "Deployment",
        other => other,
    }
}

fn http(spec: &ProxySpec, found: &mut Mistakes) {
    for header in spec
        .http
        .request_headers
        .keys()
        .filter(|header| is_identity_header(header))
    {
        let message = format!("The proxy itself tells the application what `{header}` says. Choose another name.");
        let at = Argument::Within("http", "request_headers", Some(Key::Name(header.clone())));
        found.push((at, message));
    }
    if spec.http.proxy_protocol == Input::Known(true) && trusted(spec).is_empty() {
        let message = "The address in the PROXY header is believed from the networks of the load balancer only. Set \
            `http.real_ip_cidrs` or `isolation.lb_cidrs` to them.";
        found.push((Argument::Within("http", "proxy_protocol", None), message.to_owned()));
    }
    metrics(spec, found);
    extra_config(spec, found);
}

/// What NGINX would refuse, or would read otherwise than it looks, because of other arguments.
fn extra_config(spec: &ProxySpec, found: &mut Mistakes) {
    let http = &spec.http;
    let added = added(http.extra_config.as_deref().unwrap_or_default());
    let mut mistake = |message: String| found.push((Argument::Within("http", "extra_config", None), message));
    if let Some(expected) = scheme(spec.upstream.protocol)
        && let Some(other) = added.schemes.iter().find(|scheme| *scheme != expected)
    {
        mistake(format!(
            "A `location` passes requests by `{other}`, but the application speaks `{expected}` (`upstream.protocol`). \
             Write `{expected}://{APP}`."
        ));
    }
    let hsts = http.hsts.iter().map(|_| "Strict-Transport-Security");
    let replaced: Vec<&str> = hsts.chain(http.response_headers.keys().map(String::as_str)).collect();
    for location in &added.locations {
        let path = &location.path;
        if location.is_prefix() && http.paths.contains_key(path) {
            mistake(format!(
                "`location {path}` is in `http.paths` too. Write its settings into the `location`, or remove the \
                 `location`."
            ));
        }
        let is_hidden = |name: &&&str| location.hidden.iter().any(|hidden| hidden.eq_ignore_ascii_case(name));
        if let Some(name) = replaced
            .iter()
            .find(|name| !location.hidden.is_empty() && !is_hidden(name))
        {
            mistake(format!(
                "`location {path}` has `proxy_hide_header` directives of its own, so that the application's `{name}` \
                 would reach clients beside the proxy's. Add `proxy_hide_header {name};` to it."
            ));
        }
    }
}

/// The port of the metrics is one that NGINX may open, and that means nothing else.
fn metrics(spec: &ProxySpec, found: &mut Mistakes) {
    let Some(port) = &spec.http.metrics_port else { return };
    let message = if port.as_u64().is_some_and(|port| (1..1024).contains(&port)) {
        format!("NGINX runs without the privilege to open port {port}. Choose a port from 1024 on, such as 9113.")
    } else if *port == PORT || *port == PROBE_PORT {
        format!("The proxy itself listens on port {port}. Choose another port, such as 9113.")
    } else if *port == spec.upstream.port && *port != UNKNOWN {
        format!(
            "Port {port} is the application's, so `isolation.allow_from` could not tell the two apart. Choose another port, \
             such as 9113."
        )
    } else {
        return;
    };
    let at = Argument::Within("http", "metrics", Some(Key::Attribute("port")));
    found.push((at, message));
}

fn pod(spec: &ProxySpec, found: &mut Mistakes) {
    let ours = Names::of(spec).labels();
    let own = |key: &str| ours.get(key).is_some() || key.starts_with("e2etls.dev/");
    let labels = spec.pod.labels.keys().map(|key| ("labels", key));
    let annotations = spec.pod.annotations.keys().map(|key| ("annotations", key));
    for (attribute, key) in labels.chain(annotations).filter(|(_, key)| own(key)) {
        let message = format!("The proxy sets `{key}` itself. Choose another key.");
        found.push((
            Argument::Within("pod", attribute, Some(Key::Name(key.clone()))),
            message,
        ));
    }
}

/// True if the app's selector selects the proxy's Pods because of these labels, which are put on everything.
#[must_use]
pub fn is_selected_by(spec: &ProxySpec, labels: &BTreeMap<String, String>) -> bool {
    let mut labelled = spec.clone();
    for (key, value) in labels {
        labelled.pod.labels.entry(key.clone()).or_insert_with(|| value.clone());
    }
    selects_the_proxy(&labelled) && !selects_the_proxy(spec)
}

/// True if every label of the app's selector is one of the proxy's Pods too.
fn selects_the_proxy(spec: &ProxySpec) -> bool {
    let ours = Names::of(spec).labels();
    let of_pods = |key: &str| ours[key].as_str().or(spec.pod.labels.get(key).map(String::as_str));
    let selector = spec.upstream.selector.as_ref().filter(|labels| !labels.is_empty());
    selector.is_some_and(|labels| {
        labels
            .iter()
            .all(|(key, value)| value != UNKNOWN && of_pods(key) == Some(value))
    })
}

#[cfg(test)]
mod tests {
    use super::super::spec::{PathSettings, Protocol};
    use super::super::tests::cases::{bare, everyday, everything, labels};
    use super::*;

    fn found(change: fn(&mut ProxySpec)) -> Vec<Argument> {
        let mut spec = everyday();
        change(&mut spec);
        mistakes(&spec, &[]).into_iter().map(|(argument, _)| argument).collect()
    }

    #[test]
    fn good_proxies_have_no_mistake() {
        for spec in [everyday(), everything(), bare()] {
            assert_eq!(mistakes(&spec, &[]), []);
        }
    }

    #[test]
    fn each_mistake_stands_at_its_argument() {
        assert_eq!(found(|spec| spec.name = "9shop".to_owned()), [Argument::Name]);
        assert_eq!(
            found(|spec| spec.isolation.allow_from.push(Default::default())),
            [Argument::Within("isolation", "allow_from", Some(Key::Index(0)))]
        );
        assert_eq!(
            found(|spec| spec.http.request_headers = labels("x_forwarded.FOR", "x")),
            [Argument::Within(
                "http",
                "request_headers",
                Some(Key::Name("x_forwarded.FOR".to_owned()))
            )]
        );
        for (attribute, change) in [
            (
                "labels",
                (|spec| spec.pod.labels = labels("e2etls.dev/x", "y")) as fn(&mut ProxySpec),
            ),
            ("annotations", |spec| spec.pod.annotations = labels("e2etls.dev/x", "y")),
        ] {
            let key = Some(Key::Name("e2etls.dev/x".to_owned()));
            assert_eq!(found(change), [Argument::Within("pod", attribute, key)]);
        }
        let nobody = |spec: &mut ProxySpec| {
            spec.http.proxy_protocol = true.into();
            spec.isolation.lb_cidrs = Vec::new();
        };
        assert_eq!(found(nobody), [Argument::Within("http", "proxy_protocol", None)]);
        let plain = |spec: &mut ProxySpec| {
            spec.upstream.protocol = Protocol::Https.into();
            spec.http.extra_config = Some("location /x { proxy_pass http://e2etls_app; }".to_owned());
        };
        let twice = |spec: &mut ProxySpec| {
            spec.http.paths = BTreeMap::from([("/x".to_owned(), PathSettings::default())]);
            spec.http.extra_config = Some("location ^~ /x { return 204; }".to_owned());
        };
        let hidden = |spec: &mut ProxySpec| {
            spec.http.response_headers = labels("X-Team", "a");
            spec.http.extra_config = Some("location /y { proxy_hide_header A; return 204; }".to_owned());
        };
        for change in [plain as fn(&mut ProxySpec), twice, hidden] {
            assert_eq!(found(change), [Argument::Within("http", "extra_config", None)]);
        }
        let repeated = |spec: &mut ProxySpec| {
            spec.http.response_headers = labels("X-Team", "a");
            spec.http.paths = BTreeMap::from([("/x".to_owned(), PathSettings::default())]);
            let text = "location = /x { return 204; } location /y { proxy_hide_header x-team; return 204; }";
            spec.http.extra_config = Some(text.to_owned());
        };
        assert!(found(repeated).is_empty());
        for (address, name) in [
            ("proxy/upstream", "shop-proxy"),
            ("isolation/app", "shop-proxy-isolation"),
            ("proxy/service", "a.b"),
        ] {
            let mut spec = everyday();
            spec.object_names = labels(address, name);
            let found: Vec<Argument> = mistakes(&spec, &[]).into_iter().map(|(argument, _)| argument).collect();
            assert_eq!(found, [Argument::ObjectName(address.to_owned())]);
        }
        assert_eq!(
            found(|spec| spec.object_names = labels("proxy/deploy", "x")),
            [Argument::ObjectName("proxy/deploy".to_owned())]
        );
        let ours =
            |spec: &mut ProxySpec| spec.upstream.selector = Some(labels("app.kubernetes.io/managed-by", "e2etls"));
        assert_eq!(found(ours), [Argument::Selector]);
    }

    #[test]
    fn a_selector_that_labels_of_users_give_the_proxy_too_is_a_mistake() {
        assert_eq!(
            found(|spec| spec.pod.labels = labels("app", "shop")),
            [Argument::Selector]
        );
        assert!(found(|spec| spec.pod.labels = labels("app", "other")).is_empty());
        assert!(is_selected_by(&everyday(), &labels("app", "shop")));
        assert!(!is_selected_by(&everyday(), &labels("app", "other")));
        assert!(found(|spec| spec.upstream.selector = Some(labels(UNKNOWN, UNKNOWN))).is_empty());
        let more = |spec: &mut ProxySpec| {
            spec.pod.labels = labels("app", "shop");
            spec.upstream
                .selector
                .as_mut()
                .unwrap()
                .insert("tier".to_owned(), "web".to_owned());
        };
        assert!(found(more).is_empty(), "one label more tells them apart");
    }
}
