//! What decides about each object that was seen, and what stands in the way.

use super::Survey;
use crate::desired::Desired;
use crate::failure::{Failure, Trouble};
use crate::kind::{Kind, Observed, Remotes};
use crate::ledger::Entry;
use crate::operation::Operation;
use crate::ownership::{Ownership, ownership};
use crate::part::{Part, Role, reference};
use crate::table::{Action, Facts, Kept, Why, decide};
use crate::value::is_open;

/// Everything that stands in the way, before anything is written.
pub(super) fn may_write<R: Remotes>(
    op: &Operation<R>,
    desired: &Desired<'_, R>,
    survey: &Survey,
    named: &[&Part<R>],
) -> Result<(), Vec<Failure>> {
    let trouble = |part: &Part<R>| {
        let object = survey.seen.get(&part.address)?;
        match &part.role {
            Role::Follow(maker) => would_overwrite(desired, survey, part, maker, object),
            _ => refusal_of(op, desired, survey, part, object),
        }
    };
    let failures: Vec<Failure> = named
        .iter()
        .filter_map(|part| Some(Failure::about(part, trouble(part)?)))
        .collect();
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

fn refusal_of<R: Remotes>(
    op: &Operation<R>,
    desired: &Desired<'_, R>,
    survey: &Survey,
    part: &Part<R>,
    object: &Observed,
) -> Option<Trouble> {
    let whose = ownership(Some(object), &survey.who(desired, part));
    match decide(op.asked, whose, facts(desired, part.kind?, part, Some(object))) {
        Action::Refuse(why) => Some(in_the_way(why, object)),
        _ => None,
    }
}

/// What the user is told of an object that stands in the way.
pub(crate) fn in_the_way(why: Why, object: &Observed) -> Trouble {
    let uid = object.uid.clone();
    match why {
        Why::Foreign => Trouble::Foreign {
            owner: object.marks.as_ref().and_then(|marks| marks.owner.clone()),
            uid,
        },
        Why::Exists => Trouble::Exists { uid },
    }
}

/// The facts that decide about what was seen at the place of `part`.
pub(crate) fn facts<R: Remotes>(
    desired: &Desired<'_, R>,
    kind: &dyn Kind<R>,
    part: &Part<R>,
    seen: Option<&Observed>,
) -> Facts {
    let marks = seen.and_then(|object| object.marks.as_ref());
    let is_others = marks.is_some_and(|marks| marks.adopted || marks.taken_from.is_some());
    let entry = desired.entry(part);
    let kept = match seen {
        // What links to others is compared once those are there.
        Some(object) if part.role == Role::Keep => {
            if is_open(&part.content) || kind.differences(&part.content, &object.content).is_empty() {
                Kept::Same
            } else {
                Kept::Differs
            }
        }
        _ => Kept::No,
    };
    Facts {
        identity: kind.identity(),
        alike: seen.is_none_or(|object| kind.is_alike(&part.content, &object.content)),
        replacing: desired.create_before_destroy,
        made: !is_others && part.role == Role::Own,
        known: seen.is_some_and(|object| entry.and_then(Entry::known_uid) == Some(&object.uid)),
        kept,
    }
}

/// A controller writes what `part` names as soon as its maker is written, unless something of this owner has it written
/// already.
fn would_overwrite<R: Remotes>(
    desired: &Desired<'_, R>,
    survey: &Survey,
    part: &Part<R>,
    maker: &str,
    object: &Observed,
) -> Option<Trouble> {
    let entry = desired.ledger.get(&part.address);
    let is_known = entry.is_some_and(|entry| entry.known_uid() == Some(&object.uid));
    let reference = part.reference();
    let maker = desired.parts.iter().find(|part| part.address == maker)?;
    let who = survey.who(desired, maker);
    let ours = |whose: Ownership| match whose {
        Ownership::Mine | Ownership::Marked | Ownership::Imported | Ownership::Dying => true,
        Ownership::Elsewhere => desired.create_before_destroy,
        Ownership::Absent | Ownership::Foreign | Ownership::ForeignDying => false,
    };
    let makes = |object: &Observed| object.makes.contains(&reference);
    // Whose the maker is has been decided already, but what dies and is another's leaves its own behind.
    let stays_there = |object: &&Observed| ownership(Some(object), &who) != Ownership::ForeignDying;
    let at_maker = survey.seen.get(&maker.address).filter(stays_there).is_some_and(makes);
    let others = || survey.others.iter().filter(|(_, object)| makes(object));
    let elsewhere = others().any(|(_, object)| ours(ownership(Some(object), &who)));
    let is_anothers = others().any(|(kind, object)| stays(desired, kind, object));
    if (is_known || at_maker || elsewhere) && !is_anothers {
        return None;
    }
    Some(Trouble::WouldOverwrite {
        maker: maker.reference(),
    })
}

/// What existed before us and has no part any more is released: it stays, and asks its controller for what it has.
fn stays<R: Remotes>(desired: &Desired<'_, R>, kind: &str, object: &Observed) -> bool {
    let reference = reference(kind, &object.name);
    let has_part = desired.parts.iter().any(|part| part.reference() == reference);
    let adopted = object.marks.as_ref().is_some_and(|marks| marks.adopted);
    adopted && object.deleting.is_none() && !has_part
}
