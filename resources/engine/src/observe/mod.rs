//! Read: what is seen of the parts, from shared answers.

mod judge;
mod prove;
mod rest;

use std::collections::BTreeMap;

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};

use crate::failure::{Failure, Notice};
use crate::kind::{Identity, Observed, Reading, Remotes};
use crate::ledger::{Entry, Ledger, Memory};
use crate::marks::Creating;
use crate::operation::{CONCURRENCY, Operation};
use crate::part::{Part, Role};
use crate::value::links;

/// In the list `drift`: the marks of ownership differ.
pub const MARKS: &str = "marks";

/// What a read has seen.
#[derive(Debug, Default)]
pub struct Seen {
    /// The parts as they are; a part that is gone has an empty uid.
    pub ledger: Ledger,
    /// What to remember: a part that was seen to work is proven.
    pub memory: Memory,
    /// `address path` of every field of ours that differs, `address` alone for a part that is gone or does not work.
    pub drift: Vec<String>,
    /// True if any object of the resource is there.
    pub found: bool,
    /// What the user is told.
    pub notices: Vec<Notice>,
    /// The objects, by address.
    pub objects: BTreeMap<String, Observed>,
}

/// Sees what is there of `parts`, as they were last written; `prior` is what the state says of them.
///
/// # Errors
/// Any doubt: it is never "gone".
pub fn observe<'a, R: Remotes>(
    op: &'a Operation<R>,
    parts: &'a [Part<R>],
    prior: &'a Ledger,
    memory: &'a Memory,
    instance: &'a str,
) -> BoxFuture<'a, Result<Seen, Failure>> {
    see(op, parts, prior, memory, instance).boxed()
}

async fn see<R: Remotes>(
    op: &Operation<R>,
    parts: &[Part<R>],
    prior: &Ledger,
    memory: &Memory,
    instance: &str,
) -> Result<Seen, Failure> {
    let looks: Vec<_> = parts
        .iter()
        .filter(|part| part.is_written() || is_linked(part, parts))
        .map(|part| async move { (part, look(op, part, prior).await) }.boxed())
        .collect();
    let looked: Vec<_> = stream::iter(looks).buffered(CONCURRENCY).collect().await;
    let mut seen = Seen {
        memory: memory.clone(),
        ..Seen::default()
    };
    for (part, answer) in looked {
        if let Some(object) = answer.map_err(|failure| failure.of(part))? {
            seen.objects.insert(part.address.clone(), object);
        }
    }
    let mut others = Vec::new();
    for kind in op.kinds {
        let Some(found) = op.search_served(*kind, Reading::Shared).await? else {
            seen.notices.extend(op.missing(*kind, prior));
            continue;
        };
        others.extend(found.into_iter().map(|object| (*kind, object)));
    }
    let owner = op.owner.to_string();
    let marked = marked(
        &owner,
        seen.objects.values().chain(others.iter().map(|(_, object)| object)),
    );
    let mut reader = Reader {
        op,
        parts,
        prior,
        instance,
        owner,
        marked,
        seen,
    };
    for part in parts {
        reader.written(part);
    }
    reader.rest().await?;
    reader.strays(others);
    reader.prove().await?;
    Ok(reader.seen)
}

/// True if outputs of the part decide the content of another one.
fn is_linked<R: Remotes>(part: &Part<R>, parts: &[Part<R>]) -> bool {
    let links_to = |other: &Part<R>| {
        links(&other.content)
            .iter()
            .any(|(address, _)| *address == part.address)
    };
    matches!(part.role, Role::Follow(_)) && parts.iter().any(links_to)
}

async fn look<R: Remotes>(op: &Operation<R>, part: &Part<R>, prior: &Ledger) -> Result<Option<Observed>, Failure> {
    let Some(kind) = part.kind else { return Ok(None) };
    let uid = prior.get(&part.address).and_then(Entry::known_uid);
    // What the remote names can't be found without its uid, but by a search for strays.
    if kind.identity() == Identity::Given && uid.is_none() {
        return Ok(None);
    }
    op.look(kind, part.target(uid), Reading::Shared).await
}

/// The marks of unfinished creates of `owner`, together.
fn marked<'a>(owner: &str, objects: impl Iterator<Item = &'a Observed>) -> Option<Creating> {
    let marks = objects.filter_map(|object| object.marks.as_ref());
    let ours = marks.filter(|marks| marks.owner.as_deref() == Some(owner));
    Creating::together(ours.filter_map(|marks| marks.creating.as_ref()))
}

struct Reader<'a, R: Remotes> {
    op: &'a Operation<R>,
    parts: &'a [Part<R>],
    prior: &'a Ledger,
    instance: &'a str,
    owner: String,
    marked: Option<Creating>,
    seen: Seen,
}

/// Learns how the remotes would write the parts, without writing: the memory of an imported resource.
///
/// # Errors
/// Any refusal.
pub async fn spellings<R: Remotes>(op: &Operation<R>, parts: &[Part<R>]) -> Result<Memory, Failure> {
    let mut memory = Memory::default();
    for part in parts.iter().filter(|part| part.is_written()) {
        let Some(kind) = part.kind else { continue };
        let spelled = op.bounded(kind.spelling(op, part)).await;
        let spelled = spelled.map_err(|refusal| Failure::refused(part, refusal))?;
        if !spelled.is_empty() {
            memory.spellings.insert(part.address.clone(), spelled);
        }
    }
    Ok(memory)
}
