//! EC2: what is in a VPC. Nothing is written.
//!
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/>. Closed sets are in the API's spelling.
//!
//! The SDK of EC2 is so large that it would be most of a build. So the two calls are made here, with the runtime that
//! every SDK of AWS has: it resolves credentials and endpoints, signs, repeats and ends calls.

mod call;
mod endpoint;
#[cfg(feature = "fake")]
pub mod fake;
mod sdk;
#[cfg(test)]
mod tests;
mod xml;

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;

use super::Identity;

pub use sdk::Ec2;

/// A subnet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subnet {
    /// Its id: `subnet-…`.
    pub id: String,
    /// The account that it belongs to. Other accounts may use a subnet that is shared with them, and see their own network
    /// interfaces there only.
    pub owner: String,
    /// Its blocks of addresses, IPv4 first; only those that are associated. There is at least one.
    pub cidrs: Vec<String>,
}

/// A network interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// Its id: `eni-…`.
    pub id: String,
    /// What it is for, in the words of who made it: `ELB app/NAME/ID` and `ELB net/NAME/ID` for a load balancer. May be
    /// empty.
    pub description: String,
    /// Who asked for it: an account, or a name such as `amazon-elb`; empty if AWS does not say.
    pub requester: String,
    /// `interface`, `network_load_balancer`, `natGateway`, `vpc_endpoint`, `trunk`, `branch`, …
    pub kind: String,
    /// Its private addresses, IPv4 first. An interface may have none.
    pub addresses: Vec<String>,
    /// Blocks of addresses that are delegated to it, such as those of Pods, IPv4 first.
    pub prefixes: Vec<String>,
}

/// EC2 in one account and Region.
///
/// # Errors
/// Every call: if it is refused or not answered, or if an answer lacks what it has to have. A VPC that does not exist is no
/// error: nothing is in it.
#[async_trait]
pub trait Ec2Api: Identity {
    /// The subnets of a VPC (`DescribeSubnets`).
    async fn subnets(&self, vpc: &str) -> Result<Vec<Subnet>, Refusal>;

    /// The network interfaces of a VPC, also those that services of AWS manage (`DescribeNetworkInterfaces`).
    async fn interfaces(&self, vpc: &str) -> Result<Vec<Interface>, Refusal>;
}
