//! What must hold across the arguments of an edge. Unknown values may be anything.

use tfplugin_framework::{Attr, AttributePath, Diagnostics};

use super::model::{ClientAuthMode, Edge, Kind};
use super::values::is_legacy;

/// All errors across arguments.
pub(super) fn edge(config: &Edge, diagnostics: &mut Diagnostics) {
    if let Some(kind) = config.settings.kind.known() {
        of_kind(config, *kind, diagnostics);
    }
    if let (Some(policy), Some(false) | None) = (
        config.settings.ssl_policy.as_str(),
        config.settings.allow_legacy_tls.known(),
    ) && is_legacy(policy)
        && !config.settings.allow_legacy_tls.is_unknown()
    {
        diagnostics.input(
            AttributePath::root("ssl_policy"),
            "Weak TLS",
            format!(
                "`{policy}` may accept TLS 1.0 or 1.1, which RFC 8996 forbids. Use a policy with `TLS13-1-2` or `TLS13-1-3` in \
                 its name, or set `allow_legacy_tls = true`."
            ),
        );
    }
    if config.settings.inbound_cidrs.is_given() == Some(true)
        && config.settings.security_group_ids.is_given() == Some(true)
    {
        diagnostics.input(
            AttributePath::root("inbound_cidrs"),
            "Conflicting arguments",
            "`inbound_cidrs` has no effect with `security_group_ids`, whose rules decide. Remove one of them.",
        );
    }
    client_auth(config, diagnostics);
}

/// What only some kinds have, and what they need.
fn of_kind(config: &Edge, kind: Kind, diagnostics: &mut Diagnostics) {
    let alb = kind == Kind::Alb;
    let terminates = kind != Kind::NlbPassthrough;
    let arguments = [
        ("ingress_class", config.settings.ingress_class.is_given(), alb),
        (
            "load_balancer_class",
            config.settings.load_balancer_class.is_given(),
            !alb,
        ),
        ("routes", config.routes.is_given(), alb),
        ("target", config.target.is_given(), !alb),
        (
            "certificate_arns",
            config.settings.certificate_arns.is_given(),
            terminates,
        ),
        ("ssl_policy", config.settings.ssl_policy.is_given(), terminates),
        ("redirect_http", config.settings.redirect_http.is_given(), alb),
        ("protocol_version", config.settings.protocol_version.is_given(), alb),
        (
            "alpn_policy",
            config.settings.alpn_policy.is_given(),
            kind == Kind::NlbTls,
        ),
        ("proxy_protocol", config.settings.proxy_protocol.is_given(), !alb),
        ("group", config.settings.group.is_given(), alb),
        ("waf_acl_arn", config.settings.waf_acl_arn.is_given(), alb),
        ("idle_timeout", config.settings.idle_timeout.is_given(), alb),
        ("client_auth", config.settings.client_auth.is_given(), alb),
    ];
    let word = tfplugin_framework::Choice::word(&kind);
    for (argument, given, fits) in arguments {
        if given == Some(true) && !fits {
            diagnostics.input(
                AttributePath::root(argument),
                "Conflicting arguments",
                format!("`{argument}` has no meaning with `kind = \"{word}\"`. Remove it, or use another kind."),
            );
        }
        let required = matches!(argument, "routes" | "target" | "certificate_arns");
        if required && fits && given == Some(false) {
            diagnostics.input(
                AttributePath::root(argument),
                "Missing argument",
                format!("`kind = \"{word}\"` needs `{argument}`."),
            );
        }
    }
}

fn client_auth(config: &Edge, diagnostics: &mut Diagnostics) {
    let Some(auth) = config.settings.client_auth.known() else {
        return;
    };
    let at = AttributePath::root("client_auth").attribute("trust_store_arn");
    match (auth.mode.known(), &auth.trust_store_arn) {
        (Some(ClientAuthMode::Verify), Attr::Null) => diagnostics.input(
            at,
            "Missing argument",
            "`mode = \"verify\"` needs the ARN of a trust store, which says whose certificates are accepted.",
        ),
        (Some(ClientAuthMode::Off | ClientAuthMode::Passthrough), Attr::Known(_) | Attr::Unknown) => diagnostics.input(
            at,
            "Conflicting arguments",
            "A trust store is used with `mode = \"verify\"` only. Remove it, or verify.",
        ),
        _ => {}
    }
}
