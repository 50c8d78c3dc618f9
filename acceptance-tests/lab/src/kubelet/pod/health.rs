//! Runs a container's probes.

use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, Probe};
use tokio::net::TcpStream;
use tokio::time::{Instant, interval_at};

use super::Context;
use super::env::Launch;
use super::process;
use super::status::Board;
use crate::kubelet::events::reference;
use crate::kubelet::probe::{self, Request, Schedule, Tally};

/// Probes one running container.
pub(crate) struct Health<'a> {
    pub(crate) context: &'a Context,
    pub(crate) board: &'a Board,
    pub(crate) container: &'a Container,
    /// What commands inside the container run with.
    pub(crate) inside: Option<(Launch, i32)>,
}

impl Health<'_> {
    /// Probes until the container must be restarted; returns why.
    pub(crate) async fn watch(&self) -> String {
        let since = Instant::now();
        if let Some(startup) = &self.container.startup_probe
            && !self.until("Startup", startup, since, Some(true)).await
        {
            return format!(
                "Container {} failed startup probe, will be restarted",
                self.container.name
            );
        }
        let no_readiness = self.container.readiness_probe.is_none();
        self.board.update(&self.container.name, |status| {
            status.started = Some(true);
            status.ready |= no_readiness;
        });
        tokio::select! {
            () = self.readiness(since) => unreachable_end().await,
            why = self.liveness(since) => why,
        }
    }

    async fn liveness(&self, since: Instant) -> String {
        match &self.container.liveness_probe {
            Some(probe) => drop(self.until("Liveness", probe, since, None).await),
            None => unreachable_end().await,
        }
        format!(
            "Container {} failed liveness probe, will be restarted",
            self.container.name
        )
    }

    async fn readiness(&self, since: Instant) {
        let Some(probe) = &self.container.readiness_probe else {
            return unreachable_end().await;
        };
        let schedule = Schedule::of(probe);
        let mut tally = Tally::new(schedule);
        let mut ticks = interval_at(since + schedule.delay, schedule.period);
        loop {
            ticks.tick().await;
            let ok = self.ask("Readiness", probe, schedule.timeout).await;
            if let Some(ready) = tally.add(ok) {
                self.board.update(&self.container.name, |status| status.ready = ready);
            }
        }
    }

    /// Probes until the result is `wanted` (true) or a failure (false).
    async fn until(&self, kind: &str, probe: &Probe, since: Instant, wanted: Option<bool>) -> bool {
        let schedule = Schedule::of(probe);
        let mut tally = Tally::new(schedule);
        let mut ticks = interval_at(since + schedule.delay, schedule.period);
        loop {
            ticks.tick().await;
            match tally.add(self.ask(kind, probe, schedule.timeout).await) {
                Some(false) => return false,
                result if result.is_some() && result == wanted => return true,
                _ => {}
            }
        }
    }

    /// Asks once; a failure is an Unhealthy event.
    async fn ask(&self, kind: &str, probe: &Probe, limit: Duration) -> bool {
        let place = &self.context.place;
        let Some(request) = probe::request(probe, self.container, place.address, place.ports) else {
            return true;
        };
        match tokio::time::timeout(limit, self.answer(&request, limit))
            .await
            .unwrap_or_else(|_| Err("timed out".to_owned()))
        {
            Ok(()) => true,
            Err(why) => {
                let pod = reference(&*self.context.pod());
                self.context
                    .events
                    .warn(&pod, "Unhealthy", format!("{kind} probe failed: {why}"))
                    .await;
                false
            }
        }
    }

    async fn answer(&self, request: &Request, limit: Duration) -> Result<(), String> {
        match request {
            Request::Exec(command) => self.exec(command, limit).await,
            Request::Connect(to) => TcpStream::connect(to).await.map(drop).map_err(|e| e.to_string()),
            Request::Get { to, tls, path, headers } => match probe::get(*to, *tls, path, headers).await {
                Ok((200..=399, _)) => Ok(()),
                Ok((status, _)) => Err(format!("HTTP probe failed with statuscode: {status}")),
                Err(error) => Err(error.to_string()),
            },
        }
    }

    /// Runs a probe's command as inside the container.
    async fn exec(&self, command: &[String], limit: Duration) -> Result<(), String> {
        let Some((launch, main)) = &self.inside else {
            return Err("the built-in application runs no commands".to_owned());
        };
        let rewriter = self.context.place.rewriter(self.container);
        let argv = command.iter().map(|word| rewriter.text(word)).collect();
        let launch = Launch { argv, ..launch.clone() };
        // The group is killed by `exec`'s own limit, which must come before the caller's.
        let limit = limit.saturating_sub(Duration::from_millis(20));
        match process::exec(&launch, *main, limit).await {
            Ok(Some(said)) if said.code == 0 => Ok(()),
            Ok(Some(said)) => Err(format!("exit code {}: {}", said.code, said.text.trim())),
            Ok(None) => Err(format!("command {command:?} timed out")),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// Never ends.
async fn unreachable_end<T>() -> T {
    std::future::pending().await
}
