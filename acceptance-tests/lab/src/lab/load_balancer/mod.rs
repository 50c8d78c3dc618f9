#![doc = include_str!("README.md")]

mod controller;
mod deploy;
mod events;
mod model;
mod plane;
mod store;
mod vpc;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_elasticloadbalancingv2::Client;
use serde_json::json;

use self::deploy::Aws;
use crate::lab::apply::{apply, apply_yaml};
use crate::lab::{Context as _, REGION, Result};

pub(crate) use self::plane::Listing;
pub use self::plane::{Listed, Listening};
pub(crate) use self::vpc::{Ids, Vpc};

/// What the stand-in runs with.
#[derive(Clone)]
pub(crate) struct Options {
    /// A client that may do everything.
    pub(crate) client: kube::Client,
    /// Where moto is.
    pub(crate) moto: String,
    /// The network of the load balancers.
    pub(crate) vpc: Vpc,
    /// Second octet of their addresses.
    pub(crate) octet: u8,
    /// NGINX, which is the data plane.
    pub(crate) nginx: PathBuf,
    /// Where its files are.
    pub(crate) dir: PathBuf,
    /// How long a target is being registered.
    pub(crate) registration: Duration,
}

/// The subnets of load balancers: one per zone.
pub(crate) fn cidrs(octet: u8) -> Vec<String> {
    vec![format!("10.{octet}.0.0/20"), format!("10.{octet}.16.0/20")]
}

/// The addresses of a load balancer on this machine, from which it connects to its targets: one in each subnet.
fn sources(octet: u8, arn: &str) -> [Ipv4Addr; 2] {
    let hash = |sum: u8, byte: u8| sum.wrapping_mul(31).wrapping_add(byte);
    let host = 4 + arn.bytes().fold(0, hash) % 250;
    [0, 16].map(|subnet| Ipv4Addr::new(127, octet, subnet, host))
}

/// Starts the controller and the data plane, as tasks of this process.
///
/// # Errors
/// The API server refuses the IngressClass, or a directory can't be made.
pub(crate) async fn start(options: Options) -> Result<Listing> {
    std::fs::create_dir_all(&options.dir).context(options.dir.display())?;
    let class = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": { "name": "alb" },
        "spec": { "controller": "ingress.k8s.aws/alb" },
    });
    apply_yaml(&options.client, include_str!("crds.yaml")).await?;
    apply(&options.client, class).await?;
    let sdk = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(vpc::credentials())
        .endpoint_url(&options.moto)
        .load()
        .await;
    let aws = Aws {
        client: Client::new(&sdk),
        vpc: options.vpc.clone(),
    };
    tokio::spawn(controller::run(options.client.clone(), aws));
    Ok(plane::start(options))
}
