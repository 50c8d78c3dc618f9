//! Starts and ends the pods that are bound to the node.

use std::collections::{BTreeMap, HashMap};
use std::net::Ipv4Addr;
use std::sync::Arc;

use futures::TryStreamExt as _;
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::{Pod, ServiceAccount};
use kube::api::{Api, PostParams};
use kube::runtime::{WatchStreamExt as _, watcher};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::address::{Pool, Ports, behind, to_loopback};
use super::events::Events;
use super::filter::Filter;
use super::pod::place::Place;
use super::pod::{self, Context};
use super::store::Cluster;
use super::{Options, api, node};

/// A pod that has a worker.
struct Running {
    pod: watch::Sender<Arc<Pod>>,
    stop: CancellationToken,
    kill: CancellationToken,
    address: Ipv4Addr,
}

/// The pods of the node.
pub(crate) struct Manager {
    options: Options,
    ports: Ports,
    cluster: Cluster,
    events: Events,
    state: Arc<api::State>,
    pool: Pool,
    pods: HashMap<String, Running>,
    workers: TaskTracker,
}

impl Manager {
    pub(crate) fn new(
        options: &Options,
        ports: Ports,
        cluster: Cluster,
        events: Events,
        state: Arc<api::State>,
    ) -> Self {
        let pool = Pool::new(options.pod_octet);
        let workers = TaskTracker::new();
        Self {
            options: options.clone(),
            ports,
            cluster,
            events,
            state,
            pool,
            pods: HashMap::new(),
            workers,
        }
    }

    /// Follows the watch until the token fires, then waits until every pod's processes are gone.
    pub(crate) async fn run(mut self) {
        let cancel = self.options.cancel.clone();
        cancel.run_until_cancelled(self.follow()).await;
        self.workers.close();
        self.workers.wait().await;
    }

    async fn follow(&mut self) {
        let api = Api::<Pod>::all(self.options.client.clone());
        let config = watcher::Config::default().fields(&format!("spec.nodeName={}", self.options.node_name));
        let events = watcher(api, config).default_backoff();
        tokio::pin!(events);
        let mut listed: Vec<Arc<Pod>> = Vec::new();
        loop {
            match events.try_next().await {
                Ok(Some(watcher::Event::Init)) => listed.clear(),
                // A list is handled whole, so that addresses of an earlier run are reserved before any is given out.
                Ok(Some(watcher::Event::InitApply(pod))) => listed.push(Arc::new(pod)),
                Ok(Some(watcher::Event::InitDone)) => self.relist(std::mem::take(&mut listed)).await,
                Ok(Some(watcher::Event::Apply(pod))) => self.apply(Arc::new(pod)).await,
                Ok(Some(watcher::Event::Delete(pod))) => self.gone(pod.metadata.uid.as_deref().unwrap_or_default()),
                Ok(None) => return,
                Err(error) => tracing::warn!(%error, "watch of pods"),
            }
        }
    }

    async fn relist(&mut self, pods: Vec<Arc<Pod>>) {
        let gone: Vec<_> = self
            .pods
            .keys()
            .filter(|uid| !pods.iter().any(|pod| pod.metadata.uid.as_deref() == Some(uid)))
            .cloned()
            .collect();
        gone.iter().for_each(|uid| self.gone(uid));
        for address in pods.iter().filter_map(|pod| known_address(pod)) {
            self.pool.reserve(address);
        }
        for pod in pods {
            self.apply(pod).await;
        }
    }

    /// A pod was made, changed or marked for deletion.
    async fn apply(&mut self, pod: Arc<Pod>) {
        let Some(uid) = pod.metadata.uid.clone() else { return };
        let deleted = pod.metadata.deletion_timestamp.is_some();
        if let Some(running) = self.pods.get(&uid) {
            running.pod.send_replace(pod);
            if deleted {
                running.stop.cancel();
            }
            return;
        }
        let over = matches!(
            pod.status.as_ref().and_then(|s| s.phase.as_deref()),
            Some("Succeeded" | "Failed")
        );
        if over && !deleted {
            return;
        }
        self.start(&uid, pod, deleted).await;
    }

    /// Starts a worker; for a pod that is already deleted one that only removes it.
    async fn start(&mut self, uid: &str, pod: Arc<Pod>, deleted: bool) {
        let (node, on_host) = (node::ip(&self.options), is_on_host(&pod));
        let address = match known_address(&pod) {
            _ if on_host => Some(node),
            Some(known) => Some(self.pool.reserve(known)),
            None => self.pool.take(),
        };
        let Some(address) = address else {
            return tracing::error!("no pod address is left");
        };
        let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
        let is_filtered = !on_host && Filter::is_wanted(&self.cluster, namespace);
        let own = to_loopback(address);
        let place = self.place(uid, &pod, if is_filtered { behind(own) } else { own }).await;
        let (sender, receiver) = watch::channel(Arc::clone(&pod));
        let (stop, kill) = (CancellationToken::new(), self.options.cancel.child_token());
        let context = Arc::new(Context {
            client: self.options.client.clone(),
            cluster: self.cluster.clone(),
            events: self.events.clone(),
            place,
            pod: receiver,
            host_ip: node.to_string(),
            stop: stop.clone(),
            kill: kill.clone(),
        });
        if is_filtered && !deleted {
            let filter = Filter {
                cluster: self.cluster.clone(),
                ports: self.ports,
                address: own,
                node,
            };
            self.workers.spawn(filter.run(Arc::clone(&pod), kill.clone()));
        }
        let meta = &pod.metadata;
        self.state.index.add(
            meta.namespace.as_deref().unwrap_or_default(),
            meta.name.as_deref().unwrap_or_default(),
            uid,
        );
        self.pods.insert(
            uid.to_owned(),
            Running {
                pod: sender,
                stop,
                kill,
                address,
            },
        );
        if deleted {
            self.workers.spawn(async move { pod::remove(&context).await });
        } else {
            self.workers.spawn(pod::run(context));
        }
    }

    /// The pod's object is gone: so is the pod, at once.
    fn gone(&mut self, uid: &str) {
        if let Some(running) = self.pods.remove(uid) {
            running.kill.cancel();
            self.pool.release(running.address);
        }
    }

    async fn place(&self, uid: &str, pod: &Pod, address: Ipv4Addr) -> Place {
        let namespace = pod.metadata.namespace.as_deref().unwrap_or_default();
        let server = match self.options.dns_port {
            53 => Ipv4Addr::LOCALHOST.to_string(),
            port => format!("{}:{port}", Ipv4Addr::LOCALHOST),
        };
        Place {
            dir: self.options.dir.join("pods").join(uid),
            address,
            ports: self.ports,
            tokens: self.tokens(pod, namespace).await,
            nginx: self.options.nginx.clone(),
            resolv_conf: format!(
                "nameserver {server}\nsearch {namespace}.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n"
            ),
        }
    }

    /// Asks for the service account tokens that the pod's volumes project. They are not renewed.
    async fn tokens(&self, pod: &Pod, namespace: &str) -> BTreeMap<String, String> {
        let Some(spec) = &pod.spec else { return BTreeMap::new() };
        let sources = spec
            .volumes
            .iter()
            .flatten()
            .filter_map(|volume| volume.projected.as_ref())
            .flat_map(|p| p.sources.iter().flatten());
        let accounts: Api<ServiceAccount> = Api::namespaced(self.options.client.clone(), namespace);
        let account = spec.service_account_name.as_deref().unwrap_or("default");
        let mut tokens = BTreeMap::new();
        for source in sources.filter_map(|source| source.service_account_token.as_ref()) {
            let audiences = source.audience.clone().into_iter().collect();
            let request = TokenRequest {
                spec: TokenRequestSpec {
                    audiences,
                    expiration_seconds: source.expiration_seconds,
                    ..TokenRequestSpec::default()
                },
                ..TokenRequest::default()
            };
            match accounts
                .create_token_request(account, &PostParams::default(), &request)
                .await
            {
                Ok(answer) => {
                    drop(tokens.insert(source.path.clone(), answer.status.map(|s| s.token).unwrap_or_default()))
                }
                Err(error) => tracing::warn!(%error, account, "no token"),
            }
        }
        tokens
    }
}

/// True if the pod uses the network of its node, and so the node's address.
pub(super) fn is_on_host(pod: &Pod) -> bool {
    pod.spec.as_ref().and_then(|spec| spec.host_network) == Some(true)
}

/// The address that an earlier run gave to the pod.
fn known_address(pod: &Pod) -> Option<Ipv4Addr> {
    pod.status.as_ref()?.pod_ip.as_deref()?.parse().ok()
}
