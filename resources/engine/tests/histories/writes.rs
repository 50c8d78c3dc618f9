//! How the kinds in memory write.

use e2etls_engine::kind::{Kind, Observed, Put};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::digest;
use e2etls_engine::refusal::{Answer, Cause, Refusal};
use serde_json::json;

use crate::gate::Gate;
use crate::kinds::Sort;
use crate::tally::Invariant;
use crate::world::{Object, Origin, Remote, State};

impl Sort {
    /// Fails where somebody else manages a member that differs, or where content can't change in place.
    fn may_write(&self, object: &Object, put: &Put<'_, Remote>) -> Result<(), Refusal> {
        let consented = |path: &str| {
            let mut paths = put.consent.paths.iter();
            put.consent.force || paths.any(|allowed| allowed.is_empty() || *allowed == path)
        };
        let desired = put.part.content.as_object().into_iter().flatten();
        let causes: Vec<Cause> = desired
            .filter(|(member, value)| object.content.get(*member) != Some(value))
            .filter_map(|(member, _)| {
                let field = format!(".{member}");
                let manager = object.managers.get(member).filter(|_| !consented(&field))?.clone();
                Some(Cause { field, manager })
            })
            .collect();
        if !causes.is_empty() {
            return Err(self.refused(Answer::Conflict(causes), &object.name));
        }
        let fixed = self.fixed().iter();
        if fixed
            .into_iter()
            .all(|member| object.content[*member] == put.part.content[*member])
        {
            return Ok(());
        }
        Err(self.refused(Answer::Invalid, &object.name))
    }

    /// Writes content and marks.
    fn write_over(&self, state: &mut State, uid: &str, put: &Put<'_, Remote>) -> Result<Observed, Refusal> {
        let slow = state.slow;
        let object = state.by_uid(uid).filter(|object| !object.dead);
        let object = object.ok_or_else(|| self.refused(Answer::Absent, uid))?;
        self.may_write(object, put)?;
        for (member, value) in put.part.content.as_object().into_iter().flatten() {
            // Set back to what was proven, it counts as proven.
            if object.content.get(member) != Some(value) && !object.managers.contains_key(member) {
                object.idle = slow;
            }
            object.content[member] = value.clone();
            object.managers.remove(member);
        }
        object.marks = put.marks.clone();
        object.kept = put.part.role == e2etls_engine::part::Role::Keep;
        let seen = object.observed();
        state.write(uid);
        state.reconcile();
        Ok(seen)
    }

    fn add(&self, state: &mut State, put: &Put<'_, Remote>, content: serde_json::Value) -> Observed {
        let origin = state.actor.life.map_or(Origin::Foreign, Origin::Ours);
        let uid = state.add(self.name, &put.part.name, content, put.marks.clone(), origin);
        let Some(object) = state.by_uid(&uid) else {
            return Observed::default();
        };
        object.kept = put.part.role == e2etls_engine::part::Role::Keep;
        let seen = object.observed();
        state.reconcile();
        seen
    }

    pub(crate) async fn create(&self, op: &Operation<Remote>, put: &Put<'_, Remote>) -> Result<Observed, Refusal> {
        let name = &put.part.name;
        let call = self.call("create", name);
        let gate = op.remotes.gate(call).await?;
        let made = {
            let mut state = op.remotes.lock();
            let there = state.named(self.name, name).map(|object| object.uid.clone());
            match there {
                None if gate == Gate::Appear => {
                    state.add_foreign(self.name, name, json!({"shape": "round", "value": "foreign"}));
                    return Err(self.refused(Answer::Exists, name));
                }
                None => self.add(&mut state, put, put.part.content.clone()),
                Some(_) if self.create_only => return Err(self.refused(Answer::Exists, name)),
                Some(uid) => self.write_over(&mut state, &uid, put)?,
            }
        };
        op.remotes.after(gate, call, made).await
    }

    /// As AWS does: the token gives what it gave before, also if that is gone.
    pub(crate) async fn request(&self, op: &Operation<Remote>, put: &Put<'_, Remote>) -> Result<Observed, Refusal> {
        // An earlier attempt of this write has made it.
        if let Some(made) = put.made.object() {
            return self.settle(op, put, &made).await;
        }
        let mut salt = String::new();
        loop {
            let call = self.call("request", &put.part.name);
            let gate = op.remotes.gate(call).await?;
            let content = json!({"shape": put.part.content["shape"], "root": put.part.content["root"]});
            let fixed = digest(&content);
            let token = format!("{:?}/{:?}/{fixed}/{salt}", put.marks.owner, put.marks.address);
            let (uid, is_new) = {
                let mut state = op.remotes.lock();
                match state.tokens.get(&token).cloned() {
                    Some(uid) => (uid, false),
                    None => {
                        // What can change is set by a second request.
                        let uid = self.add(&mut state, put, content).uid;
                        state.tokens.insert(token, uid.clone());
                        (uid, true)
                    }
                }
            };
            let uid = op.remotes.after(gate, call, uid).await?;
            op.remotes.gate(self.call("describe", &uid)).await?;
            let found = {
                let mut state = op.remotes.lock();
                let found = state.by_uid(&uid).filter(|object| object.is_there());
                found.map(|object| object.observed())
            };
            let may_adopt = |found: &Observed| found.marks.as_ref().is_some_and(|marks| put.may_adopt(marks));
            match found {
                Some(found) if is_new || may_adopt(&found) => {
                    put.made.tell(found.clone());
                    return self.settle(op, put, &found).await;
                }
                _ => salt = uid,
            }
        }
    }

    pub(crate) async fn settle(
        &self,
        op: &Operation<Remote>,
        put: &Put<'_, Remote>,
        over: &Observed,
    ) -> Result<Observed, Refusal> {
        let call = self.call("settle", &over.name).of(&over.uid);
        let gate = op.remotes.gate(call).await?;
        let settled = {
            let mut state = op.remotes.lock();
            if gate == Gate::Vanish {
                state.vanish(&over.uid);
            }
            let idle = state.by_uid(&over.uid).map_or(0, |object| object.idle);
            if let (Gate::Edit, Some(object)) = (gate, state.by_uid(&over.uid)) {
                object.edit();
            }
            let settled = self.write_over(&mut state, &over.uid, put)?;
            // What was changed and changed back at once works as before.
            if let (Gate::Edit, Some(object)) = (gate, state.by_uid(&over.uid)) {
                object.idle = idle;
            }
            settled
        };
        op.remotes.after(gate, call, settled).await
    }
}

impl State {
    /// The object's marks go; it is nobody's then.
    pub fn release(&mut self, uid: &str) {
        let Some(object) = self.objects.iter().find(|object| object.uid == uid).cloned() else {
            return;
        };
        let nobodys = object.kept || object.imported.is_some() || object.kind == "Space";
        let marked = object.marks.owner.is_some();
        if marked && !nobodys {
            let words = format!("released what was made: {} {}", object.kind, object.name);
            self.violations.push(Invariant::NothingForeign.broken(words));
        }
        if let Some(object) = self.by_uid(uid) {
            object.marks = e2etls_engine::marks::Marks::default();
            object.given_up |= matches!(object.origin, Origin::Ours(_));
            object.origin = Origin::Foreign;
            object.imported = None;
        }
    }
}
