//! Objects that AWS names by an ARN: two of the same content may exist, and their tags say whose they are.

use std::collections::BTreeMap;

use async_trait::async_trait;
use e2etls_clients::aws::Tags;
use e2etls_engine::kind::{Identity, Kind, Observed, Put, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::Refusal;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::content::differences;
use super::marks::{self, Change};
use crate::kinds::Clients;

/// Maximum age of an object whose tags are read although nothing else suggests that it is ours: a create that was killed
/// is soon run again.
const LOOK_BACK: SignedDuration = SignedDuration::from_hours(7 * 24);

type Op = Operation<Clients>;

/// The kind of the objects that `T` knows.
pub struct Given<T>(pub T);

/// What differs between such kinds. `tags` in a content are all tags of a live object, and the user's of a wanted one.
///
/// # Assumptions
/// `make` and `change` converge as [`Kind::put`] does: what was made and not finished is found by its token, by its tags,
/// or by what [`Put::made`] was told.
#[async_trait]
pub trait OfAws: Sized + Send + Sync + 'static {
    /// [`Kind::name`].
    const NAME: &'static str;
    /// [`Kind::fixed`].
    const FIXED: &'static [&'static str];
    /// [`Kind::moved_by`].
    const MOVED_BY: &'static [&'static str] = &[];

    /// [`Kind::is_rare`].
    const IS_RARE: bool = false;

    /// What a list or a description shows.
    type Found: Send + Sync;

    /// Members that differ.
    fn differences(desired: &Value, live: &Value) -> BTreeMap<String, Value> {
        differences(desired, live)
    }

    /// True for one that can't be used any more: it matches nothing that is wanted.
    fn is_over(_content: &Value) -> bool {
        false
    }

    /// All that live.
    async fn list(op: &Op) -> Result<Vec<Self::Found>, Refusal>;

    /// ARN, and when it was created.
    fn facts(found: &Self::Found) -> (&str, Option<Timestamp>);

    /// True if a search reads the tags of one from a list: it is unfinished, or `like` what is searched.
    fn may_be(found: &Self::Found, like: Option<&Part<Clients>>) -> bool;

    /// True if a create of `like` takes one with these tags over, whosever it was.
    fn is_free(_found: &Self::Found, _like: &Part<Clients>, _tags: &Tags) -> bool {
        false
    }

    /// The one of this ARN. One that can't be seen is gone only if it [`is_here`](super::content::is_here).
    async fn describe(op: &Op, arn: &str, reading: Reading) -> Result<Option<Self::Found>, Refusal>;

    /// True if a look reads the tags.
    fn reads_tags(reading: Reading) -> bool {
        reading != Reading::Watched
    }

    /// Its tags; `None` if it is gone.
    async fn tags(op: &Op, arn: &str) -> Result<Option<Tags>, Refusal>;

    /// Sets tags; others stay.
    async fn tag(op: &Op, arn: &str, tags: &Tags) -> Result<(), Refusal>;

    /// Removes tags.
    async fn untag(op: &Op, arn: &str, keys: &[&str]) -> Result<(), Refusal>;

    /// The member of the content that a tag of ours holds; null if nothing is known of it.
    fn told(tags: &Tags) -> (&'static str, Value);

    /// The object as the engine sees it, without tags: for a look, or as a list shows it.
    async fn see(op: &Op, found: Self::Found, look: Option<Reading>) -> Result<Observed, Refusal>;

    /// Creates one, or goes on with one that an unfinished create has made.
    async fn make(op: &Op, put: &Put<'_, Clients>) -> Result<Observed, Refusal>;

    /// Changes the one that was seen as `over`.
    async fn change(op: &Op, put: &Put<'_, Clients>, over: &Observed) -> Result<Observed, Refusal>;

    /// [`Kind::delete`].
    async fn delete(op: &Op, object: &Observed) -> Result<bool, Refusal>;
}

#[async_trait]
impl<T: OfAws> Kind<Clients> for Given<T> {
    fn name(&self) -> &'static str {
        T::NAME
    }

    fn identity(&self) -> Identity {
        Identity::Given
    }

    fn order(&self) -> u8 {
        0
    }

    fn fixed(&self) -> &'static [&'static str] {
        T::FIXED
    }

    fn moved_by(&self) -> &'static [&'static str] {
        T::MOVED_BY
    }

    fn is_rare(&self) -> bool {
        T::IS_RARE
    }

    fn differences(&self, desired: &Value, live: &Value) -> BTreeMap<String, Value> {
        T::differences(desired, live)
    }

    fn is_alike(&self, desired: &Value, live: &Value) -> bool {
        !T::is_over(live) && T::FIXED.iter().all(|member| desired[*member] == live[*member])
    }

    async fn look(&self, op: &Op, target: Target<'_>, reading: Reading) -> Result<Option<Observed>, Refusal> {
        let Some(arn) = target.uid else { return Ok(None) };
        let Some(found) = T::describe(op, arn, reading).await? else {
            return Ok(None);
        };
        let tags = match T::reads_tags(reading) {
            true => match T::tags(op, arn).await? {
                Some(tags) => Some(tags),
                // Deleted between the two.
                None => return Ok(None),
            },
            false => None,
        };
        let seen = T::see(op, found, Some(reading)).await?;
        Ok(Some(named::<T>(seen, target.name, tags.as_ref())))
    }

    /// A refresh finds none: what an operation has made is in the state, and what a killed create left behind, the next
    /// create finds.
    async fn of_owner(
        &self,
        op: &Op,
        owner: Option<&str>,
        like: Option<&Part<Clients>>,
        reading: Reading,
    ) -> Result<Vec<Observed>, Refusal> {
        let mut all = Vec::new();
        if reading == Reading::Shared {
            return Ok(all);
        }
        let since = Timestamp::now().checked_sub(LOOK_BACK).unwrap_or(Timestamp::MIN);
        for found in T::list(op).await? {
            let (arn, created_at) = T::facts(&found);
            let is_recent = created_at.is_some_and(|at| at >= since);
            if owner.is_some() && !is_recent && !T::may_be(&found, like) {
                continue;
            }
            let Some(tags) = T::tags(op, arn).await? else { continue };
            let is_free = like.is_some_and(|like| T::is_free(&found, like, &tags));
            if marks::is_of(&tags, owner) && !is_free {
                let name = like.map_or(marks::name(&tags).unwrap_or_default(), |part| &part.name);
                all.push(named::<T>(T::see(op, found, None).await?, name, Some(&tags)));
            }
        }
        Ok(all)
    }

    async fn put(&self, op: &Op, put: Put<'_, Clients>) -> Result<Observed, Refusal> {
        match put.over {
            None => T::make(op, &put).await,
            Some(over) => T::change(op, &put, over).await,
        }
    }

    async fn delete(&self, op: &Op, object: &Observed) -> Result<bool, Refusal> {
        T::delete(op, object).await
    }

    async fn release(&self, op: &Op, object: &Observed) -> Result<(), Refusal> {
        let tags = tags_of(object);
        T::untag(op, &object.uid, &marks::ours(&tags)).await
    }
}

/// The object with its name, and with what its tags say if they were read.
pub fn named<T: OfAws>(mut object: Observed, name: &str, tags: Option<&Tags>) -> Observed {
    name.clone_into(&mut object.name);
    if let (Some(tags), Some(members)) = (tags, object.content.as_object_mut()) {
        let (member, told) = T::told(tags);
        members.insert("tags".to_owned(), json!(tags));
        members.remove(member);
        members.extend(Some((member.to_owned(), told)).filter(|(_, told)| !told.is_null()));
        object.marks = Some(marks::marks(tags));
    }
    object
}

/// The tags that an object was seen with.
#[must_use]
pub fn tags_of(object: &Observed) -> Tags {
    serde_json::from_value(object.content["tags"].clone()).unwrap_or_default()
}

/// Sets the tags that differ from `wanted`, and says what is to be removed in the end.
pub async fn tag<T: OfAws>(
    op: &Op,
    put: &Put<'_, Clients>,
    arn: &str,
    (found, wanted): (&Tags, &Tags),
) -> Result<Change, Refusal> {
    let change = marks::written(op, put, found, wanted);
    T::tag(op, arn, &change.set).await?;
    Ok(change)
}

/// Removes what a change removes, ours last. Gives the tags afterwards.
pub async fn untag<T: OfAws>(op: &Op, arn: &str, found: &Tags, change: &Change) -> Result<Tags, Refusal> {
    let keys: Vec<&str> = change.remove.iter().map(String::as_str).collect();
    T::untag(op, arn, &keys).await?;
    Ok(change.apply(found))
}

/// Writes the tags of the object that was seen as `over`, and nothing else.
pub async fn retag<T: OfAws>(
    op: &Op,
    put: &Put<'_, Clients>,
    over: &Observed,
    (found, wanted): (&Tags, &Tags),
) -> Result<Observed, Refusal> {
    let change = tag::<T>(op, put, &over.uid, (found, wanted)).await?;
    let tags = untag::<T>(op, &over.uid, found, &change).await?;
    Ok(named::<T>(over.clone(), &put.part.name, Some(&tags)))
}
