//! What a create or an update shall reach, and which parts it looks at.

use crate::ledger::{Entry, FOLLOWS, Ledger, Memory};
use crate::object::{Identity, Remotes};
use crate::part::{Part, Role};
use crate::value::links;

/// What a create or an update shall reach, and where it starts.
pub struct Desired<'a, R: Remotes> {
    /// The parts.
    pub parts: &'a [Part<R>],
    /// The instance: newly minted for a create, the state's for an update.
    pub instance: &'a str,
    /// The state's ledger; empty for a create.
    pub ledger: &'a Ledger,
    /// The parts as the prior state renders them.
    pub before: &'a [Part<R>],
    /// The drift that the plan showed: `address path`, or `address` alone.
    pub drift: &'a [String],
    /// The memory of the last operation.
    pub memory: Memory,
    /// A create that replaces a finished resource of the same owner.
    pub create_before_destroy: bool,
    /// Take over fields of other managers.
    pub force: bool,
    /// True for a create.
    pub creates: bool,
}

impl<R: Remotes> Desired<'_, R> {
    /// What the state says of the object that the part means: under its address, or, of a name that the part had before or
    /// another part has given up, as something that is not wanted.
    pub(crate) fn entry(&self, part: &Part<R>) -> Option<&Entry> {
        let here = self.ledger.get(&part.address);
        if part.kind.is_some_and(|kind| kind.identity() == Identity::Given) {
            return here;
        }
        let reference = part.reference();
        let is_it = |entry: &&Entry| entry.reference.as_ref() == Some(&reference);
        let known = |entry: &&Entry| is_it(entry) && entry.known_uid().is_some();
        here.filter(known)
            .or_else(|| self.ledger.values().find(known))
            .or_else(|| here.filter(is_it))
    }

    /// True if the part has to be written whatever its links say.
    pub(crate) fn changes(&self, part: &Part<R>) -> bool {
        let same = self.ledger.get(&part.address).is_some_and(|entry| {
            let digest = match part.role {
                Role::Follow(_) => Some(FOLLOWS.to_owned()),
                _ => part.digest(),
            };
            let there = !part.is_written() || entry.known_uid().is_some();
            there && entry.digest == digest && entry.reference.as_deref() == Some(&part.reference())
        });
        !same || part.configuration.is_some()
    }

    /// Indices of the parts that are looked at: those that change or are `unsettled`, what links to them or to those, and what
    /// all of these link to, follow or are followed by.
    pub(crate) fn touched(&self, unsettled: &[usize]) -> Vec<usize> {
        let count = self.parts.len();
        let mut touched: Vec<bool> = (0..count)
            .map(|index| self.creates || unsettled.contains(&index) || self.changes(&self.parts[index]))
            .collect();
        let follows =
            |index: usize, maker: usize| self.parts[index].role == Role::Follow(self.parts[maker].address.clone());
        let links_to = |index: usize, target: usize| {
            let links = links(&self.parts[index].content);
            links.iter().any(|(address, _)| *address == self.parts[target].address)
        };
        close(count, &mut touched, |from, to| {
            links_to(to, from) || follows(from, to) || follows(to, from)
        });
        close(count, &mut touched, |from, to| links_to(from, to) || follows(from, to));
        (0..count).filter(|index| touched[*index]).collect()
    }
}

/// Adds to `set` whatever `leads` from a member of it.
fn close(count: usize, set: &mut [bool], leads: impl Fn(usize, usize) -> bool) {
    while let Some(next) = (0..count).find(|to| !set[*to] && (0..count).any(|from| set[from] && leads(from, *to))) {
        set[next] = true;
    }
}
