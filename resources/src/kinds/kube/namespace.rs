//! Namespaces: what they contain, and what delays their deletion.

use std::collections::{BTreeSet, HashMap};

use e2etls_clients::kube::discovery::Served;
use e2etls_engine::kind::Observed;
use e2etls_engine::operation::{CONCURRENCY, Operation};
use e2etls_engine::refusal::{Answer, Refusal};
use futures::{StreamExt, stream};
use serde_json::Value;

use super::marks;
use crate::kinds::Clients;

/// How many objects an error names.
const NAMED: usize = 20;

/// Kinds of the cluster's own bookkeeping, by group: they follow other objects or expire.
const BOOKKEEPING: [(&str, &str); 5] = [
    ("", "Endpoints"),
    ("", "Event"),
    ("events.k8s.io", "Event"),
    ("coordination.k8s.io", "Lease"),
    ("discovery.k8s.io", "EndpointSlice"),
];

/// Objects that the cluster makes in every namespace.
const EVERYWHERE: [(&str, &str); 2] = [("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")];

/// What a namespace that is being deleted still waits for, in the words of its conditions.
pub(super) fn remaining(namespace: &Value) -> Vec<String> {
    let conditions = namespace["status"]["conditions"].as_array().into_iter().flatten();
    conditions
        .filter(|condition| condition["status"] == "True")
        .filter_map(|condition| condition["message"].as_str())
        .map(str::to_owned)
        .collect()
}

/// What would go with the namespace and is not its owner's, as `Kind namespace/name`. A kind that may not be listed is included:
/// what is not known to be empty is not deleted.
pub(super) async fn holds(op: &Operation<Clients>, namespace: &Observed) -> Result<Vec<String>, Refusal> {
    let objects = &op.remotes.cluster().objects;
    let kinds = objects.kinds_in_namespaces().await?;
    let wanted = kinds
        .into_iter()
        .filter(|kind| !is_one_of(&BOOKKEEPING, &kind.group, &kind.kind));
    let listed: Vec<_> = stream::iter(wanted)
        .map(|kind| async move {
            let found = if kind.is_current {
                objects.metadata(&kind, &namespace.name).await.map(Some)
            } else {
                Ok(None)
            };
            (kind, found)
        })
        .buffer_unordered(CONCURRENCY)
        .collect()
        .await;
    let mut contents = Contents::default();
    for (kind, found) in listed {
        match found {
            Ok(Some(found)) => contents.add(kind, found),
            Ok(None) => contents
                .unknown
                .push(format!("{} (its API does not answer)", kind.kind)),
            Err(refusal) => match refusal.answer {
                Answer::Absent | Answer::KindMissing => {}
                Answer::Forbidden(_) => contents.unknown.push(format!("{} (can't be listed)", kind.kind)),
                _ => return Err(refusal),
            },
        }
    }
    let owner = namespace.marks.as_ref().and_then(|marks| marks.owner.clone());
    Ok(contents.foreign(&owner.unwrap_or_else(|| op.owner.to_string())))
}

/// `Kind namespace/name`, as parts are called.
fn named(kind: &str, metadata: &Value) -> String {
    let text = |member: &str| metadata[member].as_str().unwrap_or_default();
    match text("namespace") {
        "" => format!("{kind} {}", text("name")),
        namespace => format!("{kind} {namespace}/{}", text("name")),
    }
}

fn is_one_of(table: &[(&str, &str)], one: &str, other: &str) -> bool {
    table.contains(&(one, other))
}

/// What was found in a namespace.
#[derive(Default)]
struct Contents {
    /// Kinds whose objects were listed, as (group, kind).
    listed: BTreeSet<(String, String)>,
    /// Kind and metadata, by uid.
    objects: HashMap<String, (String, Value)>,
    /// Kinds of which nothing is known.
    unknown: Vec<String>,
}

impl Contents {
    fn add(&mut self, kind: Served, found: Vec<Value>) {
        for object in found {
            let uid = object["metadata"]["uid"].as_str().unwrap_or_default().to_owned();
            self.objects.insert(uid, (kind.kind.clone(), object));
        }
        self.listed.insert((kind.group, kind.kind));
    }

    /// What does not belong to the owner.
    fn foreign(self, owner: &str) -> Vec<String> {
        let foreign = self
            .objects
            .values()
            .filter(|(kind, object)| self.is_foreign(kind, object, owner));
        let mut named: Vec<String> = foreign
            .map(|(kind, object)| named(kind, &object["metadata"]))
            .chain(self.unknown.iter().cloned())
            .collect();
        named.sort_unstable();
        if named.len() > NAMED {
            let more = named.len() - NAMED;
            named.truncate(NAMED);
            named.push(format!("{more} more"));
        }
        named
    }

    fn is_foreign(&self, kind: &str, object: &Value, owner: &str) -> bool {
        let metadata = &object["metadata"];
        let is_everywhere = is_one_of(&EVERYWHERE, kind, metadata["name"].as_str().unwrap_or_default());
        let is_going = !metadata["deletionTimestamp"].is_null();
        !is_everywhere && !is_going && !self.is_of(object, owner, 0)
    }

    /// True if the object is the owner's, one of its canaries, or was made by a controller for one that is or that is gone.
    fn is_of(&self, object: &Value, owner: &str, depth: usize) -> bool {
        let references = object["metadata"]["ownerReferences"].as_array().into_iter().flatten();
        let Some(reference) = references.into_iter().find(|reference| reference["controller"] == true) else {
            return marks::read(object).owner.as_deref() == Some(owner) || marks::is_canary_of(object, owner);
        };
        match self.objects.get(reference["uid"].as_str().unwrap_or_default()) {
            // Nothing is its own creator, whatever the references say.
            Some((_, maker)) => depth < self.objects.len() && self.is_of(maker, owner, depth + 1),
            // Then the garbage collector takes it.
            None => self.was_listed(reference),
        }
    }

    fn was_listed(&self, reference: &Value) -> bool {
        let api_version = reference["apiVersion"].as_str().unwrap_or_default();
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let kind = reference["kind"].as_str().unwrap_or_default();
        self.listed.contains(&(group.to_owned(), kind.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use e2etls_engine::marks::Marks;
    use serde_json::json;

    use super::*;

    const OWNER: &str = "prod/stack/uid/shop/shop";

    fn kind(group: &str, kind: &str) -> Served {
        Served {
            group: group.to_owned(),
            version: "v1".to_owned(),
            kind: kind.to_owned(),
            plural: String::new(),
            is_current: true,
        }
    }

    fn object(name: &str) -> Value {
        json!({"metadata": {"name": name, "uid": name}})
    }

    fn owned_by(owner: &str, name: &str) -> Value {
        let marks = Marks {
            owner: Some(owner.to_owned()),
            ..Marks::default()
        };
        marks::stamp(&object(name), &marks)
    }

    fn made_for(maker: &str, kind: &str, name: &str) -> Value {
        let mut object = object(name);
        object["metadata"]["ownerReferences"] =
            json!([{"uid": maker, "controller": true, "apiVersion": "apps/v1", "kind": kind}]);
        object
    }

    fn foreign(found: Vec<(Served, Vec<Value>)>) -> Vec<String> {
        let mut contents = Contents::default();
        for (kind, objects) in found {
            contents.add(kind, objects);
        }
        contents.foreign(OWNER)
    }

    #[test]
    fn what_the_cluster_makes_by_itself_does_not_count() {
        let found = foreign(vec![
            (
                kind("", "ConfigMap"),
                vec![object("kube-root-ca.crt"), object("theirs")],
            ),
            (kind("", "ServiceAccount"), vec![object("default"), object("deployer")]),
        ]);
        assert_eq!(found, ["ConfigMap theirs", "ServiceAccount deployer"]);
    }

    #[test]
    fn any_kind_of_others_counts() {
        let found = foreign(vec![
            (kind("", "Secret"), vec![object("password")]),
            (kind("batch", "CronJob"), vec![object("nightly")]),
            (
                kind("example.com", "Widget"),
                vec![object("custom"), owned_by("prod/proxy/uid/shop/web", "sibling")],
            ),
        ]);
        assert_eq!(
            found,
            ["CronJob nightly", "Secret password", "Widget custom", "Widget sibling"]
        );
    }

    #[test]
    fn what_is_ours_or_made_for_ours_goes() {
        let replica_sets = |maker: &str| vec![made_for(maker, "Deployment", "web-1")];
        let pods = || vec![made_for("web-1", "ReplicaSet", "web-1-a")];
        let deployment = |object| (kind("apps", "Deployment"), vec![object]);
        let below = |maker| {
            vec![
                (kind("apps", "ReplicaSet"), replica_sets(maker)),
                (kind("", "Pod"), pods()),
            ]
        };
        let ours = [vec![deployment(owned_by(OWNER, "web"))], below("web")].concat();
        assert_eq!(foreign(ours), Vec::<String>::new());
        let theirs = [vec![deployment(object("web"))], below("web")].concat();
        assert_eq!(foreign(theirs), ["Deployment web", "Pod web-1-a", "ReplicaSet web-1"]);
        // Their maker is gone, so they are going.
        let orphans = [vec![deployment(owned_by(OWNER, "other"))], below("web")].concat();
        assert_eq!(foreign(orphans), Vec::<String>::new());
        // Whether it is gone is not known of a kind that was not listed.
        assert_eq!(foreign(below("web")), ["Pod web-1-a", "ReplicaSet web-1"]);
    }

    #[test]
    fn what_is_being_deleted_or_refers_to_itself_ends() {
        let mut going = object("going");
        going["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        let circle = made_for("circle", "Deployment", "circle");
        let found = foreign(vec![(kind("apps", "Deployment"), vec![going, circle])]);
        assert_eq!(found, ["Deployment circle"]);
    }

    #[test]
    fn many_are_not_all_named() {
        let pods = (0..30).map(|number| object(&format!("p{number:02}"))).collect();
        let found = foreign(vec![(kind("", "Pod"), pods)]);
        assert_eq!(found.len(), NAMED + 1);
        assert_eq!(found.last().map(String::as_str), Some("10 more"));
    }

    #[test]
    fn conditions_say_what_remains() {
        let namespace = json!({"status": {"conditions": [
            {"status": "False", "message": "nothing"},
            {"status": "True", "message": "Some content in the namespace has finalizers remaining: x in 1 resource \
                instances"},
        ]}});
        assert_eq!(remaining(&namespace).len(), 1);
    }
}
