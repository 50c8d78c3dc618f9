//! What Elastic Load Balancing says of the load balancer: read back with every refresh, create and update.

use e2etls_clients::aws::elbv2::{Listener, Which};
use e2etls_engine::ledger::UNPROVEN;
use e2etls_engine::refusal::{Answer, Refusal};
use tfplugin_framework::{Attr, Diagnostics};

use super::parts::{LISTENERS, LOAD_BALANCER, arn};
use crate::kinds::Clients;
use crate::lifecycle::Changed;
use crate::lifecycle::attributes::Common;
use crate::session::wording::refused;

/// What a load balancer shows, in the attributes of a resource that has one.
pub(crate) struct Shown<'a> {
    /// Its parts and its drift.
    pub(crate) common: &'a mut Common,
    /// The security policy that is asked for.
    pub(crate) expected: Attr<String>,
    /// Attributes.
    pub(crate) arn: &'a mut Attr<String>,
    pub(crate) hostname: &'a mut Attr<String>,
    pub(crate) zone_id: &'a mut Attr<String>,
    pub(crate) ssl_policy: &'a mut Attr<String>,
}

/// Sets the attributes that the load balancer shows. One that is gone, or that serves with another security policy than the
/// one asked for, is drift.
pub(crate) async fn read_back(mut shown: Shown<'_>, clients: &Clients, diagnostics: &mut Diagnostics) {
    let Some(arn) = arn(shown.common).map(str::to_owned) else {
        for attr in [shown.arn, shown.hostname, shown.zone_id, shown.ssl_policy] {
            if attr.is_unknown() {
                *attr = Attr::Null;
            }
        }
        return;
    };
    match look(&mut shown, clients, &arn).await {
        Ok(Some(policy)) => {
            let differs = shown.expected.known().is_some_and(|expected| *expected != policy);
            *shown.ssl_policy = policy.into();
            if differs {
                unproven(shown.common, LISTENERS);
            }
        }
        Ok(None) => gone(shown.common),
        Err(refusal) => diagnostics.extend(refused(&format!("Load balancer {arn}"), &refusal)),
    }
}

/// The security policy of the load balancer, whose names are taken over; `None` if it is gone.
async fn look(shown: &mut Shown<'_>, clients: &Clients, arn: &str) -> Result<Option<String>, Refusal> {
    let port = clients.load_balancing(arn.split(':').nth(3)).await?;
    if shown.arn.as_str() != Some(arn) || shown.hostname.known().is_none() {
        let Some(found) = port.load_balancer(Which::Arn(arn)).await? else {
            return Ok(None);
        };
        *shown.arn = arn.to_owned().into();
        *shown.hostname = found.dns_name.into();
        *shown.zone_id = found.zone_id.into();
    }
    match port.listeners(arn).await {
        Ok(listeners) => Ok(Some(ssl_policy(listeners))),
        Err(refusal) if refusal.answer == Answer::Absent => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

fn ssl_policy(listeners: Vec<Listener>) -> String {
    let listener = listeners.into_iter().find(|listener| listener.port == 443);
    listener.map(|listener| listener.ssl_policy).unwrap_or_default()
}

/// The controller will make another one, with another ARN and name.
fn gone(common: &mut Common) {
    if let Attr::Known(parts) = &mut common.parts {
        parts.remove(LOAD_BALANCER);
    }
    drifted(common, LOAD_BALANCER);
    unproven(common, LISTENERS);
}

/// The next apply waits for the part again.
fn unproven(common: &mut Common, address: &str) {
    if let Attr::Known(parts) = &mut common.parts
        && let Some(part) = parts.get_mut(address)
    {
        part.digest = UNPROVEN.to_owned().into();
    }
    drifted(common, address);
}

fn drifted(common: &mut Common, address: &str) {
    if let Attr::Known(drift) = &mut common.drift
        && !drift.iter().any(|known| known == address)
    {
        drift.push(address.to_owned());
    }
}

/// What a plan says of the attributes, in the order of [`Shown`], where a state had `prior`.
pub(crate) fn planned(common: &Common, changed: &Changed<'_>, prior: [&Attr<String>; 4]) -> [Attr<String>; 4] {
    let moved = changed.is(LOAD_BALANCER) || arn(common).is_none();
    let kept = |attr: &Attr<String>, moved: bool| if moved { Attr::Unknown } else { attr.clone() };
    let [arn, hostname, zone_id, ssl_policy] = prior;
    [
        kept(arn, moved),
        kept(hostname, moved),
        kept(zone_id, moved),
        kept(ssl_policy, moved || changed.is(LISTENERS)),
    ]
}
