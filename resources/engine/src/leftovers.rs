//! Leftovers: objects of creates that were killed and never run again.
//!
//! Nobody else will ever ask us to delete them: a killed create leaves no state. Only an owner that is *marked* has
//! leftovers; a finished resource and a create in progress have none.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::failure::Failure;
use crate::kind::{Kind, Observed, Reading, Remotes};
use crate::marks::{Creating, Marks};
use crate::operation::Operation;
use crate::remove::{self, Doomed, Removed};

/// What one killed create left.
pub struct Leftover<R: Remotes> {
    /// The readable owner.
    pub owner: String,
    /// When the create began.
    pub since: Timestamp,
    /// The objects.
    pub objects: Vec<(&'static dyn Kind<R>, Observed)>,
    mark: Creating,
}

/// Finds what creates left that began more than `min_age` before `now`, in all kinds of the operation.
///
/// # Errors
/// Any refusal of a list, but of kinds that the remote does not know.
pub async fn find<R: Remotes>(
    op: &Operation<R>,
    min_age: SignedDuration,
    now: Timestamp,
) -> Result<Vec<Leftover<R>>, Failure> {
    let mut objects = Vec::new();
    for kind in op.kinds {
        let found = op.search_all(*kind, Reading::Fresh).await?;
        objects.extend(found.into_iter().map(|object| (*kind, object)));
    }
    Ok(select(objects, min_age, now))
}

fn select<R: Remotes>(
    objects: Vec<(&'static dyn Kind<R>, Observed)>,
    min_age: SignedDuration,
    now: Timestamp,
) -> Vec<Leftover<R>> {
    let mut owners: BTreeMap<String, Leftover<R>> = BTreeMap::new();
    for (_, object) in &objects {
        let Some((owner, mark)) = mark_of(object) else { continue };
        let Ok(since) = mark.since.parse::<Timestamp>() else {
            continue;
        };
        if now.duration_since(since) >= min_age {
            let leftover = Leftover {
                owner: owner.to_owned(),
                since,
                objects: Vec::new(),
                mark: mark.clone(),
            };
            owners.insert(owner.to_owned(), leftover);
        }
    }
    for (kind, object) in objects {
        let owner = object
            .marks
            .as_ref()
            .and_then(|marks| marks.owner.clone())
            .unwrap_or_default();
        if let Some(leftover) = owners.get_mut(&owner)
            && object
                .marks
                .as_ref()
                .is_some_and(|marks| is_left(marks, &leftover.mark))
        {
            leftover.objects.push((kind, object));
        }
    }
    owners
        .into_values()
        .filter(|leftover| !leftover.objects.is_empty())
        .collect()
}

fn mark_of(object: &Observed) -> Option<(&str, &Creating)> {
    let marks = object.marks.as_ref()?;
    Some((marks.owner.as_deref()?, marks.creating.as_ref()?))
}

/// False for what belongs to the finished resource that the create was to replace, or was taken from it.
fn is_left(marks: &Marks, mark: &Creating) -> bool {
    let of_finished = mark.over.is_some() && marks.instance == mark.over;
    !of_finished && marks.taken_from.is_none() && !marks.adopted
}

/// Deletes what one killed create left, its marked object last. `left` says what is still there.
pub async fn delete<R: Remotes>(op: &Operation<R>, leftover: Leftover<R>) -> Removed {
    let doomed = leftover
        .objects
        .into_iter()
        .map(|(kind, object)| Doomed::seen(kind, object))
        .collect();
    remove::remove(op, &leftover.owner, doomed, "", Some(&leftover.mark), Vec::new()).await
}
