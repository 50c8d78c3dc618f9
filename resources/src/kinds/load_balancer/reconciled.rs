//! What the load balancer controller says of an Ingress or a Service: it tells in events when it has done what was asked, and
//! why it can't.

use std::collections::BTreeMap;
use std::time::Duration;

use e2etls_clients::kube::kinds::EVENT;
use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::kind::{Kind as _, Observed, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use serde_json::Value;

use crate::kinds::Clients;
use crate::kinds::kube::events::said;
use crate::kinds::kube::manifest::{ManifestKind, place};
use crate::kinds::kube::marks::is_our_manager;

/// When the events are first looked at: most load balancers have a name by then.
const FIRST_LOOK: Duration = Duration::from_secs(8);
/// Between two looks.
const BETWEEN: Duration = Duration::from_secs(8);
/// A complaint lasts if so many looks have shown it.
const LOOKS: u32 = 4;
/// The reason of the event of a controller that has done what was asked.
const RECONCILED: &str = "SuccessfullyReconciled";
/// How long that event is waited for, at most: events may be lost, or not be readable.
const SETTLED: Duration = Duration::from_secs(15);

/// Returns once the controller has complained for half a minute about the object `name`, and is not seen to have got over it.
pub(super) async fn refused(
    op: &Operation<Clients>,
    maker: &ManifestKind,
    part: &Part<Clients>,
    name: &str,
) -> Failure {
    let mut first: Option<BTreeMap<String, String>> = None;
    let mut looks = 0;
    tokio::time::sleep(FIRST_LOOK).await;
    loop {
        let events = warnings(op, maker, name).await;
        let first = first.get_or_insert_with(|| events.iter().map(|event| (uid(event), said(event))).collect());
        // What was said before this operation is not about it, unless it is said again.
        let new = events.iter().filter(|event| {
            first.get(&uid(event)) != Some(&said(event)) || time(event).is_some_and(|time| *time >= *op.now)
        });
        let words: Vec<&str> = new.filter_map(|event| event["message"].as_str()).collect();
        looks = if words.is_empty() { 0 } else { looks + 1 };
        if looks >= LOOKS {
            return failure(part, name, &words);
        }
        if !words.is_empty() {
            tracing::info!("waiting for {}: {}", part.name, words.join("; "));
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

/// Returns when the controller says that it has done what was asked with the write of `applied`; it does not wait for long.
/// Until then, AWS may still show what was before.
pub(super) async fn reconciled(op: &Operation<Clients>, maker: &ManifestKind, applied: &Observed) {
    let fields = applied.content["metadata"]["managedFields"]
        .as_array()
        .into_iter()
        .flatten();
    let ours = fields.filter(|entry| entry["manager"].as_str().is_some_and(is_our_manager));
    let Some(written) = ours.filter_map(|entry| entry["time"].as_str()).max() else {
        return;
    };
    let until = op.deadline.min(tokio::time::Instant::now() + SETTLED);
    while tokio::time::Instant::now() < until && !op.cancel.is_cancelled() {
        let events = events(op, maker, &applied.name).await;
        let done = |event: &Value| event["reason"] == RECONCILED && time(event).is_some_and(|time| time >= written);
        if events.iter().any(done) {
            return;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// The failure of a wait, with what the controller says.
pub(super) async fn explained(
    op: &Operation<Clients>,
    maker: &ManifestKind,
    waited: Result<(), Failure>,
    name: &str,
) -> Result<(), Failure> {
    let Err(failure) = waited else { return Ok(()) };
    let Trouble::Waiting {
        otherwise,
        last_seen,
        stopped,
    } = failure.trouble
    else {
        return Err(failure);
    };
    let said = warnings(op, maker, name).await;
    let said = said
        .iter()
        .filter_map(|event| event["message"].as_str().map(str::to_owned));
    let last_seen = [vec![last_seen], said.collect()].concat().join("\n");
    let trouble = Trouble::Waiting {
        otherwise,
        last_seen,
        stopped,
    };
    Err(Failure { trouble, ..failure })
}

async fn warnings(op: &Operation<Clients>, maker: &ManifestKind, name: &str) -> Vec<Value> {
    let mut events = events(op, maker, name).await;
    events.retain(|event| event["type"] == "Warning");
    events
}

/// Events about the object that there is now: one of another kind, or an earlier one, may have had its name.
async fn events(op: &Operation<Clients>, maker: &ManifestKind, name: &str) -> Vec<Value> {
    let target = Target { name, uid: None };
    let object = maker.look(op, target, Reading::Watched).await.ok().flatten();
    let (namespace, short) = place(maker.kind, name);
    let selector = format!("involvedObject.kind={},involvedObject.name={short}", maker.kind.kind);
    // Not bounded by the operation: after its time this explains why it ran out.
    let objects = &op.remotes.cluster().objects;
    let mut events = objects
        .list_by_field(EVENT, namespace, &selector)
        .await
        .unwrap_or_default();
    events.retain(|event| {
        let about = event["involvedObject"]["uid"].as_str();
        about.is_none_or(|uid| object.as_ref().is_none_or(|object| object.uid == uid))
    });
    events
}

fn time(event: &Value) -> Option<&str> {
    event["lastTimestamp"]
        .as_str()
        .or_else(|| event["series"]["lastObservedTime"].as_str())
}

fn uid(event: &Value) -> String {
    event["metadata"]["uid"].as_str().unwrap_or_default().to_owned()
}

fn failure(part: &Part<Clients>, name: &str, words: &[&str]) -> Failure {
    let mut words = words.to_vec();
    words.dedup();
    Failure {
        address: part.address.clone(),
        reference: part.reference(),
        trouble: Trouble::Domain {
            what: format!("The load balancer controller can't do what {name} asks for"),
            cause: words.join("\n"),
            advice: "Fix the cause above and apply again.".to_owned(),
        },
    }
}
