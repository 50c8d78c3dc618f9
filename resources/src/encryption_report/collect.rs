//! From the answers of the remotes to what a report is made of. Nothing is written, and no Secret is read.

use std::collections::BTreeMap;

use e2etls_clients::aws::elbv2::{ElbV2Api, Which, name_and_region};
use e2etls_clients::kube::cluster::Cluster;
use e2etls_clients::kube::kinds::{self, Kind};
use e2etls_engine::refusal::Refusal;
use e2etls_report::aws::{Answer, Listener, LoadBalancer, TargetGroup};
use e2etls_report::document::{ClusterReport, examined};
use e2etls_report::objects::{Configuration, Objects, Pod, has_ended};
use e2etls_report::{Scope, World, report};
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod as ApiPod;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::phase::{Phase, Watcher};
use crate::kinds::Clients;
use crate::proxy::render::{CONFIG_ANNOTATION, digest};
use crate::session::wording::told;

/// Where the settings of the VPC CNI are, those of EKS Auto Mode too.
const VPC_CNI: (&str, &str) = ("kube-system", "amazon-vpc-cni");
/// Load balancers that are asked about at once.
const CONCURRENCY: usize = 8;

/// What was read.
pub(crate) struct Collected {
    /// What the cluster's API lists.
    pub(crate) objects: Objects,
    /// The settings of the VPC CNI: empty if there are none, `None` if they were not read.
    pub(crate) vpc_cni: Option<BTreeMap<String, String>>,
    /// Load balancers by DNS name.
    pub(crate) balancers: BTreeMap<String, Answer<LoadBalancer>>,
    /// What was not read, and why.
    pub(crate) incomplete: Vec<String>,
}

impl Collected {
    /// What follows from it, of a cluster of which this much is known.
    pub(crate) fn report(&self, known: ClusterReport, scope: &Scope) -> ClusterReport {
        let world = World::new(&self.objects, self.vpc_cni.as_ref(), self.balancers.clone());
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
    let (objects, vpc_cni) = listed(cluster, &mut missing).await;
    begins(Phase::LoadBalancers);
    let balancers: BTreeMap<String, Answer<LoadBalancer>> = stream::iter(e2etls_report::balancers(&objects, scope))
        .map(|name| async move {
            let answer = balancer(clients, &name).await;
            (name, answer)
        })
        .buffer_unordered(CONCURRENCY)
        .collect()
        .await;
    for (name, answer) in &balancers {
        if let Answer::Unread(why) = answer {
            missing.0.push(format!("The load balancer {name} was not read: {why}"));
        }
    }
    Collected {
        objects,
        vpc_cni,
        balancers,
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
            unread.push(kind.plural.to_owned());
            self.0.push(format!(
                "{} were not listed: {} The report needs the verb `list` on {} in all namespaces.",
                kind.plural,
                told(&refusal),
                kind.resource()
            ));
            Vec::new()
        })
    }
}

type VpcCni = Option<BTreeMap<String, String>>;

/// One list for each kind.
async fn listed(cluster: &Cluster, missing: &mut Missing) -> (Objects, VpcCni) {
    let (namespaces, nodes, pods, services, slices, ingresses, policies, config_maps) = futures::join!(
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
    );
    let mut unread = Vec::new();
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
        configurations,
        unread,
    };
    (objects, vpc_cni)
}

/// All objects of a kind that `take` wants, each as the API's type for as long as it takes.
async fn all<A: DeserializeOwned, T: Send>(
    cluster: &Cluster,
    kind: Kind,
    take: impl Fn(A) -> Option<T> + Send + Sync,
) -> Result<Vec<T>, Refusal> {
    raw(cluster, kind, |object| {
        serde_json::from_value(object).ok().and_then(&take)
    })
    .await
}

async fn raw<T: Send>(
    cluster: &Cluster,
    kind: Kind,
    take: impl Fn(Value) -> Option<T> + Send + Sync,
) -> Result<Vec<T>, Refusal> {
    let mut found = Vec::new();
    let keep = |object| found.extend(take(object));
    cluster.objects.list_each(kind, None, "", keep).await?;
    Ok(found)
}

fn pod(pod: ApiPod) -> Option<Pod> {
    if has_ended(&pod) {
        return None;
    }
    let annotations = pod.metadata.annotations.as_ref();
    let configured = annotations
        .and_then(|annotations| annotations.get(CONFIG_ANNOTATION))
        .cloned();
    Some(Pod {
        configured,
        ..pod.into()
    })
}

/// A ConfigMap that may be a configuration of NGINX, or the one of the VPC CNI.
fn config_map(object: Value) -> Option<Configuration> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let metadata = &object["metadata"];
    let (namespace, name) = (text(&metadata["namespace"]), text(&metadata["name"]));
    let data = object["data"].as_object()?;
    let files: BTreeMap<String, String> = data
        .iter()
        .map(|(file, content)| (file.clone(), text(content)))
        .collect();
    let is_nginx = files
        .values()
        .any(|text| text.contains("listen") && text.contains("server"));
    if !is_nginx && (namespace.as_str(), name.as_str()) != VPC_CNI {
        return None;
    }
    let managed = metadata["managedFields"].as_array().into_iter().flatten();
    let written: Option<Timestamp> = managed.filter_map(|entry| entry["time"].as_str()?.parse().ok()).max();
    Some(Configuration {
        digest: digest(files.iter().map(|(file, text)| (file.as_str(), text.as_str()))),
        namespace,
        name,
        written,
        files,
    })
}

/// A load balancer, with all that it leads to.
async fn balancer(clients: &Clients, dns_name: &str) -> Answer<LoadBalancer> {
    let dns_name = dns_name.to_ascii_lowercase();
    let Some((name, region)) = name_and_region(&dns_name) else {
        return Answer::Unread("its name is not one of Elastic Load Balancing".to_owned());
    };
    let found = async {
        let port = clients.load_balancing(Some(region)).await?;
        let found = port.load_balancer(Which::Name(name)).await?;
        match found.filter(|found| found.dns_name.to_ascii_lowercase() == dns_name) {
            Some(found) => described(port.as_ref(), name, &found.arn, found.scheme).await.map(Some),
            None => Ok(None),
        }
    };
    match found.await {
        Ok(Some(balancer)) => Answer::Seen(balancer),
        Ok(None) => Answer::Absent,
        Err(refusal) => Answer::Unread(told(&refusal)),
    }
}

async fn described(port: &dyn ElbV2Api, name: &str, arn: &str, scheme: String) -> Result<LoadBalancer, Refusal> {
    let mut listeners = Vec::new();
    for listener in port.listeners(arn).await? {
        let rules = match listener.protocol.as_str() {
            // Only Application Load Balancers have rules.
            "HTTP" | "HTTPS" => port.rules(&listener.arn).await?,
            _ => Vec::new(),
        };
        listeners.push(Listener {
            port: listener.port,
            protocol: listener.protocol,
            ssl_policy: listener.ssl_policy,
            client_auth: listener.client_auth,
            redirects: listener.redirects,
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
        scheme,
        listeners,
        groups,
    })
}
