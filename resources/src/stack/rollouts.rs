//! What rollouts need behind the load balancer of a stack, where the arguments do not say it.
//!
//! Kubernetes stops an old Pod as soon as a new one is ready. A load balancer learns of both later: for that time the new Pod
//! must not count yet, and the old one has to go on serving.

use e2etls_engine::value::UNKNOWN;
use tfplugin_framework::Attr;

use super::model::Stack;
use crate::edge::model::Kind;
use crate::lifecycle::inputs::optional_text;
use crate::proxy::render::{self, PRE_STOP_SECONDS};

/// Until an Application Load Balancer has registered a Pod, and has checked it once.
const REGISTERED_BY_ALB: &str = "30s";
/// Until a Network Load Balancer has: AWS says that it takes up to three minutes.
const REGISTERED_BY_NLB: &str = "3m";
/// Until a load balancer sends no new requests to a Pod that stops.
const DEREGISTERED: &str = "30s";

/// How long a new Pod that the load balancer leads to is ready before an old one goes.
pub(super) fn min_ready(stack: &Stack, given: &Attr<String>) -> Option<String> {
    if !given.is_null() {
        return optional_text(given);
    }
    let time = match &stack.edge {
        Attr::Null => return None,
        Attr::Unknown => UNKNOWN,
        Attr::Known(edge) => match edge.kind.known() {
            Some(Kind::Alb) => REGISTERED_BY_ALB,
            Some(Kind::NlbTls | Kind::NlbPassthrough) => REGISTERED_BY_NLB,
            None => UNKNOWN,
        },
    };
    Some(time.to_owned())
}

/// How long a stopping Pod serves as before; `None` for as long as without a load balancer.
pub(super) fn pre_stop(stack: &Stack, given: Option<String>) -> Option<String> {
    given.or_else(|| match &stack.edge {
        Attr::Null => None,
        Attr::Unknown => Some(UNKNOWN.to_owned()),
        Attr::Known(_) => Some(DEREGISTERED.to_owned()),
    })
}

/// The same in seconds, where no argument says it; `None` while that is not known.
pub(super) fn pre_stop_seconds(stack: &Stack) -> Option<u64> {
    pre_stop(stack, None)
        .as_deref()
        .map_or(Some(PRE_STOP_SECONDS), render::seconds)
}
