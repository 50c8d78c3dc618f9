//! What leads to Services beside Ingresses: routes of the Gateway API, and TargetGroupBindings.

use std::collections::{BTreeMap, BTreeSet};

use e2etls_clients::aws::elbv2::Which;
use e2etls_clients::kube::kinds::{self, Kind};
use e2etls_engine::refusal::Refusal;
use e2etls_report::objects::{Route, ServicePortRef};
use futures::{StreamExt as _, stream};
use serde_json::Value;

use crate::kinds::Clients;
use crate::session::wording::told;

/// What leads to Services.
pub(super) const ROUTES: [Kind; 7] = [
    kinds::TARGET_GROUP_BINDING,
    kinds::AUTO_MODE_TARGET_GROUP_BINDING,
    kinds::HTTP_ROUTE,
    kinds::GRPC_ROUTE,
    kinds::TCP_ROUTE,
    kinds::TLS_ROUTE,
    kinds::UDP_ROUTE,
];

/// Versions that are asked for where a cluster does not serve the one of the kind, because its Gateway API is older or newer.
///
/// Source: <https://gateway-api.sigs.k8s.io/reference/spec/>
pub(super) fn other_versions(kind: Kind) -> &'static [&'static str] {
    match kind.plural {
        "gateways" | "httproutes" => &["v1beta1"],
        "grpcroutes" => &["v1alpha2"],
        "tcproutes" | "udproutes" => &["v1"],
        "tlsroutes" => &["v1alpha3", "v1alpha2"],
        _ => &[],
    }
}

/// Namespace and name.
type Place = (String, String);

/// A Gateway, and its addresses.
pub(super) type Gateways = BTreeMap<Place, Vec<String>>;

/// What a route leads through.
#[derive(Clone, Debug)]
enum Through {
    Gateways(Vec<Place>),
    /// By its ARN.
    TargetGroup(String),
}

/// A route before its load balancers are known.
#[derive(Clone, Debug)]
pub(super) struct Led {
    object: String,
    hosts: Vec<String>,
    service: Place,
    port: ServicePortRef,
    through: Through,
}

/// A Gateway with the addresses that its controller has given it.
pub(super) fn gateway(object: &Value) -> Option<(Place, Vec<String>)> {
    let metadata = &object["metadata"];
    let place = (
        metadata["namespace"].as_str()?.to_owned(),
        metadata["name"].as_str()?.to_owned(),
    );
    let addresses = object["status"]["addresses"].as_array().into_iter().flatten();
    let addresses = addresses.filter_map(|address| address["value"].as_str().map(str::to_owned));
    Some((place, addresses.collect()))
}

/// The Services that an object leads to. What a controller has made for an Ingress or a Service is no way of its own.
pub(super) fn leading(kind: Kind, object: &Value) -> Option<Vec<Led>> {
    let metadata = &object["metadata"];
    let namespace = metadata["namespace"].as_str()?;
    let name = format!("{} {namespace}/{}", kind.kind, metadata["name"].as_str()?);
    if kind.plural == kinds::TARGET_GROUP_BINDING.plural {
        let labels = metadata["labels"].as_object().into_iter().flatten();
        let is_own = labels.into_iter().any(|(key, _)| is_made_by_controller(key));
        return (!is_own).then(|| bound(name, namespace, &object["spec"]).into_iter().collect());
    }
    Some(routed(&name, namespace, &object["spec"]))
}

fn is_made_by_controller(key: &str) -> bool {
    key.starts_with("ingress.k8s.aws/") || key.starts_with("service.k8s.aws/") || key.contains("eks.amazonaws.com/")
}

/// Source: <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/targetgroupbinding/spec/>
fn bound(object: String, namespace: &str, spec: &Value) -> Option<Led> {
    let service = &spec["serviceRef"];
    Some(Led {
        object,
        hosts: Vec::new(),
        service: (namespace.to_owned(), service["name"].as_str()?.to_owned()),
        port: match service["port"].as_str() {
            Some(name) => ServicePortRef::Name(name.to_owned()),
            None => number(&service["port"]),
        },
        through: Through::TargetGroup(spec["targetGroupARN"].as_str().unwrap_or_default().to_owned()),
    })
}

/// Source: <https://gateway-api.sigs.k8s.io/reference/spec/#httproutespec>
fn routed(object: &str, namespace: &str, spec: &Value) -> Vec<Led> {
    let within = |reference: &Value| reference["namespace"].as_str().unwrap_or(namespace).to_owned();
    let is = |reference: &Value, kind: &str, default: &str| reference["kind"].as_str().unwrap_or(default) == kind;
    let each = |list: &Value| list.as_array().cloned().unwrap_or_default();
    let hosts = each(&spec["hostnames"])
        .iter()
        .filter_map(|host| host.as_str().map(str::to_owned))
        .collect::<Vec<_>>();
    let parents = each(&spec["parentRefs"])
        .into_iter()
        .filter(|parent| is(parent, "Gateway", "Gateway"));
    let gateways = parents
        .filter_map(|parent| Some((within(&parent), parent["name"].as_str()?.to_owned())))
        .collect::<Vec<_>>();
    let backends = each(&spec["rules"])
        .into_iter()
        .flat_map(|rule| each(&rule["backendRefs"]));
    let services = backends.filter(|backend| is(backend, "Service", "Service"));
    services
        .filter_map(|service| {
            Some(Led {
                object: object.to_owned(),
                hosts: hosts.clone(),
                service: (within(&service), service["name"].as_str()?.to_owned()),
                port: number(&service["port"]),
                through: Through::Gateways(gateways.clone()),
            })
        })
        .collect()
}

fn number(port: &Value) -> ServicePortRef {
    ServicePortRef::Number(
        port.as_i64()
            .and_then(|port| i32::try_from(port).ok())
            .unwrap_or_default(),
    )
}

/// All routes, and what they lead through.
pub(super) struct Ways {
    pub(super) led: Vec<Led>,
    /// `None` if they were not listed.
    pub(super) gateways: Option<Gateways>,
}

/// Target groups that are asked about at once.
const CONCURRENCY: usize = 8;

impl Ways {
    /// The routes with their load balancers, of which Elastic Load Balancing is asked where only a target group is named. What
    /// it does not say is added to `missing`.
    pub(super) async fn routes(self, clients: &Clients, missing: &mut Vec<String>) -> Vec<Route> {
        let groups: BTreeSet<String> = self.led.iter().filter_map(Led::group).collect();
        let asked = groups.into_iter().map(|arn| async move {
            let found = of_group(clients, &arn).await;
            (arn, found)
        });
        let groups: BTreeMap<_, _> = stream::iter(asked).buffer_unordered(CONCURRENCY).collect().await;
        for (arn, found) in &groups {
            if let Err(why) = found {
                missing.push(format!(
                    "The load balancers of the target group {arn} were not read: {why}"
                ));
            }
        }
        let gateways = self.gateways.as_ref();
        let route = |led: Led| Route {
            balancers: match &led.through {
                Through::TargetGroup(arn) => groups[arn].clone(),
                Through::Gateways(names) => of_gateways(names, gateways),
            },
            object: led.object,
            hosts: led.hosts,
            service: led.service,
            port: led.port,
        };
        self.led.into_iter().map(route).collect()
    }
}

impl Led {
    fn group(&self) -> Option<String> {
        match &self.through {
            Through::TargetGroup(arn) => Some(arn.clone()),
            Through::Gateways(_) => None,
        }
    }
}

fn of_gateways(names: &[Place], gateways: Option<&Gateways>) -> Result<Vec<String>, String> {
    let gateways = gateways.ok_or("gateways were not listed")?;
    if names.is_empty() {
        return Err("it is not attached to a Gateway".to_owned());
    }
    let addresses = names.iter().filter_map(|name| gateways.get(name));
    Ok(addresses.flatten().cloned().collect())
}

/// DNS names of the load balancers that forward to a target group.
async fn of_group(clients: &Clients, arn: &str) -> Result<Vec<String>, String> {
    let found = async {
        let port = clients.load_balancing(arn.split(':').nth(3)).await?;
        let groups = port.target_groups(&[arn.to_owned()]).await?;
        let mut names = Vec::new();
        for balancer in groups.iter().flat_map(|group| &group.load_balancers) {
            names.extend(
                port.load_balancer(Which::Arn(balancer))
                    .await?
                    .map(|found| found.dns_name),
            );
        }
        Ok(names)
    };
    found.await.map_err(|refusal: Refusal| told(&refusal))
}
