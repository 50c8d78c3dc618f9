//! `lab run`: starts the lab below itself and ends it whole.
//!
//! It stops when its standard input closes (so whoever started it may crash or be killed), at SIGINT, SIGTERM and
//! SIGHUP, and when the lab itself ends. Nothing in a lab is worth a slow goodbye: the tree is killed and the
//! directory removed.

use std::path::Path;
use std::process::ExitCode;

use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

use super::error::{Context as _, Result};
use super::process::kill_descendants;

/// Set to keep the directory of a run, to read its logs.
const KEEP: &str = "E2ETLS_LAB_KEEP";

/// Runs the lab until it is told to stop.
///
/// # Errors
/// The lab could not be started.
pub async fn run(options: &str) -> Result<ExitCode> {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).context("adopting orphans")?;
    let dir = tempfile::Builder::new()
        .prefix("e2etls-lab-")
        .tempdir()
        .context("making the run's directory")?;
    let lab = std::env::current_exe().context("finding the lab's own binary")?;
    let mut serve = Command::new(&lab)
        .args(["child".as_ref(), lab.as_os_str(), "serve".as_ref()])
        .arg(dir.path())
        .arg(options)
        .stdin(std::process::Stdio::null())
        .spawn()
        .context("starting the lab")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals")?;
    let mut terminate = signal(SignalKind::terminate()).context("signals")?;
    let mut hang_up = signal(SignalKind::hangup()).context("signals")?;
    let code = tokio::select! {
        () = closed_input() => ExitCode::SUCCESS,
        _ = interrupt.recv() => ExitCode::SUCCESS,
        _ = terminate.recv() => ExitCode::SUCCESS,
        _ = hang_up.recv() => ExitCode::SUCCESS,
        _ = serve.wait() => ExitCode::FAILURE,
    };
    kill_descendants();
    clean_up(dir);
    Ok(code)
}

/// Ends with standard input. The thread is left behind: the runtime would wait for a read of its own.
async fn closed_input() {
    let (closed, wait) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        drop(std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
        closed.send(()).ok();
    });
    drop(wait.await);
}

fn clean_up(dir: tempfile::TempDir) {
    if std::env::var_os(KEEP).is_some() {
        report(&dir.keep());
    }
}

fn report(dir: &Path) {
    eprintln!("lab: kept {}", dir.display());
}
