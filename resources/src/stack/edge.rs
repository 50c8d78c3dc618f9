//! The load balancer of a stack, the DNS records that lead to it, and the alarms on its certificates.

use e2etls_engine::owner::sha256_hex;
use e2etls_engine::part::Part;
use e2etls_engine::value::{UNKNOWN, link};
use e2etls_report::facet::Facet;
use e2etls_report::hop::Hop;
use serde_json::json;
use tfplugin_framework::{Attr, AttributePath, Diagnostics};

use super::model::{Dns, Stack};
use super::{alarm, certificate};
use crate::edge::model::{Edge, Kind, Route, Settings, Target};
use crate::edge::parts::{LOAD_BALANCER, TARGETS, expected_ssl_policy, parts as edge_parts};
use crate::edge::{hops, validate};
use crate::kinds::Clients;
use crate::kinds::aws::alias_record::{self, ALIAS_RECORD};
use crate::lifecycle::inputs::{flag, known_text, text};
use crate::proxy::render::spec::{Input, Mode, Profile, ProxySpec};
use crate::proxy::render::{self, expected_hops};
use crate::proxy::spec;

/// What leads to a stack: the load balancer, in the terms of `e2etls_edge`; `None` if there is none, or that is not known.
///
/// The name of its Ingress or Service ends in 8 hex digits of what makes it another load balancer: the new one serves before
/// the names are led to it, and the old one goes last.
pub(super) fn edge(stack: &Stack, proxy: &ProxySpec) -> Option<Edge> {
    let mut settings = Settings {
        certificate_arns: certificate::arns(stack),
        ..stack.edge.known()?.clone()
    };
    let identity: Vec<Attr<String>> = settings.identity().into_iter().map(|(_, attr)| attr).collect();
    let known: Option<Vec<String>> = identity
        .iter()
        .map(|attr| match attr {
            Attr::Unknown => None,
            attr => Some(attr.known().cloned().unwrap_or_default()),
        })
        .collect();
    let name = match known {
        Some(known) => format!("{}-{}", proxy.name, sha256_hex(known.join("\n"), 8)),
        None => UNKNOWN.to_owned(),
    };
    let alb = settings.kind.known() == Some(&Kind::Alb);
    if alb && settings.idle_timeout.is_null() {
        settings.idle_timeout = idle_timeout(proxy);
    }
    let route = || Route {
        service: known_text(render::service_name(proxy)),
        port: Attr::Null,
    };
    let routes = stack
        .hostnames
        .clone()
        .map(|hosts| hosts.into_iter().map(|host| (host, route())).collect());
    let pods = spec::pods(proxy);
    let target = Target {
        selector: pods.labels,
        port: pods.port,
    };
    Some(Edge {
        name: known_text(name),
        namespace: known_text(proxy.namespace.clone()),
        settings,
        routes: if alb { routes } else { Attr::Null },
        target: if alb { Attr::Null } else { Attr::Known(target) },
        ..Edge::default()
    })
}

/// More than the proxy waits for the app, where that is more than AWS's 60 seconds allow.
fn idle_timeout(proxy: &ProxySpec) -> Attr<String> {
    match render::longest_silence(proxy) {
        None => Attr::Unknown,
        Some(longest) if longest + 5 > 60 => format!("{}s", (longest + 5).min(4000)).into(),
        Some(_) => Attr::Null,
    }
}

/// The parts of the edge, its certificate, the alias records, and the alarms, beside those of the stack before; `None` while it
/// is not known which there are.
pub(super) fn parts(stack: &Stack, proxy: &ProxySpec, before: &[Part<Clients>]) -> Option<Vec<Part<Clients>>> {
    if stack.edge.is_null() {
        return Some(Vec::new());
    }
    // A certificate and a load balancer take minutes, as a rollout may: they are waited for at the same time.
    let beside = before.iter().find(|part| part.address == leads_to(proxy));
    let beside = beside.map(Part::needs).unwrap_or_default();
    let mut parts = certificate::parts(stack)?;
    let mut of_edge = edge_parts(&edge(stack, proxy)?)?;
    let made = parts.last_mut().map(|issued| {
        issued.after.extend(beside.clone());
        issued.address.clone()
    });
    if let Some(object) = of_edge.first_mut() {
        object.after.extend(made.map_or(beside, |issued| vec![issued]));
        object.after.push("proxy/service".to_owned());
    }
    parts.extend(of_edge);
    match &stack.dns {
        Attr::Null => {}
        Attr::Unknown => return None,
        Attr::Known(dns) => {
            let hosts = stack.hostnames.known()?;
            parts.extend(hosts.iter().map(|host| alias(dns, host)));
        }
    }
    parts.extend(alarm::parts(stack, proxy)?);
    Some(parts)
}

fn alias(dns: &Dns, host: &str) -> Part<Clients> {
    let zone = text(&dns.zone_id);
    let content = json!({
        "zone": zone,
        "target": link(LOAD_BALANCER, "hostname"),
        "target_zone": link(LOAD_BALANCER, "zone_id"),
        "allow_overwrite": flag(&dns.allow_overwrite),
    });
    let name = alias_record::name(&zone, host);
    // Nobody is sent to what does not serve yet.
    Part::new(format!("dns/{host}"), &ALIAS_RECORD, name, content).after(TARGETS)
}

/// The hops from the client to the app; `None` while a facet is not known.
pub(super) fn expected(stack: &Stack, proxy: &ProxySpec) -> Option<Vec<Hop>> {
    let behind = expected_hops(proxy)?;
    if stack.edge.is_null() {
        return Some(behind);
    }
    let edge = edge(stack, proxy)?;
    let [to_proxy, to_app] = <[Hop; 2]>::try_from(behind).ok()?;
    let mut before = hops::hops(&edge)?;
    let last = before.pop()?;
    let (peer, mut evidence) = match edge.settings.kind.known()? {
        // The proxy serves whoever the load balancer passes on.
        Kind::NlbPassthrough => (to_proxy.peer_verified, to_proxy.evidence.clone()),
        Kind::Alb | Kind::NlbTls => (Facet::No, to_proxy.evidence.clone()),
    };
    evidence.extend(last.evidence);
    let facets = [to_proxy.tls, peer, to_proxy.confined, to_proxy.link];
    before.push(Hop::new(last.from, "proxy", facets, evidence));
    before.push(to_app);
    Some(before)
}

/// What must hold across the arguments of the edge and those of the stack.
pub(super) fn check(stack: &Stack, diagnostics: &mut Diagnostics) {
    let at = AttributePath::root("edge");
    if stack.dns.is_given() == Some(true) && stack.edge.is_null() {
        diagnostics.input(
            AttributePath::root("dns"),
            "Conflicting arguments",
            "`dns` leads the names to the load balancer of `edge`. Set `edge`, or remove `dns`.",
        );
    }
    alarm::check(stack, diagnostics);
    let Some(settings) = stack.edge.known() else { return };
    let without = match stack.dns {
        // The stack makes one.
        Attr::Known(_) | Attr::Unknown => None,
        Attr::Null => Some(", or `dns`, so that the stack can request a public certificate"),
    };
    validate::settings(&at, settings, without, diagnostics);
    certificate::check(stack, diagnostics);
    let Some(proxy) = super::rendering::proxy_spec(stack) else {
        return;
    };
    proxy_protocol(&at, settings, &proxy, diagnostics);
    let policy = edge(stack, &proxy).map_or(Attr::Unknown, |edge| expected_ssl_policy(&edge));
    let old = policy
        .as_str()
        .filter(|policy| !policy.is_empty() && !policy.contains("-TLS13-"));
    if let Some(policy) = old.filter(|_| proxy.profile == Input::Known(Profile::Modern)) {
        diagnostics.input(
            at.attribute("ssl_policy"),
            "The load balancer can't connect to the proxy",
            format!(
                "The proxy's profile `modern` takes TLS 1.3 only, and a load balancer with the policy `{policy}` does not speak it \
                 to its targets. Use a policy with `TLS13` in its name, or the profile `intermediate`."
            ),
        );
    }
}

/// Both sides have to agree whether connections begin with a PROXY header.
fn proxy_protocol(at: &AttributePath, settings: &Settings, proxy: &ProxySpec, diagnostics: &mut Diagnostics) {
    let sends = match (settings.kind.known(), &settings.proxy_protocol) {
        (None, _) | (_, Attr::Unknown) => return,
        (_, sends) => sends.known() == Some(&true),
    };
    let Input::Known(takes) = proxy.http.proxy_protocol else {
        return;
    };
    if sends == takes {
        return;
    }
    let (path, cause) = if sends {
        (
            at.clone().attribute("proxy_protocol"),
            "The load balancer sends a PROXY header, and the proxy does not take one. Set `proxy.http.proxy_protocol = true` too.",
        )
    } else {
        (
            AttributePath::root("proxy")
                .attribute("http")
                .attribute("proxy_protocol"),
            "The proxy takes only connections with a PROXY header, and the load balancer sends none. Set \
             `edge.proxy_protocol = true` with a Network Load Balancer, or remove this.",
        )
    };
    diagnostics.input(path, "Conflicting arguments", cause);
}

/// The Deployment whose Pods the load balancer leads to.
fn leads_to(proxy: &ProxySpec) -> &'static str {
    match proxy.mode {
        Mode::Gateway => "proxy/deployment",
        Mode::Sidecar => super::app::APP,
    }
}
