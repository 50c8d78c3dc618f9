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
use crate::session::unknown::not_read;
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

    fn waits(&self, session: &Session, config: &Config<ClusterFacts>) -> bool {
        unknown_argument(session, config).is_some()
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
                    .because("The read was stopped or timed out. Try again.")
                    .into())
            })
            .map(|facts| (State(facts), Diagnostics::new()))
    }
}

async fn look(session: &Session, mut facts: ClusterFacts) -> Result<ClusterFacts, Diagnostics> {
    if let Some(argument) = unknown_argument(session, &facts) {
        return Err(not_read(&argument));
    }
    let key = facts.cluster.as_str();
    let (config, cluster) = match other(session, &facts) {
        Some(name) => {
            let config = ClusterConfig::of_eks(name);
            let cluster = session.reach("", &config).await?;
            (config, Arc::new(cluster))
        }
        None => (session.cluster_config(key)?.into_owned(), session.cluster(key).await?),
    };
    describe(session, &config, &cluster, &mut facts).await?;
    observe(&cluster, &mut facts).await?;
    Ok(facts)
}

/// The name of an EKS cluster that is not the configured one.
fn other<'a>(session: &Session, facts: &'a ClusterFacts) -> Option<&'a str> {
    let name = facts.name.as_str()?;
    match session.cluster_config(facts.cluster.as_str()) {
        Ok(config) => (config.name.as_str() != Some(name)).then_some(name),
        // A cluster by name needs no configured one, but a key must be right.
        Err(_) => facts.cluster.as_str().is_none().then_some(name),
    }
}

/// The first argument of the provider that is needed and not known yet.
fn unknown_argument(session: &Session, facts: &ClusterFacts) -> Option<String> {
    match other(session, facts) {
        Some(_) => session.unknown_aws_argument(),
        None => session.unknown_cluster_argument(facts.cluster.as_str()),
    }
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
    let uid = cluster.uid().await.map_err(|error| unidentified(&error, cluster))?;
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
