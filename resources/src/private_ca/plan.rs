//! Pure decisions: what a plan of a CA refuses, what it shows as not known, what it costs.

use e2etls_engine::kind::Kind as _;
use tfplugin_framework::{Attr, AttributePath, Diagnostic, Diagnostics};

use super::model::{CaType, PrivateCa, UsageMode};
use super::parts::{CA, content};
use crate::kinds::aws::authority::{CERTIFICATE, PRIVATE_CA};
use crate::syntax;

pub(super) fn check(config: &PrivateCa, diagnostics: &mut Diagnostics) {
    if let Some(Err(invalid)) = config.aws.region.as_str().map(syntax::region) {
        diagnostics.input(AttributePath::root("region"), "Invalid `region`", invalid.message);
    }
    let root = config.r#type.known() == Some(&CaType::Root);
    let in_aws = root || config.parent_arn.known().is_some();
    let is_short_lived = config.usage_mode.known() == Some(&UsageMode::ShortLived);
    let given = |argument: &Attr<String>| argument.known().is_some();
    let signed =
        "The CA's certificate is signed in AWS. Remove this argument, or use a `SUBORDINATE` without `parent_arn`.";
    let chain = "A certificate that was signed outside AWS needs its chain up to the root. Set `signed_chain_pem`.";
    let acm = "ACM can't issue from a CA with the usage mode `SHORT_LIVED_CERTIFICATE`. Remove `allow_acm_renewal`, or \
        use `GENERAL_PURPOSE`.";
    let parent =
        "`parent_arn` applies only to a `SUBORDINATE`; a `ROOT` signs itself. Remove `parent_arn`, or change `type`.";
    let lacks_chain = given(&config.signed_certificate_pem) && config.signed_chain_pem.is_null();
    let rules = [
        ("parent_arn", root && given(&config.parent_arn), parent),
        (
            "signed_certificate_pem",
            in_aws && given(&config.signed_certificate_pem),
            signed,
        ),
        ("signed_chain_pem", in_aws && given(&config.signed_chain_pem), signed),
        ("signed_chain_pem", lacks_chain, chain),
        (
            "allow_acm_renewal",
            is_short_lived && config.allow_acm_renewal.known() == Some(&true),
            acm,
        ),
    ];
    for (argument, _, why) in rules.into_iter().filter(|(_, broken, _)| *broken) {
        diagnostics.input(AttributePath::root(argument), "Conflicting arguments", why);
    }
    if root && config.enabled.known() == Some(&false) && config.restore_arn.is_null() {
        let why = "A root that is created with `enabled = false` can't issue anything, and costs the same.";
        diagnostics.warn(Some(AttributePath::root("enabled")), "The CA is disabled", why);
    }
}

/// Keeps what an update does not change, and shows the rest as unknown.
pub(super) fn moved(prior: &PrivateCa, plan: &mut PrivateCa, changes: bool) {
    let (before, after) = (content(prior), content(plan));
    let drift = prior.aws.common.drift.known().into_iter().flatten();
    let mut paths: Vec<String> = drift
        .filter_map(|line| Some(line.strip_prefix(CA)?.trim_start().to_owned()))
        .collect();
    paths.extend(PRIVATE_CA.differences(&after, &before).into_keys());
    paths.extend(PRIVATE_CA.differences(&before, &after).into_keys());
    // The empty path is the CA as a whole: its create has not finished.
    let moves = |member: &str| changes && paths.iter().any(|path| path.is_empty() || path.starts_with(member));
    let certificate = CERTIFICATE.iter().any(|member| moves(member));
    let status = certificate || moves("enabled") || prior.status.is_null();
    for (attribute, before, moves) in [
        (&mut plan.certificate_pem, &prior.certificate_pem, certificate),
        (&mut plan.chain_pem, &prior.chain_pem, certificate),
        (&mut plan.not_after, &prior.not_after, certificate),
        (&mut plan.status, &prior.status, status),
        (&mut plan.csr_pem, &prior.csr_pem, changes && prior.csr_pem.is_null()),
        (
            &mut plan.owner_account,
            &prior.owner_account,
            changes && prior.owner_account.is_null(),
        ),
    ] {
        *attribute = if moves { Attr::Unknown } else { before.clone() };
    }
}

/// What a new CA costs.
pub(super) fn price(plan: &PrivateCa) -> Diagnostic {
    let price = match plan.usage_mode.known() {
        Some(UsageMode::ShortLived) => 50,
        _ => 400,
    };
    Diagnostic::warning("The CA costs money every month")
        .at(AttributePath::root("usage_mode"))
        .because(format!(
            "AWS charges about {price} USD per month for the CA, prorated by the day, until it is deleted. A deleted \
             CA costs nothing, but if it is restored, AWS bills the time in between as well."
        ))
}
