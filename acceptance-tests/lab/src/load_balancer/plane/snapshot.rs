//! Everything that moto says of load balancers, with one request.

use std::collections::BTreeMap;

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::lab::Result;
use crate::lab::http::JsonClient;

const ELBV2: &str = "/moto-api/e2etls/elbv2";

/// moto's control for the lab.
#[derive(Clone, Debug)]
pub(super) struct Moto(JsonClient);

/// All load balancers and target groups.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Snapshot {
    pub(super) target_groups: Vec<Group>,
}

/// A target group.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Group {
    pub(super) arn: String,
    pub(super) load_balancer_arns: Vec<String>,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) protocol: String,
    pub(super) health_check: Check,
    pub(super) targets: Vec<Target>,
}

/// How targets are asked.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Check {
    pub(super) protocol: String,
    pub(super) port: String,
    pub(super) path: String,
    pub(super) codes: String,
    pub(super) timeout_seconds: f64,
    pub(super) healthy: u32,
    pub(super) unhealthy: u32,
}

/// A target and its health.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Target {
    pub(super) id: String,
    pub(super) port: u16,
    pub(super) state: String,
}

impl Moto {
    pub(super) fn new(url: &str) -> Self {
        Self(JsonClient::new(url))
    }

    /// What there is now.
    pub(super) async fn snapshot(&self) -> Result<Snapshot> {
        self.0.call(Method::GET, ELBV2, &json!({})).await
    }

    /// Tells what was observed of a target.
    pub(super) async fn observe(&self, group: &str, target: &Target, health: &Health) -> Result<()> {
        let body = json!({
            "TargetGroupArn": group, "Id": target.id, "Port": target.port,
            "State": health.state, "Reason": health.reason, "Description": health.description,
        });
        self.0.call::<Value>(Method::POST, ELBV2, &body).await.map(drop)
    }
}

/// The health of a target as the service describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Health {
    pub(super) state: &'static str,
    pub(super) reason: Option<&'static str>,
    pub(super) description: Option<String>,
}
