//! What DescribeCluster says, in the product's own types.

use aws_sdk_eks::types::Cluster;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use e2etls_engine::refusal::{Answer, Refusal};

use crate::aws::{Aws, Effect, client, refused};

/// A cluster as EKS describes it. What EKS does not say is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Description {
    /// ARN.
    pub arn: Option<String>,
    /// URL of the API server.
    pub endpoint: Option<String>,
    /// Certificate of the API server's CA, PEM.
    pub ca_pem: Option<String>,
    /// Kubernetes version, such as `1.33`.
    pub version: Option<String>,
    /// True if the compute of Auto Mode is on.
    pub auto_mode: Option<bool>,
    /// Issuer of the service accounts' tokens.
    pub oidc_issuer: Option<String>,
    /// VPC.
    pub vpc_id: Option<String>,
}

/// Describes the EKS cluster `name`.
///
/// # Errors
/// If the call is refused or not answered.
pub async fn describe(aws: &Aws, name: &str) -> Result<Description, Refusal> {
    let eks = client!(aws_sdk_eks, aws, "eks", Effect::Read);
    let answer = eks.describe_cluster().name(name).send().await;
    let answer = answer.map_err(|error| refused("eks:DescribeCluster", name, Effect::Read, &error))?;
    Ok(answer.cluster().map(description).unwrap_or_default())
}

/// The name of the cluster in its ARN, such as `arn:aws:eks:eu-central-1:111122223333:cluster/prod`.
#[must_use]
pub fn cluster_in(arn: &str) -> Option<&str> {
    arn.split_once(":cluster/").map(|(_, name)| name)
}

/// True if EKS says that the cluster of this ARN no longer exists. The account and Region of the credentials must be
/// the ARN's: a cluster that another account does not know is not gone.
///
/// # Errors
/// Any other refusal.
pub async fn is_gone(aws: &Aws, arn: &str) -> Result<bool, Refusal> {
    let parts: Vec<&str> = arn.split(':').collect();
    let ([_, _, _, region, account, ..], Some(name)) = (parts.as_slice(), cluster_in(arn)) else {
        return Ok(false);
    };
    if *region != aws.region() || *account != aws.account().await? {
        return Ok(false);
    }
    match describe(aws, name).await {
        Ok(_) => Ok(false),
        Err(refusal) if refusal.answer == Answer::Absent => Ok(true),
        Err(refusal) => Err(refusal),
    }
}

fn description(found: &Cluster) -> Description {
    let own = |text: Option<&str>| text.map(str::to_owned);
    Description {
        arn: own(found.arn()),
        endpoint: own(found.endpoint()),
        ca_pem: found.certificate_authority().and_then(|ca| ca.data()).and_then(pem),
        version: own(found.version()),
        auto_mode: found.compute_config().and_then(|compute| compute.enabled()),
        oidc_issuer: own(found
            .identity()
            .and_then(|identity| identity.oidc())
            .and_then(|oidc| oidc.issuer())),
        vpc_id: own(found.resources_vpc_config().and_then(|vpc| vpc.vpc_id())),
    }
}

/// EKS sends the PEM in base64.
fn pem(data: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(data).ok()?)
        .ok()
        .filter(|pem| !pem.is_empty())
}

#[cfg(test)]
mod tests {
    use aws_sdk_eks::types::{Certificate, ComputeConfigResponse, Identity, Oidc, VpcConfigResponse};

    use super::*;

    #[test]
    fn takes_what_eks_says() {
        let found = Cluster::builder()
            .version("1.33")
            .certificate_authority(Certificate::builder().data("UEVN").build())
            .identity(
                Identity::builder()
                    .oidc(Oidc::builder().issuer("https://oidc.example/id").build())
                    .build(),
            )
            .resources_vpc_config(VpcConfigResponse::builder().vpc_id("vpc-1").build())
            .compute_config(ComputeConfigResponse::builder().enabled(true).build())
            .build();
        let own = |text: &str| Some(text.to_owned());
        let wanted = Description {
            version: own("1.33"),
            ca_pem: own("PEM"),
            oidc_issuer: own("https://oidc.example/id"),
            vpc_id: own("vpc-1"),
            auto_mode: Some(true),
            ..Description::default()
        };
        assert_eq!(description(&found), wanted);
    }

    #[test]
    fn guesses_nothing() {
        assert_eq!(description(&Cluster::builder().build()), Description::default());
    }

    #[test]
    fn a_cluster_is_named_by_its_arn() {
        assert_eq!(
            cluster_in("arn:aws:eks:eu-central-1:111122223333:cluster/prod"),
            Some("prod")
        );
        assert_eq!(cluster_in("prod"), None);
    }
}
