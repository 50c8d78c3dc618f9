//! Looks at a load balancer.

use std::collections::BTreeMap;
use std::sync::Arc;

use e2etls_clients::aws::elbv2::{ElbV2Api, Listener, LoadBalancer, Which, name_and_region};
use e2etls_engine::kind::{Kind as _, Observed, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::{Answer, Refusal};
use e2etls_report::aws::is_tls;
use serde_json::{Map, Value, json};

use super::{Depth, LoadBalancerKind};
use crate::kinds::Clients;

/// The host name that a controller has written into the status of an Ingress or a Service.
#[must_use]
pub fn hostname(object: &Value) -> Option<&str> {
    let name = object["status"]["loadBalancer"]["ingress"][0]["hostname"].as_str();
    name.filter(|name| !name.is_empty())
}

/// The load balancer of this ARN. What it was made for may be gone.
pub(super) async fn of_arn(
    kind: &LoadBalancerKind,
    op: &Operation<Clients>,
    name: &str,
    arn: &str,
) -> Result<Option<Observed>, Refusal> {
    let port = op.remotes.load_balancing(arn.split(':').nth(3)).await?;
    let Some(found) = port.load_balancer(Which::Arn(arn)).await? else {
        return Ok(None);
    };
    let target = Target { name, uid: None };
    let maker = kind.maker.look(op, target, Reading::Fresh).await?;
    let mut seen = observed(kind, &port, name, &found).await?;
    seen.deleting = maker.is_none().then(|| {
        format!(
            "{} {name} is gone, but its controller has not deleted the load balancer {arn} yet, which is {}",
            kind.maker.name(),
            found.state
        )
    });
    Ok(Some(seen))
}

/// The load balancer that the status of its maker names; `None` while it names none.
pub(super) async fn of_maker(
    kind: &LoadBalancerKind,
    op: &Operation<Clients>,
    name: &str,
) -> Result<Option<Observed>, Refusal> {
    let target = Target { name, uid: None };
    let maker = kind.maker.look(op, target, Reading::Watched).await?;
    let Some(hostname) = maker.as_ref().and_then(|maker| hostname(&maker.content)) else {
        return Ok(None);
    };
    let hostname = hostname.to_lowercase();
    let Some((balancer, region)) = name_and_region(&hostname) else {
        let words = format!("`{hostname}` is not a host name of Elastic Load Balancing");
        let reference = format!("{} {name}", kind.maker.name());
        return Err(Refusal::new(Answer::Invalid, "look", reference, words));
    };
    let port = op.remotes.load_balancing(Some(region)).await?;
    let found = port.load_balancer(Which::Name(balancer)).await?;
    match found.filter(|found| found.dns_name == hostname) {
        Some(found) => observed(kind, &port, name, &found).await.map(Some),
        None => Ok(None),
    }
}

async fn observed(
    kind: &LoadBalancerKind,
    port: &Arc<dyn ElbV2Api>,
    name: &str,
    found: &LoadBalancer,
) -> Result<Observed, Refusal> {
    let mut content = json!({"state": found.state, "reason": found.reason, "scheme": found.scheme});
    match kind.depth {
        Depth::Itself => {}
        Depth::Listeners => {
            let mut shown = Vec::new();
            for listener in &port.listeners(&found.arn).await? {
                shown.push(of_listener(port.as_ref(), listener).await?);
            }
            content["listeners"] = shown.into();
        }
        Depth::Targets => content["routes"] = routes(port.as_ref(), &port.listeners(&found.arn).await?).await?,
    }
    Ok(Observed {
        name: name.to_owned(),
        uid: found.arn.clone(),
        content,
        outputs: BTreeMap::from([
            ("arn".to_owned(), found.arn.clone()),
            ("hostname".to_owned(), found.dns_name.clone()),
            ("zone_id".to_owned(), found.zone_id.clone()),
        ]),
        ..Observed::default()
    })
}

async fn of_listener(port: &dyn ElbV2Api, listener: &Listener) -> Result<Value, Refusal> {
    let certificates = match is_tls(&listener.protocol) {
        true => port.certificates(&listener.arn).await?,
        false => Vec::new(),
    };
    Ok(json!({
        "port": listener.port, "protocol": listener.protocol, "ssl_policy": listener.ssl_policy,
        "client_auth": listener.client_auth, "redirects": listener.redirects, "certificates": certificates,
    }))
}

/// Where requests for each host go that come in on port 443: the host is empty where a listener has no rules.
async fn routes(port: &dyn ElbV2Api, listeners: &[Listener]) -> Result<Value, Refusal> {
    let mut routes = Map::new();
    for listener in listeners.iter().filter(|listener| listener.port == 443) {
        let mut groups = Vec::new();
        if listener.protocol == "HTTPS" {
            for rule in port.rules(&listener.arn).await? {
                groups.extend(rule.hosts.into_iter().map(|host| (host, rule.target_groups.clone())));
            }
        } else {
            groups.push((String::new(), listener.target_groups.clone()));
        }
        for (host, arns) in groups {
            // The first rule that fits is the one that counts.
            if !routes.contains_key(&host) {
                routes.insert(host, targets(port, &arns).await?);
            }
        }
    }
    Ok(routes.into())
}

async fn targets(port: &dyn ElbV2Api, arns: &[String]) -> Result<Value, Refusal> {
    let mut shown = Vec::new();
    for group in port.target_groups(arns).await? {
        let targets = port.targets(&group.arn).await?.into_iter().map(|target| {
            json!({"id": target.id, "port": target.port, "state": target.state, "reason": target.reason,
                "description": target.description})
        });
        shown.push(json!({"protocol": group.protocol, "targets": targets.collect::<Vec<_>>()}));
    }
    Ok(shown.into())
}
