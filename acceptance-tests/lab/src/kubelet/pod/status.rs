//! What the API is told about a pod.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{
    ContainerState, ContainerStateWaiting, ContainerStatus, HostIP, Pod, PodCondition, PodIP, PodStatus,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::api::{Patch, PatchParams};
use serde_json::json;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Context, all};
use crate::kubelet::address::{before, to_cluster};
use crate::kubelet::manager::is_on_host;

/// How long changes are gathered before they are written.
const SETTLE: Duration = Duration::from_millis(30);
const RETRY: Duration = Duration::from_millis(500);

/// The containers of a pod now.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Snapshot {
    pub(crate) containers: BTreeMap<String, ContainerStatus>,
    initialized: bool,
    sandbox: bool,
    /// Whether all containers succeeded, once none of them runs again.
    ended: Option<bool>,
}

/// The snapshot, shared by a pod's tasks.
#[derive(Debug)]
pub(crate) struct Board {
    now: watch::Sender<Snapshot>,
    start: Time,
}

impl Board {
    /// A board with every container waiting; restart counts of an earlier run are kept.
    pub(crate) fn new(pod: &Pod) -> Self {
        let status = pod.status.clone().unwrap_or_default();
        let known = |name: &str| {
            let both = status
                .container_statuses
                .iter()
                .flatten()
                .chain(status.init_container_statuses.iter().flatten());
            let known = both.into_iter().find(|s| s.name == name);
            // A container that an earlier run had started is restarted now.
            known.map_or(0, |s| s.restart_count + i32::from(s.container_id.is_some()))
        };
        let containers = pod.spec.iter().flat_map(all).map(|container| {
            let image = container.image.clone().unwrap_or_default();
            let waiting = ContainerStatus {
                name: container.name.clone(),
                image_id: format!("e2etls.lab/not-pulled:{}", container.name),
                image,
                restart_count: known(&container.name),
                ready: false,
                started: Some(false),
                state: Some(waiting("PodInitializing", String::new())),
                ..ContainerStatus::default()
            };
            (container.name.clone(), waiting)
        });
        let now = Snapshot {
            containers: containers.collect(),
            ..Snapshot::default()
        };
        Self {
            now: watch::Sender::new(now),
            start: status.start_time.unwrap_or_else(|| Time(Timestamp::now())),
        }
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Snapshot> {
        self.now.subscribe()
    }

    /// Changes the status of one container.
    pub(crate) fn update(&self, name: &str, change: impl FnOnce(&mut ContainerStatus)) {
        self.now.send_if_modified(|now| {
            let Some(status) = now.containers.get_mut(name) else {
                return false;
            };
            let before = status.clone();
            change(status);
            let changed = *status != before;
            now.sandbox = true;
            changed
        });
    }

    pub(crate) fn initialized(&self) {
        self.now.send_modify(|now| now.initialized = true);
    }

    /// No container runs again.
    pub(crate) fn ended(&self, succeeded: bool) {
        self.now.send_modify(|now| now.ended = Some(succeeded));
    }

    /// The pod ended before anything of it ran.
    pub(crate) fn abandon(&self) {
        self.ended(false);
    }
}

/// A waiting state.
pub(crate) fn waiting(reason: &str, message: String) -> ContainerState {
    let message = Some(message).filter(|text| !text.is_empty());
    ContainerState {
        waiting: Some(ContainerStateWaiting {
            reason: Some(reason.to_owned()),
            message,
        }),
        ..ContainerState::default()
    }
}

/// Writes the status whenever it changed, until `done` and once more.
pub(crate) async fn write(context: Arc<Context>, board: Arc<Board>, done: CancellationToken) {
    let mut changes = board.watch();
    let mut pods = context.pod.clone();
    let mut last: Option<PodStatus> = None;
    loop {
        let last_time = done.is_cancelled();
        let now = changes.borrow_and_update().clone();
        if context.kill.is_cancelled() {
            // What the lab's own end does to containers is not the pod's fate. This check comes after the snapshot, so
            // that none of it is ever written.
            return;
        }
        let pod = Arc::clone(&pods.borrow_and_update());
        let status = status(&context, &board, &pod, &now, last.as_ref());
        let failed = last.as_ref() != Some(&status) && !patch(&context, &pod, &status).await;
        if !failed {
            last = Some(status);
        }
        if last_time {
            return;
        }
        tokio::select! {
            _ = changes.changed() => tokio::time::sleep(SETTLE).await,
            changed = pods.changed() => if changed.is_err() { done.cancelled().await },
            () = tokio::time::sleep(RETRY), if failed => {}
            () = done.cancelled() => {}
            () = context.kill.cancelled() => {}
        }
    }
}

/// Patches the status; another writer's conditions stay. Returns false if it is worth another try.
async fn patch(context: &Context, pod: &Pod, status: &PodStatus) -> bool {
    let name = pod.metadata.name.as_deref().unwrap_or_default();
    let body = json!({ "metadata": { "uid": pod.metadata.uid }, "status": status });
    match context
        .api(pod)
        .patch_status(name, &PatchParams::default(), &Patch::Strategic(body))
        .await
    {
        Ok(_) => true,
        Err(kube::Error::Api(error)) if matches!(error.code, 404 | 409) => true,
        Err(error) => {
            tracing::debug!(%error, pod = name, "status not written");
            false
        }
    }
}

/// The whole status from the snapshot.
fn status(context: &Context, board: &Board, pod: &Pod, now: &Snapshot, last: Option<&PodStatus>) -> PodStatus {
    let spec = pod.spec.as_ref();
    let of = |names: Vec<&String>| {
        names
            .into_iter()
            .filter_map(|name| now.containers.get(name).cloned())
            .collect::<Vec<_>>()
    };
    let init = of(spec
        .iter()
        .flat_map(|s| s.init_containers.iter().flatten())
        .map(|c| &c.name)
        .collect());
    let main = of(spec.iter().flat_map(|s| &s.containers).map(|c| &c.name).collect());
    let known = last
        .and_then(|s| s.conditions.as_ref())
        .or_else(|| pod.status.as_ref()?.conditions.as_ref());
    let pod_ip = match is_on_host(pod) {
        true => context.host_ip.clone(),
        false => to_cluster(before(context.place.address)).to_string(),
    };
    PodStatus {
        phase: Some(phase(now, &main).to_owned()),
        conditions: Some(conditions(pod, now, &main, known.map_or(&[], Vec::as_slice))),
        init_container_statuses: Some(init).filter(|list| !list.is_empty()),
        container_statuses: Some(main),
        pod_ip: Some(pod_ip.clone()),
        pod_ips: Some(vec![PodIP { ip: pod_ip }]),
        host_ip: Some(context.host_ip.clone()),
        host_ips: Some(vec![HostIP {
            ip: context.host_ip.clone(),
        }]),
        start_time: Some(board.start.clone()),
        ..PodStatus::default()
    }
}

fn phase(now: &Snapshot, main: &[ContainerStatus]) -> &'static str {
    let begun = main
        .iter()
        .any(|s| s.state.as_ref().is_some_and(|state| state.running.is_some()) || s.last_state.is_some());
    match now.ended {
        Some(true) => "Succeeded",
        Some(false) => "Failed",
        None if now.initialized
            && (begun
                || main
                    .iter()
                    .any(|s| s.state.as_ref().is_some_and(|state| state.terminated.is_some()))) =>
        {
            "Running"
        }
        None => "Pending",
    }
}

/// Kubelet's own conditions, with the time of their last change.
fn conditions(pod: &Pod, now: &Snapshot, main: &[ContainerStatus], known: &[PodCondition]) -> Vec<PodCondition> {
    let unready: Vec<_> = main
        .iter()
        .filter(|status| !status.ready)
        .map(|status| status.name.as_str())
        .collect();
    let ready = unready.is_empty() && now.ended.is_none();
    let gates = pod.spec.iter().flat_map(|spec| spec.readiness_gates.iter().flatten());
    let passed = |name: &str| {
        let all = pod.status.iter().flat_map(|s| s.conditions.iter().flatten());
        all.into_iter().any(|c| c.type_ == name && c.status == "True")
    };
    let gates_pass = gates.into_iter().all(|gate| passed(&gate.condition_type));
    let why = match now.ended {
        Some(_) => ("PodCompleted", String::new()),
        None => (
            "ContainersNotReady",
            format!("containers with unready status: {unready:?}")
                .replace('"', "")
                .replace(',', ""),
        ),
    };
    let gate_why = ("ReadinessGatesNotReady", "a readiness gate has not passed".to_owned());
    [
        ("PodScheduled", true, None),
        ("PodReadyToStartContainers", now.sandbox, None),
        (
            "Initialized",
            now.initialized,
            (!now.initialized).then(|| ("ContainersNotInitialized", String::new())),
        ),
        ("ContainersReady", ready, (!ready).then(|| why.clone())),
        (
            "Ready",
            ready && gates_pass,
            if ready {
                Some(gate_why).filter(|_| !gates_pass)
            } else {
                Some(why.clone())
            },
        ),
    ]
    .into_iter()
    .map(|(type_, ok, why)| condition(type_, ok, why, known))
    .collect()
}

fn condition(type_: &str, ok: bool, why: Option<(&str, String)>, known: &[PodCondition]) -> PodCondition {
    let status = if ok { "True" } else { "False" };
    let same = known.iter().find(|c| c.type_ == type_ && c.status == status);
    PodCondition {
        type_: type_.to_owned(),
        status: status.to_owned(),
        reason: why.as_ref().map(|(reason, _)| (*reason).to_owned()),
        message: why.map(|(_, message)| message).filter(|message| !message.is_empty()),
        last_transition_time: same
            .and_then(|c| c.last_transition_time.clone())
            .or_else(|| Some(Time(Timestamp::now()))),
        ..PodCondition::default()
    }
}
