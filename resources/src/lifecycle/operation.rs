//! One operation of the engine: its clients, its owner, and the clock.

use std::sync::Arc;
use std::time::Duration;

use e2etls_clients::kube::cluster::{Cluster, Unidentified};
use e2etls_engine::operation::Operation;
use e2etls_engine::owner::Owner;
use e2etls_engine::refusal::{Answer, Denial};
use e2etls_engine::table::Asked;
use jiff::Timestamp;
use tfplugin_framework::Context;
use tokio::time::Instant;

use super::another_cluster::{another_cluster, of_uid};
use super::managed::Managed;
use super::no_operation::NoOperation;
use super::outputs;
use super::place::Place;
use crate::kinds::{Clients, Service};
use crate::session::Session;
use crate::session::unknown::not_known;
use crate::session::wording::{Worded as _, is_unreachable, unidentified};

/// Makes one operation on the resource `model`.
///
/// # Errors
/// There is no remote, it can't be reached, or it is not the one in the state.
pub async fn operation<M: Managed>(
    context: &Context<Session>,
    model: &M,
    asked: Asked,
) -> Result<Operation<Clients>, NoOperation> {
    let mut op = at::<M>(context, model.place(), model.name(), asked).await?;
    op.remotes.known = outputs::known(model);
    Ok(op)
}

/// The same for the resource `name` at `place`, whose other arguments are not known yet.
pub(super) async fn at<M: Managed>(
    context: &Context<Session>,
    place: Place<'_>,
    name: &str,
    asked: Asked,
) -> Result<Operation<Clients>, NoOperation> {
    if let Some(argument) = place.unknown_argument(&context.session) {
        return Err(not_known(&argument).into());
    }
    let (clients, place, namespace) = match place {
        Place::Cluster { key, uid, namespace } => {
            let what = format!("{} `{name}`", M::TYPE_NAME);
            let session = &context.session;
            let cluster = match (uid, asked) {
                // What is in the state is found by its UID, whatever its cluster is called by now.
                (Some(uid), Asked::Observe | Asked::Delete) if session.cluster_config(key).is_err() => {
                    of_uid(session, key, &what, uid).await?
                }
                _ => session.cluster(key).await?,
            };
            let (clients, found) = in_cluster(context, cluster, asked).await?;
            if let Some(expected) = uid.filter(|expected| *expected != found) {
                return Err(another_cluster(session, key, &what, expected, &found).await);
            }
            (clients, found, namespace)
        }
        Place::Aws { service, region, arn } => {
            let (clients, place) = in_aws(context, service, region, arn).await?;
            (clients, place, None)
        }
    };
    let owner = Owner {
        owner_id: context.session.owner_id.clone(),
        resource: M::NAME,
        place,
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
    };
    let began = Instant::now();
    Ok(Operation {
        remotes: clients,
        kinds: M::KINDS,
        owner,
        asked,
        began,
        deadline: began + context.timeout,
        cancel: context.cancel.clone(),
        trace: None,
        now: mark_time(),
    })
}

/// The clock of create marks: RFC 3339, UTC, whole seconds.
#[must_use]
pub fn mark_time() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A new instance: 16 random hex digits.
#[must_use]
pub fn new_instance() -> String {
    use rand::Rng as _;
    format!("{:016x}", rand::rng().random::<u64>())
}

/// How long a create waits for a cluster that refuses it: for its first minutes a new one knows neither its users nor their
/// permissions everywhere.
const YOUNG: Duration = Duration::from_secs(40);
/// Between two tries.
const AGAIN: Duration = Duration::from_secs(2);

/// The cluster's UID. A create asks again while the cluster refuses to tell.
async fn identified<'a>(
    context: &Context<Session>,
    cluster: &'a Cluster,
    asked: Asked,
) -> Result<&'a str, Unidentified> {
    let began = Instant::now();
    loop {
        let refusal = match cluster.uid().await {
            Err(Unidentified::Refused(refusal)) if asked == Asked::Create && may_pass(&refusal.answer) => refusal,
            answered => return answered,
        };
        if began.elapsed() + AGAIN > YOUNG.min(context.timeout) {
            return Err(Unidentified::Refused(refusal));
        }
        tracing::info!("the cluster does not accept the provider yet, trying again: {refusal}");
        tokio::select! {
            () = context.cancel.cancelled() => return Err(Unidentified::Refused(refusal)),
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
}

fn may_pass(answer: &Answer) -> bool {
    matches!(
        answer,
        Answer::Unauthenticated | Answer::Forbidden(Denial::Permission) | Answer::Throttled
    )
}

async fn in_cluster(
    context: &Context<Session>,
    cluster: Arc<Cluster>,
    asked: Asked,
) -> Result<(Clients, String), NoOperation> {
    let uid = identified(context, &cluster, asked)
        .await
        .map_err(|error| NoOperation {
            unreachable: is_unreachable(&error),
            replaced: false,
            diagnostics: unidentified(&error, &cluster),
        })?;
    let uid = uid.to_owned();
    let clients = Clients {
        cluster: Some(cluster),
        ..Clients::of(&context.session)
    };
    Ok((clients, uid))
}

async fn in_aws(
    context: &Context<Session>,
    service: Service,
    region: Option<&str>,
    arn: Option<&str>,
) -> Result<(Clients, String), NoOperation> {
    let parts = arn.map(|arn| arn.split(':').collect::<Vec<_>>());
    let (region_of, account) = match parts.as_deref() {
        Some([_, _, _, region, account, ..]) => (Some(*region), Some((*account).to_owned())),
        _ => (region, None),
    };
    let clients = Clients::of(&context.session).in_aws(service, region_of).await?;
    let Some(aws) = &clients.aws else {
        return Ok((clients, String::new()));
    };
    let account = match account {
        Some(account) => account,
        None => aws.account().await.worded()?.to_owned(),
    };
    let place = format!("{account}/{}", aws.region());
    Ok((clients, place))
}
