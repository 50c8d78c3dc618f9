//! What a rendering shows in attributes.

use e2etls_engine::value::UNKNOWN;
use tfplugin_framework::Attr;

use crate::lifecycle::inputs::known_text;
use crate::proxy::model::{Hop, PodsRef, ServiceRef};
use crate::proxy::render::{self as rendering, ProxySpec};

/// The Service that serves TLS.
pub(crate) fn service(spec: &ProxySpec) -> ServiceRef {
    ServiceRef {
        name: known_text(rendering::service_name(spec)),
        port: Attr::Known(443),
    }
}

/// The Pods that serve TLS.
pub(crate) fn pods(spec: &ProxySpec) -> PodsRef {
    let labels = rendering::Names::of(spec).selector();
    let labels = labels.as_object().into_iter().flatten();
    let labels = labels.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()));
    let is_known = spec.name != UNKNOWN;
    PodsRef {
        labels: if is_known {
            Attr::Known(labels.collect())
        } else {
            Attr::Unknown
        },
        port: Attr::Known(rendering::PORT.into()),
    }
}

/// Hops as the attribute shows them; unknown while a facet is.
pub(crate) fn hops(hops: Option<&[e2etls_report::hop::Hop]>) -> Attr<Vec<Hop>> {
    hops.map_or(Attr::Unknown, |hops| Attr::Known(hops.iter().map(shown).collect()))
}

fn shown(hop: &e2etls_report::hop::Hop) -> Hop {
    Hop {
        from: Attr::Known(hop.from.to_owned()),
        to: Attr::Known(hop.to.to_owned()),
        tls: Attr::Known(hop.tls.to_string()),
        peer_verified: Attr::Known(hop.peer_verified.to_string()),
        confined: Attr::Known(hop.confined.to_string()),
        link: Attr::Known(hop.link.to_string()),
        except: Attr::Known(hop.except.clone()),
        verdict: Attr::Known(hop.verdict.to_string()),
        evidence: Attr::Known(hop.evidence.clone()),
    }
}
