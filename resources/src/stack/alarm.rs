//! Alarms on the certificates that the load balancer of a stack serves.

use e2etls_engine::operation::Operation;
use e2etls_engine::owner::sha256_hex;
use e2etls_engine::part::Part;
use e2etls_engine::value::UNKNOWN;
use serde_json::Value;
use tfplugin_framework::{Attr, AttributePath, Diagnostic, Diagnostics};

use super::certificate;
use super::model::{Alarm, Stack};
use crate::edge::parts::LOAD_BALANCER;
use crate::kinds::Clients;
use crate::kinds::aws::metric_alarm::{METRIC_ALARM, PREFIX, expiry};
use crate::lifecycle::inputs::{list, number, text};
use crate::proxy::render::spec::ProxySpec;
use crate::session::wording::refused;

/// The service of a certificate's ARN: only ACM tells when its certificates end.
fn is_of_acm(arn: &str) -> bool {
    arn.split(':').nth(2) == Some("acm")
}

/// The alarms need certificates of ACM.
pub(super) fn check(stack: &Stack, diagnostics: &mut Diagnostics) {
    if stack.alarm.is_given() != Some(true) {
        return;
    }
    if certificate::is_made(stack) == Some(true) {
        return;
    }
    let served = match certificate::arns(stack) {
        Attr::Unknown => return,
        Attr::Null => false,
        Attr::Known(arns) => arns.iter().any(|arn| is_of_acm(arn)),
    };
    if !served {
        diagnostics.input(
            AttributePath::root("alarm"),
            "Conflicting arguments",
            "`alarm` watches the certificates of ACM that the load balancer of `edge` serves, and there is none. Add one to \
             `edge.certificate_arns`, with the kind `alb` or `nlb_tls`, or remove `alarm`.",
        );
    }
}

/// Days before the end of a public certificate on which ACM renews it.
const RENEWAL: i64 = 45;

/// Warns of an alarm that is on while a renewal has not even begun.
pub(super) fn remark(prior: Option<&Stack>, plan: &Stack, diagnostics: &mut Diagnostics) {
    let days = |stack: &Stack| stack.alarm.known().and_then(|alarm| alarm.days.known().copied());
    let before = prior.and_then(days);
    let Some(early) = days(plan).filter(|after| *after >= RENEWAL && before != Some(*after)) else {
        return;
    };
    diagnostics.add(
        Diagnostic::warning("The alarm starts before ACM renews the certificate")
            .at(AttributePath::root("alarm").attribute("days"))
            .because(format!(
                "ACM renews a public certificate {RENEWAL} days before it expires. With `days = {early}`, the alarm starts \
                 although nothing is wrong."
            ))
            .advice("Set fewer days, unless the certificate was imported: ACM does not renew imported certificates."),
    );
}

/// The alarms; `None` while it is not known which there are.
pub(super) fn parts(stack: &Stack, proxy: &ProxySpec) -> Option<Vec<Part<Clients>>> {
    let alarm: &Alarm = match &stack.alarm {
        Attr::Null => return Some(Vec::new()),
        Attr::Unknown => return None,
        Attr::Known(alarm) => alarm,
    };
    let made = certificate::is_made(stack)?;
    let arns = match certificate::arns(stack) {
        Attr::Unknown => return None,
        Attr::Known(arns) => arns,
        Attr::Null => Vec::new(),
    };
    let days = number(&alarm.days).unwrap_or(Value::Null);
    let watched = arns.iter().enumerate().filter(|(_, arn)| made || is_of_acm(arn));
    let parts = watched.map(|(index, arn)| {
        let content = expiry(arn, &days, &list(&alarm.actions));
        Part::new(
            format!("alarm/{index}"),
            &METRIC_ALARM,
            name(stack, proxy, index),
            content,
        )
        .after(LOAD_BALANCER)
    });
    Some(parts.collect())
}

/// Name of the alarm on the certificate at this position. An account may have several clusters with a stack of the name: 8 hex
/// digits of the cluster's UID, which a create knows once it writes, tell them apart.
fn name(stack: &Stack, proxy: &ProxySpec, index: usize) -> String {
    let cluster = match &stack.head.cluster_uid {
        Attr::Known(uid) => sha256_hex(uid, 8),
        _ => UNKNOWN.to_owned(),
    };
    let name = format!(
        "{PREFIX}{}-{}-{cluster}-certificate-{index}",
        proxy.namespace,
        text(&stack.name)
    );
    match name.contains(UNKNOWN) {
        true => UNKNOWN.to_owned(),
        false => name,
    }
}

/// Refuses certificates of another Region than that of the alarms, which would never see them: called before the first write.
pub(super) async fn usable(stack: &Stack, op: &Operation<Clients>) -> Result<(), Diagnostics> {
    let arns = stack.edge.known().and_then(|edge| edge.certificate_arns.known());
    let Some(arns) = arns.filter(|_| stack.alarm.known().is_some()) else {
        return Ok(());
    };
    let cloudwatch = op.bounded(op.remotes.cloudwatch()).await;
    let cloudwatch = cloudwatch.map_err(|refusal| refused("CloudWatch", &refusal))?;
    let region = cloudwatch.region();
    let mut of_acm = arns.iter().filter(|arn| is_of_acm(arn));
    let Some(elsewhere) = of_acm.find(|arn| arn.split(':').nth(3) != Some(region)) else {
        return Ok(());
    };
    Err(Diagnostic::error("The alarm can't watch this certificate")
        .at(AttributePath::root("alarm"))
        .because(format!(
            "The certificate `{elsewhere}` is not in the Region of the provider, `{region}`: an alarm there does not see it. \
             Nothing was created."
        ))
        .advice("Use certificates of that Region, or remove `alarm`.")
        .into())
}
