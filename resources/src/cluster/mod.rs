#![doc = include_str!("README.md")]

pub mod model;
mod observe;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use tfplugin_framework::schema::Schema;
use tfplugin_framework::{Attr, Config, Context, DataSource, Diagnostic, Diagnostics, Model, State};

use crate::session::Session;
use crate::session::model::ClusterConfig;
use crate::session::wording::{Worded as _, unidentified};
use e2etls_clients::aws::eks;
use e2etls_clients::kube::cluster::Cluster;
use model::ClusterFacts;

/// `e2etls_cluster`.
pub struct ClusterSource;

#[async_trait]
impl DataSource for ClusterSource {
    type Model = ClusterFacts;
    type Session = Session;

    fn name(&self) -> &'static str {
        "cluster"
    }

    fn schema(&self) -> Schema {
        ClusterFacts::schema(include_str!("README.md"))
    }

    async fn read(
        &self,
        context: &Context<Session>,
        config: Config<ClusterFacts>,
    ) -> Result<(State<ClusterFacts>, Diagnostics), Diagnostics> {
        let looked = tokio::select! {
            () = context.cancel.cancelled() => None,
            looked = tokio::time::timeout(context.timeout, look(&context.session, config.0)) => looked.ok(),
        };
        looked
            .unwrap_or_else(|| {
                Err(Diagnostic::error("The read was interrupted")
                    .because("The read was stopped or timed out. Run it again.")
                    .into())
            })
            .map(|facts| (State(facts), Diagnostics::new()))
    }
}

async fn look(session: &Session, mut facts: ClusterFacts) -> Result<ClusterFacts, Diagnostics> {
    let key = facts.cluster.as_str().map(str::to_owned);
    let named = facts.name.as_str().map(str::to_owned);
    // A cluster by name needs no configured one.
    let configured = match (&named, session.cluster_config(key.as_deref())) {
        (Some(_), Err(_)) if key.is_none() => None,
        (_, found) => Some(found?.into_owned()),
    };
    let is_other = named.is_some()
        && configured
            .as_ref()
            .is_none_or(|config| config.name.known() != named.as_ref());
    let (config, cluster) = if is_other {
        let config = ClusterConfig::of_eks(named.unwrap_or_default());
        let cluster = session.reach("", &config).await?;
        (config, Arc::new(cluster))
    } else {
        (configured.unwrap_or_default(), session.cluster(key.as_deref()).await?)
    };
    describe(session, &config, &cluster, &mut facts).await?;
    observe(&cluster, &mut facts).await?;
    Ok(facts)
}

/// What EKS says, or what the configuration does.
async fn describe(
    session: &Session,
    config: &ClusterConfig,
    cluster: &Cluster,
    facts: &mut ClusterFacts,
) -> Result<(), Diagnostics> {
    let Some(name) = config.name.as_str() else {
        observe::server(facts, config, &cluster.server);
        return Ok(());
    };
    let aws = session.aws(None, config.role_arn.as_str()).await?;
    observe::eks(facts, eks::describe(&aws, name).await.worded()?);
    facts.name = Attr::Known(name.to_owned());
    Ok(())
}

/// What the API server says. Its UID is the point; the rest is null where it may not be read.
async fn observe(cluster: &Cluster, facts: &mut ClusterFacts) -> Result<(), Diagnostics> {
    let uid = cluster.uid().await.map_err(|error| unidentified(&error))?;
    facts.uid = uid.to_owned().into();
    facts.id = uid.to_owned().into();
    if facts.version.is_null() {
        let version = cluster.objects.version().await.ok();
        facts.version = version
            .and_then(|(major, minor)| observe::version(&major, &minor))
            .into();
    }
    let service = cluster
        .objects
        .get(e2etls_clients::kube::kinds::SERVICE, Some("kube-system"), "kube-dns")
        .await;
    facts.dns_ip = service
        .ok()
        .flatten()
        .and_then(|service| observe::cluster_ip(&service))
        .into();
    Ok(())
}
