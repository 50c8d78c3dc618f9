//! From exec to the handshake line.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::time::{Duration, Instant};

use tfplugin_protocol::host::{ClientIdentity, Launch};

use super::command::memory;
use crate::lab::{Context as _, Error, Result};

/// Runs before those that count.
const WARM_UPS: usize = 3;

/// Medians over all runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    pub(super) time: Duration,
    pub(super) resident: u64,
}

/// Starts `binary` again and again, as a host does.
pub(super) fn measure(binary: &Path, encrypted: bool, runs: usize) -> Result<Start> {
    let sockets = tempfile::tempdir().context("a directory for sockets")?;
    let launch = Launch::new(binary).variable("TMPDIR", sockets.path()).without("TF_LOG");
    let identity = if encrypted {
        Some(ClientIdentity::new().context("a client certificate")?)
    } else {
        None
    };
    let mut times = Vec::new();
    let mut resident = Vec::new();
    for run in 0..WARM_UPS + runs {
        let (time, bytes) = once(&launch, identity.as_ref())?;
        if run >= WARM_UPS {
            times.push(time);
            resident.push(bytes);
        }
    }
    Ok(Start {
        time: median(times),
        resident: median(resident),
    })
}

fn once(launch: &Launch, identity: Option<&ClientIdentity>) -> Result<(Duration, u64)> {
    let mut command = launch.command(identity).into_std();
    let started = Instant::now();
    let mut child = command.spawn().context("the provider")?;
    let output = child.stdout.take().context("the provider has no standard output")?;
    let mut line = String::new();
    let read = BufReader::new(output).read_line(&mut line);
    let time = started.elapsed();
    let resident = memory(child.id(), "VmRSS");
    drop(child.kill());
    child.wait().context("the provider")?;
    read.context("the handshake line")?;
    let parts: Vec<&str> = line.trim_end().split('|').collect();
    if parts.first() != Some(&"1") || parts.get(5).is_some_and(|part| !part.is_empty()) != identity.is_some() {
        return Err(Error::new(format!("not the handshake line that was asked for: {line}")));
    }
    Ok((time, resident.context("the provider's memory")?))
}

fn median<T: Ord + Copy + Default>(mut values: Vec<T>) -> T {
    values.sort_unstable();
    values.get(values.len() / 2).copied().unwrap_or_default()
}
