//! A client of a session's control API.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};

use super::error::{Error, Result};
use super::http::JsonClient;
use super::proxy::{Call, Fault, FaultState};

/// Reads the calls of a session and orders its faults.
#[derive(Debug, Clone)]
pub struct Recorder {
    client: JsonClient,
}

impl Recorder {
    /// A client of the control API at this URL.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self {
            client: JsonClient::new(url),
        }
    }

    /// Every call since the last reset.
    ///
    /// # Errors
    /// The lab doesn't answer.
    pub async fn calls(&self) -> Result<Vec<Call>> {
        self.calls_since(0).await
    }

    /// The calls after number `since`.
    ///
    /// # Errors
    /// The lab doesn't answer.
    pub async fn calls_since(&self, since: u64) -> Result<Vec<Call>> {
        self.client
            .call(Method::GET, &format!("/calls?since={since}"), &json!({}))
            .await
    }

    /// Forgets every call and every fault.
    ///
    /// # Errors
    /// The lab doesn't answer.
    pub async fn reset(&self) -> Result<()> {
        self.client
            .call::<Value>(Method::POST, "/reset", &json!({}))
            .await
            .map(drop)
    }

    /// Orders a fault and returns its number.
    ///
    /// # Errors
    /// The lab doesn't answer.
    pub async fn fault(&self, fault: &Fault) -> Result<u64> {
        let answer: Value = self.client.call(Method::POST, "/faults", fault).await?;
        answer["id"]
            .as_u64()
            .ok_or_else(|| Error::new("the lab gave the fault no number"))
    }

    /// The faults, and what became of them.
    ///
    /// # Errors
    /// The lab doesn't answer.
    pub async fn faults(&self) -> Result<Vec<FaultState>> {
        self.client.call(Method::GET, "/faults", &json!({})).await
    }

    /// Forgets every fault.
    ///
    /// # Errors
    /// The lab doesn't answer.
    pub async fn clear_faults(&self) -> Result<()> {
        self.client
            .call::<Value>(Method::DELETE, "/faults", &json!({}))
            .await
            .map(drop)
    }

    /// Waits for a call and returns the first that `wanted` takes.
    ///
    /// # Errors
    /// No such call came in time.
    pub async fn wait_for(&self, within: Duration, wanted: impl Fn(&Call) -> bool) -> Result<Call> {
        let started = Instant::now();
        loop {
            let calls = self.calls().await?;
            if let Some(call) = calls.iter().find(|call| wanted(call)) {
                return Ok(call.clone());
            }
            if started.elapsed() > within {
                return Err(Error::new(format!(
                    "no such call within {within:?}; there were {}",
                    calls.len()
                )));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
