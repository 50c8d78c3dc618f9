//! The Ingress or Service, what its controller makes for it, and what is waited for.
//!
//! ```text
//! edge ──its controller makes──▶ edge/load-balancer ──▶ edge/listeners ──▶ edge/targets
//! ```

use std::sync::Arc;

use e2etls_engine::part::{Part, Ready, Role};
use e2etls_engine::value::UNKNOWN;
use serde_json::{Value, json};
use tfplugin_framework::Attr;

use super::model::{Edge, Kind};
use super::render;
use crate::kinds::Clients;
use crate::kinds::kube::{INGRESS, SERVICE, part};
use crate::kinds::load_balancer::{
    APPLICATION, Admitted, Healthy, Listening, LoadBalancerKind, NETWORK, SHARED_APPLICATION,
};
use crate::lifecycle::attributes::Common;

/// Address of the Ingress or Service.
pub(super) const OBJECT: &str = "edge";
/// Address of the load balancer.
pub(crate) const LOAD_BALANCER: &str = "edge/load-balancer";
/// Address of the wait for healthy targets, the last one.
pub(crate) const TARGETS: &str = "edge/targets";
/// Address of the wait for its listeners.
pub(super) const LISTENERS: &str = "edge/listeners";

/// All parts; `None` while an argument that decides which there are is unknown.
pub(crate) fn parts(edge: &Edge) -> Option<Vec<Part<Clients>>> {
    let kind = *edge.settings.kind.known()?;
    let shared = !edge.settings.group.is_null();
    if edge.settings.group.is_unknown() {
        return None;
    }
    let (maker, balancer): (_, &'static LoadBalancerKind) = match (kind, shared) {
        (Kind::Alb, false) => (&INGRESS, &APPLICATION),
        (Kind::Alb, true) => (&INGRESS, &SHARED_APPLICATION),
        (Kind::NlbTls | Kind::NlbPassthrough, _) => (&SERVICE, &NETWORK),
    };
    let object = part(OBJECT, render::object(edge)?);
    let name = object.name.clone();
    let made = Part::new(LOAD_BALANCER, balancer, name.clone(), json!({})).role(Role::Follow(OBJECT.to_owned()));
    let waits = |address: &str, mut content: Value, ready: Arc<dyn Ready<Clients>>, after: &str| {
        content["name"] = name.clone().into();
        Part::wait_only(address, made.reference(), content, ready).after(after)
    };
    Some(vec![
        object.ready_when(Arc::new(Admitted(maker))),
        made.clone(),
        waits(
            LISTENERS,
            listeners(edge, maker.kind.kind, shared),
            Arc::new(Listening),
            LOAD_BALANCER,
        ),
        waits(
            TARGETS,
            targets(edge, kind, maker.kind.kind),
            Arc::new(Healthy),
            LISTENERS,
        ),
    ])
}

/// What the load balancer shall listen to.
fn listeners(edge: &Edge, maker: &str, shared: bool) -> Value {
    let listeners = render::listeners(edge).map_or(UNKNOWN.into(), Value::from);
    json!({"kind": maker, "shared": shared, "listeners": listeners})
}

/// Where requests shall go: `targets` changes with whatever decides that.
fn targets(edge: &Edge, kind: Kind, maker: &str) -> Value {
    let pods = || json!({"": "the Pods of `target`"});
    let (protocol, hosts) = match kind {
        Kind::Alb => ("HTTPS", render::hosts(edge)),
        Kind::NlbTls => ("TLS", pods()),
        Kind::NlbPassthrough => ("TCP", pods()),
    };
    let object = render::object(edge).unwrap_or_default();
    json!({
        "kind": maker, "protocol": protocol, "hosts": hosts, "settle": render::settle(edge),
        "spec": object["spec"], "checks": render::checks(&object),
    })
}

/// The load balancer's ARN that the state knows.
pub(super) fn arn(common: &Common) -> Option<&str> {
    let parts = common.parts.known()?;
    let uid = parts.get(LOAD_BALANCER)?.uid.as_str();
    uid.filter(|arn| !arn.is_empty())
}

/// The security policy that is expected: none where the load balancer terminates no TLS.
pub(crate) fn expected_ssl_policy(edge: &Edge) -> Attr<String> {
    let listener = render::listeners(edge).and_then(|listeners| listeners.into_iter().next());
    match listener {
        Some(listener) => {
            crate::lifecycle::inputs::known_text(listener["ssl_policy"].as_str().unwrap_or_default().to_owned())
        }
        None => Attr::Unknown,
    }
}
