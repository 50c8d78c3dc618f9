//! When a load balancer serves: it has a name, listens as it was asked to, and its targets are healthy.

use std::time::Duration;

use async_trait::async_trait;
use e2etls_engine::failure::Failure;
use e2etls_engine::kind::{Kind, Observed, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::{Part, Ready};
use e2etls_engine::refusal::Refusal;
use e2etls_engine::table::Asked;
use serde_json::Value;
use tokio::time::Instant;

use super::reconciled::{explained, reconciled, refused};
use super::{Depth, LoadBalancerKind, hostname};
use crate::kinds::Clients;
use crate::kinds::kube::manifest::ManifestKind;
use crate::kinds::kube::{ALB, INGRESS, NLB, SERVICE};

/// The controller has done what the object asks for, so far as it says, and has written the load balancer's host name into its
/// status.
pub struct Admitted(pub &'static ManifestKind);

#[async_trait]
impl Ready<Clients> for Admitted {
    async fn wait(&self, op: &Operation<Clients>, part: &Part<Clients>, applied: &Observed) -> Result<(), Failure> {
        let named = |seen: Option<&Observed>| match seen.and_then(|seen| hostname(&seen.content)) {
            Some(_) => Ok(()),
            None => Err("no load balancer controller has written a host name into its status".to_owned()),
        };
        let target = part.target(Some(&applied.uid));
        let admitted = async {
            let admitted = op.until(self.0, target, "has no load balancer yet", named).await;
            if admitted.is_ok() {
                reconciled(op, self.0, applied).await;
            }
            admitted
        };
        let waited = tokio::select! {
            biased;
            waited = admitted => waited,
            failure = refused(op, self.0, part, &part.name) => return Err(failure),
        };
        explained(op, self.0, waited, &part.name).await
    }

    async fn works(
        &self,
        _: &Operation<Clients>,
        _: &Part<Clients>,
        object: &Observed,
    ) -> Result<Option<bool>, Refusal> {
        Ok(Some(hostname(&object.content).is_some()))
    }
}

/// Namespace and name of the object that the load balancer is made for: the member `name` of the content.
fn name(part: &Part<Clients>) -> &str {
    part.content["name"].as_str().unwrap_or_default()
}

/// The load balancer is active and listens as the member `listeners` of the content asks; with `shared`, others may have
/// added certificates.
pub struct Listening;

/// Each host of the member `hosts` of the content (for a Network Load Balancer, the empty one) is sent to healthy targets, by
/// the protocol `protocol`. After an update, they are watched for `settle` seconds.
pub struct Healthy;

/// The kind that shows what is waited for. The member `kind` of the content is the kind of the object that the load balancer
/// is made for.
fn shown(part: &Part<Clients>, depth: Depth) -> LoadBalancerKind {
    match part.content["kind"].as_str() {
        Some("Service") => LoadBalancerKind::new(NLB, &SERVICE, depth),
        _ => LoadBalancerKind::new(ALB, &INGRESS, depth),
    }
}

#[async_trait]
impl Ready<Clients> for Listening {
    async fn wait(&self, op: &Operation<Clients>, part: &Part<Clients>, _: &Observed) -> Result<(), Failure> {
        wait(op, part, Depth::Listeners, "does not listen as configured yet", listens).await
    }

    async fn works(
        &self,
        op: &Operation<Clients>,
        part: &Part<Clients>,
        _: &Observed,
    ) -> Result<Option<bool>, Refusal> {
        works(op, part, Depth::Listeners, listens).await
    }
}

#[async_trait]
impl Ready<Clients> for Healthy {
    async fn wait(&self, op: &Operation<Clients>, part: &Part<Clients>, _: &Observed) -> Result<(), Failure> {
        wait(op, part, Depth::Targets, "has no healthy targets yet", is_healthy).await
    }

    async fn works(
        &self,
        op: &Operation<Clients>,
        part: &Part<Clients>,
        _: &Observed,
    ) -> Result<Option<bool>, Refusal> {
        works(op, part, Depth::Targets, is_healthy).await
    }
}

type Check = fn(&Value, &Value) -> Result<(), String>;

async fn wait(
    op: &Operation<Clients>,
    part: &Part<Clients>,
    depth: Depth,
    otherwise: &str,
    check: Check,
) -> Result<(), Failure> {
    let kind = shown(part, depth);
    let name = name(part);
    let target = Target { name, uid: None };
    // What was healthy before an update is called so until its next checks have failed.
    let settle = match op.asked {
        Asked::Update => Duration::from_secs(part.content["settle"].as_u64().unwrap_or(0)),
        _ => Duration::ZERO,
    };
    let mut since: Option<Instant> = None;
    let serves = |seen: Option<&Observed>| {
        let served = match seen {
            Some(seen) => check(&part.content, &seen.content),
            None => Err("it does not exist yet".to_owned()),
        };
        if let Err(why) = served {
            since = None;
            return Err(why);
        }
        let lasting = since.get_or_insert_with(Instant::now).elapsed();
        match lasting >= settle {
            true => Ok(()),
            false => Err(format!(
                "it serves, and is watched for {} seconds more",
                (settle - lasting).as_secs()
            )),
        }
    };
    let waited = tokio::select! {
        biased;
        waited = op.until(&kind, target, otherwise, serves) => waited,
        failure = refused(op, kind.maker, part, name) => return Err(failure),
    };
    explained(op, kind.maker, waited, name).await
}

async fn works(
    op: &Operation<Clients>,
    part: &Part<Clients>,
    depth: Depth,
    check: Check,
) -> Result<Option<bool>, Refusal> {
    let target = Target {
        name: name(part),
        uid: None,
    };
    let seen = shown(part, depth).look(op, target, Reading::Watched).await?;
    Ok(Some(
        seen.is_some_and(|seen| check(&part.content, &seen.content).is_ok()),
    ))
}

/// Whether a load balancer listens as `wanted`; `Err` says what differs.
pub(super) fn listens(wanted: &Value, seen: &Value) -> Result<(), String> {
    is_active(seen)?;
    let listeners = |content: &Value| content["listeners"].as_array().cloned().unwrap_or_default();
    let seen = listeners(seen);
    for wanted_one in listeners(wanted) {
        let port = &wanted_one["port"];
        let Some(listener) = seen.iter().find(|listener| listener["port"] == *port) else {
            return Err(format!("nothing listens on port {port}"));
        };
        for member in ["protocol", "ssl_policy", "client_auth", "redirects"] {
            let (wanted, is) = (&wanted_one[member], &listener[member]);
            let off = member == "client_auth" && *wanted == "off" && *is == "";
            if !wanted.is_null() && wanted != is && !off {
                return Err(format!(
                    "`{member}` of the listener on port {port} is {is} and not {wanted}"
                ));
            }
        }
        certificates(&wanted_one["certificates"], listener, wanted["shared"] == true)?;
    }
    Ok(())
}

/// The first certificate is the default one. The others of a group may come before it, and stay beside it.
fn certificates(wanted: &Value, listener: &Value, shared: bool) -> Result<(), String> {
    let list = |value: &Value| {
        let arns = value.as_array().into_iter().flatten();
        arns.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    let (wanted, is) = (list(wanted), list(&listener["certificates"]));
    let missing = wanted.iter().find(|arn| !is.contains(arn));
    let other = is.iter().find(|arn| !wanted.contains(arn));
    let port = &listener["port"];
    match (missing, other) {
        (Some(arn), _) => Err(format!(
            "the listener on port {port} does not have the certificate {arn}"
        )),
        (None, Some(arn)) if !shared => Err(format!("the listener on port {port} still has the certificate {arn}")),
        _ if !shared && wanted.first() != is.first() => Err(format!(
            "another certificate than the first is the default of the listener on port {port}"
        )),
        _ => Ok(()),
    }
}

/// Whether all hosts of `wanted` are sent to healthy targets; `Err` says which are not, and why.
pub(super) fn is_healthy(wanted: &Value, seen: &Value) -> Result<(), String> {
    is_active(seen)?;
    for (host, leads_to) in wanted["hosts"].as_object().into_iter().flatten() {
        let groups = seen["routes"][host].as_array().cloned().unwrap_or_default();
        let of = match host.as_str() {
            "" => String::new(),
            host => format!(" for {host}"),
        };
        if groups.is_empty() {
            let leads_to = leads_to.as_str().unwrap_or_default();
            return Err(format!(
                "requests{of} are not forwarded to a target group. They lead to {leads_to}: is it there?"
            ));
        }
        for group in &groups {
            if group["protocol"] != wanted["protocol"] {
                let (is, wanted) = (&group["protocol"], &wanted["protocol"]);
                return Err(format!("the protocol of the target group{of} is {is} and not {wanted}"));
            }
            targets(group).map_err(|why| format!("{why}{of}"))?;
        }
    }
    Ok(())
}

fn targets(group: &Value) -> Result<(), String> {
    let targets = group["targets"].as_array().cloned().unwrap_or_default();
    let coming = targets.iter().filter(|target| target["state"] != "draining");
    let bad: Vec<String> = coming
        .clone()
        .filter(|target| target["state"] != "healthy")
        .map(|target| {
            let text = |member: &str| target[member].as_str().unwrap_or_default();
            let why = [text("reason"), text("description")].join(" ");
            format!(
                "{}:{} is {} ({})",
                text("id"),
                target["port"],
                text("state"),
                why.trim()
            )
        })
        .collect();
    match (coming.count(), bad.is_empty()) {
        (0, _) => Err("no Pod is registered as a target".to_owned()),
        (_, true) => Ok(()),
        (_, false) => Err(format!("of the targets, {}", bad.join(", "))),
    }
}

fn is_active(seen: &Value) -> Result<(), String> {
    match seen["state"].as_str().unwrap_or_default() {
        "active" | "active_impaired" => Ok(()),
        state => {
            let why = seen["reason"].as_str().unwrap_or_default();
            Err(format!("the load balancer is {state} {why}").trim_end().to_owned())
        }
    }
}
