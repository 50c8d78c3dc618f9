//! The programs of a running lab, and the order in which they start.

pub(crate) mod aws;
pub(crate) mod cert_manager;
pub(crate) mod control_plane;
pub(crate) mod eks;
pub(crate) mod node;
pub(crate) mod token_review;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::process::Child;
use tokio::sync::Mutex;

use super::cache::Cache;
use super::error::{Context as _, Error, Result};
use super::network::Network;
use super::pki::Pki;
use super::process::{Spec, log_tail};

/// What every part is started from.
#[derive(Debug)]
pub(crate) struct Ground {
    pub(crate) parts: Parts,
    pub(crate) cache: Cache,
    pub(crate) pki: Pki,
    pub(crate) network: Network,
}

/// How long a part may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(90);

/// Every part by name, running or not.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) dir: PathBuf,
    parts: Arc<Mutex<BTreeMap<String, Part>>>,
}

#[derive(Debug)]
struct Part {
    spec: Spec,
    child: Option<Child>,
}

impl Parts {
    pub(crate) fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            parts: Arc::default(),
        }
    }

    /// Makes a part known without starting it.
    pub(crate) async fn add(&self, spec: Spec) {
        self.parts
            .lock()
            .await
            .insert(spec.name.clone(), Part { spec, child: None });
    }

    /// Makes a part known and starts it.
    pub(crate) async fn run(&self, spec: Spec) -> Result<()> {
        let name = spec.name.clone();
        self.add(spec).await;
        self.start(&name).await
    }

    /// Starts a part that isn't running.
    pub(crate) async fn start(&self, name: &str) -> Result<()> {
        let mut parts = self.parts.lock().await;
        let part = parts.get_mut(name).context(format!("the lab has no part {name}"))?;
        if part.child.is_none() {
            part.child = Some(part.spec.spawn(&self.dir)?);
        }
        Ok(())
    }

    /// Kills a part that is running.
    pub(crate) async fn stop(&self, name: &str) -> Result<()> {
        let mut parts = self.parts.lock().await;
        let part = parts.get_mut(name).context(format!("the lab has no part {name}"))?;
        if let Some(mut child) = part.child.take() {
            child.kill().await.context(format!("stopping {name}"))?;
        }
        Ok(())
    }

    /// Which parts there are, and which of them run.
    pub(crate) async fn list(&self) -> BTreeMap<String, bool> {
        let mut parts = self.parts.lock().await;
        parts
            .iter_mut()
            .map(|(name, part)| (name.clone(), part.runs()))
            .collect()
    }

    /// Waits until `check` says yes, or says which part died meanwhile.
    pub(crate) async fn wait<F, C>(&self, name: &str, check: C) -> Result<()>
    where
        C: Fn() -> F + Send,
        F: Future<Output = bool> + Send,
    {
        let started = Instant::now();
        while !check().await {
            if !self.parts.lock().await.get_mut(name).is_some_and(Part::runs) {
                return Err(Error::new(format!(
                    "{name} ended; its log ends with:\n{}",
                    log_tail(&self.dir, name)
                )));
            }
            if started.elapsed() > PATIENCE {
                let tail = log_tail(&self.dir, name);
                return Err(Error::new(format!(
                    "{name} isn't ready after {} s; its log ends with:\n{tail}",
                    PATIENCE.as_secs()
                )));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Waits until something listens on a loopback port.
    pub(crate) async fn wait_port(&self, name: &str, port: u16) -> Result<()> {
        self.wait(
            name,
            || async move { TcpStream::connect(("127.0.0.1", port)).await.is_ok() },
        )
        .await
    }
}

impl Part {
    fn runs(&mut self) -> bool {
        self.child
            .as_mut()
            .is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }
}
