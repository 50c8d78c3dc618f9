//! What a stack's proxy and issuer are rendered from.

use e2etls_engine::owner::sha256_hex;
use e2etls_engine::value::UNKNOWN;
use tfplugin_framework::Attr;

use super::model::{App, Stack, StackProxy};
use super::{app, rollouts, sidecar};
use crate::cert_manager::issuer::IssuerSpec;
use crate::cert_manager::reference::reference;
use crate::lifecycle::inputs::optional_text;
use crate::proxy::render;
use crate::proxy::render::spec::{CertificateSource, Mode, Protocol, ProxySpec, Upstream};
use crate::proxy::spec;

/// The proxy's rendering; `None` while an argument that decides which parts there are is unknown.
pub(super) fn proxy_spec(stack: &Stack) -> Option<ProxySpec> {
    let proxy: &StackProxy = stack.proxy.known()?;
    let app: &App = stack.app.known()?;
    let mode = spec::mode(&proxy.mode)?;
    let (selector, replicas, mut pod) = match mode {
        Mode::Gateway => (
            Some(app::labels_of(stack, app)?),
            spec::replicas(&proxy.replicas, &proxy.autoscaled)?,
            spec::proxy_pod(&proxy.pod, &stack.proxy_image),
        ),
        Mode::Sidecar => (
            None,
            spec::replicas(&app.replicas, &app.autoscaled)?,
            sidecar::pod(stack, proxy, app),
        ),
    };
    pod.pre_stop = rollouts::pre_stop(stack, pod.pre_stop);
    let issuer = match (&stack.ca_arn, &stack.issuer) {
        (Attr::Null, issuer) => reference(issuer),
        _ => issuer_spec(stack).reference(),
    };
    let duration = match &proxy.certificate {
        Attr::Known(certificate) => &certificate.duration,
        Attr::Unknown => &Attr::Unknown,
        Attr::Null => &Attr::Null,
    };
    let spec = ProxySpec {
        template_version: spec::template_version(&stack.head.template_version)?,
        name: spec::text(&stack.name),
        namespace: spec::text(&stack.namespace),
        mode,
        server_names: spec::list(&stack.hostnames),
        upstream: Upstream {
            service: None,
            selector,
            port: spec::number(&app.port).unwrap_or_default(),
            protocol: Protocol::Http.into(),
            ca_pem: None,
            server_name: None,
            client_certificate_secret: None,
        },
        certificate: spec::certificate_spec(CertificateSource::Issuer(issuer), duration),
        profile: spec::profile(&proxy.tls),
        http: spec::http(&proxy.http, Protocol::Http.into()),
        isolation: spec::isolation(&proxy.isolation)?,
        replicas,
        min_ready: rollouts::min_ready(stack, &proxy.min_ready),
        pod,
        object_names: spec::names(&stack.object_names)?,
    };
    render::addresses_known(&spec).then_some(spec)
}

/// The issuer's name ends in 8 hex digits of the CA's ARN: another CA is another issuer, and never the old one re-pointed.
fn issuer_name(stack: &Stack) -> String {
    match stack.ca_arn.as_str() {
        Some(arn) => format!("{}-{}", spec::text(&stack.name), sha256_hex(arn, 8)),
        None => UNKNOWN.to_owned(),
    }
}

/// What the issuer part is rendered from.
pub(super) fn issuer_spec(stack: &Stack) -> IssuerSpec {
    IssuerSpec {
        name: issuer_name(stack),
        namespace: Some(spec::text(&stack.namespace)),
        ca_arn: spec::text(&stack.ca_arn),
        role_arn: optional_text(&stack.role_arn),
        template: optional_text(&stack.template),
    }
}
