//! The EKS cluster that the lab's API server poses as.

use serde_json::{Value, json};

use super::aws::Aws;
use crate::lab::endpoints::{ACCESS_KEY, ACCOUNT, CLUSTER, REGION};
use crate::lab::error::Result;
use crate::lab::http::JsonClient;
use crate::lab::load_balancer::Ids;

/// Creates the cluster in ministack; what DescribeCluster then says of it, the recording proxy completes.
pub(crate) async fn create(aws: &Aws, network: &Ids) -> Result<()> {
    let Some(ministack) = &aws.ministack else { return Ok(()) };
    let client = JsonClient::new(ministack);
    let body = json!({
        "name": CLUSTER,
        "version": "1.36",
        "roleArn": format!("arn:aws:iam::{ACCOUNT}:role/lab-cluster"),
        "resourcesVpcConfig": { "subnetIds": network.subnets },
        "accessConfig": { "authenticationMode": "API" },
    });
    let scope = format!(
        "AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20260101/{REGION}/eks/aws4_request, SignedHeaders=host, Signature=0"
    );
    let request = http::Request::post(format!("{ministack}/clusters"))
        .header("authorization", scope)
        .header("content-type", "application/json")
        .body(http_body_util::Full::new(bytes::Bytes::from(body.to_string())));
    let request = crate::lab::error::Context::context(request, "creating the EKS cluster")?;
    let (status, answer) = client.send(request).await?;
    if status.is_success() {
        return Ok(());
    }
    Err(crate::lab::error::Error::new(format!(
        "CreateCluster answered {status}: {}",
        String::from_utf8_lossy(&answer)
    )))
}

/// What the lab says of its cluster in place of ministack.
#[derive(Debug, Clone)]
pub(crate) struct ClusterFacts {
    /// The API server as the caller should reach it.
    pub(crate) endpoint: String,
    /// The CA of that, in base64.
    pub(crate) ca_base64: String,
}

impl ClusterFacts {
    /// Completes an answer of DescribeCluster for the lab's cluster; other answers stay as they are.
    pub(crate) fn complete(&self, answer: &[u8]) -> Option<Vec<u8>> {
        let mut answer: Value = serde_json::from_slice(answer).ok()?;
        let cluster = answer.get_mut("cluster")?.as_object_mut()?;
        if cluster.get("name")? != CLUSTER {
            return None;
        }
        cluster.insert("endpoint".to_owned(), json!(self.endpoint));
        cluster.insert("certificateAuthority".to_owned(), json!({ "data": self.ca_base64 }));
        cluster.insert("status".to_owned(), json!("ACTIVE"));
        cluster
            .entry("computeConfig")
            .or_insert_with(|| json!({ "enabled": true, "nodePools": ["general-purpose", "system"] }));
        serde_json::to_vec(&answer).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::ClusterFacts;

    #[test]
    fn completes_only_its_own_cluster() {
        let facts = ClusterFacts {
            endpoint: "https://127.0.0.1:1".to_owned(),
            ca_base64: "Q0E=".to_owned(),
        };
        let own = facts
            .complete(br#"{"cluster":{"name":"lab","endpoint":"x"}}"#)
            .expect("completed");
        let own: serde_json::Value = serde_json::from_slice(&own).expect("JSON");
        assert_eq!(own["cluster"]["endpoint"], "https://127.0.0.1:1");
        assert_eq!(own["cluster"]["certificateAuthority"]["data"], "Q0E=");
        assert_eq!(own["cluster"]["computeConfig"]["enabled"], true);
        assert!(facts.complete(br#"{"cluster":{"name":"other"}}"#).is_none());
        assert!(facts.complete(b"not json").is_none());
    }
}
