//! What operations need of the provider's configuration, and which of it is not known yet.

use std::borrow::Cow;

use tfplugin_framework::{AttributePath, Model};

use super::Session;
use super::unknown::{first_unknown, path_of};

/// How AWS is reached, and as whom.
const AWS: [&str; 9] = [
    "region",
    "profile",
    "assume_role",
    "assume_role_with_web_identity",
    "allowed_account_ids",
    "endpoints",
    "use_fips_endpoint",
    "pca_role_arn",
    "dns_role_arn",
];
/// What decides which tags are whose.
const TAGS: [&str; 2] = ["default_tags", "ignore_tags"];

impl Session {
    /// The first argument about AWS that is not known yet, by its path.
    #[must_use]
    pub fn unknown_aws_argument(&self) -> Option<String> {
        self.unknown_among(&AWS)
    }

    /// The first argument that is not known yet and that a resource in AWS can't be read without.
    #[must_use]
    pub fn unknown_for_aws(&self) -> Option<String> {
        self.unknown_owner()
            .or_else(|| self.unknown_aws_argument())
            .or_else(|| self.unknown_among(&TAGS))
    }

    /// The same for a resource in the cluster `key`, or the one cluster.
    #[must_use]
    pub fn unknown_for_cluster(&self, key: Option<&str>) -> Option<String> {
        self.unknown_owner().or_else(|| self.unknown_cluster_argument(key))
    }

    /// The first argument that is not known yet and that the cluster `key`, or the one cluster, can't be reached without.
    #[must_use]
    pub fn unknown_cluster_argument(&self, key: Option<&str>) -> Option<String> {
        let Ok(config) = self.cluster_config(key) else {
            let whole = [
                ("clusters", self.config.clusters.is_unknown()),
                ("cluster", self.config.cluster.is_unknown()),
            ];
            let unknown = whole.into_iter().find(|(_, unknown)| *unknown);
            return unknown.map(|(argument, _)| argument.to_owned());
        };
        let Cow::Borrowed(config) = config else { return None };
        first_unknown(&config.to_value(), path_of(key))
            .or_else(|| config.name.as_str().and_then(|_| self.unknown_aws_argument()))
    }

    /// If there is no cluster `key`, the first argument that is not known yet of those by which another key may lead to it.
    #[must_use]
    pub fn unknown_elsewhere(&self, key: Option<&str>) -> Option<String> {
        if self.cluster_config(key).is_ok() {
            return None;
        }
        let configured = self.configured();
        configured
            .into_iter()
            .find_map(|(path, config)| first_unknown(&config.to_value(), path))
    }

    /// Without its owner, nothing can be told apart.
    fn unknown_owner(&self) -> Option<String> {
        self.owner_id_unknown.then(|| "owner_id".to_owned())
    }

    fn unknown_among(&self, names: &[&str]) -> Option<String> {
        let value = self.config.to_value();
        names
            .iter()
            .find_map(|name| first_unknown(value.get(name), AttributePath::root(*name)))
    }
}
