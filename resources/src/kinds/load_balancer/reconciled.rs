//! What the load balancer controller says of an Ingress or a Service: it tells in events why it can't do what was asked.

use std::collections::BTreeMap;
use std::time::Duration;

use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use serde_json::Value;

use crate::kinds::Clients;

/// When the events are first looked at: most load balancers have a name by then.
const FIRST_LOOK: Duration = Duration::from_secs(8);
/// Between two looks.
const BETWEEN: Duration = Duration::from_secs(8);
/// A complaint lasts if so many looks have shown it.
const LOOKS: u32 = 4;

/// Returns once the controller has complained for half a minute about the object `name`, and is not seen to have got over it.
pub(super) async fn refused(op: &Operation<Clients>, part: &Part<Clients>, name: &str) -> Failure {
    let (namespace, object) = name.split_once('/').unwrap_or(("", name));
    let objects = &op.remotes.cluster().objects;
    let mut first: Option<BTreeMap<String, String>> = None;
    let mut looks = 0;
    tokio::time::sleep(FIRST_LOOK).await;
    loop {
        let events = objects.warnings(Some(namespace), object).await;
        let first = first.get_or_insert_with(|| events.iter().map(said).collect());
        // What was said before this operation is not about it, unless it is said again.
        let new = events.iter().filter(|event| {
            let (uid, said) = said(event);
            first.get(&uid) != Some(&said) || event["lastTimestamp"].as_str().is_some_and(|time| *time >= *op.now)
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

/// What the controller says now, for the end of a wait.
pub(super) async fn words(op: &Operation<Clients>, name: &str) -> Vec<String> {
    let (namespace, object) = name.split_once('/').unwrap_or(("", name));
    let events = op.remotes.cluster().objects.warnings(Some(namespace), object).await;
    let words = events.iter().filter_map(|event| event["message"].as_str());
    words.map(str::to_owned).collect()
}

/// The event, and when it happened last and how often so far.
fn said(event: &Value) -> (String, String) {
    let series = &event["series"];
    let times = [
        &event["lastTimestamp"],
        &event["count"],
        &series["lastObservedTime"],
        &series["count"],
    ];
    let uid = event["metadata"]["uid"].as_str().unwrap_or_default();
    (uid.to_owned(), times.map(ToString::to_string).join(" "))
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
