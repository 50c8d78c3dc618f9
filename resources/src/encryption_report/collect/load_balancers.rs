//! Load balancers, with all that they lead to, and the certificates of their listeners.

use std::collections::BTreeMap;

use e2etls_clients::aws::elbv2::{self, ElbV2Api, Which, name_and_region};
use e2etls_engine::refusal::Refusal;
use e2etls_report::aws::{Answer, Described, Listener, LoadBalancer, ServerCertificate, TargetGroup, is_tls};

use crate::kinds::Clients;
use crate::session::wording::told;

/// A load balancer, with all that it leads to.
pub(super) async fn balancer(clients: &Clients, dns_name: &str) -> Answer<LoadBalancer> {
    let dns_name = dns_name.to_ascii_lowercase();
    let Some((name, region)) = name_and_region(&dns_name) else {
        return Answer::Unread("its DNS name is not one of Elastic Load Balancing".to_owned());
    };
    let found = async {
        let port = clients.load_balancing(Some(region)).await?;
        let found = port.load_balancer(Which::Name(name)).await?;
        let Some(found) = found.filter(|found| found.dns_name.to_ascii_lowercase() == dns_name) else {
            return Ok(None);
        };
        let mut balancer = described(port.as_ref(), name, found).await?;
        certified(clients, region, &mut balancer).await;
        Ok(Some(balancer))
    };
    match found.await {
        Ok(Some(balancer)) => Answer::Seen(balancer),
        Ok(None) => Answer::Absent,
        Err(refusal) => Answer::Unread(told(&refusal)),
    }
}

async fn described(port: &dyn ElbV2Api, name: &str, found: elbv2::LoadBalancer) -> Result<LoadBalancer, Refusal> {
    let mut listeners = Vec::new();
    for listener in port.listeners(&found.arn).await? {
        let rules = match listener.protocol.as_str() {
            // Only Application Load Balancers have rules.
            "HTTP" | "HTTPS" => port.rules(&listener.arn).await?,
            _ => Vec::new(),
        };
        let certificates = match is_tls(&listener.protocol) {
            true => of_listener(port, &listener.arn).await,
            false => Vec::new(),
        };
        listeners.push(Listener {
            port: listener.port,
            protocol: listener.protocol,
            ssl_policy: listener.ssl_policy,
            client_auth: listener.client_auth,
            redirects: listener.redirects,
            certificates,
            groups: listener.target_groups,
            rules: rules.into_iter().map(|rule| (rule.hosts, rule.target_groups)).collect(),
        });
    }
    let rules = listeners
        .iter()
        .flat_map(|listener| listener.rules.iter().flat_map(|(_, groups)| groups));
    let mut arns: Vec<String> = listeners
        .iter()
        .flat_map(|listener| &listener.groups)
        .chain(rules)
        .cloned()
        .collect();
    arns.sort_unstable();
    arns.dedup();
    let mut groups = BTreeMap::new();
    for group in port.target_groups(&arns).await? {
        let targets = port.targets(&group.arn).await?.into_iter();
        let group = (
            group.arn,
            TargetGroup {
                protocol: group.protocol,
                targets: targets.map(|target| (target.id, target.port, target.state)).collect(),
            },
        );
        groups.extend([group]);
    }
    Ok(LoadBalancer {
        name: name.to_owned(),
        // `arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID`
        id: found
            .arn
            .split_once(":loadbalancer/")
            .map(|(_, id)| id.to_owned())
            .unwrap_or_default(),
        account: found.arn.split(':').nth(4).unwrap_or_default().to_owned(),
        vpc: found.vpc,
        scheme: found.scheme,
        listeners,
        groups,
    })
}

/// The certificates of a listener. That they can't be listed keeps nothing else from being known.
async fn of_listener(port: &dyn ElbV2Api, listener: &str) -> Vec<ServerCertificate> {
    let unread = |why| Answer::Unread(why);
    match port.certificates(listener).await {
        Ok(arns) => arns
            .into_iter()
            .map(|arn| ServerCertificate {
                arn,
                described: unread("it is not in ACM".to_owned()),
            })
            .collect(),
        Err(refusal) => vec![ServerCertificate {
            arn: format!("list of the listener {listener}"),
            described: unread(told(&refusal)),
        }],
    }
}

/// What ACM says of the certificates. Those of IAM are not in ACM.
async fn certified(clients: &Clients, region: &str, balancer: &mut LoadBalancer) {
    let acm = clients.certificates(Some(region)).await;
    let certificates = balancer
        .listeners
        .iter_mut()
        .flat_map(|listener| &mut listener.certificates);
    for certificate in certificates.filter(|certificate| certificate.arn.contains(":acm:")) {
        let described = match &acm {
            Ok(acm) => acm.describe(&certificate.arn).await,
            Err(refusal) => Err(refusal.clone()),
        };
        certificate.described = match described {
            Ok(Some(found)) => Answer::Seen(Described {
                names: if found.sans.is_empty() {
                    vec![found.domain]
                } else {
                    found.sans
                },
                status: found.status,
                not_after: found.not_after,
                certificate_type: found.certificate_type,
            }),
            Ok(None) => Answer::Absent,
            Err(refusal) => Answer::Unread(told(&refusal)),
        };
    }
}
