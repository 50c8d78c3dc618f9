#![doc = include_str!("README.md")]

use std::path::PathBuf;
use std::sync::Arc;

use kube::Client;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub mod address;
mod api;
mod dns;
mod events;
mod filter;
mod hello;
mod index;
mod lone;
mod manager;
mod node;
mod pod;
mod probe;
mod proxy;
mod relay;
mod rewrite;
mod store;
mod volumes;

pub use address::{behind, lab_port, to_loopback};
pub use dns::NameServer;
pub use filter::ENFORCED;
pub use lone::{At, Files, LonePod};
pub(crate) use probe::get_from;
pub(crate) use relay::connect;

/// What the stand-in runs with.
#[derive(Clone)]
pub struct Options {
    /// A client that may read and write nodes, leases, pods, events, ConfigMaps, Secrets, Services and EndpointSlices.
    pub client: Client,
    /// The node to register and to serve.
    pub node_name: String,
    /// The port at which the node answers port-forward, on this machine, if it does.
    pub streams: Option<u16>,
    /// Where pods live: `<dir>/pods/<uid>/`.
    pub dir: PathBuf,
    /// A static NGINX binary.
    pub nginx: PathBuf,
    /// UDP and TCP port of the name server on 127.0.0.1.
    pub dns_port: u16,
    /// Port of the read API on 127.0.0.1.
    pub api_port: u16,
    /// Second octet of pod addresses: 10.`pod_octet`.0.0/16. Two labs of one machine need two octets.
    pub pod_octet: u8,
    /// Ends everything when it fires.
    pub cancel: CancellationToken,
}

/// Why the stand-in could not run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API server refused a call.
    #[error("Kubernetes API: {0}")]
    Kube(#[from] kube::Error),
    /// A port of the stand-in itself could not be bound.
    #[error("{what} on {at}: {source}")]
    Bind {
        /// What was to listen.
        what: &'static str,
        /// Where.
        at: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The directory of the pods can't be used.
    #[error("directory of the pods: {0}")]
    Dir(#[from] std::io::Error),
}

/// Registers the node and serves its pods, Services and names until the token fires; then kills every process group
/// that it started. Pods stay in the API, and a later run with the same directory and node takes them up again.
///
/// # Errors
///
/// When the API server can't be reached at the start, or when a port of the stand-in itself is taken.
pub async fn run(options: Options) -> Result<(), Error> {
    std::fs::create_dir_all(options.dir.join("pods"))?;
    let dir = options.dir.canonicalize()?;
    let options = Options { dir, ..options };
    let tasks = TaskTracker::new();
    let result = serve(&options, &tasks).await;
    options.cancel.cancel();
    tasks.close();
    tasks.wait().await;
    result
}

async fn serve(options: &Options, tasks: &TaskTracker) -> Result<(), Error> {
    let cancel = &options.cancel;
    let names = dns::Sockets::bind(options.dns_port).await?;
    let reader = api::bind(options.api_port).await?;
    let ports = address::Ports::detect();
    node::register(options).await?;
    let Some(cluster) = store::Cluster::watch(&options.client, tasks, cancel).await else {
        return Ok(());
    };
    let events = events::Events::new(options.client.clone(), &options.node_name);
    let faults = Arc::new(proxy::Faults::default());
    let routes = proxy::Proxy {
        cluster: cluster.clone(),
        ports,
        node: address::to_loopback(node::ip(options)),
        events: events.clone(),
        faults: Arc::clone(&faults),
    };
    let state = Arc::new(api::State {
        dir: options.dir.clone(),
        index: index::Index::default(),
        faults,
    });
    let spawn = |task: futures::future::BoxFuture<'static, ()>| {
        let cancel = cancel.clone();
        tasks.spawn(async move { cancel.run_until_cancelled(task).await });
    };
    spawn(Box::pin(node::keep(options.clone())));
    spawn(Box::pin(names.serve(cluster.clone())));
    spawn(Box::pin(api::serve(reader, Arc::clone(&state))));
    spawn(Box::pin(routes.run()));
    manager::Manager::new(options, ports, cluster, events, state)
        .run()
        .await;
    Ok(())
}

#[cfg(test)]
mod tests;
