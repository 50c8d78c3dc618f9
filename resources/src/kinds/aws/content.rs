//! Contents of AWS objects: projections as JSON, compared member by member.
//!
//! A member that is null is not compared. One that the live content lacks was not read.

use std::collections::BTreeMap;

use e2etls_clients::aws::Identity;
use e2etls_engine::kind::{Observed, Put};
use e2etls_engine::refusal::{Answer, Cause, Denial, Refusal};
use serde_json::Value;

use crate::kinds::Clients;

/// Members that differ, and inside of objects the innermost, with the live value.
#[must_use]
pub fn differences(desired: &Value, live: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (member, wanted) in desired.as_object().into_iter().flatten() {
        if let Some(is) = live.get(member).filter(|_| !wanted.is_null()) {
            compare(member.clone(), wanted, is, &mut found);
        }
    }
    found
}

fn compare(path: String, wanted: &Value, is: &Value, found: &mut BTreeMap<String, Value>) {
    match (wanted, is) {
        (Value::Object(members), Value::Object(live)) => {
            for (member, wanted) in members {
                let is = live.get(member).unwrap_or(&Value::Null);
                compare(format!("{path}.{member}"), wanted, is, found);
            }
        }
        _ if wanted == is => {}
        _ => {
            found.insert(path, is.clone());
        }
    }
}

/// True if `path` is `covering` or below it.
fn is_below(path: &str, covering: &str) -> bool {
    let rest = path.strip_prefix(covering);
    covering.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Refuses to overwrite differences in the members `guarded` that the plan did not show: AWS has no conditional writes,
/// so a read just before the write has to suffice.
///
/// # Errors
/// [`Answer::Conflict`] with all paths that were not consented to.
pub fn consented(
    put: &Put<'_, Clients>,
    differences: &BTreeMap<String, Value>,
    guarded: &[&str],
) -> Result<(), Refusal> {
    let may = |path: &str| put.consent.force || put.consent.paths.iter().any(|covering| is_below(path, covering));
    let is_guarded = |path: &str| guarded.iter().any(|member| is_below(path, member));
    let refused = differences.keys().filter(|path| is_guarded(path) && !may(path));
    let cause = |path: &String| Cause {
        field: path.clone(),
        manager: "somebody else".to_owned(),
    };
    let causes: Vec<Cause> = refused.map(cause).collect();
    if causes.is_empty() {
        return Ok(());
    }
    let (answer, words) = (Answer::Conflict(causes), "It was changed after the plan.");
    Err(Refusal::new(answer, "update", put.part.reference(), words))
}

/// Fails if another object of this sort (`role`) than the one that was seen has its name now.
///
/// # Errors
/// [`Answer::Conflict`] with both uids.
pub fn is_same(sort: &str, uid: &str, object: &Observed, operation: &str) -> Result<(), Refusal> {
    if uid == object.uid {
        return Ok(());
    }
    let words = format!("another {sort} has this name now: {uid} instead of {}", object.uid);
    Err(Refusal::new(
        Answer::Conflict(Vec::new()),
        operation,
        &object.name,
        words,
    ))
}

/// An object that can't be seen is considered deleted only in its own account and Region.
///
/// # Errors
/// It is elsewhere, or the caller's account or Region is not known.
pub async fn is_here(identity: &dyn Identity, operation: &str, arn: &str) -> Result<(), Refusal> {
    let (account, region) = (identity.account().await?, identity.region());
    let mut fields = arn.split(':').skip(3);
    // The ARNs of global services name no Region.
    let is_in_region = fields.next().is_some_and(|of| of == region || of.is_empty());
    if is_in_region && fields.next() == Some(account) {
        return Ok(());
    }
    let words = format!(
        "the credentials and the configuration lead to {account}/{region}, but the object is elsewhere, so it is not \
         considered deleted."
    );
    Err(Refusal::new(
        Answer::Forbidden(Denial::Elsewhere),
        operation,
        arn,
        words,
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn compares_what_is_wanted_and_was_read() {
        let desired = json!({"a": 1, "b": {"c": 1, "d": null}, "e": null, "f": 1, "tags": {"x.y": "1"}});
        let same = json!({"a": 1, "b": {"c": 1, "more": 2}, "e": 5, "tags": {"x.y": "1", "theirs": "2"}});
        assert!(differences(&desired, &same).is_empty());
        let other = json!({"a": 2, "b": {"d": 3}, "f": 1, "tags": {}});
        let paths: Vec<String> = differences(&desired, &other).into_keys().collect();
        assert_eq!(paths, ["a", "b.c", "b.d", "tags.x.y"]);
        assert_eq!(
            differences(&json!({"b": {"c": 1}}), &json!({"b": null})),
            [("b".to_owned(), Value::Null)].into()
        );
    }

    #[test]
    fn a_path_covers_what_is_below_it() {
        assert!(is_below("a.b", "a") && is_below("a", "a") && is_below("a", ""));
        assert!(!is_below("ab", "a") && !is_below("a", "a.b"));
    }
}
