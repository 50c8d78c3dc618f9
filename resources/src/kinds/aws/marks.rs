//! Tags of AWS objects: our marks, the user's tags, and those of others.

use e2etls_clients::aws::Tags;
use e2etls_engine::kind::Put;
use e2etls_engine::marks::Marks;
use e2etls_engine::operation::Operation;
use serde_json::{Value, json};

use crate::kinds::Clients;

/// What starts the key of every tag of ours.
const PREFIX: &str = crate::syntax::OWN_TAGS;
/// The owner, readable. Conditions of IAM policies use it.
pub const OWNER: &str = "e2etls:owner";
/// The instance.
pub const INSTANCE: &str = "e2etls:instance";
/// RFC 3339 time of a create that is not finished.
pub const CREATING: &str = "e2etls:creating";
/// Address of the part: of one owner there may be several objects that AWS names.
const PART: &str = "e2etls:part";
/// The instance that the object was taken over from.
const TAKEN_FROM: &str = "e2etls:taken-from";
/// The object existed before this resource and is kept when it is destroyed.
const ADOPTED: &str = "e2etls:adopted";

/// The marks among `tags`.
#[must_use]
pub fn marks(tags: &Tags) -> Marks {
    let own = |key: &str| tags.get(key).cloned();
    Marks {
        owner: own(OWNER),
        instance: own(INSTANCE),
        address: own(PART),
        creating: own(CREATING).and_then(|mark| mark.parse().ok()),
        taken_from: own(TAKEN_FROM),
        adopted: tags.contains_key(ADOPTED),
        // Too long for a tag: arguments are read back from the objects.
        configuration: None,
    }
}

/// The tags that say `marks`.
#[must_use]
pub fn tags(marks: &Marks) -> Tags {
    let pairs = [
        (OWNER, marks.owner.clone()),
        (INSTANCE, marks.instance.clone()),
        (PART, marks.address.clone()),
        (CREATING, marks.creating.as_ref().map(ToString::to_string)),
        (TAKEN_FROM, marks.taken_from.clone()),
        (ADOPTED, marks.adopted.then(|| "true".to_owned())),
    ];
    let set = pairs
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    set.collect()
}

/// What tells objects apart that had the same name one after the other: a number of their own.
#[must_use]
pub fn new_number() -> String {
    use rand::Rng as _;
    format!("{:08x}", rand::rng().random::<u32>())
}

/// True for a tag that this provider writes for itself.
#[must_use]
pub fn is_ours(key: &str) -> bool {
    key.starts_with(PREFIX)
}

/// The keys of the tags that this provider wrote for itself.
#[must_use]
pub fn ours(tags: &Tags) -> Vec<&str> {
    tags.keys().map(String::as_str).filter(|key| is_ours(key)).collect()
}

/// True if an object with these tags is of `owner`, or of any owner of ours.
#[must_use]
pub fn is_of(tags: &Tags, owner: Option<&str>) -> bool {
    let is_of = |found: &String| owner.is_none_or(|owner| owner == found);
    tags.get(OWNER).is_some_and(is_of)
}

/// True for a tag that is left unchanged, whoever wrote it: AWS's own, and those that the provider is configured to
/// ignore.
#[must_use]
pub fn is_ignored(key: &str, ignore_tags: &[String]) -> bool {
    let ignores = |ignored: &String| match ignored.strip_suffix('*') {
        Some(prefix) => key.starts_with(prefix),
        None => key == ignored,
    };
    key.starts_with("aws:") || ignore_tags.iter().any(ignores)
}

/// All tags that a write is to leave on its object: the provider's, the resource's and ours.
#[must_use]
pub fn wanted(op: &Operation<Clients>, put: &Put<'_, Clients>) -> Tags {
    let given = serde_json::from_value::<Tags>(put.part.content["tags"].clone());
    let mut wanted = op.remotes.default_tags.clone();
    wanted.extend(given.unwrap_or_default());
    wanted.extend(tags(put.marks));
    wanted
}

/// The tags among `found` that are arguments of a resource: neither ours nor others', nor the provider's own; null if
/// there are none.
#[must_use]
pub fn arguments(found: &Value, clients: &Clients) -> Value {
    let mut tags: Tags = serde_json::from_value(found.clone()).unwrap_or_default();
    tags.retain(|key, value| {
        !is_ours(key) && !is_ignored(key, &clients.ignore_tags) && clients.default_tags.get(key) != Some(value)
    });
    if tags.is_empty() { Value::Null } else { json!(tags) }
}

/// What leads from the tags of an object to those that are wanted.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Tags to set.
    pub set: Tags,
    /// Keys of tags to remove, ours last.
    pub remove: Vec<String>,
}

impl Change {
    /// The tags afterwards.
    #[must_use]
    pub fn apply(&self, found: &Tags) -> Tags {
        let mut tags = found.clone();
        tags.extend(self.set.clone());
        tags.retain(|key, _| !self.remove.contains(key));
        tags
    }
}

/// Compares. Of the tags that are not wanted ours go, and those of which `goes` says so; others stay.
#[must_use]
pub fn change(found: &Tags, wanted: &Tags, ignore_tags: &[String], goes: impl Fn(&str) -> bool) -> Change {
    let mut set = wanted.clone();
    set.retain(|key, value| found.get(key) != Some(value));
    let unwanted = found.keys().filter(|key| !wanted.contains_key(*key));
    let going = unwanted.filter(|key| is_ours(key) || (goes(key) && !is_ignored(key, ignore_tags)));
    let mut remove: Vec<String> = going.cloned().collect();
    remove.sort_by_key(|key| is_ours(key));
    Change { set, remove }
}

/// What a write does to the tags that an object was found with. Of those that are not wanted the ones go that the plan
/// shows as removed, and whatever another run of an unfinished create has written: that was in no plan.
#[must_use]
pub fn written(op: &Operation<Clients>, put: &Put<'_, Clients>, found: &Tags, wanted: &Tags) -> Change {
    let is_shown = |key: &str| {
        put.consent
            .paths
            .iter()
            .any(|path| path.strip_prefix("tags.") == Some(key))
    };
    let of_killed = is_of_killed(put, &marks(found));
    change(found, wanted, &op.remotes.ignore_tags, |key| of_killed || is_shown(key))
}

/// True if another run of this create has made the object.
#[must_use]
pub fn is_of_killed(put: &Put<'_, Clients>, found: &Marks) -> bool {
    found.owner == put.marks.owner && found.instance != put.marks.instance
}

/// The name of the resource that an object belongs to: its owner ends with it.
#[must_use]
pub fn name(tags: &Tags) -> Option<&str> {
    tags.get(OWNER).and_then(|owner| owner.rsplit('/').next())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Tags {
        let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        pairs.iter().map(own).collect()
    }

    #[test]
    fn marks_come_back_from_their_tags() {
        let every = Marks {
            owner: Some("prod/private_ca/1/r/dev".to_owned()),
            instance: Some("i".to_owned()),
            address: Some("ca".to_owned()),
            creating: "2026-01-01T00:00:00Z over i0".parse().ok(),
            taken_from: Some("i0".to_owned()),
            adopted: true,
            configuration: None,
        };
        for set in [every, Marks::default()] {
            assert_eq!(marks(&tags(&set)), set);
            assert!(tags(&set).keys().all(|key| is_ours(key)));
        }
    }

    #[test]
    fn others_tags_stay() {
        let found = of(&[
            ("a", "1"),
            ("theirs", "x"),
            ("old", "x"),
            ("auto-x", "x"),
            (OWNER, "o"),
            (CREATING, "t"),
        ]);
        let wanted = of(&[("a", "2"), (OWNER, "o")]);
        let ignored = ["auto-*".to_owned()];
        let only_old = change(&found, &wanted, &ignored, |key| key == "old");
        assert_eq!(only_old.set, of(&[("a", "2")]));
        assert_eq!(only_old.remove, ["old", CREATING]);
        let everything = change(&found, &wanted, &ignored, |_| true);
        assert_eq!(everything.remove, ["old", "theirs", CREATING]);
        let clients = Clients {
            default_tags: of(&[("old", "x"), ("a", "other")]),
            ignore_tags: ignored.into(),
            ..Clients::default()
        };
        assert_eq!(arguments(&json!(found), &clients), json!({"a": "1", "theirs": "x"}));
        assert_eq!(arguments(&Value::Null, &clients), Value::Null);
    }
}
