//! Children that can't outlive the lab.
//!
//! Two nets: every child starts through `lab child`, which asks the kernel to kill it with its parent, and the
//! supervisor adopts whatever is orphaned below it and kills the whole tree when it stops.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use super::error::{Context as _, Error, Result};

/// How one part is started: kept, so that a test may stop it and start it again.
#[derive(Debug, Clone)]
pub(crate) struct Spec {
    pub(crate) name: String,
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
}

impl Spec {
    pub(crate) fn new(name: &str, program: impl Into<PathBuf>) -> Self {
        Self {
            name: name.to_owned(),
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
        }
    }

    pub(crate) fn arg(mut self, arg: impl Into<String>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// A path as `--name=path`.
    pub(crate) fn path(self, name: &str, path: &Path) -> Self {
        self.arg(format!("{name}={}", path.display()))
    }

    pub(crate) fn args<const N: usize>(mut self, args: [&str; N]) -> Self {
        self.args.extend(args.map(str::to_owned));
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.push((name.to_owned(), value.into()));
        self
    }

    /// Starts it with its output in `logs/NAME.log`.
    pub(crate) fn spawn(&self, dir: &Path) -> Result<Child> {
        let log = log_path(dir, &self.name);
        let file = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .context(log.display())?;
        let errors = file.try_clone().context(log.display())?;
        let lab = std::env::current_exe().context("finding the lab's own binary")?;
        Command::new(lab)
            .arg("child")
            .arg(&self.program)
            .args(&self.args)
            .envs(self.env.iter().cloned())
            .current_dir(dir)
            .stdin(std::process::Stdio::null())
            .stdout(file)
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()
            .context(format!("starting {}", self.name))
    }
}

/// Where a part writes.
pub(crate) fn log_path(dir: &Path, name: &str) -> PathBuf {
    dir.join("logs").join(format!("{name}.log"))
}

/// The last lines of a part's log, for an error.
pub(crate) fn log_tail(dir: &Path, name: &str) -> String {
    let text = std::fs::read(log_path(dir, name)).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().rev().take(15).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

/// `lab child PROGRAM ARGS…`: dies with its parent, and becomes the program.
///
/// # Errors
/// The program could not be started.
pub fn become_child(program: &str, args: &[String]) -> Result<Infallible> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).context("asking to die with the parent")?;
    if rustix::process::getppid().is_none_or(Pid::is_init) {
        return Err(Error::new("the lab is gone"));
    }
    Err(std::process::Command::new(program).args(args).exec()).context(program)
}

/// Ports that nothing listens on right now, all different.
pub(crate) fn free_ports<const N: usize>() -> Result<[u16; N]> {
    let mut held = Vec::with_capacity(N);
    for _ in 0..N {
        held.push(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("looking for a free port")?);
    }
    let mut ports = [0; N];
    for (port, listener) in ports.iter_mut().zip(&held) {
        *port = listener.local_addr().context("looking for a free port")?.port();
    }
    Ok(ports)
}

/// Kills a process without asking.
pub(crate) fn kill(pid: u32) -> bool {
    i32::try_from(pid)
        .ok()
        .and_then(Pid::from_raw)
        .is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok())
}

/// Interrupts a process, as Ctrl-C does.
pub(crate) fn interrupt(pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        kill_process(pid, Signal::INT).ok();
    }
}

/// The first 15 characters of a process' name.
pub(crate) fn name(pid: u32) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/comm"))
        .unwrap_or_default()
        .trim_end()
        .to_owned()
}

/// Kills everything below this process, however often it forks meanwhile.
pub(crate) fn kill_descendants() {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(10) {
        let living = descendants(std::process::id());
        if living.is_empty() {
            return;
        }
        for pid in living {
            kill(pid);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Every living process below `root`.
pub(crate) fn descendants(root: u32) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        if let Some(parent) = living_parent(&stat) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(pid) = open.pop() {
        for &child in children.get(&pid).into_iter().flatten() {
            found.push(child);
            open.push(child);
        }
    }
    found
}

/// The parent in a line of `/proc/PID/stat`, unless the process is dead already.
fn living_parent(stat: &str) -> Option<u32> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(parent)
}

#[cfg(test)]
mod tests {
    use super::{descendants, free_ports, living_parent};

    #[test]
    fn reads_the_parent_past_a_name_with_parentheses() {
        assert_eq!(living_parent("12 (a) b) S 7 12 12 0"), Some(7));
        assert_eq!(living_parent("12 (a) Z 7 12 12 0"), None);
        assert_eq!(living_parent(""), None);
    }

    #[test]
    fn sees_its_own_child() {
        let mut child = std::process::Command::new("sleep").arg("30").spawn().expect("sleep");
        assert!(descendants(std::process::id()).contains(&child.id()));
        child.kill().expect("kill");
        child.wait().expect("wait");
    }

    #[test]
    fn ports_differ() {
        let ports = free_ports::<8>().expect("ports");
        assert_eq!(ports.iter().collect::<std::collections::HashSet<_>>().len(), 8);
    }
}
