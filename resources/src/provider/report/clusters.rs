//! The clusters of the command line, examined one after the other: of one cluster at a time everything is held.

use std::collections::BTreeMap;
use std::time::Duration;

use e2etls_report::document::{ClusterReport, Document, Made};
use jiff::Timestamp;
use tfplugin_framework::{Attr, Diagnostics};

use super::arguments::Way;
use super::progress::Progress;
use crate::encryption_report::covered::Covered;
use crate::encryption_report::examine::{document, examine};
use crate::encryption_report::probe::Probing;
use crate::kinds::Clients;
use crate::session::Session;
use crate::session::model::{ClusterConfig, Kubeconfig, ProviderConfig};

/// How long AWS may take to say who we are: without credentials, it is asked for some in vain.
const IDENTITY: Duration = Duration::from_secs(10);

const NO_CLUSTER: &str = "neither KUBE_CONFIG_PATH nor KUBE_HOST is set in the environment, and neither --cluster nor --kubeconfig is \
                          given";

/// The configuration of a provider that reaches these clusters, and their keys in it.
pub(super) fn settings(ways: &[Way]) -> Result<(ProviderConfig, Vec<Option<String>>), String> {
    let mut config = ProviderConfig::default();
    let of_environment = Session::new(config.clone())
        .cluster_config(None)
        .map(std::borrow::Cow::into_owned);
    if ways.is_empty() {
        let found = of_environment.map_err(|_| NO_CLUSTER.to_owned());
        return found.map(|_| (config, vec![None]));
    }
    let file = of_environment.ok().and_then(|found| found.kubeconfig.known().cloned());
    let mut clusters = BTreeMap::new();
    for way in ways {
        clusters.insert(way.to_string(), configured(way, file.as_ref())?);
    }
    config.clusters = Attr::Known(clusters);
    Ok((config, ways.iter().map(|way| Some(way.to_string())).collect()))
}

/// How a cluster is reached; `of_environment` is the kubeconfig where none is named.
fn configured(way: &Way, of_environment: Option<&Kubeconfig>) -> Result<ClusterConfig, String> {
    let (file, context) = match way {
        Way::Eks(name) => return Ok(ClusterConfig::of_eks(name)),
        Way::Kubeconfig { file, context } => (file, context),
    };
    let path = match (file, of_environment) {
        (Some(file), _) => Attr::Known(file.clone()),
        (None, Some(found)) => found.path.clone(),
        (None, None) => {
            return Err(format!(
                "--kubeconfig {way} names no file, and KUBE_CONFIG_PATH is not set"
            ));
        }
    };
    Ok(ClusterConfig {
        kubeconfig: Attr::Known(Kubeconfig {
            path,
            context: context.clone().into(),
        }),
        ..ClusterConfig::default()
    })
}

/// The document of all these clusters, reached or not.
pub(super) async fn examine_all(
    clients: &Clients,
    keys: &[Option<String>],
    covered: &Covered,
    probing: Option<&Probing>,
    command: Vec<String>,
    progress: &Progress,
) -> Document {
    let started = Timestamp::now();
    let identity = tokio::time::timeout(IDENTITY, aws_identity(clients.session()));
    let (identity, examined) = futures::join!(identity, async {
        let mut examined = Vec::new();
        for key in keys {
            examined.push(examine_one(clients, key.as_deref(), covered, probing, progress).await);
        }
        examined
    });
    let (clusters, users): (Vec<ClusterReport>, Vec<Option<String>>) = examined.into_iter().unzip();
    let made = Made {
        started: Some(started),
        ended: Some(Timestamp::now()),
        command,
        aws_identity: identity.ok().flatten(),
        kubernetes_user: in_one(users),
    };
    document(made, covered, clusters)
}

/// The report of a cluster, and who we are there.
async fn examine_one(
    clients: &Clients,
    key: Option<&str>,
    covered: &Covered,
    probing: Option<&Probing>,
    progress: &Progress,
) -> (ClusterReport, Option<String>) {
    let begins = |phase| progress.begins(key.unwrap_or("the cluster"), phase);
    match examine(clients, key, covered, probing, &begins).await {
        Ok(examined) => {
            let user = examined.cluster.objects.user().await.ok();
            (examined.report, user.filter(|user| !user.is_empty()))
        }
        Err(failed) => {
            let error = Some(in_words(&failed.why));
            (ClusterReport { error, ..failed.report }, None)
        }
    }
}

/// Who we are in AWS, if it can be had.
async fn aws_identity(session: &Session) -> Option<String> {
    let aws = session.aws(None, None).await.ok()?;
    let arn = aws.arn().await.ok()?;
    Some(arn.to_owned()).filter(|arn| !arn.is_empty())
}

/// The user of all clusters; several, if they differ.
fn in_one(users: Vec<Option<String>>) -> Option<String> {
    let mut once: Vec<String> = Vec::new();
    for user in users.into_iter().flatten() {
        if !once.contains(&user) {
            once.push(user);
        }
    }
    (!once.is_empty()).then(|| once.join(", "))
}

/// Why a cluster was not examined, on one line.
fn in_words(why: &Diagnostics) -> String {
    let words = why.iter().map(|one| format!("{}: {}", one.what, one.cause));
    let words: Vec<String> = words.collect();
    words.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}
