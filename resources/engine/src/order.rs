//! The order in which parts are written.

use crate::kind::Remotes;
use crate::part::Part;

/// Indices of `parts` by level: those of a level need only parts of earlier levels. The first written part is alone in
/// the first level: it carries the mark.
#[must_use]
pub fn levels<R: Remotes>(parts: &[Part<R>]) -> Vec<Vec<usize>> {
    let mut levels: Vec<Vec<usize>> = Vec::new();
    let mut placed: Vec<usize> = Vec::new();
    if let Some(first) = holder(parts) {
        levels.push(vec![first]);
        placed.push(first);
    }
    while placed.len() < parts.len() {
        let is_placed = |address: &String| {
            let needed = parts.iter().position(|part| part.address == *address);
            needed.is_none_or(|index| placed.contains(&index))
        };
        let mut level: Vec<usize> = (0..parts.len())
            .filter(|index| !placed.contains(index) && parts[*index].needs().iter().all(is_placed))
            .collect();
        if level.is_empty() {
            // A circle can't come out of the renderers; were there one, its parts still have to be written.
            level = (0..parts.len()).filter(|index| !placed.contains(index)).collect();
        }
        placed.extend(&level);
        levels.push(level);
    }
    levels
}

/// The part that carries the mark: the first that is written.
#[must_use]
pub fn holder<R: Remotes>(parts: &[Part<R>]) -> Option<usize> {
    parts.iter().position(Part::is_written)
}
