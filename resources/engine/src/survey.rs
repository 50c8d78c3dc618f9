//! Before the first write: what is there, whose it is, and whether the operation may go on.

use std::collections::BTreeMap;

use futures::{FutureExt, StreamExt, stream};

use crate::failure::{Failure, Trouble};
use crate::kind::{Identity, Kind, Observed, Reading, Remotes};
use crate::marks::Creating;
use crate::operation::{CONCURRENCY, Operation};
use crate::ownership::{Ownership, Who, ownership};
use crate::part::{Part, Role, reference};
use crate::refusal::Answer;
use crate::table::{Action, Facts, Request, Why, decide};
use crate::write::Desired;

/// What was seen before the first write.
#[derive(Default)]
pub(crate) struct Survey {
    /// The readable owner.
    pub(crate) owner: String,
    /// What stands at the address of each part that was looked at.
    pub(crate) seen: BTreeMap<String, Observed>,
    /// Objects of this owner that no part names.
    pub(crate) others: Vec<(&'static str, Observed)>,
    /// The mark of an unfinished create of this owner.
    pub(crate) marked: Option<Creating>,
    /// Indices of the parts that are touched.
    pub(crate) touched: Vec<usize>,
}

impl Survey {
    /// The readable owner.
    pub(crate) fn owner(&self) -> &str {
        &self.owner
    }

    /// Who asks about `part`.
    pub(crate) fn who<'a, R: Remotes>(
        &'a self,
        desired: &'a Desired<'_, R>,
        owner: &'a str,
        part: &Part<R>,
    ) -> Who<'a> {
        let entry = desired.ledger.get(&part.address);
        // The name of what the remote names is a label.
        let named = part.kind.is_some_and(|kind| kind.identity() == Identity::Named);
        let renamed = named && entry.is_some_and(|entry| entry.reference.as_deref() != Some(&part.reference()));
        Who {
            owner,
            instance: desired.instance,
            uid: entry.filter(|_| !renamed).and_then(|entry| entry.known_uid()),
            made: entry.is_none_or(|entry| entry.is_made()),
            marked: self.marked.as_ref(),
            given: part.kind.is_some_and(|kind| kind.identity() == Identity::Given),
        }
    }
}

/// Looks at everything that the write touches, and says what stands in its way.
pub(crate) async fn survey<R: Remotes>(
    op: &Operation<R>,
    desired: &Desired<'_, R>,
    mut touched: Vec<usize>,
) -> Result<Survey, Vec<Failure>> {
    let owner = op.owner.to_string();
    let mut survey = Survey {
        owner: owner.clone(),
        ..Survey::default()
    };
    let found = look_at(op, desired, &touched).await?;
    let ours = |object: &Observed| {
        object
            .marks
            .as_ref()
            .is_some_and(|marks| marks.owner.as_deref() == Some(&owner))
    };
    // A create that finds nothing of its owner's under the names that it wants is the first of them.
    if !desired.is_create() || found.iter().flat_map(|(_, objects)| objects).any(ours) {
        survey.others = others(op).await?;
    }
    let unsettled = unsettled(desired, &survey.others, &touched);
    let mut found = found;
    found.extend(look_at(op, desired, &unsettled).await?);
    touched.extend(unsettled);
    let all = found
        .iter()
        .flat_map(|(_, objects)| objects)
        .chain(survey.others.iter().map(|(_, object)| object));
    survey.marked = all
        .filter(|object| ours(object))
        .find_map(|object| object.marks.as_ref()?.creating.clone());
    let named: Vec<&Part<R>> = touched.iter().map(|index| &desired.parts[*index]).collect();
    for (address, objects) in found {
        if let Some(part) = named.iter().find(|part| part.address == address)
            && let Some(object) = choose(desired, &survey, &owner, part, objects)
        {
            survey.seen.insert(address, object);
        }
    }
    may_write(op, desired, &survey, &named).await?;
    survey.touched = touched;
    Ok(survey)
}

/// Parts whose objects bear a mark or another instance, as an unfinished create leaves them: they are written too.
fn unsettled<R: Remotes>(
    desired: &Desired<'_, R>,
    others: &[(&'static str, Observed)],
    touched: &[usize],
) -> Vec<usize> {
    let is_unsettled = |part: &Part<R>| {
        let Some(kind) = part.kind.filter(|_| part.is_written()) else {
            return false;
        };
        let uid = desired.ledger.get(&part.address).and_then(|entry| entry.known_uid());
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
        .filter(|index| !touched.contains(index) && is_unsettled(&desired.parts[*index]))
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
    let uid = desired.ledger.get(&part.address).and_then(|entry| entry.known_uid());
    if kind.identity() == Identity::Named || uid.is_some() {
        let found = op.look(kind, part.target(uid), Reading::Fresh).await;
        let found = found.map_err(|failure| failure.of(part))?;
        if kind.identity() == Identity::Named || found.is_some() {
            return Ok(found.into_iter().collect());
        }
    }
    let owner = op.owner.to_string();
    let search = || kind.of_owner(op, Some(&owner), Some(part), Reading::Fresh);
    let found = op.send(Request::Search, Ownership::Absent, search).await;
    let found = found.map_err(|refused| refused.failure(kind.name(), &part.name).of(part))?;
    let here = |object: &Observed| {
        let address = object.marks.as_ref().and_then(|marks| marks.address.as_deref());
        address.is_none_or(|address| address == part.address)
    };
    Ok(found.unwrap_or_default().into_iter().filter(here).collect())
}

/// Of several objects the one to decide about: one that may be adopted or is ours first, one that is wanted so before others.
fn choose<R: Remotes>(
    desired: &Desired<'_, R>,
    survey: &Survey,
    owner: &str,
    part: &Part<R>,
    objects: Vec<Observed>,
) -> Option<Observed> {
    let kind = part.kind?;
    let who = survey.who(desired, owner, part);
    objects.into_iter().min_by_key(|object| {
        let rank = match ownership(Some(object), &who) {
            Ownership::Mine | Ownership::Imported => 0,
            Ownership::Marked => 1,
            _ => 2,
        };
        (rank, !kind.is_alike(&part.content, &object.content))
    })
}

/// Objects of this owner, of every kind that the resource may have, as earlier runs left them.
async fn others<R: Remotes>(op: &Operation<R>) -> Result<Vec<(&'static str, Observed)>, Vec<Failure>> {
    let mut others = Vec::new();
    for kind in op.kinds {
        let found = op.search(*kind, Reading::Run).await.map_err(|failure| vec![failure])?;
        others.extend(found.into_iter().map(|object| (kind.name(), object)));
    }
    Ok(others)
}

/// Everything that stands in the way, before anything is written.
async fn may_write<R: Remotes>(
    op: &Operation<R>,
    desired: &Desired<'_, R>,
    survey: &Survey,
    named: &[&Part<R>],
) -> Result<(), Vec<Failure>> {
    let owner = op.owner.to_string();
    let mut failures = Vec::new();
    for part in named {
        let object = survey.seen.get(&part.address);
        let trouble = if let Role::Follow(maker) = &part.role {
            would_overwrite(desired, survey, part, maker, object)
        } else {
            refusal_of(op, desired, survey, &owner, part, object)
        };
        failures.extend(trouble.map(|trouble| Failure {
            address: part.address.clone(),
            reference: part.reference(),
            trouble,
        }));
    }
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

fn refusal_of<R: Remotes>(
    op: &Operation<R>,
    desired: &Desired<'_, R>,
    survey: &Survey,
    owner: &str,
    part: &Part<R>,
    object: Option<&Observed>,
) -> Option<Trouble> {
    let kind = part.kind?;
    let whose = ownership(object, &survey.who(desired, owner, part));
    let object = object?;
    match decide(op.asked, whose, facts(desired, kind, part, object)) {
        Action::Refuse(Why::Foreign) => Some(Trouble::Foreign {
            owner: object.marks.as_ref().and_then(|marks| marks.owner.clone()),
            uid: object.uid.clone(),
        }),
        Action::Refuse(Why::Exists) => Some(Trouble::Exists {
            uid: object.uid.clone(),
        }),
        _ => None,
    }
}

/// The facts that decide about `object` at the place of `part`.
pub(crate) fn facts<R: Remotes>(
    desired: &Desired<'_, R>,
    kind: &dyn Kind<R>,
    part: &Part<R>,
    object: &Observed,
) -> Facts {
    let adopted = object.marks.as_ref().is_some_and(|marks| marks.adopted);
    Facts {
        identity: kind.identity(),
        alike: kind.is_alike(&part.content, &object.content),
        replacing: desired.create_before_destroy,
        made: !adopted && part.role == Role::Own,
    }
}

/// A controller writes what `part` names as soon as its maker is written, unless it is that maker's already.
fn would_overwrite<R: Remotes>(
    desired: &Desired<'_, R>,
    survey: &Survey,
    part: &Part<R>,
    maker: &str,
    object: Option<&Observed>,
) -> Option<Trouble> {
    let object = object?;
    let entry = desired.ledger.get(&part.address);
    let is_known = entry.is_some_and(|entry| entry.known_uid() == Some(&object.uid));
    let reference = part.reference();
    let makes = |maker: &Observed| maker.makes.contains(&reference);
    if is_known || survey.seen.get(maker).is_some_and(makes) {
        return None;
    }
    let maker = desired.parts.iter().find(|part| part.address == maker)?;
    let kind = maker.kind?;
    Some(Trouble::WouldOverwrite {
        maker: self::reference(kind.name(), &maker.name),
    })
}
