//! What differs between remotes: one implementation per kind of object, and the parts that are of a kind.

mod operation;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use crate::failure::Failure;
use crate::marks::{Creating, Marks};
pub use crate::object::{Consent, Identity, Made, Observed, Reading, Remotes, Target};
use crate::refusal::Refusal;
use crate::value::is_open;

pub use operation::{Operation, Trace};

/// What a part is to its resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Made, changed and deleted by the resource.
    Own,
    /// Made by the resource and left when it goes: others may have come to rely on it.
    Keep,
    /// A controller makes it for the part at this address. Never written; deleted with the uid that was recorded.
    Follow(String),
    /// No object: something to wait for.
    WaitOnly,
}

/// One object of a resource.
pub struct Part<R: Remotes> {
    /// Address inside the resource, such as `proxy/deployment`.
    pub address: String,
    /// Its kind; `None` for [`Role::WaitOnly`].
    pub kind: Option<&'static dyn Kind<R>>,
    /// Name of the object, such as `shop/shop-proxy`; a label for messages where the remote names it.
    pub name: String,
    /// Desired content without marks; may hold links and unknowns.
    pub content: Value,
    /// What it is to the resource.
    pub role: Role,
    /// Addresses of parts that work before this one is written. Links need no entry here.
    pub after: Vec<String>,
    /// How it is seen to work; `None` if it works once it exists.
    pub ready: Option<Arc<dyn Ready<R>>>,
    /// The arguments as canonical JSON, on the one part that carries them.
    pub configuration: Option<String>,
}

/// How a part is seen to work.
#[async_trait]
pub trait Ready<R: Remotes>: Send + Sync {
    /// Waits until the object, as just applied, works.
    ///
    /// # Errors
    /// What was last seen, and what to do.
    async fn wait(&self, op: &Operation<R>, part: &Part<R>, object: &Observed) -> Result<(), Failure>;

    /// Whether the object is seen to work now. It neither waits nor writes; `None` if a look can't tell.
    ///
    /// # Errors
    /// Any refusal.
    async fn works(&self, op: &Operation<R>, part: &Part<R>, object: &Observed) -> Result<Option<bool>, Refusal>;
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

    /// True if most resources that may have an object of the kind have none, and a search costs requests of its own: it is
    /// searched for strays only where a part or the state names an object of it.
    fn is_rare(&self) -> bool {
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
