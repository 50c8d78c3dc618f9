//! The arguments of the provider.

use std::collections::BTreeMap;

use e2etls_clients::aws::settings::endpoint_url;
use e2etls_clients::kube::connect::checks;
use tfplugin_framework::{Attr, AttributePath, Choice, Invalid, Model, Secret};

use crate::syntax;

/// Configuration of the provider. By default, everything is taken from the environment.
#[derive(Clone, Debug, Default, Model)]
pub struct ProviderConfig {
    /// Marks what this state creates as its own. It must be unique per state, such as `payments/prod`; in Terraform,
    /// for example `payments/${terraform.workspace}`. Plans that create something warn if it is missing.
    #[tf(optional, check = syntax::owner_id)]
    pub owner_id: Attr<String>,
    /// AWS Region; if omitted, that of `AWS_REGION` or of the profile.
    #[tf(optional, check = syntax::region)]
    pub region: Attr<String>,
    /// Profile in the AWS configuration files; if omitted, that of `AWS_PROFILE`, otherwise `default`.
    #[tf(optional, check = syntax::not_empty)]
    pub profile: Attr<String>,
    /// Role to assume for all AWS calls. Conflicts with `assume_role_with_web_identity`.
    #[tf(optional)]
    pub assume_role: Attr<AssumeRole>,
    /// Role to assume for all AWS calls with a web identity token, such as CI systems provide. Conflicts with
    /// `assume_role`.
    #[tf(optional)]
    pub assume_role_with_web_identity: Attr<WebIdentity>,
    /// IDs of the AWS accounts in which the provider may work. Credentials for any other account are an error before
    /// anything else is called. If omitted, any account is allowed.
    #[tf(optional, check = syntax::account_ids)]
    pub allowed_account_ids: Attr<Vec<String>>,
    /// Tags for everything in AWS that can be tagged. If a resource sets the same key in its own `tags`, the resource
    /// wins.
    #[tf(optional, check = crate::syntax::tags)]
    pub default_tags: Attr<BTreeMap<String, String>>,
    /// Labels for every Kubernetes object of the provider's resources, Pods and test requests included, in addition to
    /// its own labels and those of a resource's `pod`, which win. A change reaches an object when it is next written.
    /// Keys that start with `e2etls.dev/`, and the keys `app.kubernetes.io/name` and `app.kubernetes.io/managed-by`,
    /// are reserved for the provider.
    #[tf(optional, check = crate::syntax::provider_labels)]
    pub labels: Attr<BTreeMap<String, String>>,
    /// Registry that holds copies of the images that the provider chooses itself, as `HOST[:PORT][/PATH]`, such as
    /// `111122223333.dkr.ecr.eu-central-1.amazonaws.com/docker-hub`; the path of the image, such as
    /// `nginxinc/nginx-unprivileged`, follows it. A change shows in the plan of every resource that runs such an image.
    /// Images that a resource names itself are not touched. If omitted, they come from `docker.io`.
    #[tf(optional, check = crate::syntax::image_registry)]
    pub image_registry: Attr<String>,
    /// Keys of tags that others may set without causing drift, such as `cost-*`: a `*` at the end matches any suffix.
    #[tf(optional)]
    pub ignore_tags: Attr<Vec<String>>,
    /// URLs to call instead of AWS's, by service: `acm`, `acmpca`, `cloudwatch`, `ec2`, `eks`, `elbv2`, `iam`,
    /// `route53`, `sts`.
    #[tf(optional, check = services)]
    pub endpoints: Attr<BTreeMap<String, String>>,
    /// Use endpoints that comply with FIPS 140; false if omitted.
    #[tf(optional)]
    pub use_fips_endpoint: Attr<bool>,
    /// Maximum number of attempts for each AWS call, including the first; the SDK's default of 3 if omitted.
    #[tf(optional, check = syntax::positive)]
    pub max_retries: Attr<i64>,
    /// ARN of an additional role to assume for calls to AWS Private CA, if the PKI lives in another account.
    #[tf(optional, check = syntax::role_arn)]
    pub pca_role_arn: Attr<String>,
    /// ARN of an additional role to assume for calls to Route 53, if DNS lives in another account.
    #[tf(optional, check = syntax::role_arn)]
    pub dns_role_arn: Attr<String>,
    /// How to reach the cluster, if there is only one: by exactly one of `name`, `kubeconfig` and `host`. If neither
    /// this nor `clusters` is set, `KUBE_HOST` or `KUBE_CONFIG_PATH` in the environment name the cluster.
    #[tf(optional)]
    pub cluster: Attr<ClusterConfig>,
    /// Clusters by key, if there are several, each reached by exactly one of `name`, `kubeconfig` and `host`. Resources
    /// select theirs with `cluster`. Conflicts with the provider's `cluster`.
    #[tf(optional)]
    pub clusters: Attr<BTreeMap<String, ClusterConfig>>,
    /// Refuse every plan that would change something; false if omitted.
    #[tf(optional)]
    pub read_only: Attr<bool>,
    /// What a refresh does if a cluster cannot be reached: `error` (if omitted) fails; `keep_state` keeps the last
    /// known state, with a warning.
    #[tf(optional)]
    pub unreachable: Attr<Unreachable>,
}

/// What a refresh does when a cluster can't be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Unreachable {
    /// It fails.
    #[tf(rename = "error")]
    Error,
    /// It keeps the state with a warning.
    #[tf(rename = "keep_state")]
    KeepState,
}

/// A role to assume.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct AssumeRole {
    /// ARN of the role.
    #[tf(required, check = syntax::role_arn)]
    pub role_arn: Attr<String>,
    /// External ID that the role's trust policy requires.
    #[tf(optional)]
    pub external_id: Attr<String>,
    /// Name of the session; `e2etls` if omitted.
    #[tf(optional)]
    pub session_name: Attr<String>,
}

/// A role to assume with a web identity token.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct WebIdentity {
    /// ARN of the role.
    #[tf(required, check = syntax::role_arn)]
    pub role_arn: Attr<String>,
    /// Path of the file that contains the token.
    #[tf(required)]
    pub web_identity_token_file: Attr<String>,
    /// Name of the session; `e2etls` if omitted.
    #[tf(optional)]
    pub session_name: Attr<String>,
}

/// How a cluster is reached: by EKS `name`, `kubeconfig`, or `host` with credentials. There is no default.
#[derive(Clone, Debug, Default, Model)]
pub struct ClusterConfig {
    /// Name of an EKS cluster. Its endpoint and CA are looked up, and a token is minted through STS for each request.
    #[tf(optional, check = syntax::not_empty)]
    pub name: Attr<String>,
    /// Kubeconfig file that describes the cluster.
    #[tf(optional)]
    pub kubeconfig: Attr<Kubeconfig>,
    /// URL of the API server, such as `https://10.0.0.1:6443`. Together with `name`: the URL through which the
    /// cluster's endpoint is reached, such as the local end of a tunnel; the certificate is still verified for the
    /// endpoint.
    #[tf(optional, check = server_url)]
    pub host: Attr<String>,
    /// Name that the API server's certificate is verified for; if omitted, the host of the URL.
    #[tf(optional, check = syntax::not_empty)]
    pub tls_server_name: Attr<String>,
    /// Proxy on the way to the API server, such as `http://proxy.example.com:3128`. If omitted, `proxy-url` of the
    /// kubeconfig or the variable `HTTPS_PROXY`, unless `NO_PROXY` names the server.
    #[tf(optional, check = proxy_url)]
    pub proxy_url: Attr<String>,
    /// Certificate of the API server's CA in PEM form, used with `host`; the system's CAs if omitted.
    #[tf(optional, check = ca_pem)]
    pub ca_pem: Attr<String>,
    /// Bearer token, used with `host`.
    #[tf(optional, sensitive)]
    pub token: Attr<Secret<String>>,
    /// Client certificate in PEM form, used with `host`; requires `client_key_pem`.
    #[tf(optional)]
    pub client_certificate_pem: Attr<String>,
    /// Private key of the client certificate, in PEM form.
    #[tf(optional, sensitive)]
    pub client_key_pem: Attr<Secret<String>>,
    /// Program that prints credentials (`client.authentication.k8s.io`), used with `host`.
    #[tf(optional)]
    pub exec: Attr<Exec>,
    /// ARN of a role to assume for the cluster, used with `name`.
    #[tf(optional, check = syntax::role_arn)]
    pub role_arn: Attr<String>,
    /// UID that the cluster's namespace `kube-system` must have (see `e2etls_cluster`). Any other UID is an error.
    #[tf(optional, check = syntax::uid)]
    pub expect_uid: Attr<String>,
    /// UIDs of clusters that this one replaces, if it was deleted and created again. Resources in a cluster with such a
    /// UID are considered deleted: a refresh removes them from the state, and an apply creates them in this cluster.
    #[tf(optional, check = syntax::uids)]
    pub replaced_uids: Attr<Vec<String>>,
}

impl ClusterConfig {
    /// The EKS cluster `name`, under the provider's own credentials.
    #[must_use]
    pub fn of_eks(name: impl Into<String>) -> Self {
        Self {
            name: Attr::Known(name.into()),
            ..Self::default()
        }
    }
}

fn server_url(text: &str) -> Result<(), Invalid> {
    checks::server_url(text).map(|_| ()).map_err(Invalid::new)
}

fn proxy_url(text: &str) -> Result<(), Invalid> {
    checks::proxy_url(text).map_err(Invalid::new)
}

fn ca_pem(text: &str) -> Result<(), Invalid> {
    checks::ca_pem(text).map_err(Invalid::new)
}

/// A kubeconfig file.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Kubeconfig {
    /// Path of the file; a leading `~/` stands for the home directory. Several paths, joined by `:`, are merged as
    /// kubectl does.
    #[tf(required, check = syntax::not_empty)]
    pub path: Attr<String>,
    /// Name of the context; the file's current context if omitted.
    #[tf(optional)]
    pub context: Attr<String>,
}

/// A program that prints credentials (`client.authentication.k8s.io`).
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Exec {
    /// Program, by path or name.
    #[tf(required, check = syntax::not_empty)]
    pub command: Attr<String>,
    /// Arguments, in order.
    #[tf(optional)]
    pub args: Attr<Vec<String>>,
    /// Additional environment variables.
    #[tf(optional)]
    pub env: Attr<BTreeMap<String, String>>,
    /// API version of the credentials; `client.authentication.k8s.io/v1` if omitted.
    #[tf(optional)]
    pub api_version: Attr<String>,
}

/// The services whose endpoints can be set, as the SDKs name them.
const SERVICES: [&str; 9] = [
    "acm",
    "acmpca",
    "cloudwatch",
    "ec2",
    "eks",
    "elbv2",
    "iam",
    "route53",
    "sts",
];

fn services(endpoints: &BTreeMap<String, String>) -> Result<(), Invalid> {
    match endpoints.keys().find(|service| !SERVICES.contains(&service.as_str())) {
        None => endpoints.iter().try_for_each(|(service, url)| {
            endpoint_url(url).map_err(|why| Invalid::at(AttributePath::default().key(service), format!("{why}.")))
        }),
        Some(service) => Err(Invalid::at(
            AttributePath::default().key(service),
            format!(
                "`{service}` is not a service that this provider calls; valid keys: `{}`",
                SERVICES.join("`, `")
            ),
        )),
    }
}
