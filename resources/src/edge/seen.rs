//! What Elastic Load Balancing says of the load balancer: read back with every refresh, create and update.

use e2etls_clients::aws::elbv2::{Listener, Which};
use e2etls_engine::ledger::UNPROVEN;
use e2etls_engine::refusal::{Answer, Refusal};
use tfplugin_framework::{Attr, Diagnostics};

use super::model::Edge;
use super::parts::{LISTENERS, LOAD_BALANCER, arn, expected_ssl_policy};
use crate::kinds::Clients;
use crate::session::wording::refused;

/// Sets the attributes that the load balancer shows. One that is gone, or that serves with another security policy than the
/// one asked for, is drift.
pub(super) async fn read_back(edge: &mut Edge, clients: &Clients, diagnostics: &mut Diagnostics) {
    let Some(arn) = arn(edge).map(str::to_owned) else {
        for attr in [
            &mut edge.lb_arn,
            &mut edge.hostname,
            &mut edge.lb_zone_id,
            &mut edge.effective_ssl_policy,
        ] {
            if attr.is_unknown() {
                *attr = Attr::Null;
            }
        }
        return;
    };
    match look(edge, clients, &arn).await {
        Ok(Some(policy)) => {
            let differs = expected_ssl_policy(edge)
                .known()
                .is_some_and(|expected| *expected != policy);
            edge.effective_ssl_policy = policy.into();
            if differs {
                unproven(edge, LISTENERS);
            }
        }
        Ok(None) => gone(edge),
        Err(refusal) => diagnostics.extend(refused(&format!("Load balancer {arn}"), &refusal)),
    }
}

/// The security policy of the load balancer, whose names are taken over; `None` if it is gone.
async fn look(edge: &mut Edge, clients: &Clients, arn: &str) -> Result<Option<String>, Refusal> {
    let port = clients.load_balancing(arn.split(':').nth(3)).await?;
    if edge.lb_arn.as_str() != Some(arn) || edge.hostname.known().is_none() {
        let Some(found) = port.load_balancer(Which::Arn(arn)).await? else {
            return Ok(None);
        };
        edge.lb_arn = arn.to_owned().into();
        edge.hostname = found.dns_name.into();
        edge.lb_zone_id = found.zone_id.into();
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
fn gone(edge: &mut Edge) {
    if let Attr::Known(parts) = &mut edge.head.common.parts {
        parts.remove(LOAD_BALANCER);
    }
    drifted(edge, LOAD_BALANCER);
    unproven(edge, LISTENERS);
}

/// The next apply waits for the part again.
fn unproven(edge: &mut Edge, address: &str) {
    if let Attr::Known(parts) = &mut edge.head.common.parts
        && let Some(part) = parts.get_mut(address)
    {
        part.digest = UNPROVEN.to_owned().into();
    }
    drifted(edge, address);
}

fn drifted(edge: &mut Edge, address: &str) {
    if let Attr::Known(drift) = &mut edge.head.common.drift
        && !drift.iter().any(|known| known == address)
    {
        drift.push(address.to_owned());
    }
}
