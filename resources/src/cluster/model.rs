//! The arguments and attributes of the data source `e2etls_cluster`.

use tfplugin_framework::{Attr, Model};

use crate::syntax;

/// A cluster as EKS and its API server show it.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct ClusterFacts {
    /// Key of the provider's `clusters`. Not needed if the provider has a single `cluster`.
    #[tf(optional)]
    pub cluster: Attr<String>,
    /// Name of an EKS cluster in the provider's Region. If omitted: the configured cluster, and its EKS name if it has
    /// one.
    #[tf(optional, computed, check = syntax::not_empty)]
    pub name: Attr<String>,
    /// UID of the namespace `kube-system`, which identifies the cluster; also the value for `expect_uid`.
    #[tf(computed)]
    pub uid: Attr<String>,
    /// ID of the cluster: its UID.
    #[tf(computed)]
    pub id: Attr<String>,
    /// ARN of the EKS cluster.
    #[tf(computed)]
    pub arn: Attr<String>,
    /// URL of the API server.
    #[tf(computed)]
    pub endpoint: Attr<String>,
    /// Certificate of the API server's CA, in PEM form.
    #[tf(computed)]
    pub ca_pem: Attr<String>,
    /// Kubernetes version, such as `1.33`.
    #[tf(computed)]
    pub version: Attr<String>,
    /// True if EKS Auto Mode manages the nodes.
    #[tf(computed)]
    pub auto_mode: Attr<bool>,
    /// URL of the issuer of service account tokens.
    #[tf(computed)]
    pub oidc_issuer: Attr<String>,
    /// ID of the cluster's VPC.
    #[tf(computed)]
    pub vpc_id: Attr<String>,
    /// IP address of the cluster's DNS service.
    #[tf(computed)]
    pub dns_ip: Attr<String>,
}
