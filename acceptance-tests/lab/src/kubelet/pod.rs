//! One pod on the node: volumes, init containers, containers, status, end.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use k8s_openapi::api::core::v1::{Container, Pod, PodSpec};
use kube::Client;
use kube::api::{Api, DeleteParams, Preconditions};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::events::{Events, reference};
use super::store::Cluster;
use super::volumes::Volumes;

pub(crate) mod container;
pub(crate) mod downward;
pub(crate) mod env;
mod health;
pub(crate) mod place;
pub(crate) mod process;
mod status;
mod stop;
mod workload;

use container::{End, Role, Runner};
use place::Place;
use status::Board;

/// How long a missing ConfigMap or Secret is waited for before the next look, if nothing changes.
const MOUNT_RETRY: Duration = Duration::from_secs(10);
/// How long changes of volumes are gathered before they are projected.
const SETTLE: Duration = Duration::from_millis(300);

/// What all tasks of one pod share.
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) cluster: Cluster,
    pub(crate) events: Events,
    pub(crate) place: Place,
    /// The pod as last seen.
    pub(crate) pod: watch::Receiver<Arc<Pod>>,
    /// The node's own address in the API.
    pub(crate) host_ip: String,
    /// Fires when the pod is to end in its grace period.
    pub(crate) stop: CancellationToken,
    /// Fires when everything is to end at once.
    pub(crate) kill: CancellationToken,
}

impl Context {
    /// The pod as last seen.
    pub(crate) fn pod(&self) -> Arc<Pod> {
        Arc::clone(&self.pod.borrow())
    }

    fn api(&self, pod: &Pod) -> Api<Pod> {
        Api::namespaced(
            self.client.clone(),
            pod.metadata.namespace.as_deref().unwrap_or_default(),
        )
    }

    fn volumes<'a>(&'a self, pod: &'a Pod, spec: &'a PodSpec) -> Volumes<'a> {
        Volumes {
            pod,
            spec,
            place: &self.place,
            cluster: &self.cluster,
        }
    }
}

/// Runs a pod to its end; returns when nothing of it is left on the machine.
pub(crate) async fn run(context: Arc<Context>) {
    let pod = context.pod();
    let Some(spec) = pod.spec.clone() else { return };
    let board = Arc::new(Board::new(&pod));
    let written = CancellationToken::new();
    let writer = tokio::spawn(status::write(Arc::clone(&context), Arc::clone(&board), written.clone()));
    let lives = Lives {
        context: Arc::clone(&context),
        spec: Arc::new(spec),
        board: Arc::clone(&board),
    };
    lives.run().await;
    if !context.kill.is_cancelled() {
        // A pod that completed stays until somebody deletes it.
        context.kill.run_until_cancelled(context.stop.cancelled()).await;
    }
    written.cancel();
    let _ = writer.await;
    if !context.kill.is_cancelled() {
        remove(&context).await;
    }
}

/// Deletes the pod's object, now that its processes have ended.
pub(crate) async fn remove(context: &Context) {
    let pod = context.pod();
    let preconditions = Preconditions {
        uid: pod.metadata.uid.clone(),
        resource_version: None,
    };
    let how = DeleteParams {
        grace_period_seconds: Some(0),
        preconditions: Some(preconditions),
        ..DeleteParams::default()
    };
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    if let Err(error) = context.api(&pod).delete(name, &how).await {
        tracing::debug!(%error, pod = name, "not deleted");
    }
}

/// The containers of a pod.
struct Lives {
    context: Arc<Context>,
    spec: Arc<PodSpec>,
    board: Arc<Board>,
}

impl Lives {
    async fn run(&self) {
        if !self.mount().await {
            return self.board.abandon();
        }
        let refresh = CancellationToken::new();
        let refresher = tokio::spawn(
            refresh
                .clone()
                .run_until_cancelled_owned(refresh_volumes(Arc::clone(&self.context), Arc::clone(&self.spec))),
        );
        let sidecars = TaskTracker::new();
        let sidecars_stop = CancellationToken::new();
        if self.init(&sidecars, &sidecars_stop).await {
            self.board.initialized();
            let ends = join_all(
                self.spec
                    .containers
                    .iter()
                    .map(|container| self.one(container, Role::Main)),
            )
            .await;
            self.board.ended(ends.iter().all(|end| *end == End::Succeeded));
        } else {
            self.board.ended(false);
        }
        sidecars_stop.cancel();
        sidecars.close();
        sidecars.wait().await;
        refresh.cancel();
        let _ = refresher.await;
    }

    /// Mounts every volume of every container, and waits for those that are missing.
    async fn mount(&self) -> bool {
        let mut changes = self.context.cluster.volume_changes();
        let stopped = async {
            futures::future::select(
                Box::pin(self.context.stop.cancelled()),
                Box::pin(self.context.kill.cancelled()),
            )
            .await
        };
        tokio::pin!(stopped);
        loop {
            changes.mark_unchanged();
            let Err(error) = self.try_mount().await else {
                return true;
            };
            self.context
                .events
                .warn(&reference(&*self.context.pod()), "FailedMount", error)
                .await;
            tokio::select! {
                _ = &mut stopped => return false,
                _ = changes.changed() => tokio::time::sleep(SETTLE).await,
                () = tokio::time::sleep(MOUNT_RETRY) => {}
            }
        }
    }

    async fn try_mount(&self) -> Result<(), String> {
        let pod = self.context.pod();
        let volumes = self.context.volumes(&pod, &self.spec);
        for container in all(&self.spec) {
            let place = &self.context.place;
            place.prepare(container).map_err(|e| e.to_string())?;
            volumes
                .mount(container, &place.rewriter(container))
                .map_err(|e| e.to_string())?;
        }
        Ok(())
    }

    /// Runs init containers in their order; starts sidecars and leaves them running.
    async fn init(&self, sidecars: &TaskTracker, stop: &CancellationToken) -> bool {
        for container in self.spec.init_containers.iter().flatten() {
            if container.restart_policy.as_deref() == Some("Always") {
                let runner = self.runner(container, Role::Sidecar, stop.clone());
                sidecars.spawn(async move { runner.run().await });
                if !self.started(&container.name).await {
                    return false;
                }
            } else if self.one(container, Role::Init).await != End::Succeeded {
                return false;
            }
        }
        true
    }

    /// Waits until a sidecar's startup probe has passed.
    async fn started(&self, name: &str) -> bool {
        let mut changes = self.board.watch();
        let started = changes.wait_for(|now| {
            now.containers
                .get(name)
                .is_some_and(|status| status.started == Some(true))
        });
        tokio::select! {
            found = started => found.is_ok(),
            () = self.context.stop.cancelled() => false,
            () = self.context.kill.cancelled() => false,
        }
    }

    async fn one(&self, container: &Container, role: Role) -> End {
        self.runner(container, role, self.context.stop.clone()).run().await
    }

    fn runner(&self, container: &Container, role: Role, stop: CancellationToken) -> Runner {
        Runner {
            context: Arc::clone(&self.context),
            board: Arc::clone(&self.board),
            container: container.clone(),
            role,
            policy: self.spec.restart_policy.clone().unwrap_or_else(|| "Always".to_owned()),
            grace: self.spec.termination_grace_period_seconds,
            stop,
        }
    }
}

/// Projects changed ConfigMaps and Secrets again, for as long as the pod lives.
async fn refresh_volumes(context: Arc<Context>, spec: Arc<PodSpec>) {
    let mut changes = context.cluster.volume_changes();
    while changes.changed().await.is_ok() {
        tokio::time::sleep(SETTLE).await;
        changes.mark_unchanged();
        let pod = context.pod();
        let volumes = context.volumes(&pod, &spec);
        for container in all(&spec) {
            volumes.refresh(container, &context.place.rewriter(container));
        }
    }
}

/// Init containers first.
fn all(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    spec.init_containers.iter().flatten().chain(&spec.containers)
}
