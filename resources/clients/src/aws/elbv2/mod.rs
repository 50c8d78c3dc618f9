//! Elastic Load Balancing: what load balancers are, as a controller in the cluster has made them. Nothing is written.
//!
//! Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/>. Closed sets are in the API's spelling.

mod convert;
#[cfg(feature = "fake")]
pub mod fake;
mod sdk;

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;

use super::Identity;

pub use sdk::ElbV2;

/// Which load balancer is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which<'a> {
    /// The one with this ARN.
    Arn(&'a str),
    /// The one with this name.
    Name(&'a str),
}

/// A load balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadBalancer {
    /// ARN.
    pub arn: String,
    /// DNS name.
    pub dns_name: String,
    /// Hosted zone of the DNS name, for alias records.
    pub zone_id: String,
    /// Id of the VPC that it stands in.
    pub vpc: String,
    /// `internal` or `internet-facing`.
    pub scheme: String,
    /// `provisioning`, `active`, `active_impaired` or `failed`.
    pub state: String,
    /// Why it is in that state; empty if AWS does not say.
    pub reason: String,
}

/// A listener of a load balancer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listener {
    /// ARN.
    pub arn: String,
    /// Port.
    pub port: i32,
    /// `HTTP`, `HTTPS`, `TCP`, `TLS`, …
    pub protocol: String,
    /// Name of the TLS policy; empty where there is none.
    pub ssl_policy: String,
    /// Whether clients need a certificate: `off`, `passthrough` or `verify`; empty where AWS does not say.
    pub client_auth: String,
    /// True if all that it does by default is to redirect to HTTPS.
    pub redirects: bool,
    /// ARNs of the target groups that it forwards to by default.
    pub target_groups: Vec<String>,
}

/// A rule of a listener.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    /// Host names that it is for; empty if it is for all.
    pub hosts: Vec<String>,
    /// ARNs of the target groups that it forwards to.
    pub target_groups: Vec<String>,
}

/// A target group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetGroup {
    /// ARN.
    pub arn: String,
    /// `HTTP`, `HTTPS`, `TCP`, `TLS`, …
    pub protocol: String,
    /// ARNs of the load balancers that forward to it.
    pub load_balancers: Vec<String>,
}

/// A target and its health.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Address or instance.
    pub id: String,
    /// Port.
    pub port: i32,
    /// `initial`, `healthy`, `unhealthy`, `unused`, `draining` or `unavailable`.
    pub state: String,
    /// Why, such as `Target.FailedHealthChecks`; empty if it is healthy.
    pub reason: String,
    /// The same as a sentence; may be empty.
    pub description: String,
}

/// Elastic Load Balancing in one account and Region.
///
/// # Errors
/// Every call: if it is refused or not answered.
/// [`Absent`](e2etls_engine::refusal::Answer::Absent) if what it asks about does not exist, except where `None` says so.
#[async_trait]
pub trait ElbV2Api: Identity {
    /// The load balancer, or `None` if there is none (`DescribeLoadBalancers`).
    async fn load_balancer(&self, which: Which<'_>) -> Result<Option<LoadBalancer>, Refusal>;

    /// The listeners of a load balancer (`DescribeListeners`).
    async fn listeners(&self, load_balancer: &str) -> Result<Vec<Listener>, Refusal>;

    /// ARNs of the certificates of a listener, the default one first (`DescribeListenerCertificates`).
    async fn certificates(&self, listener: &str) -> Result<Vec<String>, Refusal>;

    /// The rules of a listener, in order of priority, without the default (`DescribeRules`).
    async fn rules(&self, listener: &str) -> Result<Vec<Rule>, Refusal>;

    /// These target groups (`DescribeTargetGroups`); nothing is asked without ARNs.
    async fn target_groups(&self, arns: &[String]) -> Result<Vec<TargetGroup>, Refusal>;

    /// The targets of a group with their health (`DescribeTargetHealth`).
    async fn targets(&self, target_group: &str) -> Result<Vec<Target>, Refusal>;
}

/// Name and Region in the DNS name that Elastic Load Balancing gives a load balancer: `NAME-DIGITS.REGION.elb.…` or
/// `NAME-DIGITS.elb.REGION.…`, with `internal-` before the name where the scheme is internal. `None` for another name.
#[must_use]
pub fn name_and_region(dns_name: &str) -> Option<(&str, &str)> {
    let mut labels = dns_name.split('.');
    let (first, second, third) = (labels.next()?, labels.next()?, labels.next()?);
    let is_amazon = labels.next() == Some("amazonaws");
    let region = match (second, third) {
        ("elb", region) | (region, "elb") if is_amazon => region,
        _ => return None,
    };
    let first = first.strip_prefix("internal-").unwrap_or(first);
    let (name, _) = first.rsplit_once('-')?;
    Some((name, region))
}

#[cfg(test)]
mod tests {
    use super::name_and_region;

    #[test]
    fn a_dns_name_tells_name_and_region() {
        for (dns_name, expected) in [
            (
                "k8s-shop-web-0a1b2c3d4e-1234567890.eu-central-1.elb.amazonaws.com",
                Some(("k8s-shop-web-0a1b2c3d4e", "eu-central-1")),
            ),
            (
                "internal-k8s-shop-web-0a1b2c3d4e-12.us-gov-west-1.elb.amazonaws.com",
                Some(("k8s-shop-web-0a1b2c3d4e", "us-gov-west-1")),
            ),
            (
                "k8s-shop-web-0a1b2c3d4e-0a1b2c3d4e5f.elb.cn-north-1.amazonaws.com.cn",
                Some(("k8s-shop-web-0a1b2c3d4e", "cn-north-1")),
            ),
            ("shop.example.com", None),
            ("a.b.c.example.com", None),
            ("elb", None),
        ] {
            assert_eq!(name_and_region(dns_name), expected, "{dns_name}");
        }
    }
}
