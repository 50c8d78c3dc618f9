//! One check: its operation, its part, and the requests that it sends.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::{Subject, Verdict};
use crate::kind::{Consent, Identity, Kind, Made, Observed, Put, Reading, Remotes, Target};
use crate::marks::{Creating, Marks};
use crate::operation::Operation;
use crate::part::Part;
use crate::refusal::{Answer, Refusal};
use crate::table::Asked;

/// The operation, the part and the marks of one check.
pub(super) struct Case<'a, R: Remotes> {
    pub(super) subject: &'a dyn Subject<R>,
    pub(super) kind: &'static dyn Kind<R>,
    pub(super) op: Operation<R>,
    pub(super) part: Part<R>,
}

impl<'a, R: Remotes> Case<'a, R> {
    pub(super) fn new(subject: &'a dyn Subject<R>, topic: &str) -> Self {
        Self::of_owner(subject, topic, topic)
    }

    pub(super) fn of_owner(subject: &'a dyn Subject<R>, topic: &str, owner_id: &str) -> Self {
        Self {
            subject,
            kind: subject.kind(),
            op: subject.operation(Asked::Create, owner_id),
            part: subject.part(topic),
        }
    }

    /// The marks of a finished object of this case.
    pub(super) fn marks(&self, instance: &str) -> Marks {
        Marks {
            owner: Some(self.op.owner.to_string()),
            instance: Some(instance.to_owned()),
            address: Some(self.part.address.clone()),
            ..Marks::default()
        }
    }

    /// The marks of an object whose create has not finished.
    pub(super) fn unfinished(&self, instance: &str) -> Marks {
        Marks {
            creating: Some(Creating::attempt(None, &self.op.now, instance)),
            ..self.marks(instance)
        }
    }

    pub(super) async fn put(
        &self,
        part: &Part<R>,
        marks: &Marks,
        over: Option<&Observed>,
    ) -> Result<Observed, Refusal> {
        self.consented(part, marks, over, &Consent::default()).await
    }

    pub(super) async fn consented(
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
    pub(super) async fn make(&self, marks: &Marks) -> Result<Observed, String> {
        let made = self.put(&self.part, marks, None).await;
        made.map_err(|refusal| format!("a create was refused: {refusal}"))
    }

    pub(super) async fn look(&self, uid: Option<&str>) -> Result<Option<Observed>, String> {
        let target = self.part.target(uid);
        let seen = self.op.bounded(self.kind.look(&self.op, target, Reading::Fresh)).await;
        seen.map_err(|refusal| format!("a look was refused: {refusal}"))
    }

    /// The object as it is now.
    pub(super) async fn now(&self, object: &Observed) -> Result<Observed, String> {
        let seen = self.look(Some(&object.uid)).await?;
        seen.ok_or_else(|| format!("{} is not there any more", object.name))
    }

    pub(super) async fn search(&self, owner: Option<&str>) -> Result<Vec<Observed>, String> {
        let reading = Reading::After(tokio::time::Instant::now());
        let like = Some(&self.part).filter(|_| self.kind.identity() == Identity::Given);
        let search = self.kind.of_owner(&self.op, owner, like, reading);
        let found = self.op.bounded(search).await;
        found.map_err(|refusal| format!("a search was refused: {refusal}"))
    }

    /// Objects of this case's owner.
    pub(super) async fn ours(&self) -> Result<Vec<Observed>, String> {
        self.search(Some(&self.op.owner.to_string())).await
    }

    pub(super) async fn delete(&self, object: &Observed) -> Result<bool, Refusal> {
        self.op.bounded(self.kind.delete(&self.op, object)).await
    }

    /// Waits until the object is gone.
    pub(super) async fn await_gone(&self, object: &Observed) -> Result<(), String> {
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
    pub(super) async fn clean(&self, objects: impl IntoIterator<Item = Observed>) {
        for object in objects {
            if self.delete(&object).await.is_ok() {
                drop(self.await_gone(&object).await);
            }
        }
    }

    /// Fails unless the object has the content of `part`.
    pub(super) fn is_as_desired(&self, part: &Part<R>, object: &Observed) -> Verdict {
        let differences = self.kind.differences(&part.content, &object.content);
        same("differences after a write", &differences, &BTreeMap::new())
    }

    /// Fails unless the object bears what the kind keeps of `marks`.
    pub(super) fn bears(&self, object: &Observed, marks: &Marks) -> Verdict {
        let kept = self.subject.kept(marks.clone());
        same("marks", &object.marks.clone().unwrap_or_default(), &kept)
    }
}

/// Fails if two values differ.
pub(super) fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, wanted: &T) -> Verdict {
    if found == wanted {
        return Ok(());
    }
    Err(format!("{what}: found {found:?}, wanted {wanted:?}"))
}

/// Fails, unless `holds`.
pub(super) fn ensure(holds: bool, words: impl Display) -> Verdict {
    if holds { Ok(()) } else { Err(words.to_string()) }
}

/// Fails unless the request was refused with an answer that `test` takes.
pub(super) fn refused<T: std::fmt::Debug>(
    what: &str,
    answered: Result<T, Refusal>,
    test: impl Fn(&Answer) -> bool,
) -> Verdict {
    match answered {
        Err(refusal) if test(&refusal.answer) => Ok(()),
        Err(refusal) => Err(format!("{what} was answered {:?}: {refusal}", refusal.answer)),
        Ok(done) => Err(format!("{what} was not refused: {done:?}")),
    }
}
