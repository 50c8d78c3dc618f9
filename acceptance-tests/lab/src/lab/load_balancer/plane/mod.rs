//! What stands behind the AWS objects: probes of targets, and the programs that take connections.

mod conf;
mod health;
mod relay;
mod server;
mod snapshot;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use self::snapshot::Moto;
use super::Options;

/// A load balancer of the lab and where its listeners are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The name that its clients know.
    pub dns_name: String,
    /// `application` or `network`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its listeners.
    pub listeners: Vec<Listening>,
}

/// A listener and its address on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listening {
    /// The port that clients know.
    pub port: u16,
    /// Its protocol.
    pub protocol: String,
    /// Where it listens.
    pub address: String,
}

/// The load balancers that the data plane serves now.
pub(crate) type Listing = watch::Receiver<Arc<Vec<Listed>>>;

/// Starts the data plane.
pub(super) fn start(options: Options) -> Listing {
    let moto = Moto::new(&options.moto);
    let (sender, listing) = watch::channel(Arc::default());
    tokio::spawn(health::run(moto.clone(), options.octet, options.registration));
    tokio::spawn(server::run(moto, options, sender));
    listing
}
