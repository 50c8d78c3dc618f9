//! The ledger as a plan shows it: pure, and known as far as its inputs are.

use serde_json::Value;

use crate::kind::{Identity, Kind, Remotes};
use crate::ledger::{Entry, FOLLOWS, Ledger};
use crate::part::{Part, Role};
use crate::value::{is_unknown, links};

/// What the ledger will be: entries whose content stays are kept, others show their new digest.
///
/// Under a part that was seen to drift stands the desired digest again, so that the plan shows the healing. The keys are
/// those of `parts`: an apply of `parts` has the same. `before` are the parts as the prior state renders them.
#[must_use]
pub fn plan<R: Remotes>(prior: Option<&Ledger>, before: &[Part<R>], parts: &[Part<R>]) -> Ledger {
    let mut planned = Ledger::new();
    for part in parts {
        let entry = prior.and_then(|prior| prior.get(&part.address));
        let old = before.iter().find(|old| old.address == part.address);
        planned.insert(part.address.clone(), plan_part(entry, old, part));
    }
    // Whoever links to what is new, replaced or moved is not known either, and so on.
    while let Some((address, entry)) = parts
        .iter()
        .find_map(|part| newly_unknown(part, before, parts, &planned))
    {
        planned.insert(address, entry);
    }
    planned
}

fn plan_part<R: Remotes>(entry: Option<&Entry>, old: Option<&Part<R>>, part: &Part<R>) -> Entry {
    let reference = (!is_unknown(&part.name.clone().into())).then(|| part.reference());
    // What a remote names has its name from us as a label only: an import may not have found it.
    let labelled = part.kind.is_some_and(|kind| kind.identity() == Identity::Given);
    let same = |entry: &&Entry| (labelled || entry.reference == reference) && entry.known_uid().is_some();
    let kept = entry.filter(same).filter(|_| !is_replaced(old, part));
    let uid = kept.and_then(|kept| kept.uid.clone());
    let new = Entry {
        reference: reference.clone(),
        uid,
        digest: part.digest(),
        made: Some(false),
    };
    match part.role {
        // Whether a create makes it or takes over what existed before is seen by its look.
        Role::Own => Entry {
            made: kept.and_then(|kept| kept.made),
            ..new
        },
        Role::Keep => new,
        // An empty uid stays: nobody may look at it.
        Role::Follow(_) => Entry {
            uid: entry
                .filter(|entry| entry.reference == reference)
                .and_then(|entry| entry.uid.clone()),
            digest: Some(FOLLOWS.to_owned()),
            made: Some(true),
            ..new
        },
        Role::WaitOnly => Entry {
            uid: Some(String::new()),
            ..new
        },
    }
}

/// Content of the part that can't change in place, where the remote would need another object for other content.
fn fixed<R: Remotes>(part: &Part<R>) -> impl Iterator<Item = (&'static str, &Value)> {
    let kind = part.kind.filter(|kind| kind.identity() == Identity::Given);
    let fixed = kind.map_or(&[][..], Kind::fixed);
    fixed.iter().map(|member| (*member, &part.content[*member]))
}

/// True if the part becomes another object, because what differs can't change in place.
fn is_replaced<R: Remotes>(old: Option<&Part<R>>, part: &Part<R>) -> bool {
    old.is_some_and(|old| fixed(part).any(|(member, value)| old.content[member] != *value))
}

/// The entry of `part` with less known in it, if that has to be: what follows a new object is new, what links to one has
/// unknown content, and is replaced where that content is fixed.
fn newly_unknown<R: Remotes>(
    part: &Part<R>,
    before: &[Part<R>],
    parts: &[Part<R>],
    planned: &Ledger,
) -> Option<(String, Entry)> {
    let entry = planned.get(&part.address)?;
    let is_new = |address: &str| planned.get(address).is_none_or(|entry| entry.uid.is_none());
    let is_unknown = |content: &Value| {
        links(content).iter().any(|(address, _)| {
            let target = parts.iter().find(|target| target.address == *address);
            target.is_none_or(|target| is_moved(target, before, planned))
        })
    };
    let mut less = entry.clone();
    match &part.role {
        Role::Follow(maker) if is_new(maker) => less.uid = None,
        _ if is_unknown(&part.content) => {
            less.digest = None;
            if fixed(part).any(|(_, value)| is_unknown(value)) {
                less.uid = None;
                less.made = less.made.filter(|_| part.role != Role::Own);
            }
        }
        _ => {}
    }
    (less != *entry).then(|| (part.address.clone(), less))
}

/// True if outputs of `target` may change.
fn is_moved<R: Remotes>(target: &Part<R>, before: &[Part<R>], planned: &Ledger) -> bool {
    let new = planned.get(&target.address).is_none_or(|entry| entry.uid.is_none());
    let moved_by = target.kind.map_or(&[][..], Kind::moved_by);
    let old = before.iter().find(|old| old.address == target.address);
    new || old.is_some_and(|old| {
        moved_by
            .iter()
            .any(|member| old.content[*member] != target.content[*member])
    })
}
