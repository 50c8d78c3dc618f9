//! From the answers of the remotes to what a report is made of. Nothing is written, and no Secret is read.

mod load_balancers;
mod networks;
mod objects;
mod routes;

use std::collections::BTreeMap;

use e2etls_clients::kube::cluster::Cluster;
use e2etls_clients::kube::kinds::{self, Kind};
use e2etls_engine::refusal::{Answer as Refused, Refusal};
use e2etls_report::aws::{Answer, Aws, LoadBalancer};
use e2etls_report::document::{ClusterReport, examined};
use e2etls_report::objects::Objects;
use e2etls_report::{Scope, World, report};
use futures::future::join_all;
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use self::objects::{admitting, certificate, config_map, pod};
use self::routes::{ROUTES, Ways, gateway, leading, other_versions};
use super::phase::{Phase, Watcher};
use crate::kinds::Clients;
use crate::session::wording::told;

/// Where the settings of the VPC CNI are, those of EKS Auto Mode too.
const VPC_CNI: (&str, &str) = ("kube-system", "amazon-vpc-cni");
/// Policies that may admit what NetworkPolicies do not.
const ADMITTING: [Kind; 2] = [kinds::CLUSTER_NETWORK_POLICY, kinds::APPLICATION_NETWORK_POLICY];
/// Load balancers that are asked about at once.
const CONCURRENCY: usize = 8;

/// What was read.
pub(crate) struct Collected {
    /// What the cluster's API lists.
    pub(crate) objects: Objects,
    /// The settings of the VPC CNI: empty if there are none, `None` if they were not read.
    pub(crate) vpc_cni: Option<BTreeMap<String, String>>,
    /// What AWS says of the load balancers.
    pub(crate) aws: Aws,
    /// What was not read, and why.
    pub(crate) incomplete: Vec<String>,
}

impl Collected {
    /// What follows from it, of a cluster of which this much is known.
    pub(crate) fn report(&self, known: ClusterReport, scope: &Scope) -> ClusterReport {
        let world = World::new(&self.objects, self.vpc_cni.as_ref(), &self.aws, Timestamp::now());
        ClusterReport {
            examined: examined(&self.objects),
            incomplete: self.incomplete.clone(),
            report: Some(report(&world, scope)),
            ..known
        }
    }
}

/// Lists what a scope needs: each kind once, whatever the scope, as other ways to the same Pods may begin anywhere.
pub(crate) async fn collect(cluster: &Cluster, clients: &Clients, scope: &Scope, begins: Watcher<'_>) -> Collected {
    let mut missing = Missing::default();
    let (mut objects, vpc_cni, ways) = listed(cluster, &mut missing).await;
    begins(Phase::LoadBalancers);
    objects.routes = ways.routes(clients, &mut missing.0).await;
    let balancers: BTreeMap<String, Answer<LoadBalancer>> = stream::iter(e2etls_report::balancers(&objects, scope))
        .map(|name| async move {
            let answer = load_balancers::balancer(clients, &name).await;
            (name, answer)
        })
        .buffer_unordered(CONCURRENCY)
        .collect()
        .await;
    for (name, answer) in &balancers {
        match answer {
            Answer::Unread(why) => missing.0.push(format!("The load balancer {name} was not read: {why}")),
            Answer::Seen(balancer) => missing.certificates(balancer),
            Answer::Absent => {}
        }
    }
    let mut vpcs = BTreeMap::new();
    if networks::admits_addresses(&objects.policies) {
        vpcs = networks::vpcs(clients, &balancers).await;
    }
    for (id, answer) in &vpcs {
        if let Answer::Unread(why) = answer {
            missing.0.push(format!("The VPC {id} was not read: {why}"));
        }
    }
    Collected {
        objects,
        vpc_cni,
        aws: Aws { balancers, vpcs },
        incomplete: missing.0,
    }
}

/// What could not be read.
#[derive(Default)]
struct Missing(Vec<String>);

impl Missing {
    /// Takes what was listed; or notes what is needed to list it.
    fn or_note<T>(&mut self, kind: Kind, unread: &mut Vec<String>, listed: Result<Vec<T>, Refusal>) -> Vec<T> {
        listed.unwrap_or_else(|refusal| {
            // A cluster without cert-manager has no Certificates, and that is all there is to it.
            let is_optional = kind == kinds::CERTIFICATE
                || ROUTES.contains(&kind)
                || ADMITTING.contains(&kind)
                || kind == kinds::GATEWAY;
            if refusal.answer == Refused::KindMissing && is_optional {
                return Vec::new();
            }
            unread.push(kind.plural.to_owned());
            let needs = match refusal.answer {
                Refused::Forbidden(_) => format!(
                    ". The report needs the verb `list` on {} in all namespaces.",
                    kind.resource()
                ),
                _ => String::new(),
            };
            let why = told(&refusal);
            let why = if needs.is_empty() {
                &why
            } else {
                why.trim_end_matches('.')
            };
            self.0.push(format!("{} were not listed: {why}{needs}", kind.plural));
            Vec::new()
        })
    }

    /// The same for several kinds.
    fn or_note_each<T>(
        &mut self,
        kinds: impl IntoIterator<Item = Kind>,
        unread: &mut Vec<String>,
        listed: Vec<Result<Vec<T>, Refusal>>,
    ) -> Vec<T> {
        let listed = kinds.into_iter().zip(listed);
        listed
            .flat_map(|(kind, listed)| self.or_note(kind, unread, listed))
            .collect()
    }

    /// Notes certificates that were not read.
    fn certificates(&mut self, balancer: &LoadBalancer) {
        for certificate in balancer.listeners.iter().flat_map(|listener| &listener.certificates) {
            if let Answer::Unread(why) = &certificate.described {
                self.0
                    .push(format!("The certificate {} was not read: {why}", certificate.arn));
            }
        }
    }
}

type VpcCni = Option<BTreeMap<String, String>>;

/// One list for each kind.
async fn listed(cluster: &Cluster, missing: &mut Missing) -> (Objects, VpcCni, Ways) {
    let mut unread = Vec::new();
    let (
        namespaces,
        nodes,
        pods,
        services,
        slices,
        ingresses,
        policies,
        config_maps,
        certificates,
        routes,
        gateways,
        beside,
    ) = futures::join!(
        all(cluster, kinds::NAMESPACE, Some),
        all(cluster, kinds::NODE, |node: k8s_openapi::api::core::v1::Node| Some(
            node.into()
        )),
        all(cluster, kinds::POD, pod),
        all(cluster, kinds::SERVICE, Some),
        all(cluster, kinds::ENDPOINT_SLICE, Some),
        all(cluster, kinds::INGRESS, Some),
        all(cluster, kinds::NETWORK_POLICY, Some),
        raw(cluster, kinds::CONFIG_MAP, config_map),
        raw(cluster, kinds::CERTIFICATE, certificate),
        join_all(ROUTES.map(|kind| in_any_version(cluster, kind, move |object| leading(kind, object)))),
        in_any_version(cluster, kinds::GATEWAY, gateway),
        join_all(ADMITTING.map(|kind| raw(cluster, kind, move |object| admitting(kind, &object)))),
    );
    let admitting = missing.or_note_each(ADMITTING, &mut unread, beside);
    let led = missing.or_note_each(ROUTES, &mut unread, routes);
    let gateways = missing.or_note(kinds::GATEWAY, &mut unread, gateways);
    let ways = Ways {
        led: led.into_iter().flatten().collect(),
        gateways: (!unread.iter().any(|plural| plural == kinds::GATEWAY.plural))
            .then(|| gateways.into_iter().collect()),
    };
    let mut vpc_cni = config_maps.is_ok().then(BTreeMap::new);
    let mut configurations = Vec::new();
    for found in missing.or_note(kinds::CONFIG_MAP, &mut unread, config_maps) {
        if (found.namespace.as_str(), found.name.as_str()) == VPC_CNI {
            vpc_cni = Some(found.files);
        } else {
            configurations.push(found);
        }
    }
    let objects = Objects {
        namespaces: missing.or_note(kinds::NAMESPACE, &mut unread, namespaces),
        nodes: missing.or_note(kinds::NODE, &mut unread, nodes),
        pods: missing.or_note(kinds::POD, &mut unread, pods),
        services: missing.or_note(kinds::SERVICE, &mut unread, services),
        slices: missing.or_note(kinds::ENDPOINT_SLICE, &mut unread, slices),
        ingresses: missing.or_note(kinds::INGRESS, &mut unread, ingresses),
        policies: missing.or_note(kinds::NETWORK_POLICY, &mut unread, policies),
        certificates: missing.or_note(kinds::CERTIFICATE, &mut unread, certificates),
        admitting,
        routes: Vec::new(),
        configurations,
        unread,
    };
    (objects, vpc_cni, ways)
}

/// All objects of a kind of the Gateway API, in the first version that the cluster serves.
async fn in_any_version<T: Send>(
    cluster: &Cluster,
    kind: Kind,
    take: impl Fn(&Value) -> Option<T> + Send + Sync,
) -> Result<Vec<T>, Refusal> {
    let mut listed = raw(cluster, kind, |object| take(&object)).await;
    for version in other_versions(kind) {
        if listed
            .as_ref()
            .is_err_and(|refusal| refusal.answer == Refused::KindMissing)
        {
            listed = raw(cluster, Kind { version, ..kind }, |object| take(&object)).await;
        }
    }
    listed
}

/// All objects of a kind that `take` wants, each as the API's type for as long as it takes. One that is not of that type makes
/// the whole list unread: it may be what matters.
async fn all<A: DeserializeOwned, T: Send>(
    cluster: &Cluster,
    kind: Kind,
    take: impl Fn(A) -> Option<T> + Send + Sync,
) -> Result<Vec<T>, Refusal> {
    let found = raw(cluster, kind, |object| {
        let named = kind.reference(object["metadata"]["namespace"].as_str(), name(&object));
        match serde_json::from_value(object) {
            Ok(object) => take(object).map(Ok),
            Err(error) => Some(Err(Refusal::new(
                Refused::Invalid,
                format!("LIST {}", kind.plural),
                kind.plural,
                format!("{named} can't be read: {error}"),
            ))),
        }
    });
    found.await?.into_iter().collect()
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

/// How often a list is begun anew: its pages expire after some minutes, and a server may be busy.
const ATTEMPTS: usize = 3;

async fn raw<T: Send>(
    cluster: &Cluster,
    kind: Kind,
    take: impl Fn(Value) -> Option<T> + Send + Sync,
) -> Result<Vec<T>, Refusal> {
    let mut left = ATTEMPTS;
    loop {
        let mut found = Vec::new();
        let keep = |object| found.extend(take(object));
        let listed = cluster.objects.list_each(kind, None, "", keep).await;
        left -= 1;
        match listed {
            Ok(()) => return Ok(found),
            Err(refusal) if refusal.answer == Refused::Throttled && left > 0 => {}
            Err(refusal) => return Err(refusal),
        }
    }
}
