//! One command of Terraform, with what it cost.

use std::fs;
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::oneshot;

use super::calls::Counts;
use super::waits::Waits;
use crate::lab::{Context as _, Error, Recorder, Result, process};
use crate::terraform::Workspace;

/// Between two looks at the provider's memory. The kernel keeps the peak, so only the last moment can be missed.
const PERIOD: Duration = Duration::from_millis(40);

/// What a command cost.
#[derive(Debug, Clone, Serialize)]
pub struct Cost {
    /// From the start of Terraform to its end.
    pub seconds: f64,
    /// The most that one process of the provider had resident, in bytes.
    pub peak_bytes: u64,
    /// Requests.
    pub counts: Counts,
    /// What proxies that were made waited for.
    pub waits: Option<Waits>,
}

/// Runs a command, which must end with 0 (for `plan -detailed-exitcode`: nothing to do).
pub(super) async fn run(terraform: &Workspace, recorder: &Recorder, args: &[&str]) -> Result<Cost> {
    recorder.reset().await?;
    let started = Instant::now();
    let running = terraform.start(args)?;
    let root = running.pid().context("Terraform is not running")?;
    let (done, stop) = oneshot::channel();
    let sampler = tokio::spawn(peak(root, stop));
    let output = running.wait().await?;
    let seconds = started.elapsed().as_secs_f64();
    drop(done);
    let peak_bytes = sampler.await.context("the provider's memory")?;
    if output.code != Some(0) {
        return Err(Error::new(output.to_string()));
    }
    let calls = recorder.calls().await?;
    Ok(Cost {
        seconds,
        peak_bytes,
        counts: Counts::of(&calls),
        waits: Waits::of(&calls),
    })
}

/// The highest peak of the provider's processes below `root`, until `stop`.
async fn peak(root: u32, mut stop: oneshot::Receiver<()>) -> u64 {
    let mut highest = 0;
    while let Err(oneshot::error::TryRecvError::Empty) = stop.try_recv() {
        let providers = process::descendants(root)
            .into_iter()
            .filter(|pid| process::name(*pid).starts_with("terraform-provi"));
        highest = providers.filter_map(|pid| memory(pid, "VmHWM")).fold(highest, u64::max);
        tokio::time::sleep(PERIOD).await;
    }
    highest
}

/// A line of `/proc/PID/status`, in bytes.
pub(super) fn memory(pid: u32, field: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
    line.trim()
        .strip_suffix(" kB")?
        .parse::<u64>()
        .ok()
        .map(|kib| kib * 1024)
}
