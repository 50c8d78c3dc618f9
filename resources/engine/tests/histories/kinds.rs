//! Kinds of every sort: named by us and given by the remote, with and without create-only writes, made by a controller.

use std::collections::BTreeMap;

use async_trait::async_trait;
use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::kind::{Identity, Kind, Observed, Put, Reading, Target};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::{Part, Ready, digest};
use e2etls_engine::refusal::{Answer, Cause, Refusal};
use serde_json::Value;

use crate::world::{Gate, Object, Origin, Remote};

/// One sort of kind.
pub struct Sort {
    name: &'static str,
    identity: Identity,
    order: u8,
    /// A create fails if the object exists. Without it a write replaces what is there.
    create_only: bool,
}

pub static NAMED: Sort = Sort {
    name: "Named",
    identity: Identity::Named,
    order: 3,
    create_only: true,
};
pub static HOLDER: Sort = Sort {
    name: "Space",
    identity: Identity::Named,
    order: 0,
    create_only: true,
};
pub static UPSERT: Sort = Sort {
    name: "Upsert",
    identity: Identity::Named,
    order: 4,
    create_only: false,
};
pub static GIVEN: Sort = Sort {
    name: "Given",
    identity: Identity::Given,
    order: 2,
    create_only: true,
};
pub static MAKER: Sort = Sort {
    name: "Maker",
    identity: Identity::Named,
    order: 2,
    create_only: true,
};
pub static MADE: Sort = Sort {
    name: "Made",
    identity: Identity::Named,
    order: 1,
    create_only: true,
};

pub static KINDS: [&dyn Kind<Remote>; 6] = [&HOLDER, &NAMED, &UPSERT, &GIVEN, &MAKER, &MADE];

fn observed(object: &Object) -> Observed {
    let makes = object.content["secret"].as_str().filter(|_| object.kind == "Maker");
    Observed {
        name: object.name.clone(),
        uid: object.uid.clone(),
        content: object.content.clone(),
        marks: (object.kind != "Made").then(|| object.marks.clone()),
        outputs: BTreeMap::from([("uid".to_owned(), object.uid.clone())]),
        makes: makes.map(|name| format!("Made {name}")).into_iter().collect(),
        deleting: object.dying.map(|looks| format!("{looks} looks left")),
        managers: object.managers.values().cloned().collect(),
    }
}

impl Sort {
    fn refused(&self, answer: Answer, target: &str) -> Refusal {
        Refusal::new(answer, self.name, target, "refused")
    }

    /// Writes content and marks; conflicts where somebody else manages a member that differs.
    fn write_over(&self, object: &mut Object, put: &Put<'_, Remote>, create: usize) -> Result<(), Refusal> {
        let desired = put.part.content.as_object().cloned().unwrap_or_default();
        let may = |path: &str| {
            put.consent.force
                || put
                    .consent
                    .paths
                    .iter()
                    .any(|allowed| allowed.is_empty() || *allowed == path)
        };
        let causes: Vec<Cause> = desired
            .iter()
            .filter(|(member, value)| object.content.get(*member) != Some(value))
            .filter_map(|(member, _)| {
                let field = format!(".{member}");
                let manager = object.managers.get(member).filter(|_| !may(&field))?.clone();
                Some(Cause { field, manager })
            })
            .collect();
        if !causes.is_empty() {
            return Err(self.refused(Answer::Conflict(causes), &object.name));
        }
        if let Some(shape) = desired.get("shape")
            && object.content.get("shape") != Some(shape)
        {
            return Err(self.refused(Answer::Invalid, &object.name));
        }
        for (member, value) in &desired {
            object.content[member] = value.clone();
            object.managers.remove(member);
        }
        object.marks = put.marks.clone();
        if let Origin::Create(by) = &mut object.origin {
            *by = create;
        }
        Ok(())
    }

    async fn create(&self, op: &Operation<Remote>, put: &Put<'_, Remote>, gate: Gate) -> Result<Observed, Refusal> {
        let name = &put.part.name;
        let made = {
            let mut state = op.remotes.lock();
            if matches!(gate, Gate::Appear) && self.create_only && state.named(self.name, name).is_none() {
                state.add_foreign(self.name, name);
            }
            let create = state.create;
            match state.named(self.name, name) {
                Some(_) if self.create_only => return Err(self.refused(Answer::Exists, name)),
                Some(object) => {
                    if object.origin == Origin::Foreign {
                        let words = format!("{} {name} of somebody else was overwritten", self.name);
                        state.violations.push(words);
                        return Err(self.refused(Answer::Invalid, name));
                    }
                    self.write_over(object, put, create)?;
                    observed(object)
                }
                None => {
                    let origin = Origin::Create(state.create);
                    let content = put.part.content.clone();
                    let uid = state.add(self.name, name, content, put.marks.clone(), origin);
                    state.by_uid(&uid).map(|object| observed(object)).unwrap_or_default()
                }
            }
        };
        op.remotes.lock().reconcile();
        op.remotes.after(gate, "create", name, made).await
    }

    /// As AWS does: the token gives what it gave before, also if that is gone.
    async fn request(&self, op: &Operation<Remote>, put: &Put<'_, Remote>) -> Result<Observed, Refusal> {
        let mut salt = String::new();
        loop {
            let gate = op.remotes.gate(self.name, "request", &put.part.name, true).await?;
            let fixed = digest(&put.part.content["shape"]);
            let token = format!("{:?}/{:?}/{fixed}/{salt}", put.marks.owner, put.marks.address);
            let (uid, is_new) = {
                let mut state = op.remotes.lock();
                match state.tokens.get(&token).cloned() {
                    Some(uid) => (uid, false),
                    None => {
                        let origin = Origin::Create(state.create);
                        // What can change is set by a second request.
                        let content = serde_json::json!({"shape": put.part.content["shape"]});
                        let uid = state.add(self.name, &put.part.name, content, put.marks.clone(), origin);
                        state.tokens.insert(token, uid.clone());
                        (uid, true)
                    }
                }
            };
            let uid = op.remotes.after(gate, "request", &put.part.name, uid).await?;
            op.remotes.gate(self.name, "describe", &uid, false).await?;
            let found = op
                .remotes
                .lock()
                .by_uid(&uid)
                .filter(|object| !object.dead && object.dying.is_none())
                .map(|object| observed(object));
            match found {
                Some(found) if is_new || found.marks.as_ref().is_some_and(|marks| put.may_adopt(marks)) => {
                    return self.settle(op, put, &found).await;
                }
                _ => salt = uid,
            }
        }
    }

    async fn settle(
        &self,
        op: &Operation<Remote>,
        put: &Put<'_, Remote>,
        over: &Observed,
    ) -> Result<Observed, Refusal> {
        let gate = op.remotes.gate(self.name, "settle", &over.uid, true).await?;
        let settled = {
            let mut state = op.remotes.lock();
            let create = state.create;
            if let (Gate::Vanish, Some(object)) = (&gate, state.by_uid(&over.uid)) {
                object.dead = true;
            }
            let object = state.by_uid(&over.uid).filter(|object| !object.dead);
            let object = object.ok_or_else(|| self.refused(Answer::Absent, &over.uid))?;
            self.write_over(object, put, create)?;
            observed(object)
        };
        op.remotes.lock().reconcile();
        op.remotes.after(gate, "settle", &over.uid, settled).await
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
        &["shape"]
    }

    fn differences(&self, desired: &Value, live: &Value) -> BTreeMap<String, Value> {
        let members = desired.as_object().into_iter().flatten();
        members
            .filter(|(member, value)| live.get(*member) != Some(value))
            .map(|(member, _)| (format!(".{member}"), live[member].clone()))
            .collect()
    }

    async fn look(&self, op: &Operation<Remote>, target: Target<'_>, _: Reading) -> Result<Option<Observed>, Refusal> {
        op.remotes.gate(self.name, "look", target.name, false).await?;
        let mut state = op.remotes.lock();
        let object = match (self.identity, target.uid) {
            (Identity::Given, uid) => state.by_uid(uid.unwrap_or_default()).filter(|object| !object.dead),
            (Identity::Named, _) => state.named(self.name, target.name),
        };
        let Some(object) = object else { return Ok(None) };
        let seen = observed(object);
        if let Some(looks) = &mut object.dying {
            *looks -= 1;
            object.dead = *looks == 0;
        }
        object.idle = object.idle.saturating_sub(1);
        Ok(Some(seen))
    }

    async fn of_owner(
        &self,
        op: &Operation<Remote>,
        owner: Option<&str>,
        _: Option<&Part<Remote>>,
        _: Reading,
    ) -> Result<Vec<Observed>, Refusal> {
        op.remotes.gate(self.name, "search", self.name, false).await?;
        let mut state = op.remotes.lock();
        let mut found = Vec::new();
        for object in state
            .objects
            .iter_mut()
            .filter(|object| object.kind == self.name && !object.dead)
        {
            let named = match owner {
                Some(owner) => object.marks.owner.as_deref() == Some(owner),
                None => object.marks.owner.is_some(),
            };
            if named && object.hidden > 0 {
                object.hidden -= 1;
            } else if named {
                found.push(observed(object));
            }
        }
        Ok(found)
    }

    async fn put(&self, op: &Operation<Remote>, put: Put<'_, Remote>) -> Result<Observed, Refusal> {
        match (self.identity, put.over) {
            (Identity::Given, None) => self.request(op, &put).await,
            (Identity::Named, None) => {
                let gate = op.remotes.gate(self.name, "create", &put.part.name, true).await?;
                self.create(op, &put, gate).await
            }
            (_, Some(over)) => self.settle(op, &put, over).await,
        }
    }

    async fn holds(&self, op: &Operation<Remote>, object: &Observed) -> Result<Vec<String>, Refusal> {
        if self.name != "Space" {
            return Ok(Vec::new());
        }
        op.remotes.gate(self.name, "holds", &object.name, false).await?;
        let state = op.remotes.lock();
        let inside = state
            .living()
            .filter(|other| other.content["space"] == object.name.as_str());
        Ok(inside
            .filter(|other| other.origin == Origin::Foreign)
            .map(|other| other.name.clone())
            .collect())
    }

    async fn delete(&self, op: &Operation<Remote>, object: &Observed) -> Result<bool, Refusal> {
        let gate = op.remotes.gate(self.name, "delete", &object.name, true).await?;
        let gone = {
            let mut state = op.remotes.lock();
            let slow = state.slow;
            if let (Gate::Vanish, Some(object)) = (&gate, state.by_uid(&object.uid)) {
                object.dead = true;
            }
            let found = match self.identity {
                Identity::Named => state.named(self.name, &object.name),
                Identity::Given => state.by_uid(&object.uid).filter(|object| !object.dead),
            };
            let found = found.ok_or_else(|| self.refused(Answer::Absent, &object.name))?;
            if found.uid != object.uid {
                return Err(self.refused(Answer::Conflict(Vec::new()), &object.name));
            }
            let foreign = found.origin == Origin::Foreign;
            let words = format!("{} {} of somebody else was deleted", found.kind, found.name);
            if found.dying.is_none() {
                found.dying = (slow > 0).then_some(slow);
            }
            found.dead = found.dying.is_none();
            let gone = found.dead;
            if foreign {
                state.violations.push(words);
            }
            gone
        };
        op.remotes.after(gate, "delete", &object.name, gone).await
    }

    async fn release(&self, op: &Operation<Remote>, object: &Observed) -> Result<(), Refusal> {
        let gate = op.remotes.gate(self.name, "release", &object.name, true).await?;
        if let Some(found) = op.remotes.lock().by_uid(&object.uid) {
            found.marks = e2etls_engine::marks::Marks::default();
        }
        op.remotes.after(gate, "release", &object.name, ()).await
    }
}

/// Works after a few looks.
pub struct Works;

#[async_trait]
impl Ready<Remote> for Works {
    async fn wait(&self, op: &Operation<Remote>, part: &Part<Remote>, object: &Observed) -> Result<(), Failure> {
        let Some(kind) = part.kind else {
            return self.all(op, part).await;
        };
        let uid = object.uid.clone();
        let remote = op.remotes.clone();
        let works = |seen: Option<&Observed>| match seen {
            Some(seen) if is_idle(&remote, &seen.uid) => Err("idle".to_owned()),
            Some(_) => Ok(()),
            None => Err("absent".to_owned()),
        };
        op.until(kind, part.target(Some(&uid)), "does not work", works).await
    }

    async fn works(
        &self,
        op: &Operation<Remote>,
        part: &Part<Remote>,
        object: &Observed,
    ) -> Result<Option<bool>, Refusal> {
        op.remotes.gate("", "works", &part.name, false).await?;
        Ok(Some(part.kind.is_none() || !is_idle(&op.remotes, &object.uid)))
    }
}

impl Works {
    /// Without an object of its own: one request.
    async fn all(&self, op: &Operation<Remote>, part: &Part<Remote>) -> Result<(), Failure> {
        let asked = op.bounded(op.remotes.gate("", "works", &part.name, false)).await;
        let refused = |refusal| Failure {
            address: String::new(),
            reference: part.reference(),
            trouble: Trouble::Refused { refusal, lasting: 0 },
        };
        asked.map(drop).map_err(refused)
    }
}

fn is_idle(remote: &Remote, uid: &str) -> bool {
    remote.lock().by_uid(uid).is_some_and(|object| object.idle > 0)
}
