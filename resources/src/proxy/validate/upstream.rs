//! Where requests go, and in which protocol.

use tfplugin_framework::{Attr, AttributePath, Diagnostics};

use super::super::model::{Http, Protocol, Upstream};

/// Whom requests go to, and by what the application's certificate is verified.
pub(super) fn validate(upstream: &Upstream, diagnostics: &mut Diagnostics) {
    let at = AttributePath::root("upstream");
    if upstream.service.is_given() == Some(false) && upstream.selector.is_given() == Some(false) {
        diagnostics.input(
            at.clone(),
            "Missing upstream",
            "Set `service` (the name of the application's Service), `selector` (labels of the application's Pods), or \
             both.",
        );
    }
    let tls = upstream
        .protocol
        .known()
        .map(|protocol| matches!(protocol, Protocol::Https | Protocol::Grpcs));
    if tls == Some(true) && upstream.ca_pem.is_given() == Some(false) {
        diagnostics.input(
            at.clone().attribute("ca_pem"),
            "Missing CA of the application",
            "With `upstream.protocol` set to `https` or `grpcs`, the application's certificate is verified. Set \
             `upstream.ca_pem` to the CA certificates that it is verified against.",
        );
    }
    let only_with_tls = [
        ("ca_pem", &upstream.ca_pem),
        ("server_name", &upstream.server_name),
        ("client_certificate_secret", &upstream.client_certificate_secret),
    ];
    let plain = tls == Some(false) || upstream.protocol.is_null();
    for (attribute, _) in only_with_tls
        .iter()
        .filter(|(_, given)| plain && given.is_given() == Some(true))
    {
        diagnostics.input(
            at.clone().attribute(*attribute),
            "Conflicting arguments",
            format!(
                "`upstream.{attribute}` has an effect only with `upstream.protocol` set to `https` or `grpcs`. Set the \
                 protocol, or remove `upstream.{attribute}`."
            ),
        );
    }
}

/// What gRPC can't be without, and what it never uses.
pub(super) fn validate_grpc(upstream: &Upstream, http: &Attr<Http>, diagnostics: &mut Diagnostics) {
    let (Some(Protocol::Grpc | Protocol::Grpcs), Some(http)) = (upstream.protocol.known(), http.known()) else {
        return;
    };
    let at = |argument: &str| AttributePath::root("http").attribute(argument);
    if http.http2.known() == Some(&false) {
        diagnostics.input(
            at("http2"),
            "Conflicting arguments",
            "gRPC needs HTTP/2. With `upstream.protocol` set to `grpc` or `grpcs`, remove `http.http2`.",
        );
    }
    if http.websocket.known() == Some(&true) {
        diagnostics.input(
            at("websocket"),
            "Conflicting arguments",
            "An application that speaks gRPC serves no WebSockets. With `upstream.protocol` set to `grpc` or `grpcs`, \
             remove `http.websocket`.",
        );
    }
}
