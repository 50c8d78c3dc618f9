//! The arguments of the provider.

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, AttributePath, Choice, Invalid, Model, Secret};

use crate::syntax;

/// Configuration of the provider.
#[derive(Clone, Debug, Model)]
pub struct ProviderConfig {
    /// One value per state, such as `terraform.workspace`: it tells this state's objects from those of others. Plans
    /// that create something warn where it is absent.
    #[tf(optional)]
    pub owner_id: Attr<String>,
    /// AWS Region; that of `AWS_REGION` or of the profile if absent.
    #[tf(optional)]
    pub region: Attr<String>,
    /// Profile of the AWS configuration files; that of `AWS_PROFILE`, else `default`, if absent.
    #[tf(optional)]
    pub profile: Attr<String>,
    /// Role to assume for all calls to AWS. Not with `assume_role_with_web_identity`.
    #[tf(optional)]
    pub assume_role: Attr<AssumeRole>,
    /// Role to assume for all calls to AWS with a web identity token, as CI systems give it. Not with `assume_role`.
    #[tf(optional)]
    pub assume_role_with_web_identity: Attr<WebIdentity>,
    /// Ids of the AWS accounts that the provider may work in; credentials of others are an error before anything else
    /// is called. Any account if absent.
    #[tf(optional)]
    pub allowed_account_ids: Attr<Vec<String>>,
    /// Tags of everything in AWS that has tags; a resource's own `tags` win where both have a key.
    #[tf(optional)]
    pub default_tags: Attr<BTreeMap<String, String>>,
    /// Keys of tags that others may set without being drift, such as `cost-*`: a `*` at the end matches any rest.
    #[tf(optional)]
    pub ignore_tags: Attr<Vec<String>>,
    /// URLs in place of AWS's, by service: `acmpca`, `eks`, `sts`.
    #[tf(optional, check = services)]
    pub endpoints: Attr<BTreeMap<String, String>>,
    /// Use endpoints that comply with FIPS 140; false if absent.
    #[tf(optional)]
    pub use_fips_endpoint: Attr<bool>,
    /// Attempts of each AWS call, the first included; the SDK's 3 if absent.
    #[tf(optional)]
    pub max_retries: Attr<i64>,
    /// ARN of a role to assume on top for calls to AWS Private CA, where PKI lives in another account.
    #[tf(optional)]
    pub pca_role_arn: Attr<String>,
    /// ARN of a role for calls to Route 53, where DNS lives in another account. Without effect so far: nothing calls
    /// Route 53 yet.
    #[tf(optional)]
    pub dns_role_arn: Attr<String>,
    /// How the one cluster is reached: by one of `name`, `kubeconfig` and `host`. Where neither this nor `clusters` is
    /// given, `KUBE_HOST` or `KUBE_CONFIG_PATH` of the environment name it.
    #[tf(optional)]
    pub cluster: Attr<ClusterConfig>,
    /// Clusters by key, where there are several, each reached by one of `name`, `kubeconfig` and `host`; resources name
    /// theirs with `cluster`. Not with the provider's `cluster`.
    #[tf(optional)]
    pub clusters: Attr<BTreeMap<String, ClusterConfig>>,
    /// Refuse every plan that would change something; false if absent.
    #[tf(optional)]
    pub read_only: Attr<bool>,
    /// What a refresh does when a cluster can't be reached: `error` (if absent) fails; `keep_state` keeps the state as
    /// it was last seen, with a warning.
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
    #[tf(required)]
    pub role_arn: Attr<String>,
    /// External id that the role's trust policy asks for.
    #[tf(optional)]
    pub external_id: Attr<String>,
    /// Name of the session; `e2etls` if absent.
    #[tf(optional)]
    pub session_name: Attr<String>,
}

/// A role to assume with a web identity token.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct WebIdentity {
    /// ARN of the role.
    #[tf(required)]
    pub role_arn: Attr<String>,
    /// Path of the file with the token.
    #[tf(required)]
    pub web_identity_token_file: Attr<String>,
    /// Name of the session; `e2etls` if absent.
    #[tf(optional)]
    pub session_name: Attr<String>,
}

/// How a cluster is reached: by EKS `name`, `kubeconfig`, or `host` with credentials. Nothing ever falls back to a default.
#[derive(Clone, Debug, Default, Model)]
pub struct ClusterConfig {
    /// Name of an EKS cluster; its endpoint and CA are read, and a token is minted from STS for each request.
    #[tf(optional)]
    pub name: Attr<String>,
    /// A kubeconfig file that leads to the cluster.
    #[tf(optional)]
    pub kubeconfig: Attr<Kubeconfig>,
    /// URL of the API server, such as `https://10.0.0.1:6443`.
    #[tf(optional)]
    pub host: Attr<String>,
    /// Certificate of the API server's CA in PEM form, with `host`; the system's CAs if absent.
    #[tf(optional)]
    pub ca_pem: Attr<String>,
    /// Bearer token, with `host`.
    #[tf(optional, sensitive)]
    pub token: Attr<Secret<String>>,
    /// Client certificate in PEM form, with `host`; needs `client_key_pem`.
    #[tf(optional)]
    pub client_certificate_pem: Attr<String>,
    /// Key of the client certificate in PEM form.
    #[tf(optional, sensitive)]
    pub client_key_pem: Attr<Secret<String>>,
    /// Program that prints credentials (`client.authentication.k8s.io`), with `host`.
    #[tf(optional)]
    pub exec: Attr<Exec>,
    /// ARN of a role to assume for the cluster, with `name`.
    #[tf(optional)]
    pub role_arn: Attr<String>,
    /// UID of the namespace `kube-system` that the cluster must have, see `e2etls_cluster`; another one is an error.
    #[tf(optional)]
    pub expect_uid: Attr<String>,
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

/// A kubeconfig file.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Kubeconfig {
    /// Path of the file; `~/` at its start is the home directory. Several, joined by `:`, are merged as kubectl does.
    #[tf(required, check = syntax::not_empty)]
    pub path: Attr<String>,
    /// Name of the context; the file's current one if absent.
    #[tf(optional)]
    pub context: Attr<String>,
}

/// A program that prints credentials (`client.authentication.k8s.io`).
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Exec {
    /// The program, by path or name.
    #[tf(required, check = syntax::not_empty)]
    pub command: Attr<String>,
    /// Its arguments, in order.
    #[tf(optional)]
    pub args: Attr<Vec<String>>,
    /// Environment variables added for it.
    #[tf(optional)]
    pub env: Attr<BTreeMap<String, String>>,
    /// Version of the protocol; `client.authentication.k8s.io/v1` if absent.
    #[tf(optional)]
    pub api_version: Attr<String>,
}

/// The services whose endpoints can be set, as the SDKs name them.
const SERVICES: [&str; 3] = ["acmpca", "eks", "sts"];

fn services(endpoints: &BTreeMap<String, String>) -> Result<(), Invalid> {
    match endpoints.keys().find(|service| !SERVICES.contains(&service.as_str())) {
        None => Ok(()),
        Some(service) => Err(Invalid::at(
            AttributePath::default().key(service),
            format!(
                "`{service}` is no service that is called: give `{}`",
                SERVICES.join("`, `")
            ),
        )),
    }
}
