//! A container's main process: its own process group, its log, its end.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};

use super::env::Launch;
use crate::kubelet::rewrite::MAIN_PID;

/// Starts the command in its own group with the main process id in its environment.
const EXEC: &str = "LAB_PID1=$$; export LAB_PID1; exec \"$@\"";

/// A running main process.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    pid: Pid,
}

impl Process {
    /// Starts the command; what it writes is appended to `log`, its process id is kept in `pid_file`.
    pub(crate) async fn start(launch: &Launch, log: &Path, pid_file: &Path) -> io::Result<Self> {
        let mut child = Command::new("/bin/sh")
            .args(["-c", EXEC, "container"])
            .args(&launch.argv)
            .env_clear()
            .envs(launch.env.iter().map(|(name, value)| (name, value)))
            .current_dir(&launch.cwd)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pid = child
            .id()
            .and_then(|id| Pid::from_raw(id.cast_signed()))
            .ok_or_else(|| io::Error::other("the process has no id"))?;
        std::fs::write(pid_file, pid.as_raw_nonzero().to_string())?;
        let to = OpenOptions::new().create(true).append(true).open(log).await?;
        if let Some(out) = child.stdout.take() {
            tokio::spawn(copy(out, to.try_clone().await?));
        }
        if let Some(err) = child.stderr.take() {
            tokio::spawn(copy(err, to));
        }
        Ok(Self { child, pid })
    }

    /// The process id.
    pub(crate) fn id(&self) -> i32 {
        self.pid.as_raw_nonzero().get()
    }

    /// Waits for the main process and ends what it left behind in its group.
    pub(crate) async fn wait(&mut self) -> i32 {
        let status = self.child.wait().await;
        self.kill_group();
        status.map_or(255, exit_code)
    }

    /// Sends a signal to the main process.
    pub(crate) fn signal(&self, signal: Signal) {
        let _ = kill_process(self.pid, signal);
    }

    /// Kills the whole group.
    pub(crate) fn kill_group(&self) {
        let _ = kill_process_group(self.pid, Signal::KILL);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The id is ours as long as the child has not been waited for.
        if self.child.id().is_some() {
            self.kill_group();
        }
    }
}

/// Kills the group of an earlier run's main process, if it still is that container's.
pub(crate) fn kill_leftover(pid_file: &Path, root: &Path) {
    let Some(id) = std::fs::read_to_string(pid_file)
        .ok()
        .and_then(|text| text.trim().parse::<i32>().ok())
    else {
        return;
    };
    let environment = std::fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
    let home = format!("HOME={}", root.display());
    let same = environment
        .split(|byte| *byte == 0)
        .any(|variable| variable == home.as_bytes());
    if let Some(pid) = Pid::from_raw(id).filter(|_| same) {
        let _ = kill_process_group(pid, Signal::KILL);
    }
    let _ = std::fs::remove_file(pid_file);
}

/// The exit code as a container runtime reports it.
fn exit_code(status: ExitStatus) -> i32 {
    status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .unwrap_or(255)
}

async fn copy(mut from: impl AsyncRead + Unpin, mut to: File) {
    let mut buffer = vec![0; 8192];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        if to.write_all(&buffer[..read]).await.is_err() || to.flush().await.is_err() {
            break;
        }
    }
}

/// What a command in a running container said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) text: String,
}

/// Runs a command beside the main process, as `exec` does; `None` after the time limit.
pub(crate) async fn exec(launch: &Launch, main: i32, limit: Duration) -> io::Result<Option<Said>> {
    let (program, args) = launch
        .argv
        .split_first()
        .ok_or_else(|| io::Error::other("empty command"))?;
    let child = Command::new(program)
        .args(args)
        .env_clear()
        .envs(launch.env.iter().map(|(name, value)| (name, value)))
        .env(MAIN_PID, main.to_string())
        .current_dir(&launch.cwd)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let output = tokio::time::timeout(limit, child.wait_with_output()).await;
    let Ok(output) = output else {
        group.map(|group| kill_process_group(group, Signal::KILL));
        return Ok(None);
    };
    let output = output?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Ok(Some(Said {
        code: exit_code(output.status),
        text,
    }))
}

/// The end of what a container wrote since `from`: at most ten lines and 2 KiB.
pub(crate) fn last_lines(log: &Path, from: u64) -> String {
    let Ok(bytes) = std::fs::read(log) else {
        return String::new();
    };
    let new = bytes.get(usize::try_from(from).unwrap_or(0)..).unwrap_or_default();
    let text = String::from_utf8_lossy(&new[new.len().saturating_sub(2048)..]).into_owned();
    let lines: Vec<_> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(dir: &Path, script: &str) -> Launch {
        let env = vec![
            ("PATH".to_owned(), "/usr/bin:/bin".to_owned()),
            ("HOME".to_owned(), dir.display().to_string()),
        ];
        Launch {
            argv: ["sh", "-c", script].map(str::to_owned).to_vec(),
            env,
            cwd: dir.to_owned(),
        }
    }

    #[tokio::test]
    async fn main_process_knows_itself_and_its_end_ends_the_group() {
        let dir = tempfile::tempdir().unwrap();
        let (log, pid) = (dir.path().join("log"), dir.path().join("pid"));
        let script = "sleep 100 & echo $! >child; [ $$ = \"$LAB_PID1\" ] && echo same; exit 3";
        let mut process = Process::start(&launch(dir.path(), script), &log, &pid).await.unwrap();
        assert_eq!(process.wait().await, 3);
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(last_lines(&log, 0), "same");
        let child = std::fs::read_to_string(dir.path().join("child")).unwrap();
        let state = std::fs::read_to_string(format!("/proc/{}/stat", child.trim())).unwrap_or_default();
        assert!(state.is_empty() || state.contains(") Z "), "{state}");
    }

    #[tokio::test]
    async fn leftovers_are_killed_only_when_they_are_ours() {
        let dir = tempfile::tempdir().unwrap();
        let (log, pid) = (dir.path().join("log"), dir.path().join("pid"));
        let mut process = Process::start(&launch(dir.path(), "exec sleep 100"), &log, &pid)
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        kill_leftover(&pid, Path::new("/somewhere/else"));
        assert!(
            tokio::time::timeout(Duration::from_millis(100), process.wait())
                .await
                .is_err()
        );
        std::fs::write(&pid, process.id().to_string()).unwrap();
        kill_leftover(&pid, dir.path());
        assert_eq!(process.wait().await, 137);
    }

    #[tokio::test]
    async fn exec_has_a_time_limit() {
        let dir = tempfile::tempdir().unwrap();
        let said = exec(
            &launch(dir.path(), "echo $LAB_PID1; exit 4"),
            77,
            Duration::from_secs(5),
        )
        .await
        .unwrap()
        .unwrap();
        assert_eq!((said.code, said.text.as_str()), (4, "77\n"));
        assert!(
            exec(&launch(dir.path(), "sleep 100"), 1, Duration::from_millis(50))
                .await
                .unwrap()
                .is_none()
        );
    }
}
