//! Kinds of every sort: named by us and given by the remote, with and without create-only writes, made by a controller, a
//! space for others.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use e2etls_engine::kind::{Identity, Kind, Observed, Put, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::Value;
use tokio::time::Instant;

use crate::gate::{Call, Gate};
use crate::world::{Object, Origin, Remote};

/// One sort of kind.
pub struct Sort {
    pub(crate) name: &'static str,
    pub(crate) identity: Identity,
    order: u8,
    /// A create fails if the object exists. Without it a write replaces what is there.
    pub(crate) create_only: bool,
}

const fn sort(name: &'static str, identity: Identity, order: u8) -> Sort {
    Sort {
        name,
        identity,
        order,
        create_only: true,
    }
}

pub static NAMED: Sort = sort("Named", Identity::Named, 3);
pub static SPACE: Sort = sort("Space", Identity::Named, 0);
pub static UPSERT: Sort = Sort {
    create_only: false,
    ..sort("Upsert", Identity::Named, 4)
};
pub static GIVEN: Sort = sort("Given", Identity::Given, 2);
pub static MAKER: Sort = sort("Maker", Identity::Named, 2);
pub static MADE: Sort = sort("Made", Identity::Named, 1);

pub static KINDS: [&dyn Kind<Remote>; 6] = [&SPACE, &NAMED, &UPSERT, &GIVEN, &MAKER, &MADE];

impl Sort {
    pub(crate) fn refused(&self, answer: Answer, target: &str) -> Refusal {
        Refusal::new(answer, self.name, target, "refused")
    }

    pub(crate) fn call<'a>(&self, verb: &'static str, name: &'a str) -> Call<'a> {
        Call {
            kind: self.name,
            verb,
            name,
            uid: None,
            waits: false,
        }
    }

    fn means(&self, object: &Object, target: Target<'_>) -> bool {
        let same = match self.identity {
            Identity::Given => Some(object.uid.as_str()) == target.uid,
            Identity::Named => object.name == target.name,
        };
        !object.dead && object.kind == self.name && same
    }

    /// Counts the answer in the cell of whose the object is, as it was before.
    async fn counted<T>(
        &self,
        op: &Operation<Remote>,
        target: Target<'_>,
        request: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        let whose = {
            let state = op.remotes.lock();
            state.whose(state.objects.iter().find(|object| self.means(object, target)))
        };
        let answered = request.await;
        let answer = answered.as_ref().err().map(|refusal| &refusal.answer);
        op.remotes.lock().cells.count(op.asked, whose, answer);
        answered
    }

    async fn look_at(
        &self,
        op: &Operation<Remote>,
        target: Target<'_>,
        reading: Reading,
    ) -> Result<Option<Observed>, Refusal> {
        let waits = reading == Reading::Watched;
        let call = Call {
            waits,
            uid: target.uid,
            ..self.call("look", target.name)
        };
        let gate = op.remotes.gate(call).await;
        let mut state = op.remotes.lock();
        if self.name == "Made" && matches!(&gate, Err(refusal) if matches!(refusal.answer, Answer::Forbidden(_))) {
            state.unseen(target.name);
        }
        gate?;
        let object = state.objects.iter_mut().find(|object| self.means(object, target));
        let Some(object) = object else { return Ok(None) };
        let seen = object.observed();
        if let Some(looks) = &mut object.dying {
            *looks -= 1;
            object.dead = *looks == 0;
        }
        object.idle = object.idle.saturating_sub(1);
        Ok(Some(seen))
    }

    async fn list(&self, op: &Operation<Remote>, reading: Reading) -> Result<Vec<Observed>, Refusal> {
        op.remotes.gate(self.call("search", self.name)).await?;
        let now = Instant::now();
        let mut state = op.remotes.lock();
        let known = state.lists.get(self.name).filter(|(time, _)| match reading {
            Reading::Run => true,
            Reading::Shared => now.duration_since(*time) <= Duration::from_secs(2),
            Reading::After(moment) => *time > moment,
            Reading::Watched | Reading::Fresh => false,
        });
        if let Some((_, list)) = known {
            return Ok(list.clone());
        }
        let lag = state.lag;
        let listed = state.living().filter(|object| {
            // Where we name objects, lists do not lag behind looks.
            let shows = self.identity == Identity::Named || now.duration_since(object.created) >= lag;
            object.kind == self.name && object.marks.owner.is_some() && shows
        });
        let list: Vec<Observed> = listed.map(Object::observed).collect();
        state.lists.insert(self.name.to_owned(), (now, list.clone()));
        Ok(list)
    }

    async fn remove(&self, op: &Operation<Remote>, object: &Observed) -> Result<bool, Refusal> {
        let call = self.call("delete", &object.name).of(&object.uid);
        let gate = match op.remotes.gate(call).await {
            // Without the permission it is left to the user, with a warning.
            Err(refusal) if matches!(refusal.answer, Answer::Forbidden(_)) && self.name == "Made" => {
                if let Some(object) = op.remotes.lock().by_uid(&object.uid) {
                    object.origin = Origin::Foreign;
                    object.given_up = true;
                }
                return Err(refusal);
            }
            gate => gate?,
        };
        let target = Target {
            name: &object.name,
            uid: Some(&object.uid),
        };
        let gone = {
            let mut state = op.remotes.lock();
            if gate == Gate::Vanish {
                state.vanish(&object.uid);
            }
            let found = state.objects.iter().find(|object| self.means(object, target));
            let found = found.ok_or_else(|| self.refused(Answer::Absent, &object.name))?;
            if found.uid != object.uid {
                return Err(self.refused(Answer::Conflict(Vec::new()), &object.name));
            }
            let slow = state.slow;
            state.delete(&object.uid);
            let Some(found) = state.by_uid(&object.uid) else {
                return Ok(true);
            };
            found.dying = found.dying.or((slow > 0).then_some(slow));
            found.dead = found.dying.is_none();
            found.dead
        };
        op.remotes.after(gate, call, gone).await
    }

    async fn give_up(&self, op: &Operation<Remote>, object: &Observed) -> Result<(), Refusal> {
        let call = self.call("release", &object.name).of(&object.uid);
        let gate = op.remotes.gate(call).await?;
        if gate == Gate::Vanish {
            op.remotes.lock().vanish(&object.uid);
            return Err(self.refused(Answer::Absent, &object.name));
        }
        op.remotes.lock().release(&object.uid);
        op.remotes.after(gate, call, ()).await
    }
}

#[async_trait]
impl Kind<Remote> for Sort {
    fn name(&self) -> &'static str {
        self.name
    }

    fn identity(&self) -> Identity {
        self.identity
    }

    fn order(&self) -> u8 {
        self.order
    }

    fn fixed(&self) -> &'static [&'static str] {
        match self.identity {
            Identity::Given => &["shape", "root"],
            Identity::Named => &["shape"],
        }
    }

    fn is_space(&self) -> bool {
        self.name == "Space"
    }

    fn differences(&self, desired: &Value, live: &Value) -> BTreeMap<String, Value> {
        let members = desired.as_object().into_iter().flatten();
        members
            .filter(|(member, value)| live.get(*member) != Some(value))
            .map(|(member, _)| (format!(".{member}"), live[member].clone()))
            .collect()
    }

    async fn look(
        &self,
        op: &Operation<Remote>,
        target: Target<'_>,
        reading: Reading,
    ) -> Result<Option<Observed>, Refusal> {
        self.counted(op, target, self.look_at(op, target, reading)).await
    }

    async fn of_owner(
        &self,
        op: &Operation<Remote>,
        owner: Option<&str>,
        _: Option<&Part<Remote>>,
        reading: Reading,
    ) -> Result<Vec<Observed>, Refusal> {
        let mut found = self.list(op, reading).await?;
        let of_owner = |object: &Observed| {
            let marks = object.marks.as_ref();
            owner.is_none() || marks.and_then(|marks| marks.owner.as_deref()) == owner
        };
        found.retain(of_owner);
        Ok(found)
    }

    async fn put(&self, op: &Operation<Remote>, put: Put<'_, Remote>) -> Result<Observed, Refusal> {
        let uid = put.over.map(|object| object.uid.as_str());
        let target = Target {
            name: &put.part.name,
            uid,
        };
        let write = async {
            match (self.identity, put.over) {
                (Identity::Given, None) => self.request(op, &put).await,
                (Identity::Named, None) => self.create(op, &put).await,
                (_, Some(over)) => self.settle(op, &put, over).await,
            }
        };
        self.counted(op, target, write).await
    }

    async fn holds(&self, op: &Operation<Remote>, object: &Observed) -> Result<Vec<String>, Refusal> {
        op.remotes.gate(self.call("holds", &object.name)).await?;
        let state = op.remotes.lock();
        let inside = state
            .living()
            .filter(|other| other.content["space"] == object.name.as_str() && other.origin == Origin::Foreign);
        Ok(inside.map(|other| other.name.clone()).collect())
    }

    async fn delete(&self, op: &Operation<Remote>, object: &Observed) -> Result<bool, Refusal> {
        let target = Target {
            name: &object.name,
            uid: Some(&object.uid),
        };
        self.counted(op, target, self.remove(op, object)).await
    }

    async fn release(&self, op: &Operation<Remote>, object: &Observed) -> Result<(), Refusal> {
        let target = Target {
            name: &object.name,
            uid: Some(&object.uid),
        };
        self.counted(op, target, self.give_up(op, object)).await
    }
}
