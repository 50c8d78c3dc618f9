//! One container: start, probes, end, and start again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Container, ContainerState, ContainerStateRunning, ContainerStateTerminated};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use tokio_util::sync::CancellationToken;

use super::health::Health;
use super::process::last_lines;
use super::status::{Board, waiting};
use super::workload::{StartError, Workload};
use super::{Context, stop};
use crate::kubelet::events::reference;

const FIRST_BACKOFF: Duration = Duration::from_secs(1);
const LAST_BACKOFF: Duration = Duration::from_secs(10);
/// A container that ran this long starts with the first back-off again.
const STABLE: Duration = Duration::from_secs(60);
const DEFAULT_GRACE: i64 = 30;

/// What a container is in its pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Init,
    Sidecar,
    Main,
}

/// How a container ended for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Succeeded,
    Failed,
}

/// Runs one container for as long as its pod lives.
pub(crate) struct Runner {
    pub(crate) context: Arc<Context>,
    pub(crate) board: Arc<Board>,
    pub(crate) container: Container,
    pub(crate) role: Role,
    pub(crate) policy: String,
    pub(crate) grace: Option<i64>,
    pub(crate) stop: CancellationToken,
}

/// How one run of a container ended.
struct Ran {
    code: i32,
    /// Whether its pod or the lab is ending.
    stopped: bool,
}

impl Runner {
    /// Starts the container, and again after each end that its policy does not accept.
    pub(crate) async fn run(&self) -> End {
        let mut backoff = FIRST_BACKOFF;
        loop {
            let begun = Instant::now();
            let ran = self.once().await;
            if let Ok(Ran { code, stopped }) = ran
                && (stopped || !self.restarts(code))
            {
                return if code == 0 { End::Succeeded } else { End::Failed };
            }
            if begun.elapsed() > STABLE {
                backoff = FIRST_BACKOFF;
            }
            if let Err(error) = &ran {
                self.board.update(&self.container.name, |status| {
                    status.state = Some(waiting(error.reason, error.message.clone()))
                });
                self.context
                    .events
                    .warn(&reference(&*self.context.pod()), "Failed", error.message.clone())
                    .await;
            } else {
                self.crash_loop(backoff).await;
            }
            if !self.sleep(backoff).await {
                return End::Failed;
            }
            if ran.is_ok() {
                self.board
                    .update(&self.container.name, |status| status.restart_count += 1);
            }
            backoff = (backoff * 2).min(LAST_BACKOFF);
        }
    }

    fn restarts(&self, code: i32) -> bool {
        match (self.role, self.policy.as_str()) {
            (Role::Sidecar, _) | (Role::Main, "Always") => true,
            (_, "Never") => false,
            _ => code != 0,
        }
    }

    /// Waits, unless the pod ends first.
    async fn sleep(&self, time: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(time) => true,
            () = self.stop.cancelled() => false,
            () = self.context.kill.cancelled() => false,
        }
    }

    async fn crash_loop(&self, backoff: Duration) {
        let name = &self.container.name;
        let message = format!("back-off {}s restarting failed container={name}", backoff.as_secs());
        self.board.update(name, |status| {
            status.last_state = status.state.take();
            status.state = Some(waiting("CrashLoopBackOff", message.clone()));
        });
        self.context
            .events
            .warn(&reference(&*self.context.pod()), "BackOff", message)
            .await;
    }

    /// One run from start to end.
    async fn once(&self) -> Result<Ran, StartError> {
        let log = self.context.place.log(&self.container.name);
        let log_start = std::fs::metadata(&log).map_or(0, |meta| meta.len());
        let mut workload = Workload::start(&self.context, &self.container).await?;
        let started = Time(Timestamp::now());
        self.mark_running(&started);
        let (code, stopped) = self.attend(&mut workload).await;
        // What the process wrote last may still be in its pipe.
        tokio::time::sleep(Duration::from_millis(30)).await;
        let message = self.message(code, last_lines(&log, log_start));
        self.mark_ended(code, started, message);
        Ok(Ran { code, stopped })
    }

    /// Watches over a running container.
    async fn attend(&self, workload: &mut Workload) -> (i32, bool) {
        let health = Health {
            context: &self.context,
            board: &self.board,
            container: &self.container,
            inside: workload.inside(),
        };
        let unhealthy = tokio::select! {
            code = workload.wait() => return (code, self.stop.is_cancelled()),
            why = health.watch(), if self.role != Role::Init => Some(why),
            () = self.stop.cancelled() => None,
            () = self.context.kill.cancelled() => {
                workload.kill();
                return (workload.wait().await, true);
            }
        };
        if let Some(why) = &unhealthy {
            self.context
                .events
                .note(&reference(&*self.context.pod()), "Killing", why.clone())
                .await;
        }
        let code = stop::stop(&self.context, &self.container, workload, self.grace()).await;
        (code, unhealthy.is_none())
    }

    /// The grace period: that of the deletion, else that of the pod.
    fn grace(&self) -> Duration {
        let asked = self.context.pod().metadata.deletion_grace_period_seconds;
        let seconds = asked.or(self.grace).unwrap_or(DEFAULT_GRACE);
        Duration::from_secs(seconds.try_into().unwrap_or(0))
    }

    fn mark_running(&self, started: &Time) {
        let running = ContainerStateRunning {
            started_at: Some(started.clone()),
        };
        let init = self.role == Role::Init;
        self.board.update(&self.container.name, |status| {
            status.state = Some(ContainerState {
                running: Some(running),
                ..ContainerState::default()
            });
            status.started = Some(init);
            status.ready = false;
            status.container_id = Some(format!("e2etls-lab://{}-{}", status.name, status.restart_count));
        });
    }

    fn mark_ended(&self, code: i32, started: Time, message: Option<String>) {
        let ended = ContainerStateTerminated {
            exit_code: code,
            reason: Some(if code == 0 { "Completed" } else { "Error" }.to_owned()),
            message,
            started_at: Some(started),
            finished_at: Some(Time(Timestamp::now())),
            ..ContainerStateTerminated::default()
        };
        let done = self.role == Role::Init && code == 0;
        self.board.update(&self.container.name, |status| {
            status.state = Some(ContainerState {
                terminated: Some(ended),
                ..ContainerState::default()
            });
            status.ready = done;
            status.started = Some(false);
        });
    }

    /// The termination message: what the container left in its file, else the end of its log after a failure.
    fn message(&self, code: i32, log: String) -> Option<String> {
        let file = self.context.place.in_root(&self.container, "/dev/termination-log");
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let text = if text.is_empty() && code != 0 { log } else { text };
        Some(text).filter(|text| !text.is_empty())
    }
}
