//! From a cluster to its report, and from reports to the document: what the data source and the command `report` share.

use std::sync::Arc;

use e2etls_clients::kube::cluster::Cluster;
use e2etls_report::Scope;
use e2etls_report::document::{ClusterReport, Document, Made, SCHEMA};
use tfplugin_framework::Diagnostics;

use super::collect::collect;
use super::covered::Covered;
use super::phase::{Phase, Watcher};
use super::probe::{Probing, probe};
use crate::kinds::Clients;
use crate::session::wording::unidentified;

/// A cluster that was examined.
pub(crate) struct Examined {
    /// The cluster.
    pub(crate) cluster: Arc<Cluster>,
    /// What was asked for, as it is in this cluster.
    pub(crate) scope: Scope,
    /// What was found.
    pub(crate) report: ClusterReport,
}

/// A cluster of which there is no report.
pub(crate) struct NotExamined {
    /// Why.
    pub(crate) why: Diagnostics,
    /// As much as is known of the cluster.
    pub(crate) report: ClusterReport,
}

/// Examines the cluster `key` of a session, or its one cluster; with `probing`, its Pods, too.
pub(crate) async fn examine(
    clients: &Clients,
    key: Option<&str>,
    covered: &Covered,
    probing: Option<&Probing>,
    begins: Watcher<'_>,
) -> Result<Examined, Box<NotExamined>> {
    let failed = |report: &ClusterReport, why| {
        let report = report.clone();
        Box::new(NotExamined { why, report })
    };
    begins(Phase::Connecting);
    let mut known = ClusterReport {
        name: key.unwrap_or_default().to_owned(),
        ..ClusterReport::default()
    };
    let cluster = clients
        .session()
        .cluster(key)
        .await
        .map_err(|why| failed(&known, why))?;
    if let Some(arn) = &cluster.eks_arn {
        known.name.clone_from(arn);
    }
    known.server.clone_from(&cluster.server.url);
    let uid = cluster.uid().await;
    let uid = uid
        .map_err(|why| failed(&known, unidentified(&why, &cluster)))?
        .to_owned();
    known.uid = Some(uid);
    begins(Phase::Listing);
    let scope = covered.in_cluster(&cluster).await.map_err(|why| failed(&known, why))?;
    let found = collect(&cluster, clients, &scope, begins).await;
    begins(Phase::Evaluating);
    let mut examined = found.report(known, &scope);
    if let (Some(probing), Some(report)) = (probing, &mut examined.report) {
        begins(Phase::Probing);
        examined.incomplete.extend(probe(&cluster, report, probing).await);
    }
    Ok(Examined {
        report: examined,
        cluster,
        scope,
    })
}

/// The document of these clusters.
pub(crate) fn document(made: Made, covered: &Covered, clusters: Vec<ClusterReport>) -> Document {
    Document {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        made,
        scope: covered.in_words(),
        clusters,
    }
}
