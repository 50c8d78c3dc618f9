//! Delete: only what this resource made, by uid, until it is gone.

mod doomed;
mod followers;
mod one;
mod removal;

pub use doomed::Doomed;
pub(crate) use doomed::once;
pub(crate) use followers::followers_of;
pub(crate) use one::delete;
pub use removal::{GoneObject, Removed};
pub(crate) use removal::{Removal, Scope, Trust};

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::kind::{Reading, Remotes};
use crate::ledger::Ledger;
use crate::marks::Creating;
use crate::operation::Operation;
use crate::part::{Part, Role};

/// Deletes a resource: what is rendered, what the ledger names and what bears its owner and instance.
///
/// While the mark of an unfinished create stands, what the create leg of its replacement will adopt (`spared`) is left to
/// it, the marked object being part of that; without the mark that create could adopt nothing. Parts that are kept are
/// released. The result's `left` is what remains and should not.
pub fn delete_resource<'a, R: Remotes>(
    op: &'a Operation<R>,
    parts: &'a [Part<R>],
    ledger: &'a Ledger,
    instance: &'a str,
    spared: &'a [Part<R>],
) -> BoxFuture<'a, Removed> {
    destroy(op, parts, ledger, instance, spared).boxed()
}

async fn destroy<R: Remotes>(
    op: &Operation<R>,
    parts: &[Part<R>],
    ledger: &Ledger,
    instance: &str,
    spared: &[Part<R>],
) -> Removed {
    let mut doomed: Vec<Doomed<R>> = Vec::new();
    for (address, entry) in ledger {
        doomed.extend(Doomed::of_entry(op, address, entry));
    }
    doomed.extend(parts.iter().filter_map(Doomed::of_part));
    let mut marks: Vec<Creating> = Vec::new();
    let mut missing = Vec::new();
    for kind in op.searched(parts, ledger) {
        match op.search_served(kind, Reading::After(op.began)).await {
            Ok(None) => missing.extend(op.missing(kind, ledger)),
            Ok(Some(found)) => {
                marks.extend(
                    found
                        .iter()
                        .filter_map(|object| object.marks.as_ref()?.creating.clone()),
                );
                doomed.extend(found.into_iter().map(|object| Doomed::seen(kind, object)));
            }
            Err(failure) => {
                return Removed {
                    left: ledger.clone(),
                    ..Removed::failed(failure)
                };
            }
        }
    }
    let mut doomed = once(doomed);
    let kept = parts.iter().filter(|part| part.role == Role::Keep);
    let kept: Vec<String> = kept.map(Part::reference).collect();
    for one in doomed.iter_mut().filter(|one| kept.contains(&one.reference())) {
        one.made = false;
    }
    let owner = op.owner.to_string();
    let marked = Creating::together(&marks);
    let (doomed, spoken_for) = without_spared(doomed, spared);
    let removal = Removal::new(op, &owner, instance, marked.as_ref());
    let mut removed = Removal { spoken_for, ..removal }.run(doomed).await;
    removed.notices.extend(missing);
    removed
}

/// What is left of `doomed` without what a create of `spared` will adopt: what the marks cover that are part of it, and what
/// controllers made for that, with the references of the latter. A mark that goes covers nothing any more.
fn without_spared<R: Remotes>(doomed: Vec<Doomed<R>>, spared: &[Part<R>]) -> (Vec<Doomed<R>>, Vec<String>) {
    let may_stay = |one: &&Doomed<R>| spared.iter().any(|part| one.may_become(part));
    let is_covered = |one: &Doomed<R>, mark: &Creating| {
        let marks = one.seen.as_ref().and_then(|object| object.marks.as_ref());
        marks.is_some_and(|marks| mark.covers(marks.instance.as_deref()))
    };
    let staying = doomed.iter().filter(may_stay).filter_map(|one| {
        let mark = one.seen.as_ref()?.marks.as_ref()?.creating.as_ref()?;
        is_covered(one, mark).then_some(mark)
    });
    let Some(mark) = Creating::together(staying) else {
        return (doomed, Vec::new());
    };
    let is_spared = |one: &Doomed<R>| may_stay(&one) && is_covered(one, &mark);
    let stays = doomed.iter().filter(|one| is_spared(one));
    let makes: Vec<String> = stays
        .filter_map(|one| one.seen.as_ref())
        .flat_map(|object| object.makes.clone())
        .collect();
    let stays = |one: &Doomed<R>| is_spared(one) || (one.follows && makes.contains(&one.reference()));
    (doomed.into_iter().filter(|one| !stays(one)).collect(), makes)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use async_trait::async_trait;
    use serde_json::{Value, json};

    use super::*;
    use crate::kind::{Identity, Kind, Observed, Put, Target};
    use crate::marks::Marks;
    use crate::refusal::Refusal;

    /// Objects that are named by us. Which of them stay is decided without a request.
    struct Named;

    #[async_trait]
    impl Kind<()> for Named {
        fn name(&self) -> &'static str {
            "Named"
        }

        fn identity(&self) -> Identity {
            Identity::Named
        }

        fn order(&self) -> u8 {
            1
        }

        fn differences(&self, _: &Value, _: &Value) -> BTreeMap<String, Value> {
            BTreeMap::new()
        }

        async fn look(&self, _: &Operation<()>, _: Target<'_>, _: Reading) -> Result<Option<Observed>, Refusal> {
            unreachable!("no request")
        }

        async fn of_owner(
            &self,
            _: &Operation<()>,
            _: Option<&str>,
            _: Option<&Part<()>>,
            _: Reading,
        ) -> Result<Vec<Observed>, Refusal> {
            unreachable!("no request")
        }

        async fn put(&self, _: &Operation<()>, _: Put<'_, ()>) -> Result<Observed, Refusal> {
            unreachable!("no request")
        }

        async fn delete(&self, _: &Operation<()>, _: &Observed) -> Result<bool, Refusal> {
            unreachable!("no request")
        }

        async fn release(&self, _: &Operation<()>, _: &Observed) -> Result<(), Refusal> {
            unreachable!("no request")
        }
    }

    /// An object of the create `i1`, whose mark the first one bears.
    fn unfinished(name: &str, is_holder: bool) -> Doomed<()> {
        let creating = Creating {
            since: "2026-01-01T00:00:00Z".to_owned(),
            attempts: vec!["i1".to_owned()],
        };
        let marks = Marks {
            instance: Some("i1".to_owned()),
            creating: is_holder.then_some(creating),
            ..Marks::default()
        };
        let object = Observed {
            name: name.to_owned(),
            marks: Some(marks),
            ..Observed::default()
        };
        Doomed::seen(&Named, object)
    }

    /// What goes of a failed create of `old`, if a create of `wanted` follows.
    fn goes(old: &[&str], wanted: &[&str]) -> Vec<String> {
        let doomed = old
            .iter()
            .enumerate()
            .map(|(position, name)| unfinished(name, position == 0));
        let parts: Vec<Part<()>> = wanted
            .iter()
            .map(|name| Part::new(*name, &Named, *name, json!({})))
            .collect();
        let (going, _) = without_spared(doomed.collect(), &parts);
        going.into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn only_what_the_next_create_adopts_stays() {
        for (old, wanted, gone) in [
            (&["config", "web"][..], &["config", "web"][..], &[][..]),
            (&["config", "web"], &["config", "shop"], &["web"]),
            (&["config", "web"], &["other", "shop"], &["config", "web"]),
            // Without the mark, nothing tells the create what it may adopt.
            (&["config", "web"], &["other", "web"], &["config", "web"]),
            (&["config", "web"], &[], &["config", "web"]),
        ] {
            assert_eq!(goes(old, wanted), gone, "{old:?} and then {wanted:?}");
        }
    }
}
