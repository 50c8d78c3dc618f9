//! Import: objects that exist become a state.

use std::collections::BTreeMap;

use crate::failure::Failure;
use crate::kind::{Identity, Observed, Reading, Remotes};
use crate::ledger::{Entry, FOLLOWS, Ledger, Memory};
use crate::observe::spellings;
use crate::operation::Operation;
use crate::part::{Part, Role};

/// What an import has found.
#[derive(Debug, Default)]
pub struct Found {
    /// The parts that exist.
    pub ledger: Ledger,
    /// How the remotes spell their content.
    pub memory: Memory,
    /// The instance that they carry; `None` if they carry none.
    pub instance: Option<String>,
    /// The objects, by address.
    pub objects: BTreeMap<String, Observed>,
}

/// Looks at `parts`, as the objects themselves describe them. `uids` tells, by address, which of the objects that the
/// remote names are meant. What this owner made is made by the resource again; everything else existed before it.
///
/// # Errors
/// Any doubt.
pub async fn import<R: Remotes>(
    op: &Operation<R>,
    parts: &[Part<R>],
    uids: &BTreeMap<String, String>,
) -> Result<Found, Failure> {
    let mut found = Found {
        memory: spellings(op, parts).await?,
        ..Found::default()
    };
    let owner = op.owner.to_string();
    let is_ours = |object: &Observed| {
        let marks = object.marks.as_ref();
        marks.is_some_and(|marks| marks.owner.as_deref() == Some(&owner) && !marks.adopted)
    };
    let makes = |maker: &Observed, part: &Part<R>| is_ours(maker) && maker.makes.contains(&part.reference());
    // What is found by its name tells which of those that the remote names are meant.
    let given = |part: &&Part<R>| part.kind.is_some_and(|kind| kind.identity() == Identity::Given);
    let named = parts.iter().filter(|part| !given(part));
    for part in named.chain(parts.iter().filter(given)) {
        let Some(kind) = part.kind else { continue };
        let uid = uids.get(&part.address).map(String::as_str);
        let object = match (&part.role, kind.identity()) {
            // The Secret of a Certificate goes with it only where we made both.
            (Role::Follow(maker), _) if found.objects.get(maker).is_some_and(|maker| makes(maker, part)) => {
                op.look_follower(kind, part.target(None)).await?
            }
            (Role::Follow(_), _) => Some(Observed::default()),
            (_, Identity::Given) if uid.is_none() => {
                let mut there = op.search_like(kind, part).await?;
                there.retain(|object| {
                    let marks = object.marks.as_ref();
                    marks.and_then(|marks| marks.address.as_deref()) == Some(&part.address)
                });
                // Of several the one of the resource that the other parts are of.
                let rank = |object: &Observed| {
                    let marks = object.marks.as_ref();
                    match marks.and_then(|marks| marks.instance.as_ref()) {
                        instance if instance == found.instance.as_ref() => 0,
                        // Somebody took it away.
                        None => 1,
                        Some(_) => 2,
                    }
                };
                there.into_iter().min_by_key(rank)
            }
            _ => op.look(kind, part.target(uid), Reading::Fresh).await?,
        };
        let Some(object) = object else { continue };
        found
            .ledger
            .insert(part.address.clone(), entry(part, &object, is_ours(&object)));
        let marks = object.marks.as_ref();
        // A refresh may not read marks: the next plan has to finish the create all the same.
        found.memory.unfinished |= is_ours(&object) && marks.is_some_and(|marks| marks.creating.is_some());
        let instance = marks.and_then(|marks| marks.instance.clone());
        found.instance = found.instance.or(instance);
        found.objects.insert(part.address.clone(), object);
    }
    for part in parts.iter().filter(|part| part.role == Role::WaitOnly) {
        let entry = Entry {
            made: Some(false),
            ..entry(part, &Observed::default(), false)
        };
        found.ledger.insert(part.address.clone(), entry);
    }
    Ok(found)
}

fn entry<R: Remotes>(part: &Part<R>, object: &Observed, ours: bool) -> Entry {
    let follows = matches!(part.role, Role::Follow(_));
    Entry {
        reference: Some(part.reference()),
        uid: Some(object.uid.clone()),
        digest: if follows {
            Some(FOLLOWS.to_owned())
        } else {
            part.digest()
        },
        made: Some(follows || (ours && part.role == Role::Own)),
    }
}
