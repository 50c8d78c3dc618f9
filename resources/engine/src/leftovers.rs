//! Leftovers: objects of creates that were killed and never run again.
//!
//! Nobody else will ever ask us to delete them: a killed create leaves no state. Only an owner that is *marked* has
//! leftovers, and only what its mark covers is one: a finished resource of the same owner is not.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::failure::{Failure, Notice};
use crate::kind::{Kind, Observed, Reading, Remotes, Target};
use crate::marks::{Creating, Marks};
use crate::operation::Operation;
use crate::part::reference;
use crate::remove::{Doomed, Removal, Removed, Scope, Trust};

/// What the unfinished creates of one owner left.
pub struct Leftover<R: Remotes> {
    /// The readable owner.
    pub owner: String,
    /// When the latest of them began.
    pub since: Timestamp,
    /// The objects.
    pub objects: Vec<Found<R>>,
    /// The objects that bear a mark, which need not be leftovers: a create may mark what it takes over.
    marked: Vec<Found<R>>,
    /// What the marks say together.
    mark: Creating,
}

impl<R: Remotes> Leftover<R> {
    /// Adds an object that was found in another way, if the creates made it.
    pub fn add(&mut self, kind: &'static dyn Kind<R>, object: Observed) {
        let marks = object.marks.as_ref();
        let is_of_owner = |marks: &&Marks| marks.owner.as_deref() == Some(&self.owner) && is_left(marks, &self.mark);
        let known = |(of, known): &Found<R>| of.name() == kind.name() && known.uid == object.uid;
        if marks.filter(is_of_owner).is_some() && !self.objects.iter().any(known) {
            self.objects.push((kind, object));
        }
    }
}

/// An object and its kind.
pub type Found<R> = (&'static dyn Kind<R>, Observed);

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

fn select<R: Remotes>(objects: Vec<Found<R>>, min_age: SignedDuration, now: Timestamp) -> Vec<Leftover<R>> {
    let mut owners: BTreeMap<String, Leftover<R>> = BTreeMap::new();
    for (kind, object) in &objects {
        let Some((owner, mark, since)) = mark_of(object) else {
            continue;
        };
        let leftover = owners.entry(owner.to_owned()).or_insert_with(|| Leftover {
            owner: owner.to_owned(),
            since,
            objects: Vec::new(),
            marked: Vec::new(),
            mark: mark.clone(),
        });
        leftover.since = leftover.since.max(since);
        leftover.mark = Creating::together([&leftover.mark, mark]).unwrap_or_else(|| mark.clone());
        leftover.marked.push((*kind, object.clone()));
    }
    // The create behind a younger mark may still run, and adopt what older ones left.
    owners.retain(|_, leftover| now.duration_since(leftover.since) >= min_age);
    for (kind, object) in objects {
        let Some(marks) = &object.marks else { continue };
        let owner = marks.owner.clone().unwrap_or_default();
        if let Some(leftover) = owners.get_mut(&owner).filter(|leftover| is_left(marks, &leftover.mark)) {
            leftover.objects.push((kind, object));
        }
    }
    owners.retain(|_, leftover| !leftover.objects.is_empty());
    owners.into_values().collect()
}

fn mark_of(object: &Observed) -> Option<(&str, &Creating, Timestamp)> {
    let marks = object.marks.as_ref()?;
    let mark = marks.creating.as_ref()?;
    Some((marks.owner.as_deref()?, mark, mark.since.parse().ok()?))
}

/// True for what the marked creates made; false for what they took from a finished resource, or what existed before.
fn is_left(marks: &Marks, mark: &Creating) -> bool {
    mark.covers(marks.instance.as_deref()) && marks.taken_from.is_none() && !marks.adopted
}

/// Deletes what unfinished creates of one owner left, marked objects last. `left` says what is still there.
///
/// What can't be deleted keeps the marked objects, which tell of it, and nothing else. Nothing at all is deleted if a marked object is not as it was found: the create runs again, or has finished.
pub async fn delete<R: Remotes>(op: &Operation<R>, leftover: Leftover<R>) -> Removed {
    for (kind, found) in &leftover.marked {
        let target = Target {
            name: &found.name,
            uid: Some(&found.uid),
        };
        let now = match op.look(*kind, target, Reading::Fresh).await {
            Ok(now) => now,
            Err(failure) => return Removed::failed(failure),
        };
        if now.is_none_or(|now| now.uid != found.uid || now.marks != found.marks) {
            let why = "the create that made it has gone on since".to_owned();
            let left = |(kind, found): &Found<R>| Notice::Left(reference(kind.name(), &found.name), why.clone());
            return Removed {
                notices: leftover.objects.iter().map(left).collect(),
                ..Removed::default()
            };
        }
    }
    let mut removal = Removal::new(op, &leftover.owner, "", Some(&leftover.mark));
    removal.trust = Trust::Look;
    removal.scope = Scope::Each;
    let doomed = leftover.objects.into_iter();
    removal
        .run(doomed.map(|(kind, object)| Doomed::seen(kind, object)).collect())
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_marked_creates_made_is_left() {
        let mark = Creating {
            since: "2026-01-01T00:00:00Z".to_owned(),
            attempts: vec!["i1".to_owned(), "i2".to_owned()],
        };
        let of = |instance: &str| Marks {
            instance: Some(instance.to_owned()),
            ..Marks::default()
        };
        let taken = Marks {
            taken_from: Some("i0".to_owned()),
            ..of("i1")
        };
        let adopted = Marks {
            adopted: true,
            ..of("i1")
        };
        for (marks, left) in [
            (of("i1"), true),
            (of("i2"), true),
            (of("i3"), false),
            (Marks::default(), false),
            (taken, false),
            (adopted, false),
        ] {
            assert_eq!(is_left(&marks, &mark), left, "{marks:?}");
        }
    }
}
