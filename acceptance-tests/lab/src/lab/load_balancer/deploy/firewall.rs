//! The web ACL of a load balancer.

use http::{Request, header};
use http_body_util::Full;
use serde_json::{Value, json};

use super::Aws;
use crate::lab::load_balancer::vpc::scope;
use crate::lab::{Context as _, Error, Result};

impl Aws {
    /// Associates the web ACL that the annotation names, or none.
    pub(super) async fn web_acl(&self, balancer: &str, wanted: Option<&str>) -> Result<()> {
        let resource = json!({ "ResourceArn": balancer });
        let found = self.firewall("GetWebACLForResource", &resource).await?;
        match (found["WebACL"]["ARN"].as_str(), wanted) {
            (old, new) if old == new => Ok(()),
            (_, Some(acl)) => {
                let both = json!({ "ResourceArn": balancer, "WebACLArn": acl });
                self.firewall("AssociateWebACL", &both).await.map(drop)
            }
            (Some(_), None) => self.firewall("DisassociateWebACL", &resource).await.map(drop),
            (None, None) => Ok(()),
        }
    }

    async fn firewall(&self, action: &str, body: &Value) -> Result<Value> {
        let client = self.vpc.client();
        let request = Request::post(client.base())
            .header(header::CONTENT_TYPE, "application/x-amz-json-1.1")
            .header(header::AUTHORIZATION, scope("wafv2"))
            .header("x-amz-target", format!("AWSWAF_20190729.{action}"))
            .body(Full::new(body.to_string().into()))
            .context(action)?;
        let (status, text) = client.send(request).await?;
        if status.is_success() {
            return Ok(serde_json::from_slice(&text).unwrap_or_default());
        }
        let said: Value = serde_json::from_slice(&text).unwrap_or_default();
        let code = said["__type"].as_str().unwrap_or_default();
        let code = code.rsplit('#').next().unwrap_or_default();
        let message = said["message"]
            .as_str()
            .or(said["Message"].as_str())
            .unwrap_or_default();
        Err(Error::new(format!(
            "operation error WAFV2: {action}, https response error StatusCode: {}, {code}: {message}",
            status.as_u16()
        )))
    }
}
