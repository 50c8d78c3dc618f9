//! What differs between remotes: one implementation per kind of object.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use tokio::time::Instant;

use crate::marks::{Creating, Marks};
use crate::operation::Operation;
use crate::part::Part;
use crate::refusal::Refusal;
use crate::value::is_open;

/// The set of clients that kinds work with. The engine never looks inside.
pub trait Remotes: Send + Sync + 'static {}

impl<T: Send + Sync + 'static> Remotes for T {}

/// Who names the objects of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// We do: of one name there is one object.
    Named,
    /// The remote does: several objects of the same content may exist.
    Given,
}

/// How recent an answer has to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    /// A refresh: answers may be shared with reads that began up to two seconds earlier.
    Shared,
    /// A list that began after this moment; shared by all who need no more than that.
    After(Instant),
    /// Any list since the process began: it shows what earlier runs left.
    Run,
    /// As a shared watch shows it, where there is one; else asked now.
    Watched,
    /// Asked now, for this caller alone.
    Fresh,
}

/// Which object is meant.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Name, as after the kind in a reference: `shop/shop-proxy`. Identifies objects that we name.
    pub name: &'a str,
    /// UID or ARN, where it is known. Identifies objects that the remote names.
    pub uid: Option<&'a str>,
}

/// An object as it was seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// Name, as in [`Target::name`].
    pub name: String,
    /// UID or ARN: never used again for another object.
    pub uid: String,
    /// Content, in the form of [`Part::content`]; may hold more than we set.
    pub content: Value,
    /// Marks; `None` where this reading does not show them.
    pub marks: Option<Marks>,
    /// What links may refer to. An output that has no value yet is left out.
    pub outputs: BTreeMap<String, String>,
    /// References (`Secret shop/web-tls`) of what a controller makes for this object.
    pub makes: Vec<String>,
    /// It is being deleted: what it still waits for.
    pub deleting: Option<String>,
    /// Who else manages fields of it.
    pub managers: Vec<String>,
}

/// What the approved plan allows a write to overwrite.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Consent {
    /// Paths that the plan showed as drifted or changing. The empty path is everything.
    pub paths: Vec<String>,
    /// Everything, whoever manages it (`force_conflicts`).
    pub force: bool,
}

/// One write.
pub struct Put<'a, R: Remotes> {
    /// The part, its links resolved.
    pub part: &'a Part<R>,
    /// All marks that the object shall carry; others of ours are removed.
    pub marks: &'a Marks,
    /// What was seen there. `None`: the object must not exist, and [`crate::refusal::Answer::Exists`] is the answer if it
    /// does.
    pub over: Option<&'a Observed>,
    /// What may be overwritten.
    pub consent: &'a Consent,
    /// The marks of unfinished creates of this owner that were found before this operation wrote anything, together.
    pub unfinished: Option<&'a Creating>,
    /// Told of the object as soon as it exists.
    pub made: &'a Made,
}

/// The object of a write that takes several requests, told as soon as it exists: if a later request fails, the object is
/// recorded all the same, and if the write is repeated, it goes on with that object.
#[derive(Debug, Default)]
pub struct Made(Mutex<Option<Observed>>);

impl Made {
    /// The object exists; only its name and uid need to be known.
    pub fn tell(&self, object: Observed) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(object);
    }

    /// The object, if an earlier attempt of this write told of it.
    #[must_use]
    pub fn object(&self) -> Option<Observed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<R: Remotes> Put<'_, R> {
    /// Whether an object that the remote answers a create with (it knew the idempotency token) may be taken for the one that
    /// is being made: this operation or an unfinished create made it. Else it is finished, and its uid becomes the salt of
    /// another token.
    #[must_use]
    pub fn may_adopt(&self, found: &Marks) -> bool {
        let of_owner = found.owner == self.marks.owner;
        let covers = |mark: &Creating| mark.covers(found.instance.as_deref());
        let of_unfinished = found.creating.as_ref().is_some_and(covers) || self.unfinished.is_some_and(covers);
        of_owner && (found.instance == self.marks.instance || of_unfinished)
    }
}

/// A kind of remote object.
///
/// # Guarantees of the engine
/// One operation at a time runs on an owner. `put` with `over: None` is called only after a look that showed nothing;
/// `delete` only for objects that are this owner's and that it created. Every call ends with the operation: a call may be
/// dropped at any await.
///
/// # Assumptions
/// `put` converges when it is run again after a kill anywhere inside it, also where it takes several requests. It writes
/// the marks with the first of them. It never overwrites an object that it was not told of by `over`. No call retries a
/// write whose answer was lost: that is [`crate::refusal::Answer::OutcomeUnknown`].
#[async_trait]
pub trait Kind<R: Remotes>: Send + Sync + 'static {
    /// The remote's word for it: `Deployment`, `ACM certificate`. Unique among the kinds of a resource.
    fn name(&self) -> &'static str;

    /// Who names its objects.
    fn identity(&self) -> Identity;

    /// Objects are deleted in descending order of this number, and leftovers too: what depends on others has a greater one.
    fn order(&self) -> u8;

    /// Members of the content that can't change in place.
    fn fixed(&self) -> &'static [&'static str] {
        &[]
    }

    /// Members of the content whose change moves the outputs: what links to them is then unknown in the plan.
    fn moved_by(&self) -> &'static [&'static str] {
        &[]
    }

    /// True if objects of others may live in an object of the kind and would go with it ([`Kind::holds`]). Such an object is
    /// deleted by a destroy only; an update that no longer wants it gives it up, as other parts may live in it.
    fn is_space(&self) -> bool {
        false
    }

    /// Differences between what we set and what is, by path, with the live value. Only what `desired` sets counts.
    fn differences(&self, desired: &Value, live: &Value) -> BTreeMap<String, Value>;

    /// The object, or `None` if it is certain that there is none.
    ///
    /// # Errors
    /// Any doubt.
    async fn look(&self, op: &Operation<R>, target: Target<'_>, reading: Reading) -> Result<Option<Observed>, Refusal>;

    /// The living objects that carry the owner `owner`, or any owner of ours. For kinds that the remote names, `like`
    /// narrows the search to what could be that part; tags of others need not be read.
    ///
    /// # Errors
    /// Any refusal.
    async fn of_owner(
        &self,
        op: &Operation<R>,
        owner: Option<&str>,
        like: Option<&Part<R>>,
        reading: Reading,
    ) -> Result<Vec<Observed>, Refusal>;

    /// Creates the object or changes it in place.
    ///
    /// # Errors
    /// [`crate::refusal::Answer::Exists`] for a create of what is there, [`crate::refusal::Answer::Conflict`] where others hold what the
    /// consent does not cover, any other refusal.
    async fn put(&self, op: &Operation<R>, put: Put<'_, R>) -> Result<Observed, Refusal>;

    /// How the remote would write `part`, where that differs from what is rendered, without writing: values by path.
    ///
    /// # Errors
    /// Any refusal.
    async fn spelling(&self, _op: &Operation<R>, _part: &Part<R>) -> Result<BTreeMap<String, Value>, Refusal> {
        Ok(BTreeMap::new())
    }

    /// Says what of others would go with the object, by references ([`crate::part::reference`]) where it can; empty if
    /// nothing. Asked before its deletion, and for a space ([`Kind::is_space`]) before the first deletion of the operation.
    ///
    /// # Errors
    /// Any refusal.
    async fn holds(&self, _op: &Operation<R>, _object: &Observed) -> Result<Vec<String>, Refusal> {
        Ok(Vec::new())
    }

    /// Deletes the object with this uid; true if it is gone at once.
    ///
    /// # Errors
    /// [`crate::refusal::Answer::Conflict`] if another object has the name now, [`crate::refusal::Answer::InUse`], any other
    /// refusal.
    async fn delete(&self, op: &Operation<R>, object: &Observed) -> Result<bool, Refusal>;

    /// Gives the object up: its content stays, our marks go.
    ///
    /// # Errors
    /// Any refusal.
    async fn release(&self, op: &Operation<R>, object: &Observed) -> Result<(), Refusal>;

    /// Returns when the object may have changed; `tries` counts the calls of one wait.
    async fn changed(&self, _op: &Operation<R>, _target: Target<'_>, tries: u32) {
        tokio::time::sleep(pause(tries)).await;
    }

    /// True unless content that can't change in place differs; what is not known yet does not.
    fn is_alike(&self, desired: &Value, live: &Value) -> bool {
        let mut fixed = self.fixed().iter();
        fixed.all(|member| is_open(&desired[*member]) || desired[*member] == live[*member])
    }
}

/// 0.2 s, doubled with every try, 5 s at most.
#[must_use]
pub fn pause(tries: u32) -> Duration {
    Duration::from_millis(200)
        .saturating_mul(1 << tries.min(5))
        .min(Duration::from_secs(5))
}
