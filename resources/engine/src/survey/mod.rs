//! Before the first write: what is there, whose it is, and whether the operation may go on.

mod facts;

use std::collections::BTreeMap;

use futures::{FutureExt, StreamExt, stream};

use crate::desired::Desired;
use crate::failure::{Failure, Trouble};
use crate::kind::{Identity, Observed, Reading, Remotes};
use crate::ledger::Entry;
use crate::marks::Creating;
use crate::operation::{CONCURRENCY, Operation};
use crate::ownership::{Ownership, Who, ownership};
use crate::part::{Part, Role};
use crate::refusal::Answer;

pub(crate) use facts::{facts, in_the_way};

/// What was seen before the first write.
#[derive(Default)]
pub(crate) struct Survey {
    /// The readable owner.
    owner: String,
    /// What stands at the address of each part that was looked at.
    pub(crate) seen: BTreeMap<String, Observed>,
    /// Objects of this owner that no part names.
    pub(crate) others: Vec<(&'static str, Observed)>,
    /// The marks of unfinished creates of this owner, together.
    pub(crate) marked: Option<Creating>,
    /// Indices of the parts that are touched.
    pub(crate) touched: Vec<usize>,
}

impl Survey {
    /// Who asks about `part`.
    pub(crate) fn who<'a, R: Remotes>(&'a self, desired: &'a Desired<'_, R>, part: &Part<R>) -> Who<'a> {
        let entry = desired.entry(part);
        Who {
            owner: &self.owner,
            instance: desired.instance,
            uid: entry.and_then(Entry::known_uid),
            made: entry.is_none_or(Entry::is_made),
            marked: self.marked.as_ref(),
        }
    }
}

/// Looks at everything that the write touches, and says what stands in its way.
pub(crate) async fn survey<R: Remotes>(op: &Operation<R>, desired: &Desired<'_, R>) -> Result<Survey, Vec<Failure>> {
    let mut survey = Survey {
        owner: op.owner.to_string(),
        ..Survey::default()
    };
    let changing = desired.touched(&[]);
    let mut found = look_at(op, desired, &changing).await?;
    let owner = survey.owner.clone();
    let ours = |object: &Observed| {
        let marks = object.marks.as_ref();
        marks.is_some_and(|marks| marks.owner.as_deref() == Some(&owner))
    };
    // A create that finds nothing of its owner's under the names that it wants is the first of them, unless a controller made
    // something for an earlier one.
    let follows = |address: &String| {
        let mut parts = desired.parts.iter();
        parts.any(|part| part.address == *address && matches!(part.role, Role::Follow(_)))
    };
    let is_first = !found
        .iter()
        .any(|(address, objects)| objects.iter().any(ours) || (!objects.is_empty() && follows(address)));
    if !desired.creates || !is_first {
        survey.others = others(op, desired).await?;
    }
    let touched = desired.touched(&unsettled(desired, &survey.others));
    let more: Vec<usize> = touched
        .iter()
        .copied()
        .filter(|index| !changing.contains(index))
        .collect();
    found.extend(look_at(op, desired, &more).await?);
    let seen = found.iter().flat_map(|(_, objects)| objects);
    let others = survey.others.iter().map(|(_, object)| object);
    let marks = seen.chain(others).filter(|object| ours(object));
    survey.marked = Creating::together(marks.filter_map(|object| object.marks.as_ref()?.creating.as_ref()));
    let named: Vec<&Part<R>> = touched.iter().map(|index| &desired.parts[*index]).collect();
    for (address, objects) in found {
        if let Some(part) = named.iter().find(|part| part.address == address)
            && let Some(object) = choose(desired, &survey, part, objects)
        {
            survey.seen.insert(address, object);
        }
    }
    facts::may_write(op, desired, &survey, &named)?;
    survey.touched = touched;
    Ok(survey)
}

/// Parts whose objects bear a mark or another instance, as an unfinished create leaves them: they are written too.
fn unsettled<R: Remotes>(desired: &Desired<'_, R>, others: &[(&'static str, Observed)]) -> Vec<usize> {
    let is_unsettled = |part: &Part<R>| {
        let Some(kind) = part.kind.filter(|_| part.is_written()) else {
            return false;
        };
        let uid = desired.ledger.get(&part.address).and_then(Entry::known_uid);
        others.iter().any(|(name, object)| {
            let same = *name == kind.name()
                && match kind.identity() {
                    Identity::Named => object.name == part.name,
                    Identity::Given => Some(object.uid.as_str()) == uid,
                };
            let marks = object.marks.as_ref();
            same && marks
                .is_some_and(|marks| marks.creating.is_some() || marks.instance.as_deref() != Some(desired.instance))
        })
    };
    (0..desired.parts.len())
        .filter(|index| is_unsettled(&desired.parts[*index]))
        .collect()
}

/// What stands at the addresses of some parts.
async fn look_at<R: Remotes>(
    op: &Operation<R>,
    desired: &Desired<'_, R>,
    indices: &[usize],
) -> Result<Vec<(String, Vec<Observed>)>, Vec<Failure>> {
    let named = indices.iter().map(|index| &desired.parts[*index]);
    let looks: Vec<_> = named
        .filter(|part| part.kind.is_some())
        .map(|part| async move { (part.address.clone(), look(op, desired, part).await) }.boxed())
        .collect();
    let looked: Vec<_> = stream::iter(looks).buffered(CONCURRENCY).collect().await;
    let mut failures: Vec<Failure> = Vec::new();
    let mut found: Vec<(String, Vec<Observed>)> = Vec::new();
    for (address, answer) in looked {
        match answer {
            Ok(objects) => found.push((address, objects)),
            // One message per reason is enough.
            Err(failure) if failures.iter().any(|other| is_same_kind_missing(other, &failure)) => {}
            Err(failure) => failures.push(failure),
        }
    }
    if failures.is_empty() { Ok(found) } else { Err(failures) }
}

fn is_same_kind_missing(one: &Failure, other: &Failure) -> bool {
    let kind = |failure: &Failure| match &failure.trouble {
        Trouble::Refused { refusal, .. } if refusal.answer == Answer::KindMissing => {
            failure.reference.split(' ').next().map(str::to_owned)
        }
        _ => None,
    };
    kind(one).is_some() && kind(one) == kind(other)
}

/// What could be the object of a part: by name, or, where the remote names it, by the uid of the state or by its marks.
async fn look<R: Remotes>(
    op: &Operation<R>,
    desired: &Desired<'_, R>,
    part: &Part<R>,
) -> Result<Vec<Observed>, Failure> {
    let Some(kind) = part.kind else { return Ok(Vec::new()) };
    if matches!(part.role, Role::Follow(_)) {
        let found = op.look_follower(kind, part.target(None)).await;
        return Ok(found.map_err(|failure| failure.of(part))?.into_iter().collect());
    }
    let uid = desired.ledger.get(&part.address).and_then(Entry::known_uid);
    if kind.identity() == Identity::Named || uid.is_some() {
        let found = op.look(kind, part.target(uid), Reading::Fresh).await;
        let found = found.map_err(|failure| failure.of(part))?;
        if kind.identity() == Identity::Named || found.is_some() {
            return Ok(found.into_iter().collect());
        }
    }
    let found = op.search_like(kind, part).await?;
    let here = |object: &Observed| {
        let address = object.marks.as_ref().and_then(|marks| marks.address.as_deref());
        address.is_none_or(|address| address == part.address)
    };
    Ok(found.into_iter().filter(here).collect())
}

/// Of several objects the one to decide about: one that may be adopted or is ours first, one that is wanted so before others.
fn choose<R: Remotes>(
    desired: &Desired<'_, R>,
    survey: &Survey,
    part: &Part<R>,
    objects: Vec<Observed>,
) -> Option<Observed> {
    let kind = part.kind?;
    let who = survey.who(desired, part);
    objects.into_iter().min_by_key(|object| {
        let rank = match ownership(Some(object), &who) {
            Ownership::Mine | Ownership::Imported => 0,
            Ownership::Marked => 1,
            // It says nothing of whether the resource exists.
            Ownership::Dying | Ownership::ForeignDying => 3,
            _ => 2,
        };
        (rank, !kind.is_alike(&part.content, &object.content))
    })
}

/// Objects of this owner, of every kind that the resource may have, as earlier runs left them.
async fn others<R: Remotes>(
    op: &Operation<R>,
    desired: &Desired<'_, R>,
) -> Result<Vec<(&'static str, Observed)>, Vec<Failure>> {
    let mut others = Vec::new();
    for kind in op.searched(desired.parts, desired.ledger) {
        let found = op.search(kind, Reading::Run).await.map_err(|failure| vec![failure])?;
        others.extend(found.into_iter().map(|object| (kind.name(), object)));
    }
    Ok(others)
}
