//! Rendering of a proxy: a pure function from [`ProxySpec`] to manifests, without clients, clock or framework.
//!
//! ```text
//!  clients ──TLS──▶ Service <name>-proxy :443 ──▶ Pods of the Deployment :8443 ──▶ Service <name>-upstream (or the app's)
//!                                                 │ /etc/e2etls/config  ConfigMap: nginx.conf and scripts
//!                                                 │ /etc/e2etls/tls     Secret that cert-manager keeps
//!                                                 │ /run/e2etls, /tmp   empty at start
//! ```
//!
//! What is rendered belongs to a `template_version`; the golden files beside this freeze each. A change of what an existing
//! version renders changes clusters at the next upgrade of the provider: make a new version instead.

pub mod hops;
pub mod spec;

mod certificate;
mod check;
mod deployment;
mod images;
pub mod isolation;
mod names;
mod nginx;
mod pod;
mod service;
pub mod sidecar;

#[cfg(test)]
mod tests;

use serde_json::Value;

pub use certificate::certificate_spec;
pub use check::{Argument, Key, is_selected_by, mistakes};
pub use deployment::wait_for_ready;
pub use hops::expected_hops;
pub use images::{Updates, image};
pub use names::{ADDRESSES, CONFIG_ANNOTATION, ISOLATION_ANNOTATION, Names, PROXY_LABEL};
pub(crate) use nginx::{HEALTH, PORT, START, digest, longest_silence, seconds};
pub use nginx::{config_sha256, configuration};
pub use pod::{PRE_STOP_SECONDS, RESERVED, outlive, place};
pub use spec::ProxySpec;

use e2etls_engine::value::UNKNOWN;
use spec::{CertificateSource, Input, IsolationMode, Mode};

/// Every `template_version` that can be rendered; the last one is the newest.
pub const TEMPLATE_VERSIONS: [u32; 1] = [1];

/// Port of the Service.
pub const SERVICE_PORT: u16 = 443;

/// One object to apply.
#[derive(Clone, Debug, PartialEq)]
pub struct RenderedPart {
    /// Its address inside the resource, such as `proxy/deployment`.
    pub address: &'static str,
    /// The full manifest, without marks of ownership.
    pub object: Value,
    /// Addresses that come first; each of them is rendered too.
    pub after: Vec<&'static str>,
}

/// The part that is written first. It bears the marks that change when nothing else does: those of the ConfigMap tell when NGINX's
/// configuration was written.
pub(crate) const FIRST: &str = "proxy/service";

/// Renders every object of a proxy, in an order in which each comes after those that it waits for.
///
/// A value that is not known yet leaves its mark in the objects that it goes into, and in no other. Which objects there are
/// is certain only if [`addresses_known`].
#[must_use]
pub fn render(spec: &ProxySpec) -> Vec<RenderedPart> {
    let names = Names::of(spec);
    let is_gateway = spec.mode == Mode::Gateway;
    let objects = [
        (FIRST, Some(service::service(spec, &names))),
        ("proxy/config", Some(nginx::config_map(spec, &names))),
        ("proxy/certificate", certificate::certificate(spec, &names)),
        ("proxy/upstream", service::upstream(spec, &names)),
        ("isolation/proxy", isolation::of_proxy(spec, &names)),
        (
            "proxy/deployment",
            is_gateway.then(|| deployment::deployment(spec, &names)),
        ),
        ("proxy/pdb", deployment::disruption_budget(spec, &names)),
        ("isolation/app", isolation::of_app(spec, &names)),
    ];
    let present: Vec<&'static str> = objects
        .iter()
        .filter(|(_, object)| object.is_some())
        .map(|(at, _)| *at)
        .collect();
    let mut parts = Vec::with_capacity(objects.len());
    for (address, object) in objects {
        let Some(object) = object else { continue };
        let after = needs(address)
            .iter()
            .copied()
            .filter(|needed| present.contains(needed))
            .collect();
        parts.push(RenderedPart { address, object, after });
    }
    parts
}

/// The policy on the proxy comes before its Pods, which nothing uses yet; the one on the app after them, as until then the
/// app may be in use without a proxy.
pub(crate) fn needs(address: &str) -> &'static [&'static str] {
    match address {
        "proxy/deployment" => &["proxy/config", "proxy/certificate", "proxy/upstream", "isolation/proxy"],
        "isolation/app" => &["proxy/deployment"],
        _ => &[],
    }
}

/// True for ports of its Pods that the proxy itself listens on.
#[must_use]
pub fn is_taken(port: i64) -> bool {
    [nginx::PORT, nginx::PROBE_PORT].map(i64::from).contains(&port)
}

/// Name of the Service that serves TLS.
#[must_use]
pub fn service_name(spec: &ProxySpec) -> String {
    Names::of(spec).at("proxy/service")
}

/// True if everything is known that decides which objects there are.
#[must_use]
pub fn addresses_known(spec: &ProxySpec) -> bool {
    let secret = match &spec.certificate.source {
        CertificateSource::Issuer(_) => "",
        CertificateSource::Secret(name) => name,
    };
    spec.isolation.mode != Input::Unknown
        && spec.replicas.as_ref() != Some(&Value::from(UNKNOWN))
        && spec.upstream.service.as_deref() != Some(UNKNOWN)
        && secret != UNKNOWN
}

/// True where policies are made.
fn enforced(spec: &ProxySpec) -> bool {
    spec.isolation.mode == Input::Known(IsolationMode::Enforce)
}
