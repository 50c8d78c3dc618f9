//! What must hold across the arguments of an edge. Unknown values may be anything.

use e2etls_report::aws::is_legacy;
use tfplugin_framework::{Attr, AttributePath, Choice as _, Diagnostics};

use super::model::{ClientAuthMode, Edge, Kind, Settings};
use super::values::ssl_policy;

/// All errors across the arguments of an edge.
pub(super) fn edge(config: &Edge, diagnostics: &mut Diagnostics) {
    let root = AttributePath::default();
    settings(&root, &config.settings, Some(""), diagnostics);
    if let Some(kind) = config.settings.kind.known() {
        let alb = *kind == Kind::Alb;
        let targets = [
            ("routes", config.routes.is_given(), alb, true),
            ("target", config.target.is_given(), !alb, true),
        ];
        of_kind(&root, *kind, &targets, diagnostics);
    }
}

/// All errors across the settings at `at`. `or` says what else gives the load balancer a certificate; `None` if that is the
/// case.
pub(crate) fn settings(at: &AttributePath, config: &Settings, or: Option<&str>, diagnostics: &mut Diagnostics) {
    if let Some(kind) = config.kind.known() {
        let (alb, terminates) = (*kind == Kind::Alb, *kind != Kind::NlbPassthrough);
        let of_some = [
            ("ingress_class", config.ingress_class.is_given(), alb, false),
            (
                "load_balancer_class",
                config.load_balancer_class.is_given(),
                !alb,
                false,
            ),
            (
                "certificate_arns",
                config.certificate_arns.is_given(),
                terminates,
                false,
            ),
            ("ssl_policy", config.ssl_policy.is_given(), terminates, false),
            ("redirect_http", config.redirect_http.is_given(), alb, false),
            ("protocol_version", config.protocol_version.is_given(), alb, false),
            (
                "alpn_policy",
                config.alpn_policy.is_given(),
                *kind == Kind::NlbTls,
                false,
            ),
            ("proxy_protocol", config.proxy_protocol.is_given(), !alb, false),
            ("group", config.group.is_given(), alb, false),
            ("waf_acl_arn", config.waf_acl_arn.is_given(), alb, false),
            ("idle_timeout", config.idle_timeout.is_given(), alb, false),
            ("client_auth", config.client_auth.is_given(), alb, false),
        ];
        of_kind(at, *kind, &of_some, diagnostics);
        if let Some(or) = or.filter(|_| terminates && config.certificate_arns.is_null()) {
            let cause = format!("`kind = \"{}\"` needs `certificate_arns`{or}.", kind.word());
            diagnostics.input(at.clone().attribute("certificate_arns"), "Missing argument", cause);
        }
    }
    let legacy = config.ssl_policy.as_str();
    let legacy = legacy.filter(|policy| ssl_policy(policy).is_ok() && is_legacy(policy));
    if let Some(policy) = legacy.filter(|_| matches!(config.allow_legacy_tls, Attr::Null | Attr::Known(false))) {
        diagnostics.input(
            at.clone().attribute("ssl_policy"),
            "Weak TLS",
            format!(
                "`{policy}` may accept TLS 1.0 or 1.1, which RFC 8996 forbids. Use a policy with `TLS13-1-2` or `TLS13-1-3` in \
                 its name, or set `allow_legacy_tls = true`."
            ),
        );
    }
    if config.inbound_cidrs.is_given() == Some(true) && config.security_group_ids.is_given() == Some(true) {
        diagnostics.input(
            at.clone().attribute("inbound_cidrs"),
            "Conflicting arguments",
            "`inbound_cidrs` has no effect with `security_group_ids`, whose rules decide. Remove one of them.",
        );
    }
    client_auth(at, config, diagnostics);
}

/// Arguments that only some kinds have: whether each is given, fits this kind, and is required where it fits.
fn of_kind(
    at: &AttributePath,
    kind: Kind,
    arguments: &[(&'static str, Option<bool>, bool, bool)],
    diagnostics: &mut Diagnostics,
) {
    let word = kind.word();
    for (argument, given, fits, required) in arguments {
        let path = at.clone().attribute(*argument);
        if *given == Some(true) && !fits {
            diagnostics.input(
                path,
                "Conflicting arguments",
                format!("`{argument}` has no meaning with `kind = \"{word}\"`. Remove it, or use another kind."),
            );
        } else if *given == Some(false) && *fits && *required {
            let cause = format!("`kind = \"{word}\"` needs `{argument}`.");
            diagnostics.input(path, "Missing argument", cause);
        }
    }
}

fn client_auth(at: &AttributePath, config: &Settings, diagnostics: &mut Diagnostics) {
    let Some(auth) = config.client_auth.known() else { return };
    let at = at.clone().attribute("client_auth").attribute("trust_store_arn");
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
