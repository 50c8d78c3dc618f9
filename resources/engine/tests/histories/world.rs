//! The remote, in memory: objects, who made them, and what goes wrong with which request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use e2etls_engine::marks::Marks;
use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::{Value, json};
use tokio::sync::Notify;

/// Who made an object. The truth, whatever its marks say.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// Somebody else.
    Foreign,
    /// A create of ours, by number; see [`State::finished`].
    Create(usize),
    /// A controller, for the object of this uid.
    Controller(String),
}

#[derive(Clone, Debug)]
pub struct Object {
    pub kind: &'static str,
    pub name: String,
    pub uid: String,
    pub content: Value,
    pub marks: Marks,
    /// Members that somebody else manages.
    pub managers: BTreeMap<String, String>,
    /// Looks until a deletion is through.
    pub dying: Option<u32>,
    /// Searches until it is listed.
    pub hidden: u32,
    /// Looks until it works.
    pub idle: u32,
    pub origin: Origin,
    /// A given object that is gone stays known to its token.
    pub dead: bool,
}

impl Object {
    /// Somebody else changes it by hand.
    pub fn edit(&mut self) {
        self.content["value"] = "edited".into();
        self.managers.insert("value".to_owned(), "somebody".to_owned());
    }
}

/// What happens at one request.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The process ends before the remote hears of it.
    KillBefore,
    /// The process ends after the remote has carried it out.
    KillAfter,
    /// The remote refuses.
    Refuse(Answer),
    /// The remote refuses this request and all that follow.
    RefuseFrom(Answer),
    /// The remote carries it out, and the answer is lost.
    Lost,
    /// The remote never answers.
    Silent,
    /// Somebody makes an object of this name at the moment of the write.
    Appear,
    /// Somebody deletes the object at the moment of the write.
    Vanish,
}

#[derive(Default)]
pub struct State {
    pub objects: Vec<Object>,
    pub tokens: BTreeMap<String, String>,
    /// Number of requests of the running operation.
    pub calls: usize,
    pub writes: usize,
    pub fault: Option<(usize, Fault)>,
    pub struck: bool,
    /// The create that runs now.
    pub create: usize,
    uids: usize,
    /// Violations that the remote itself sees.
    pub violations: Vec<String>,
    /// A kind that is not served: its objects went with it.
    pub unserved: Option<&'static str>,
    /// How slow deletions, lists and readiness are.
    pub slow: u32,
}

#[derive(Default)]
pub struct World {
    pub state: Mutex<State>,
    pub killed: Notify,
}

pub type Remote = Arc<World>;

/// What the gate lets through.
pub enum Gate {
    Pass,
    /// The effect happens, the answer is lost.
    Lost,
    /// The effect happens, then the process ends.
    KillAfter,
    /// Somebody makes the object first.
    Appear,
    /// Somebody deletes the object first.
    Vanish,
}

impl World {
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Counts a request and says what happens to it.
    pub async fn gate(&self, kind: &str, operation: &str, target: &str, mutating: bool) -> Result<Gate, Refusal> {
        tokio::task::yield_now().await;
        if self.lock().unserved == Some(kind) {
            return Err(Refusal::new(Answer::KindMissing, operation, target, "no such kind"));
        }
        let fault = {
            let mut state = self.lock();
            state.calls += 1;
            state.writes += usize::from(mutating);
            let now = state.calls;
            match state.fault.clone() {
                Some((at, Fault::RefuseFrom(answer))) if now >= at => {
                    state.struck = true;
                    Some(Fault::Refuse(answer))
                }
                Some((at, fault)) if now == at => {
                    state.struck = true;
                    Some(fault)
                }
                _ => None,
            }
        };
        match fault {
            None => Ok(Gate::Pass),
            Some(Fault::KillBefore) => self.die().await,
            Some(Fault::KillAfter) if !mutating => self.die().await,
            Some(Fault::KillAfter) => Ok(Gate::KillAfter),
            Some(Fault::Lost) if mutating => Ok(Gate::Lost),
            Some(Fault::Appear) if mutating => Ok(Gate::Appear),
            Some(Fault::Vanish) if mutating => Ok(Gate::Vanish),
            Some(Fault::Lost | Fault::Appear | Fault::Vanish) => Ok(Gate::Pass),
            Some(Fault::Silent) => std::future::pending().await,
            Some(Fault::Refuse(answer) | Fault::RefuseFrom(answer)) => {
                Err(Refusal::new(answer, operation, target, "injected"))
            }
        }
    }

    /// What is answered once the effect has happened.
    pub async fn after<T>(&self, gate: Gate, operation: &str, target: &str, answer: T) -> Result<T, Refusal> {
        match gate {
            Gate::Pass | Gate::Appear | Gate::Vanish => Ok(answer),
            Gate::Lost => Err(Refusal::new(
                Answer::OutcomeUnknown,
                operation,
                target,
                "the answer was lost",
            )),
            Gate::KillAfter => self.die().await,
        }
    }

    async fn die<T>(&self) -> T {
        self.killed.notify_one();
        std::future::pending().await
    }
}

impl State {
    pub fn uid(&mut self) -> String {
        self.uids += 1;
        format!("u{}", self.uids)
    }

    pub fn living(&self) -> impl Iterator<Item = &Object> {
        self.objects.iter().filter(|object| !object.dead)
    }

    pub fn named(&mut self, kind: &str, name: &str) -> Option<&mut Object> {
        self.objects
            .iter_mut()
            .find(|object| !object.dead && object.kind == kind && object.name == name)
    }

    pub fn by_uid(&mut self, uid: &str) -> Option<&mut Object> {
        self.objects.iter_mut().find(|object| object.uid == uid)
    }

    /// Adds an object.
    pub fn add(&mut self, kind: &'static str, name: &str, content: Value, marks: Marks, origin: Origin) -> String {
        let uid = self.uid();
        self.objects.push(Object {
            kind,
            name: name.to_owned(),
            uid: uid.clone(),
            content,
            marks,
            managers: BTreeMap::new(),
            dying: None,
            hidden: if kind == "Given" { self.slow } else { 0 },
            idle: self.slow,
            origin,
            dead: false,
        });
        uid
    }

    /// Somebody else's object, all of whose members somebody else manages.
    pub fn add_foreign(&mut self, kind: &'static str, name: &str) {
        let content = json!({"shape": "round", "value": "foreign"});
        self.add(kind, name, content, Marks::default(), Origin::Foreign);
        if let Some(object) = self.objects.last_mut() {
            for member in ["shape", "value"] {
                object.managers.insert(member.to_owned(), "somebody".to_owned());
            }
        }
    }

    /// A controller does its part: it makes what makers ask for.
    pub fn reconcile(&mut self) {
        let wanted: Vec<(String, String)> = self
            .living()
            .filter(|object| object.kind == "Maker" && object.dying.is_none())
            .filter_map(|object| Some((object.uid.clone(), object.content["secret"].as_str()?.to_owned())))
            .collect();
        for (maker, name) in wanted {
            match self.named("Made", &name) {
                None => {
                    self.add("Made", &name, json!({}), Marks::default(), Origin::Controller(maker));
                }
                Some(Object {
                    origin: Origin::Foreign,
                    content,
                    ..
                }) if content["overwritten"].is_null() => {
                    content["overwritten"] = true.into();
                    self.violations
                        .push(format!("Made {name} of somebody else was overwritten by a controller"));
                }
                Some(_) => {}
            }
        }
    }
}
