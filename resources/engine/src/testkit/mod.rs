//! One suite for every kind: what the engine counts on, checked against the remote itself.
//!
//! The engine's own histories run on kinds in memory. This suite runs on those and on every real kind, so that the models
//! are not kinder than the remotes. A kind is described once ([`Subject`]); [`conform`] runs every check on it.
//!
//! ```text
//! create-only   a second create answers Exists and touches nothing; what the remote names is made beside it
//! marks         every mark comes back from a look and a search, and goes when it is no longer wanted
//! owner         a search by owner finds this owner's objects and no others
//! changes       a write over an object changes content and marks, and overwrites nothing without consent
//! kills         a write that is dropped at any await converges when it is run again, and makes nothing twice
//! deletions     only the object with the uid goes; then it is in no look and no search
//! release       the content stays, the marks go
//! absence       nothing there is `None`, a kind that is not served is `KindMissing`
//! ```

mod case;
mod deletions;
mod kills;
mod marks;
mod writes;

use async_trait::async_trait;
use futures::future::BoxFuture;

use case::{Case, ensure, refused, same};

use crate::kind::{Kind, Observed, Remotes};
use crate::marks::Marks;
use crate::operation::Operation;
use crate::part::Part;
use crate::table::Asked;

/// One kind, as the suite sees it.
#[async_trait]
pub trait Subject<R: Remotes>: Send + Sync {
    /// The kind.
    fn kind(&self) -> &'static dyn Kind<R>;

    /// An operation of the owner that `owner_id` tells apart. All operations work on the same remote; the time of one is a
    /// minute at least.
    fn operation(&self, asked: Asked, owner_id: &str) -> Operation<R>;

    /// A part whose links are resolved. Another `topic` is another object: another name, or, where the remote names objects,
    /// another address. What it needs (a namespace, a hosted zone) exists.
    fn part(&self, topic: &str) -> Part<R>;

    /// The same part with other content that can change in place; `None` if the kind has none.
    fn changed(&self, part: &Part<R>) -> Option<Part<R>>;

    /// The same part with other content that can't change in place; `None` if the kind has none.
    fn unlike(&self, _part: &Part<R>) -> Option<Part<R>> {
        None
    }

    /// Somebody who does not know us makes an object of the part's name, with other content that can change in place.
    async fn make_foreign(&self, part: &Part<R>);

    /// Somebody who does not know us changes something that the part sets; false if nobody can.
    async fn edit(&self, part: &Part<R>, object: &Observed) -> bool;

    /// What of `marks` the kind keeps. All, but of an object that carries no marks at all.
    fn kept(&self, marks: Marks) -> Marks {
        marks
    }

    /// The object without what controllers write into it at any time, such as a status.
    fn steady(&self, object: Observed) -> Observed {
        object
    }

    /// An operation on a remote that does not know the kind, where there is such a thing.
    fn unserved(&self) -> Option<Operation<R>> {
        None
    }

    /// True if the engine writes objects of the kind. False for what controllers make: those are only looked at and deleted.
    fn is_written(&self) -> bool {
        true
    }

    /// True if a create fails where an object of the name exists. Where the API replaces silently, the engine looks first.
    fn is_create_only(&self) -> bool {
        true
    }

    /// True if a write fails when the object changed after the look it is based on.
    fn has_conditional_writes(&self) -> bool {
        true
    }

    /// At how many awaits a write is dropped, at most.
    fn kills(&self) -> usize {
        64
    }

    /// Returns when requests whose answers nobody waits for any more have taken effect.
    async fn settle(&self) {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// Why a check failed.
pub type Verdict = Result<(), String>;

/// Runs every check on `subject`; the names of the checks are those that [`checks`] lists.
///
/// # Errors
/// The words of every check that failed, a line each.
pub async fn conform<R: Remotes>(subject: &dyn Subject<R>) -> Verdict {
    let mut failed = Vec::new();
    for (name, check) in checks(subject) {
        if let Err(words) = check.await {
            failed.push(format!("{}: {name}: {words}", subject.kind().name()));
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(failed.join("\n"))
    }
}

/// The checks, with their names. They are independent of each other and may run at once.
#[must_use]
pub fn checks<'a, R: Remotes>(subject: &'a dyn Subject<R>) -> Vec<(&'static str, BoxFuture<'a, Verdict>)> {
    let mut checks: Vec<(&'static str, BoxFuture<'a, Verdict>)> = vec![
        ("absence", Box::pin(deletions::absence(subject))),
        ("a kind that is not served", Box::pin(deletions::unserved(subject))),
        ("another uid is not deleted", Box::pin(deletions::wrong_uid(subject))),
        ("what is deleted is gone", Box::pin(deletions::deleted(subject))),
    ];
    if subject.is_written() {
        if subject.is_create_only() {
            checks.push((
                "a create overwrites nothing of ours",
                Box::pin(writes::create_only(subject)),
            ));
            checks.push((
                "a create overwrites nothing foreign",
                Box::pin(writes::foreign_stays(subject)),
            ));
        }
        checks.extend([
            (
                "a write over changes content",
                Box::pin(writes::write_over(subject)) as BoxFuture<'a, Verdict>,
            ),
            (
                "a write over what is gone makes nothing",
                Box::pin(writes::write_over_nothing(subject)),
            ),
            (
                "fixed content does not change silently",
                Box::pin(writes::fixed(subject)),
            ),
            (
                "an edit is overwritten by consent only",
                Box::pin(writes::edited(subject)),
            ),
            ("marks come back", Box::pin(marks::round_trip(subject))),
            ("a search by owner finds its own", Box::pin(marks::of_owner(subject))),
            ("a release keeps the content", Box::pin(marks::release(subject))),
            ("a killed create converges", Box::pin(kills::create(subject))),
            ("a killed change converges", Box::pin(kills::change(subject))),
        ]);
    }
    checks
}
