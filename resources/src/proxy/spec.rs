//! From the arguments to what is rendered, with the defaults of everything that was left out.

mod http;
mod image;
mod shown;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use e2etls_engine::part::Part;
use tfplugin_framework::{Attr, AttributePath, Context, Diagnostics};

use super::model::{self, Isolation, Pod, Proxy, Tls, Upstream};
use super::render::spec::{self as render, Input, ProxySpec};
use super::render::{self as rendering};
use crate::cert_manager::parts as cert_manager;
use crate::cert_manager::reference::reference;
use crate::certificate;
use crate::kinds::Clients;
use crate::kinds::kube::{part, rollout::Rollout};
pub(crate) use crate::lifecycle::inputs::{known_text, labels, list, names, number, optional_text, text};
use crate::session::Session;
use e2etls_engine::value::UNKNOWN;

pub(crate) use http::http;
pub(crate) use image::image;
pub(crate) use shown::{hops, pods, service};

/// The rendering's input; `None` while an argument that decides which parts there are is unknown.
pub(super) fn of_proxy(proxy: &Proxy) -> Option<ProxySpec> {
    let certificate = proxy.certificate.known()?;
    let source = match (&certificate.secret_name, &certificate.issuer) {
        (Attr::Known(name), _) => render::CertificateSource::Secret(name.clone()),
        (Attr::Unknown, Attr::Null) => render::CertificateSource::Secret(UNKNOWN.to_owned()),
        (Attr::Unknown, _) => return None,
        (Attr::Null, issuer) => render::CertificateSource::Issuer(reference(issuer)),
    };
    let upstream = upstream(proxy.upstream.known()?)?;
    let spec = ProxySpec {
        template_version: template_version(&proxy.head.template_version)?,
        name: text(&proxy.name),
        namespace: text(&proxy.namespace),
        mode: render::Mode::Gateway,
        server_names: list(&proxy.server_names),
        http: http(&proxy.http, upstream.protocol),
        upstream,
        certificate: certificate_spec(source, &certificate.duration),
        profile: profile(&proxy.tls),
        isolation: isolation(&proxy.isolation)?,
        replicas: replicas(&proxy.replicas, &proxy.autoscaled)?,
        min_ready: optional_text(&proxy.min_ready),
        pod: proxy_pod(&proxy.pod, &proxy.image),
        object_names: names(&proxy.object_names)?,
    };
    rendering::addresses_known(&spec).then_some(spec)
}

/// The parts of a rendering, with the ways in which they are seen to work.
pub(crate) fn parts(spec: &ProxySpec) -> Vec<Part<Clients>> {
    let mut parts = Vec::new();
    for rendered in rendering::render(spec) {
        let after: Vec<String> = rendered.after.iter().map(|address| (*address).to_owned()).collect();
        let made = match rendering::certificate_spec(spec).filter(|_| rendered.address == "proxy/certificate") {
            Some(certificate) => {
                let secret = "proxy/secret";
                Vec::from(cert_manager::certificate(
                    rendered.address,
                    secret,
                    &certificate,
                    rendered.object,
                ))
            }
            None if rendered.address == "proxy/deployment" => {
                vec![part(rendered.address, rendered.object).ready_when(Arc::new(Rollout))]
            }
            None => vec![part(rendered.address, rendered.object)],
        };
        let after = made.into_iter().map(|part| Part {
            after: after.clone(),
            ..part
        });
        parts.extend(after);
    }
    parts
}

/// Sets what follows from the arguments alone.
pub(super) fn derive(proxy: &mut Proxy) {
    let Some(spec) = of_proxy(proxy) else {
        proxy.service = Attr::Unknown;
        proxy.pods = Attr::Unknown;
        proxy.config_sha256 = Attr::Unknown;
        proxy.expected_hops = Attr::Unknown;
        return;
    };
    proxy.service = Attr::Known(service(&spec));
    proxy.pods = Attr::Known(pods(&spec));
    proxy.config_sha256 = known_text(rendering::config_sha256(&spec));
    proxy.expected_hops = hops(rendering::expected_hops(&spec).as_deref());
}

/// The newest template version.
pub(crate) fn newest() -> i64 {
    rendering::TEMPLATE_VERSIONS.iter().copied().max().map_or(1, i64::from)
}

pub(crate) fn template_version(version: &Attr<i64>) -> Option<u32> {
    u32::try_from(version.known().copied().unwrap_or_else(newest))
        .ok()
        .filter(|_| !version.is_unknown())
}

/// `None` inside `Some` leaves the number to an autoscaler; no `Some` while that is not known.
pub(crate) fn replicas(replicas: &Attr<i64>, autoscaled: &Attr<bool>) -> Option<Option<Value>> {
    match autoscaled {
        Attr::Unknown => None,
        Attr::Known(true) => Some(None),
        _ => Some(Some(number(replicas).unwrap_or_else(|| Value::from(2)))),
    }
}

pub(crate) fn certificate_spec(source: render::CertificateSource, duration: &Attr<String>) -> render::Certificate {
    let mut certificate = render::Certificate::new(source);
    if let Some(duration) = optional_text(duration) {
        certificate.duration = duration;
    }
    certificate
}

fn upstream(upstream: &Upstream) -> Option<render::Upstream> {
    if upstream.service.is_unknown() && !upstream.selector.is_null() {
        return None;
    }
    Some(render::Upstream {
        service: optional_text(&upstream.service),
        selector: labels(&upstream.selector),
        port: number(&upstream.port).unwrap_or_default(),
        protocol: match &upstream.protocol {
            Attr::Known(model::Protocol::Https) => render::Protocol::Https.into(),
            Attr::Known(model::Protocol::Grpc) => render::Protocol::Grpc.into(),
            Attr::Known(model::Protocol::Grpcs) => render::Protocol::Grpcs.into(),
            Attr::Unknown => Input::Unknown,
            _ => render::Protocol::Http.into(),
        },
        ca_pem: optional_text(&upstream.ca_pem),
        server_name: optional_text(&upstream.server_name),
        client_certificate_secret: optional_text(&upstream.client_certificate_secret),
    })
}

/// `None` while it is not known.
pub(crate) fn mode(mode: &Attr<model::Mode>) -> Option<render::Mode> {
    Some(match mode.known()? {
        model::Mode::Gateway => render::Mode::Gateway,
        model::Mode::Sidecar => render::Mode::Sidecar,
    })
}

pub(crate) fn profile(tls: &Attr<Tls>) -> Input<render::Profile> {
    match tls.as_ref().into_known().map(|tls| &tls.profile) {
        Some(Attr::Known(model::Profile::Modern)) => render::Profile::Modern.into(),
        Some(Attr::Unknown) => Input::Unknown,
        None if tls.is_unknown() => Input::Unknown,
        _ => render::Profile::Intermediate.into(),
    }
}

/// `None` while it is not known whether policies are made.
pub(crate) fn isolation(isolation: &Attr<Isolation>) -> Option<render::Isolation> {
    let isolation = isolation.known()?;
    let mode = match isolation.mode.known()? {
        model::IsolationMode::Off => render::IsolationMode::Off,
        model::IsolationMode::Audit => render::IsolationMode::Audit,
        model::IsolationMode::Enforce => render::IsolationMode::Enforce,
    };
    let allow_from = match &isolation.allow_from {
        Attr::Known(sources) => sources
            .iter()
            .map(|given| source(&given.pods, &given.namespaces, &given.cidrs, &given.ports))
            .collect(),
        Attr::Unknown => vec![render::Source {
            cidrs: vec![UNKNOWN.to_owned()],
            ..render::Source::default()
        }],
        Attr::Null => Vec::new(),
    };
    Some(render::Isolation {
        mode: mode.into(),
        allow_from,
        lb_cidrs: list(&isolation.lb_cidrs),
    })
}

/// Pods and networks, and their ports.
pub(crate) fn source(
    pods: &Attr<BTreeMap<String, String>>,
    namespaces: &Attr<BTreeMap<String, String>>,
    cidrs: &Attr<Vec<String>>,
    ports: &Attr<Vec<i64>>,
) -> render::Source {
    let ports = match ports {
        Attr::Known(ports) => ports.iter().map(|port| Value::from(*port)).collect(),
        Attr::Unknown => vec![Value::from(UNKNOWN)],
        Attr::Null => Vec::new(),
    };
    render::Source {
        pods: labels(pods),
        namespaces: labels(namespaces),
        cidrs: list(cidrs),
        ports,
    }
}

pub(crate) fn pod(pod: &Attr<Pod>) -> render::Pod {
    let Some(pod) = pod.known() else {
        let image = pod.is_unknown().then(|| UNKNOWN.to_owned());
        return render::Pod {
            image,
            ..render::Pod::default()
        };
    };
    let json = |attr: &Attr<String>| {
        optional_text(attr).map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text)))
    };
    render::Pod {
        image: optional_text(&pod.image),
        pre_stop: optional_text(&pod.pre_stop),
        termination_grace: optional_text(&pod.termination_grace),
        pull_secrets: list(&pod.pull_secrets),
        resources: json(&pod.resources_json),
        tolerations: json(&pod.tolerations_json),
        node_selector: labels(&pod.node_selector).unwrap_or_default(),
        topology_spread: json(&pod.topology_spread_json),
        priority_class: optional_text(&pod.priority_class),
        service_account: optional_text(&pod.service_account),
        labels: labels(&pod.labels).unwrap_or_default(),
        annotations: labels(&pod.annotations).unwrap_or_default(),
    }
}

/// The settings of the proxy's Pods, which run `image` where that was decided.
pub(crate) fn proxy_pod(given: &Attr<Pod>, image: &Attr<String>) -> render::Pod {
    let pod = pod(given);
    render::Pod {
        image: optional_text(image).or(pod.image),
        ..pod
    }
}

/// Where the user wrote what a Certificate of a proxy is made from.
pub(crate) struct CertificatePaths {
    /// The CA, or the issuer that leads to it.
    pub(crate) arn: AttributePath,
    /// The lifetime.
    pub(crate) duration: AttributePath,
}

/// Checks that the CA behind the Certificate, if there is one, can issue it.
pub(crate) async fn may_issue(
    context: &Context<Session>,
    spec: &ProxySpec,
    paths: CertificatePaths,
) -> Result<(), Diagnostics> {
    match rendering::certificate_spec(spec) {
        Some(certificate) => certificate::may_issue(&context.session, &certificate, paths.arn, paths.duration).await,
        None => Ok(()),
    }
}
