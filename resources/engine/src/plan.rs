//! The ledger as a plan shows it: pure, and known as far as its inputs are.

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
    for part in parts {
        let Role::Follow(maker) = &part.role else { continue };
        let new = planned.get(maker).is_none_or(|maker| maker.uid.is_none());
        if let (true, Some(entry)) = (new, planned.get_mut(&part.address)) {
            entry.uid = None;
        }
    }
    // Whoever links to what is new, replaced or moved is not known either, and so on.
    while let Some(address) = parts
        .iter()
        .find_map(|part| newly_unknown(part, before, parts, &planned))
    {
        if let Some(entry) = planned.get_mut(&address) {
            entry.digest = None;
        }
    }
    planned
}

fn plan_part<R: Remotes>(entry: Option<&Entry>, old: Option<&Part<R>>, part: &Part<R>) -> Entry {
    let reference = (!is_unknown(&part.name.clone().into())).then(|| part.reference());
    // What a remote names has its name from us as a label only: an import may not have found it.
    let labelled = part.kind.is_some_and(|kind| kind.identity() == Identity::Given);
    let same = |entry: &&Entry| (labelled || entry.reference == reference) && entry.known_uid().is_some();
    let kept = entry.filter(same).filter(|_| !is_replaced(old, part));
    let new = |made| Entry {
        reference: reference.clone(),
        uid: kept.and_then(|kept| kept.uid.clone()),
        digest: part.digest(),
        made: kept.map_or(Some(made), |kept| kept.made),
    };
    match part.role {
        Role::Own => new(true),
        Role::Keep => new(false),
        // An empty uid stays: nobody may look at it.
        Role::Follow(_) => Entry {
            uid: entry
                .filter(|entry| entry.reference == reference)
                .and_then(|entry| entry.uid.clone()),
            digest: Some(FOLLOWS.to_owned()),
            ..new(true)
        },
        Role::WaitOnly => Entry {
            uid: Some(String::new()),
            made: Some(false),
            ..new(false)
        },
    }
}

/// True if the part becomes another object, because what differs can't change in place.
fn is_replaced<R: Remotes>(old: Option<&Part<R>>, part: &Part<R>) -> bool {
    match (old, part.kind) {
        (Some(old), Some(kind)) => kind.identity() == Identity::Given && !kind.is_alike(&part.content, &old.content),
        _ => false,
    }
}

/// The address of `part`, if its digest is known and one of its links is not.
fn newly_unknown<R: Remotes>(
    part: &Part<R>,
    before: &[Part<R>],
    parts: &[Part<R>],
    planned: &Ledger,
) -> Option<String> {
    planned.get(&part.address)?.digest.as_ref()?;
    let unknown = links(&part.content).iter().any(|(address, _)| {
        let target = parts.iter().find(|target| target.address == *address);
        target.is_none_or(|target| is_moved(target, before, planned))
    });
    unknown.then(|| part.address.clone())
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
