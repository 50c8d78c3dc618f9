//! The VPCs of load balancers: who else has addresses in the IP ranges that policies admit.

use std::collections::{BTreeMap, BTreeSet};

use e2etls_clients::aws::ec2;
use e2etls_clients::aws::elbv2::name_and_region;
use e2etls_engine::refusal::Refusal;
use e2etls_report::aws::{Answer, Interface, LoadBalancer, Vpc};
use futures::future::join_all;
use k8s_openapi::api::networking::v1::NetworkPolicy;

use crate::kinds::Clients;
use crate::session::wording::told;

/// Whether a policy admits IP ranges: nothing else depends on what is in a VPC.
pub(super) fn admits_addresses(policies: &[NetworkPolicy]) -> bool {
    let rules = policies
        .iter()
        .filter_map(|policy| policy.spec.as_ref()?.ingress.as_ref());
    let mut peers = rules.flatten().flat_map(|rule| rule.from.iter().flatten());
    peers.any(|peer| peer.ip_block.is_some())
}

/// The VPCs of load balancers, by ID. `balancers` are those that were read, by DNS name.
pub(super) async fn vpcs(
    clients: &Clients,
    balancers: &BTreeMap<String, Answer<LoadBalancer>>,
) -> BTreeMap<String, Answer<Vpc>> {
    let mut asked: BTreeSet<(String, String)> = BTreeSet::new();
    for (name, answer) in balancers {
        if let (Answer::Seen(balancer), Some((_, region))) = (answer, name_and_region(name)) {
            asked.insert((balancer.vpc.clone(), region.to_owned()));
        }
    }
    asked.retain(|(vpc, _)| !vpc.is_empty());
    let found = asked.into_iter().map(|(id, region)| async move {
        let answer = vpc(clients, &region, &id).await;
        (id, answer.unwrap_or_else(|refusal| Answer::Unread(told(&refusal))))
    });
    join_all(found).await.into_iter().collect()
}

async fn vpc(clients: &Clients, region: &str, id: &str) -> Result<Answer<Vpc>, Refusal> {
    let port = clients.networks(Some(region)).await?;
    let (subnets, interfaces) = futures::try_join!(port.subnets(id), port.interfaces(id))?;
    let owners: BTreeSet<String> = subnets.iter().map(|subnet| subnet.owner.clone()).collect();
    let read = || {
        let subnets = subnets.iter().flat_map(|subnet| parsed(&subnet.cidrs));
        let interfaces = interfaces.iter().map(interface);
        Ok(Vpc {
            owners: owners.clone(),
            subnets: subnets.collect::<Result<_, String>>()?,
            interfaces: interfaces.collect::<Result<_, String>>()?,
        })
    };
    Ok(read().map_or_else(Answer::Unread, Answer::Seen))
}

fn interface(found: &ec2::Interface) -> Result<Interface, String> {
    Ok(Interface {
        id: found.id.clone(),
        description: found.description.clone(),
        requester: found.requester.clone(),
        addresses: parsed(&found.addresses).collect::<Result<_, String>>()?,
        prefixes: parsed(&found.prefixes).collect::<Result<_, String>>()?,
    })
}

/// What can't be read is not left out: it may be what matters.
fn parsed<T: std::str::FromStr>(texts: &[String]) -> impl Iterator<Item = Result<T, String>> {
    let read = |text: &String| {
        text.parse()
            .map_err(|_| format!("EC2 says {text:?}, which is no address"))
    };
    texts.iter().map(read)
}
