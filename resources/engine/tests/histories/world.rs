//! The remote, in memory: objects, and the truth about who made them, whatever their marks say.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use e2etls_engine::kind::Observed;
use e2etls_engine::marks::{Creating, Marks};
use e2etls_engine::ownership::{Ownership, Who, ownership};
use e2etls_engine::table::Asked;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::cells::Cells;
use crate::gate::Armed;
use crate::random::Random;
use crate::tally::{Tally, Violation};

/// Who made an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// Somebody else.
    Foreign,
    /// A resource of ours, by its life: see [`State::lives`].
    Ours(usize),
    /// A controller, for the object of this uid.
    Controller(String),
}

/// A resource from its create on, under one instance.
#[derive(Clone, Debug)]
pub struct Life {
    pub owner: String,
    pub instance: String,
    /// Its create has come to its end.
    pub finished: bool,
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
    pub created: Instant,
    /// Looks until it works.
    pub idle: u32,
    pub origin: Origin,
    /// The finished life that an unfinished one has taken it from.
    pub taken: Option<usize>,
    /// The host that was told by its user to manage it, though it is somebody else's.
    pub imported: Option<usize>,
    /// Made for a part that outlives its resource.
    pub kept: bool,
    /// Somebody who needed to look at it was not permitted to, or has lost the state that told of it.
    pub unseen: bool,
    /// It was ours, and was given up.
    pub given_up: bool,
    /// A given object that is gone stays known to its token.
    pub dead: bool,
}

impl Object {
    pub fn is_there(&self) -> bool {
        !self.dead && self.dying.is_none()
    }

    /// Name of what its controller makes for it.
    pub fn secret(&self) -> Option<&str> {
        self.content["secret"].as_str().filter(|_| self.kind == "Maker")
    }

    /// Somebody else changes it by hand.
    pub fn edit(&mut self) {
        self.content["value"] = "edited".into();
        self.managers.insert("value".to_owned(), "somebody".to_owned());
    }

    pub fn observed(&self) -> Observed {
        Observed {
            name: self.name.clone(),
            uid: self.uid.clone(),
            content: self.content.clone(),
            marks: (self.kind != "Made").then(|| self.marks.clone()),
            outputs: BTreeMap::from([("uid".to_owned(), self.uid.clone())]),
            makes: self.secret().map(|name| format!("Made {name}")).into_iter().collect(),
            deleting: self.dying.map(|looks| format!("{looks} looks left")),
            managers: self.managers.values().cloned().collect(),
        }
    }
}

/// Who works on the remote now, and what it may do.
#[derive(Clone, Debug)]
pub struct Actor {
    pub asked: Asked,
    pub host: usize,
    /// The life that it makes or changes; `leftovers` has none.
    pub life: Option<usize>,
    pub owner: String,
    pub instance: String,
    /// The user said `create_before_destroy`.
    pub replacing: bool,
    /// What the state knows: uid, and whether it was made by the resource.
    pub known: Vec<(String, bool)>,
}

pub struct State {
    pub objects: Vec<Object>,
    pub lives: Vec<Life>,
    pub tokens: BTreeMap<String, String>,
    pub actor: Actor,
    /// Number of requests of the running process.
    pub calls: usize,
    pub armed: Option<Armed>,
    /// While the process ran, somebody deleted an object that bore a mark.
    pub mark_vanished: bool,
    /// The host asks the running process to stop.
    pub stop: CancellationToken,
    pub random: Random,
    uids: usize,
    /// Violations that the remote itself sees.
    pub violations: Vec<Violation>,
    pub tally: Tally,
    /// A kind that is not served: its objects went with it.
    pub unserved: Option<&'static str>,
    /// Looks until a deletion is through, and until an object works.
    pub slow: u32,
    /// After how long a list shows what was made.
    pub lag: Duration,
    /// Lists of the running process, with their time.
    pub lists: BTreeMap<String, (Instant, Vec<Observed>)>,
    pub cells: Cells,
    pub told: bool,
    began: Instant,
}

pub struct World {
    pub state: Mutex<State>,
    pub killed: Notify,
}

pub type Remote = Arc<World>;

impl World {
    pub fn new(mut random: Random) -> Remote {
        let state = State {
            objects: Vec::new(),
            lives: Vec::new(),
            tokens: BTreeMap::new(),
            actor: Actor {
                asked: Asked::Observe,
                host: 0,
                life: None,
                owner: String::new(),
                instance: String::new(),
                replacing: false,
                known: Vec::new(),
            },
            calls: 0,
            armed: None,
            mark_vanished: false,
            stop: CancellationToken::new(),
            slow: random.pick(&[0, 1, 2, 4]),
            lag: Duration::from_millis(random.pick(&[0, 0, 30, 2000])),
            random,
            uids: 0,
            violations: Vec::new(),
            tally: Tally::default(),
            unserved: None,
            lists: BTreeMap::new(),
            cells: Cells::default(),
            told: false,
            began: Instant::now(),
        };
        Arc::new(Self {
            state: Mutex::new(state),
            killed: Notify::new(),
        })
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl State {
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

    pub fn owned<'a>(&'a self, owner: &'a str) -> impl Iterator<Item = &'a Object> {
        self.living()
            .filter(move |object| object.marks.owner.as_deref() == Some(owner))
    }

    /// What the marks of an owner's unfinished creates say together.
    pub fn marked(&self, owner: &str) -> Option<Creating> {
        Creating::together(self.owned(owner).filter_map(|object| object.marks.creating.as_ref()))
    }

    /// Whose an object is for who works now.
    pub fn whose(&self, object: Option<&Object>) -> Ownership {
        let marked = self.marked(&self.actor.owner);
        let uid = object.map(|object| object.uid.as_str()).unwrap_or_default();
        let known = self.actor.known.iter().find(|(known, _)| known == uid);
        let who = Who {
            owner: &self.actor.owner,
            instance: &self.actor.instance,
            uid: known.map(|(uid, _)| uid.as_str()),
            made: known.is_none_or(|(_, made)| *made),
            marked: marked.as_ref(),
        };
        ownership(object.map(Object::observed).as_ref(), &who)
    }

    /// Adds an object.
    pub fn add(&mut self, kind: &'static str, name: &str, content: Value, marks: Marks, origin: Origin) -> String {
        self.uids += 1;
        let uid = format!("u{}", self.uids);
        self.objects.push(Object {
            kind,
            name: name.to_owned(),
            uid: uid.clone(),
            content,
            marks,
            managers: BTreeMap::new(),
            dying: None,
            created: Instant::now(),
            idle: self.slow,
            origin,
            taken: None,
            imported: None,
            kept: false,
            unseen: false,
            given_up: false,
            dead: false,
        });
        uid
    }

    /// Somebody deletes an object. With the mark of a create goes what told that it has not finished.
    pub fn vanish(&mut self, uid: &str) {
        let Some(object) = self.by_uid(uid) else { return };
        object.dead = true;
        self.mark_vanished |= object.marks.creating.is_some();
    }

    /// Somebody else's object, all of whose members somebody else manages.
    pub fn add_foreign(&mut self, kind: &'static str, name: &str, content: Value) {
        self.add(kind, name, content, Marks::default(), Origin::Foreign);
        if let Some(object) = self.objects.last_mut() {
            for member in ["shape", "value", "link"] {
                object.managers.insert(member.to_owned(), "somebody".to_owned());
            }
        }
    }

    /// The wall clock.
    pub fn now(&self) -> Timestamp {
        let began: Timestamp = "2026-01-01T00:00:00Z".parse().expect("a time");
        let passed = i64::try_from(self.began.elapsed().as_secs()).unwrap_or_default();
        began + SignedDuration::from_secs(passed)
    }

    /// True if a living object asks a controller for this one.
    pub fn is_wanted(&self, made: &str) -> bool {
        self.living()
            .any(|object| object.is_there() && object.secret() == Some(made))
    }
}
