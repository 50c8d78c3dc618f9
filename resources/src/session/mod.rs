//! A configured provider: its configuration, facts, and clients that are created on first use.

mod connection;
mod environment;
pub mod model;
mod needs;
pub mod unknown;
mod whereabouts;
pub mod wording;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use e2etls_clients::aws::{Aws, Connections, acm_pca::AcmPca};
use e2etls_clients::kube::cluster::Cluster;
use e2etls_clients::kube::connect::connect;
use tfplugin_framework::{Attr, AttributePath, Diagnostic, Diagnostics};
use tokio::sync::Mutex;

use model::{ClusterConfig, ProviderConfig, Unreachable};
use wording::Worded as _;

/// Kubernetes label: the owner as a hash. Shared lists and watches see what carries it.
pub const OWNER_LABEL: &str = "e2etls.dev/owner";

/// A configured provider.
pub struct Session {
    /// `owner_id`.
    pub owner_id: Option<String>,
    /// `owner_id` is not known yet.
    pub owner_id_unknown: bool,
    /// `read_only`.
    pub read_only: bool,
    /// `unreachable = "keep_state"`.
    pub keep_state: bool,
    /// `default_tags`.
    pub default_tags: BTreeMap<String, String>,
    /// `default_tags` are not known yet.
    pub default_tags_unknown: bool,
    /// `labels`.
    pub labels: BTreeMap<String, String>,
    /// `image_registry`, which may not be known yet.
    pub image_registry: Attr<String>,
    /// `ignore_tags`.
    pub ignore_tags: Vec<String>,
    config: ProviderConfig,
    clusters: Mutex<HashMap<String, Arc<Cluster>>>,
    aws: Connections,
    /// Owners that this run creates, or has created.
    created: std::sync::Mutex<HashSet<String>>,
}

#[cfg(test)]
impl Session {
    /// The same with `cluster` as the only one, which is reached already.
    pub(crate) fn with_cluster(self, cluster: Cluster) -> Self {
        self.with_clusters([("", cluster)])
    }

    /// The same with clusters that are reached already, by key.
    pub(crate) fn with_clusters<const N: usize>(mut self, clusters: [(&str, Cluster); N]) -> Self {
        let reached = clusters.map(|(key, cluster)| (key.to_owned(), Arc::new(cluster)));
        self.clusters = Mutex::new(HashMap::from(reached));
        self
    }
}

impl Session {
    /// Takes the configuration; calls no remote.
    #[must_use]
    pub fn new(config: ProviderConfig) -> Self {
        Self {
            owner_id: config.owner_id.known().cloned(),
            owner_id_unknown: config.owner_id.is_unknown(),
            read_only: config.read_only.known() == Some(&true),
            keep_state: config.unreachable.known() == Some(&Unreachable::KeepState),
            default_tags: config.default_tags.known().cloned().unwrap_or_default(),
            default_tags_unknown: config.default_tags.is_unknown(),
            labels: config.labels.known().cloned().unwrap_or_default(),
            image_registry: config.image_registry.clone(),
            ignore_tags: config.ignore_tags.known().cloned().unwrap_or_default(),
            aws: Connections::new(connection::aws(&config)),
            config,
            clusters: Mutex::default(),
            created: std::sync::Mutex::default(),
        }
    }

    /// Notes that this run creates what `owner` owns; false if it does already, or has done: two resources have one name.
    pub(crate) fn claim(&self, owner: &str) -> bool {
        self.created_owners().insert(owner.to_owned())
    }

    /// A create that was [claimed](Session::claim) has made nothing.
    pub(crate) fn give_up(&self, owner: &str) {
        self.created_owners().remove(owner);
    }

    fn created_owners(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.created.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The cluster `key`, or the one cluster. One client serves all resources of a run.
    ///
    /// # Errors
    /// The cluster does not exist, an argument (which is named) is unknown, or the configuration can't be used.
    pub async fn cluster(&self, key: Option<&str>) -> Result<Arc<Cluster>, Diagnostics> {
        let name = key.unwrap_or_default().to_owned();
        let mut clusters = self.clusters.lock().await;
        if let Some(cluster) = clusters.get(&name) {
            return Ok(Arc::clone(cluster));
        }
        if let Some(argument) = self.unknown_cluster_argument(key) {
            return Err(unknown::not_known(&argument));
        }
        let config = self.cluster_config(key)?;
        let cluster = Arc::new(self.reach(&name, &config).await?);
        clusters.insert(name, Arc::clone(&cluster));
        Ok(cluster)
    }

    /// AWS as the cluster `key` is reached with it: in its account, under its role.
    ///
    /// # Errors
    /// As [`Session::aws`].
    pub(crate) async fn aws_of_cluster(&self, key: Option<&str>) -> Result<Arc<Aws>, Diagnostics> {
        let role_arn = self.cluster_config(key)?.role_arn.clone();
        self.aws(None, role_arn.as_str()).await
    }

    /// A cluster that need not be one of the configured ones.
    pub(crate) async fn reach(&self, key: &str, config: &ClusterConfig) -> Result<Cluster, Diagnostics> {
        let settings = match config.name.as_str() {
            Some(name) => connection::eks(self.aws(None, config.role_arn.as_str()).await?, name, config),
            None => connection::cluster(config),
        };
        let connected = connect(&settings).await.map_err(|why| wording::not_connected(&why))?;
        let expected = config.expect_uid.known().cloned();
        Ok(Cluster::new(key, connected, expected, OWNER_LABEL))
    }

    /// AWS in `region` (or the configured one), with `role_arn` assumed on top where given.
    ///
    /// # Errors
    /// An argument is unknown, there is no Region, or the account is not allowed.
    pub async fn aws(&self, region: Option<&str>, role_arn: Option<&str>) -> Result<Arc<Aws>, Diagnostics> {
        if let Some(argument) = self.unknown_aws_argument() {
            return Err(unknown::not_known(&argument));
        }
        if let Some((variable, why)) = environment::broken_endpoint() {
            return Err(wording::broken_endpoint(&variable, &why));
        }
        let aws = self.aws.get(region, role_arn).await.map_err(|_| wording::no_region())?;
        self.check_account(&aws).await?;
        Ok(aws)
    }

    /// True if the configuration or the environment names a Region.
    pub(crate) async fn has_region(&self) -> bool {
        self.aws.get(None, None).await.is_ok()
    }

    /// Refuses accounts that are not allowed.
    async fn check_account(&self, aws: &Aws) -> Result<(), Diagnostics> {
        let Some(allowed) = self.config.allowed_account_ids.known() else {
            return Ok(());
        };
        let account = aws.account().await.worded()?;
        if allowed.iter().any(|allowed| allowed == account) {
            return Ok(());
        }
        Err(Diagnostic::error("Wrong AWS account").at(AttributePath::root("allowed_account_ids")).because(format!(
            "The credentials belong to account {account}, but `allowed_account_ids` allows only {}. No other AWS call \
             was made.\n\nUse credentials for an allowed account.",
            allowed.join(", ")
        )).into())
    }

    /// AWS Private CA in `region` (or the configured one), under `pca_role_arn` where that is given.
    ///
    /// # Errors
    /// As [`Session::aws`].
    pub async fn private_ca(&self, region: Option<&str>) -> Result<AcmPca, Diagnostics> {
        self.private_ca_identity(region).await.map(AcmPca::new)
    }

    /// AWS under the identity of Private CA.
    ///
    /// # Errors
    /// As [`Session::aws`].
    pub async fn private_ca_identity(&self, region: Option<&str>) -> Result<Arc<Aws>, Diagnostics> {
        self.aws(region, self.config.pca_role_arn.as_str()).await
    }

    /// AWS under the identity of Route 53: `dns_role_arn` where that is given.
    ///
    /// # Errors
    /// As [`Session::aws`].
    pub async fn dns_identity(&self, region: Option<&str>) -> Result<Arc<Aws>, Diagnostics> {
        self.aws(region, self.config.dns_role_arn.as_str()).await
    }
}
