//! The public certificate of ACM that a stack makes for its load balancer, as `e2etls_public_certificate` does.
//!
//! It is one of the parts because the names of a stack may change: another certificate is issued first, the load balancer
//! changes over, and the old one goes when nothing uses it any more.

use std::collections::BTreeMap;

use e2etls_engine::part::Part;
use e2etls_engine::value::link;
use tfplugin_framework::{Attr, AttributePath, Diagnostic, Diagnostics};

use super::model::Stack;
use crate::edge::model::Kind;
use crate::kinds::Clients;
use crate::kinds::aws::acm_certificate::base;
use crate::public_certificate::model::{COMMON_NAME, Dns, KeyAlgorithm, PublicCertificate};
use crate::public_certificate::parts::{CERTIFICATE, parts_at};

/// Prefix of the addresses.
const PREFIX: &str = "edge/";

/// True if the stack makes a certificate: its load balancer terminates TLS, none is given, and `dns` proves the names. `None`
/// while that is not known.
pub(super) fn is_made(stack: &Stack) -> Option<bool> {
    let settings = match &stack.edge {
        Attr::Null => return Some(false),
        Attr::Unknown => return None,
        Attr::Known(settings) => settings,
    };
    let terminates = *settings.kind.known()? != Kind::NlbPassthrough;
    match (&settings.certificate_arns, &stack.dns) {
        (Attr::Known(_), _) | (_, Attr::Null) => Some(false),
        _ if !terminates => Some(false),
        (Attr::Null, Attr::Known(_)) => Some(true),
        _ => None,
    }
}

/// ARNs of what the load balancer serves with.
pub(super) fn arns(stack: &Stack) -> Attr<Vec<String>> {
    match is_made(stack) {
        Some(true) => Attr::Known(vec![link(&format!("{PREFIX}{CERTIFICATE}"), "arn")]),
        Some(false) => match stack.edge.known() {
            Some(settings) => settings.certificate_arns.clone(),
            None => Attr::Null,
        },
        None => Attr::Unknown,
    }
}

/// The certificate, its validation records and the wait until it is issued; `None` while it is not known which there are.
pub(super) fn parts(stack: &Stack) -> Option<Vec<Part<Clients>>> {
    match is_made(stack)? {
        true => parts_at(PREFIX, &certificate(stack)?),
        false => Some(Vec::new()),
    }
}

/// The certificate in the terms of its own resource.
fn certificate(stack: &Stack) -> Option<PublicCertificate> {
    let (names, dns) = (stack.hostnames.known()?, stack.dns.known()?);
    let domain = names.iter().find(|name| name.len() <= COMMON_NAME)?;
    let sans = names.iter().filter(|name| *name != domain).cloned();
    let zones: BTreeMap<_, _> = names
        .iter()
        .map(|name| (base(name).to_owned(), dns.zone_id.clone()))
        .collect();
    let dns = Dns {
        zones: Attr::Known(zones),
        allow_overwrite: dns.allow_overwrite.clone(),
        records_only: Attr::Known(false),
    };
    Some(PublicCertificate {
        name: stack.name.clone(),
        domain: domain.clone().into(),
        sans: Attr::Known(sans.collect()),
        key_algorithm: Attr::Known(KeyAlgorithm::Rsa2048),
        dns: Attr::Known(dns),
        ..PublicCertificate::default()
    })
}

/// Names that no public certificate can have.
pub(super) fn check(stack: &Stack, diagnostics: &mut Diagnostics) {
    let (Some(true), Some(names)) = (is_made(stack), stack.hostnames.known()) else {
        return;
    };
    let root = || AttributePath::root("hostnames");
    let advice = "Use another name, or set `edge.certificate_arns`.";
    for (index, name) in names.iter().enumerate().filter(|(_, name)| !base(name).contains('.')) {
        let cause =
            format!("A public certificate can't contain the name `{name}`: it has no public parent domain. {advice}");
        diagnostics.input(root().index(index), "Not a public name", cause);
    }
    if names.iter().all(|name| name.len() > COMMON_NAME) {
        let cause = format!(
            "The common name of an ACM certificate has at most {COMMON_NAME} characters, and all `hostnames` are longer. Add a \
             shorter one, or set `edge.certificate_arns`."
        );
        diagnostics.input(root(), "The names are too long", cause);
    }
}

/// Says what a change of the names does.
pub(super) fn remark(prior: &Stack, plan: &Stack, diagnostics: &mut Diagnostics) {
    let made = |stack| is_made(stack) == Some(true);
    let (Some(before), Some(after)) = (prior.hostnames.known(), plan.hostnames.known()) else {
        return;
    };
    if made(prior) && made(plan) && before != after {
        diagnostics.add(
            Diagnostic::warning("The public certificate is replaced")
                .at(AttributePath::root("hostnames"))
                .because(
                    "The names of an ACM certificate can't be changed. The apply requests another certificate, switches the load \
                     balancer to it once it is issued, and deletes the old one once nothing uses it.",
                ),
        );
    }
}
