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
    pub(super) load_balancers: Vec<Balancer>,
    pub(super) target_groups: Vec<Group>,
}

/// A load balancer.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Balancer {
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) dns_name: String,
    #[serde(rename = "Type")]
    pub(super) kind: String,
    pub(super) state: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) listeners: Vec<Listener>,
}

/// A listener.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listener {
    pub(super) arn: String,
    pub(super) port: u16,
    pub(super) protocol: String,
    pub(super) tls_versions: Vec<String>,
    pub(super) ciphers: Vec<String>,
    pub(super) certificates: Vec<Certificate>,
    pub(super) alpn_policy: Vec<String>,
    pub(super) mutual_authentication: Option<Authentication>,
    pub(super) rules: Vec<Rule>,
}

/// A certificate of a listener.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Certificate {
    pub(super) arn: String,
    /// Empty if moto doesn't have it.
    pub(super) digest: String,
}

/// What is done with certificates of clients.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Authentication {
    pub(super) mode: String,
}

/// A rule; actions and conditions are those of the API.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Rule {
    pub(super) priority: String,
    pub(super) conditions: Vec<Value>,
    pub(super) actions: Vec<Value>,
}

/// A certificate with its key.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Exported {
    pub(super) certificate: String,
    pub(super) chain: String,
    pub(super) private_key: String,
    pub(super) names: Vec<String>,
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

    /// A certificate of ACM with its key.
    pub(super) async fn export(&self, arn: &str) -> Result<Exported> {
        let body = json!({ "CertificateArn": arn, "Action": "export" });
        self.0.call(Method::POST, "/moto-api/e2etls/acm", &body).await
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
