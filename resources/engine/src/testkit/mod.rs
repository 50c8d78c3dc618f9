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

mod deletions;
mod kills;
mod marks;
mod writes;

use std::collections::BTreeMap;
use std::fmt::Display;

use async_trait::async_trait;
use futures::future::BoxFuture;

use crate::kind::{Consent, Identity, Kind, Made, Observed, Put, Reading, Remotes, Target};
use crate::marks::{Creating, Marks};
use crate::operation::Operation;
use crate::part::Part;
use crate::refusal::{Answer, Refusal};
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

/// The operation, the part and the marks of one check.
struct Case<'a, R: Remotes> {
    subject: &'a dyn Subject<R>,
    kind: &'static dyn Kind<R>,
    op: Operation<R>,
    part: Part<R>,
}

impl<'a, R: Remotes> Case<'a, R> {
    fn new(subject: &'a dyn Subject<R>, topic: &str) -> Self {
        Self::of_owner(subject, topic, topic)
    }

    fn of_owner(subject: &'a dyn Subject<R>, topic: &str, owner_id: &str) -> Self {
        Self {
            subject,
            kind: subject.kind(),
            op: subject.operation(Asked::Create, owner_id),
            part: subject.part(topic),
        }
    }

    /// The marks of a finished object of this case.
    fn marks(&self, instance: &str) -> Marks {
        Marks {
            owner: Some(self.op.owner.to_string()),
            instance: Some(instance.to_owned()),
            address: Some(self.part.address.clone()),
            ..Marks::default()
        }
    }

    /// The marks of an object whose create has not finished.
    fn unfinished(&self, instance: &str) -> Marks {
        Marks {
            creating: Some(Creating {
                since: self.op.now.clone(),
                over: None,
            }),
            ..self.marks(instance)
        }
    }

    async fn put(&self, part: &Part<R>, marks: &Marks, over: Option<&Observed>) -> Result<Observed, Refusal> {
        self.consented(part, marks, over, &Consent::default()).await
    }

    async fn consented(
        &self,
        part: &Part<R>,
        marks: &Marks,
        over: Option<&Observed>,
        consent: &Consent,
    ) -> Result<Observed, Refusal> {
        let put = Put {
            part,
            marks,
            over,
            consent,
            unfinished: None,
            made: &Made::default(),
        };
        self.op.bounded(self.kind.put(&self.op, put)).await
    }

    /// Makes the part's object.
    async fn make(&self, marks: &Marks) -> Result<Observed, String> {
        let made = self.put(&self.part, marks, None).await;
        made.map_err(|refusal| format!("a create was refused: {refusal}"))
    }

    async fn look(&self, uid: Option<&str>) -> Result<Option<Observed>, String> {
        let target = self.part.target(uid);
        let seen = self.op.bounded(self.kind.look(&self.op, target, Reading::Fresh)).await;
        seen.map_err(|refusal| format!("a look was refused: {refusal}"))
    }

    /// The object as it is now.
    async fn now(&self, object: &Observed) -> Result<Observed, String> {
        let seen = self.look(Some(&object.uid)).await?;
        seen.ok_or_else(|| format!("{} is not there any more", object.name))
    }

    async fn search(&self, owner: Option<&str>) -> Result<Vec<Observed>, String> {
        let reading = Reading::After(tokio::time::Instant::now());
        let like = Some(&self.part).filter(|_| self.kind.identity() == Identity::Given);
        let search = self.kind.of_owner(&self.op, owner, like, reading);
        let found = self.op.bounded(search).await;
        found.map_err(|refusal| format!("a search was refused: {refusal}"))
    }

    /// Objects of this case's owner.
    async fn ours(&self) -> Result<Vec<Observed>, String> {
        self.search(Some(&self.op.owner.to_string())).await
    }

    async fn delete(&self, object: &Observed) -> Result<bool, Refusal> {
        self.op.bounded(self.kind.delete(&self.op, object)).await
    }

    /// Waits until the object is gone.
    async fn await_gone(&self, object: &Observed) -> Result<(), String> {
        let target = Target {
            name: &object.name,
            uid: Some(&object.uid),
        };
        let gone = |seen: Option<&Observed>| match seen {
            Some(seen) if seen.uid == object.uid => Err("it is still there".to_owned()),
            _ => Ok(()),
        };
        let waited = self.op.until(self.kind, target, "is not gone", gone).await;
        waited.map_err(|failure| format!("{} stays: {:?}", object.name, failure.trouble))
    }

    /// Removes what the check made; whether that works is another check's to say.
    async fn clean(&self, objects: impl IntoIterator<Item = Observed>) {
        for object in objects {
            if self.delete(&object).await.is_ok() {
                drop(self.await_gone(&object).await);
            }
        }
    }

    /// Fails unless the object has the content of `part`.
    fn is_as_desired(&self, part: &Part<R>, object: &Observed) -> Verdict {
        let differences = self.kind.differences(&part.content, &object.content);
        same("differences after a write", &differences, &BTreeMap::new())
    }

    /// Fails unless the object bears what the kind keeps of `marks`.
    fn bears(&self, object: &Observed, marks: &Marks) -> Verdict {
        let kept = self.subject.kept(marks.clone());
        same("marks", &object.marks.clone().unwrap_or_default(), &kept)
    }
}

/// Fails if two values differ.
fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, wanted: &T) -> Verdict {
    if found == wanted {
        return Ok(());
    }
    Err(format!("{what}: found {found:?}, wanted {wanted:?}"))
}

/// Fails, unless `holds`.
fn ensure(holds: bool, words: impl Display) -> Verdict {
    if holds { Ok(()) } else { Err(words.to_string()) }
}

/// Fails unless the request was refused with an answer that `test` takes.
fn refused<T: std::fmt::Debug>(what: &str, answered: Result<T, Refusal>, test: impl Fn(&Answer) -> bool) -> Verdict {
    match answered {
        Err(refusal) if test(&refusal.answer) => Ok(()),
        Err(refusal) => Err(format!("{what} was answered {:?}: {refusal}", refusal.answer)),
        Ok(done) => Err(format!("{what} was not refused: {done:?}")),
    }
}
