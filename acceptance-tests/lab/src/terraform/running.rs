//! A command that is still running, and how to end it badly.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use super::output::Output;
use crate::lab::{Context as _, Error, Result, process};

/// A command of Terraform in the background. Dropping it kills it.
#[derive(Debug)]
pub struct Running {
    child: Child,
    template: Output,
}

impl Running {
    pub(super) fn spawn(mut command: Command, template: Output) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context(&template.command)?;
        Ok(Self { child, template })
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// Its output can't be read.
    pub async fn wait(self) -> Result<Output> {
        let Self { child, template } = self;
        let ended = child.wait_with_output().await.context(&template.command)?;
        Ok(Output {
            code: ended.status.code(),
            stdout: String::from_utf8_lossy(&ended.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&ended.stderr).into_owned(),
            ..template
        })
    }

    /// The process of Terraform itself, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// The provider's processes that this command has started and that still live.
    #[must_use]
    pub fn providers(&self) -> Vec<u32> {
        let below = self.pid().map(process::descendants).unwrap_or_default();
        below
            .into_iter()
            .filter(|pid| process::name(*pid).starts_with("terraform-provi"))
            .collect()
    }

    /// Waits for the provider's process.
    ///
    /// # Errors
    /// None was there in time.
    pub async fn provider(&self, within: Duration) -> Result<u32> {
        let started = Instant::now();
        loop {
            if let Some(pid) = self.providers().first() {
                return Ok(*pid);
            }
            if started.elapsed() > within {
                return Err(Error::new(format!(
                    "`{}` started no provider within {within:?}",
                    self.template.command
                )));
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Kills the provider's processes (SIGKILL) and returns how many there were.
    pub fn kill_provider(&self) -> usize {
        self.providers().into_iter().filter(|pid| process::kill(*pid)).count()
    }

    /// Kills Terraform and its providers (SIGKILL).
    pub fn kill(&self) {
        let providers = self.providers();
        for pid in self.pid().into_iter().chain(providers) {
            process::kill(pid);
        }
    }

    /// Asks Terraform to stop (SIGINT), as Ctrl-C does.
    pub fn interrupt(&self) {
        if let Some(pid) = self.pid() {
            process::interrupt(pid);
        }
    }
}
