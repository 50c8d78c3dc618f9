//! Certificates on the way: whether they are for the names that are asked for, and when they end.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::aws::{Answer, Listener, LoadBalancer, ServerCertificate, is_for, is_legacy};
use crate::entrance::{Scope, balancers};
use crate::objects::{Certificate, Pod};
use crate::world::World;

/// ACM renews 45 days before the end at the latest, and writes to the owner where it can't. What is left later is overdue.
const OVERDUE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A certificate on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What manages it: `ACM` or `cert-manager`; `unknown` for a certificate of a listener that ACM did not describe.
    pub managed_by: &'static str,
    /// ARN, or `Certificate NAMESPACE/NAME`.
    pub name: String,
    /// Names that it is for.
    pub dns_names: Vec<String>,
    /// Who issues it, as far as the APIs tell: the issuer of cert-manager, or the type in ACM.
    pub issuer: Option<String>,
    /// End of its validity; `None` if that is not known.
    pub not_after: Option<Timestamp>,
    /// Whole days that are left, rounded down; negative if it has expired.
    pub days_left: Option<i64>,
    /// What serves it: listeners, or Pods that mount its Secret.
    pub used_by: Vec<String>,
}

/// What is to say of the certificates of a listener.
#[derive(Default)]
pub(crate) struct OfListener {
    pub(crate) evidence: Vec<String>,
    pub(crate) findings: Vec<String>,
}

/// Whether one of a listener's certificates is for the host, and what else is wrong with them or with the TLS policy.
pub(crate) fn of_listener(
    now: Timestamp,
    host: Option<&str>,
    balancer: &LoadBalancer,
    listener: &Listener,
) -> OfListener {
    let mut found = OfListener::default();
    let at = format!("port {} of the load balancer {}", listener.port, balancer.name);
    if is_legacy(&listener.ssl_policy) {
        found.findings.push(format!(
            "{at} may accept TLS 1.0 or 1.1 with the security policy {}",
            listener.ssl_policy
        ));
    }
    let (mut serving, mut unread) = (Vec::new(), false);
    for certificate in &listener.certificates {
        match &certificate.described {
            Answer::Seen(described) => {
                let is_for = host.is_none_or(|host| described.names.iter().any(|name| is_for(name, host)));
                if is_for && described.status == "ISSUED" {
                    serving.push(certificate);
                }
                if let Some(why) = ends(now, described.not_after) {
                    found
                        .findings
                        .push(format!("{at}: the certificate {} {why}", certificate.arn));
                } else if described.status != "ISSUED" {
                    let status = &described.status;
                    found
                        .findings
                        .push(format!("{at}: the certificate {} is {status}", certificate.arn));
                }
            }
            Answer::Absent => found
                .findings
                .push(format!("{at}: ACM has no certificate {}", certificate.arn)),
            Answer::Unread(why) => {
                unread = true;
                found
                    .evidence
                    .push(format!("api: the certificate {} was not read: {why}", certificate.arn));
            }
        }
    }
    match (host, serving.first()) {
        (Some(host), Some(certificate)) => {
            found
                .evidence
                .push(format!("api: its certificate {} is for {host}", certificate.arn));
        }
        (Some(host), None) if !unread && !listener.certificates.is_empty() => {
            found.findings.push(format!("{at} has no certificate for {host}"));
        }
        _ => {}
    }
    found
}

/// Why a certificate is about to be of no use; `None` if it is not.
fn ends(now: Timestamp, not_after: Option<Timestamp>) -> Option<String> {
    let not_after = not_after?;
    if not_after <= now {
        return Some(format!("expired on {}", day(not_after)));
    }
    (not_after.duration_since(now) < OVERDUE)
        .then(|| format!("expires on {} and has not been renewed yet", day(not_after)))
}

fn day(time: Timestamp) -> String {
    let text = time.to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

/// What is wrong with the Certificates whose Secrets the Pods mount.
pub(crate) fn of_pods(world: &World<'_>, pods: &[&Pod]) -> Vec<String> {
    let mut found = Vec::new();
    for (certificate, _) in mounted(world, pods) {
        let name = named(certificate);
        if certificate.not_after.is_some_and(|end| end <= world.now) {
            let end = certificate.not_after.map(day).unwrap_or_default();
            found.push(format!("{name} expired on {end}"));
        }
        if let Some(why) = &certificate.not_ready {
            found.push(format!("{name} is not ready: {why}"));
        }
    }
    found
}

/// Certificates whose Secrets are mounted, with the Pods that do.
fn mounted<'a>(world: &World<'a>, pods: &[&Pod]) -> Vec<(&'a Certificate, Vec<String>)> {
    let mut mounting: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for pod in pods {
        for secret in pod.secrets.values() {
            mounting.entry((&pod.namespace, secret)).or_default().insert(&pod.name);
        }
    }
    let certificates = world.objects.certificates.iter();
    certificates
        .filter_map(|certificate| {
            let pods = mounting.get(&(certificate.namespace.as_str(), certificate.secret.as_str()))?;
            let pods = pods.iter().map(|pod| format!("Pod {}/{pod}", certificate.namespace));
            Some((certificate, pods.collect()))
        })
        .collect()
}

fn named(certificate: &Certificate) -> String {
    format!("Certificate {}/{}", certificate.namespace, certificate.name)
}

/// All certificates on the way of a scope, those that end first before the others.
pub(crate) fn inventory(world: &World<'_>, scope: &Scope, pods: &[&Pod]) -> Vec<Item> {
    let mut found: BTreeMap<String, Item> = BTreeMap::new();
    for name in balancers(world.objects, scope) {
        let Some(Answer::Seen(balancer)) = world.aws.balancers.get(&name) else {
            continue;
        };
        for listener in &balancer.listeners {
            let by = format!(
                "{}:{} of the load balancer {}",
                listener.protocol, listener.port, balancer.name
            );
            for certificate in &listener.certificates {
                let item = found
                    .entry(certificate.arn.clone())
                    .or_insert_with(|| of_acm(world.now, certificate));
                item.used_by.push(by.clone());
            }
        }
    }
    for (certificate, used_by) in mounted(world, pods) {
        let item = Item {
            managed_by: "cert-manager",
            name: named(certificate),
            dns_names: certificate.dns_names.clone(),
            issuer: Some(certificate.issuer.clone()),
            not_after: certificate.not_after,
            days_left: days(world.now, certificate.not_after),
            used_by,
        };
        found.insert(item.name.clone(), item);
    }
    let mut items: Vec<Item> = found.into_values().collect();
    items.sort_by_key(|item| (item.not_after.is_none(), item.not_after, item.name.clone()));
    items
}

fn of_acm(now: Timestamp, certificate: &ServerCertificate) -> Item {
    let described = match &certificate.described {
        Answer::Seen(described) => Some(described),
        Answer::Absent | Answer::Unread(_) => None,
    };
    let not_after = described.and_then(|described| described.not_after);
    Item {
        managed_by: if described.is_some() { "ACM" } else { "unknown" },
        name: certificate.arn.clone(),
        dns_names: described.map(|described| described.names.clone()).unwrap_or_default(),
        issuer: described.map(|described| described.certificate_type.clone()),
        not_after,
        days_left: days(now, not_after),
        used_by: Vec::new(),
    }
}

fn days(now: Timestamp, not_after: Option<Timestamp>) -> Option<i64> {
    let seconds = not_after?.duration_since(now).as_secs();
    Some(seconds.div_euclid(24 * 60 * 60))
}
