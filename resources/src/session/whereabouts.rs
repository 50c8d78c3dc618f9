//! Which of the configured clusters a resource lives in: its key says so, and the cluster's UID where the configuration has
//! another key for it by now.

use std::borrow::Cow;
use std::sync::Arc;

use e2etls_clients::kube::cluster::Cluster;
use tfplugin_framework::{Attr, AttributePath, Diagnostic, Diagnostics};

use super::model::ClusterConfig;
use super::unknown::path_of;
use super::wording::{is_unreachable, unidentified};
use super::{Session, environment};

/// What a search for a cluster by its UID came to.
pub struct Searched {
    /// The cluster, and where it is configured.
    pub found: Option<(AttributePath, Arc<Cluster>)>,
    /// Clusters that could not be asked, and why.
    pub unasked: Vec<(AttributePath, Diagnostics)>,
    /// One of those did not answer at all.
    pub unreachable: bool,
}

impl Session {
    /// The name by which EKS knows the cluster `key`: null if the configuration reaches it in another way.
    #[must_use]
    pub fn eks_name(&self, key: &Attr<String>) -> Attr<String> {
        if key.is_unknown() || self.config.cluster.is_unknown() || self.config.clusters.is_unknown() {
            return Attr::Unknown;
        }
        self.cluster_config(key.as_str())
            .map_or(Attr::Null, |config| config.name.clone())
    }

    /// Judges the argument `cluster` of a resource, as far as the configuration is known. That of the environment is asked
    /// for when it is needed: a plan knows no environment.
    #[must_use]
    pub fn check_cluster(&self, key: &Attr<String>) -> Diagnostics {
        let open = key.is_unknown() || self.config.cluster.is_unknown() || self.config.clusters.is_unknown();
        let none = key.is_null() && self.config.cluster.is_null() && self.config.clusters.is_null();
        if open || none {
            return Diagnostics::new();
        }
        let checked = self.cluster_config(key.as_str()).map(|_| Diagnostics::new());
        checked.unwrap_or_else(|refused| refused)
    }

    /// The argument that says that the cluster `uid` was replaced by the cluster `key`, or, if there is no such key, by any.
    #[must_use]
    pub fn replaced_by(&self, key: Option<&str>, uid: &str) -> Option<AttributePath> {
        let candidates = match self.cluster_config(key) {
            Ok(config) => vec![(path_of(key), config)],
            Err(_) => self.configured(),
        };
        let replaces = |config: &ClusterConfig| {
            let replaced = config.replaced_uids.known();
            replaced.is_some_and(|replaced| replaced.iter().any(|one| one == uid))
        };
        let mut found = candidates.into_iter().filter(|(_, config)| replaces(config));
        found.next().map(|(path, _)| path.attribute("replaced_uids"))
    }

    /// Asks all configured clusters for their UID.
    pub async fn search(&self, uid: &str) -> Searched {
        let asked = self.keys().into_iter().map(|key| async move {
            let path = path_of(key.as_deref());
            let cluster = match self.cluster(key.as_deref()).await {
                Ok(cluster) => cluster,
                Err(refused) => return (path, Err((refused, false))),
            };
            let answered = match cluster.uid().await {
                Ok(found) => Ok((found == uid).then(|| Arc::clone(&cluster))),
                Err(why) => Err((unidentified(&why, &cluster), is_unreachable(&why))),
            };
            (path, answered)
        });
        let mut searched = Searched {
            found: None,
            unasked: Vec::new(),
            unreachable: false,
        };
        for (path, answered) in futures::future::join_all(asked).await {
            match answered {
                Ok(Some(cluster)) => searched.found = Some((path, cluster)),
                Ok(None) => {}
                Err((why, unreachable)) => {
                    searched.unreachable |= unreachable;
                    searched.unasked.push((path, why));
                }
            }
        }
        searched
    }

    fn keys(&self) -> Vec<Option<String>> {
        match self.config.clusters.known() {
            Some(clusters) => clusters.keys().cloned().map(Some).collect(),
            None => vec![None],
        }
    }

    /// All configured clusters.
    pub(super) fn configured(&self) -> Vec<(AttributePath, Cow<'_, ClusterConfig>)> {
        let keys = self.keys();
        let found = keys
            .iter()
            .filter_map(|key| Some((path_of(key.as_deref()), self.cluster_config(key.as_deref()).ok()?)));
        found.collect()
    }

    /// How the cluster `key`, or the one cluster, is configured.
    pub(crate) fn cluster_config(&self, key: Option<&str>) -> Result<Cow<'_, ClusterConfig>, Diagnostics> {
        match (key, &self.config.cluster, &self.config.clusters) {
            (Some(key), _, Attr::Known(clusters)) => {
                let config = clusters.get(key).map(Cow::Borrowed);
                config.ok_or_else(|| no_key(key, clusters.keys().map(String::as_str)))
            }
            (None, Attr::Known(config), _) => Ok(Cow::Borrowed(config)),
            (Some(key), Attr::Known(_), _) => Err(no_keys(key, SINGLE)),
            (None, Attr::Null, Attr::Known(clusters)) => Err(missing(clusters.keys().map(String::as_str))),
            (_, Attr::Unknown, _) => Err(super::unknown::not_known("cluster")),
            (_, _, Attr::Unknown) => Err(super::unknown::not_known("clusters")),
            (Some(key), Attr::Null, Attr::Null) => Err(no_keys(key, NO_CLUSTERS)),
            (None, Attr::Null, Attr::Null) => environment::from_environment().map(Cow::Owned).ok_or_else(none),
        }
    }
}

fn at_cluster(what: &str, cause: String, advice: String) -> Diagnostics {
    Diagnostic::error(what)
        .at(AttributePath::root("cluster"))
        .because(cause)
        .advice(advice)
        .into()
}

fn listed<'a>(keys: impl Iterator<Item = &'a str>) -> String {
    format!("`{}`", keys.collect::<Vec<_>>().join("`, `"))
}

fn no_key<'a>(key: &str, keys: impl Iterator<Item = &'a str>) -> Diagnostics {
    let cause = format!("The provider's `clusters` has no key `{key}`; it has {}.", listed(keys));
    let advice = "Set `cluster` to one of these keys, or add the key to `clusters`.".to_owned();
    at_cluster("No such cluster", cause, advice)
}

const SINGLE: &str = "The provider has a single `cluster`, which has no key";
/// The one of the environment, if any, has no key either.
const NO_CLUSTERS: &str = "The provider has no `clusters`";

fn no_keys(key: &str, why: &str) -> Diagnostics {
    let cause = format!("{why}, so there is no cluster `{key}`.");
    let advice = format!(
        "Remove the argument `cluster` from the resource, or configure `clusters` with the key `{key}` in the provider."
    );
    at_cluster("No such cluster", cause, advice)
}

fn missing<'a>(keys: impl Iterator<Item = &'a str>) -> Diagnostics {
    let cause = "The provider has several `clusters`, and the resource does not say which one it is in.".to_owned();
    let advice = format!("Set `cluster` to one of their keys: {}.", listed(keys));
    at_cluster("Missing `cluster`", cause, advice)
}

fn none() -> Diagnostics {
    let hint = if std::env::var_os("KUBECONFIG").is_some() {
        " The variable KUBECONFIG is ignored, because it can silently lead to the wrong cluster; set KUBE_CONFIG_PATH \
         instead."
    } else {
        ""
    };
    Diagnostic::error("No cluster is configured")
        .because(format!(
            "Neither the provider's configuration nor the environment names a cluster.{hint}"
        ))
        .advice(
            "Set the provider argument `cluster`, for example `cluster = { name = \"prod\" }`, or set KUBE_CONFIG_PATH or \
             KUBE_HOST in the environment.",
        )
        .into()
}
