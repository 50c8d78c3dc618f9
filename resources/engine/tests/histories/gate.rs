//! What happens to one request: it passes, or a fault strikes.
//!
//! This file is long because what goes wrong, where it may, and what follows are read together.

use std::time::Duration;

use e2etls_engine::ownership::Ownership;
use e2etls_engine::refusal::{Answer, Cause, Denial, Refusal};
use e2etls_engine::table::Asked;

use crate::world::{Object, World};

/// What goes wrong.
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
    /// The remote never answers, from here on.
    Silent,
    /// The remote never answers, and the host asks to stop.
    Stop,
    /// Somebody makes an object of this name at the moment of the write.
    Appear,
    /// Somebody deletes the object at the moment of the write.
    Vanish,
    /// Somebody changes the object at the moment of the write.
    Edit,
    /// Any refusal that the request can meet; of a write, if that is true.
    Some(bool),
}

/// What a remote may answer though nothing speaks against a request.
pub fn answers() -> [Answer; 12] {
    [
        Answer::Absent,
        Answer::Exists,
        Answer::Conflict(vec![Cause {
            field: ".value".to_owned(),
            manager: "somebody".to_owned(),
        }]),
        Answer::Conflict(Vec::new()),
        Answer::InUse(vec!["a user".to_owned()]),
        Answer::Invalid,
        Answer::Forbidden(Denial::Permission),
        Answer::Unauthenticated,
        Answer::Throttled,
        Answer::Unreachable,
        Answer::Interrupted,
        Answer::OutcomeUnknown,
    ]
}

/// What a fault waits for, or rare cells would never be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// Any request.
    Any,
    /// A request about an object that is not simply ours, or not there.
    Rare,
    /// A request about an object of this ownership, which operations hardly ever meet.
    At(Ownership),
    /// The same in an operation that meets it even less often.
    In(Asked, Ownership),
}

impl Aim {
    fn is_at(self, asked: Asked, whose: Option<Ownership>) -> bool {
        match (self, whose) {
            (Self::Any, _) => true,
            (Self::At(rare), whose) => whose == Some(rare),
            (Self::In(operation, rare), whose) => operation == asked && whose == Some(rare),
            (Self::Rare, None | Some(Ownership::Mine)) => false,
            (Self::Rare, Some(Ownership::Absent)) => asked == Asked::Observe,
            (Self::Rare, Some(_)) => true,
        }
    }
}

/// A fault, and the request that it strikes.
#[derive(Clone, Debug)]
pub struct Armed {
    pub at: usize,
    pub aim: Aim,
    pub fault: Fault,
    pub struck: Option<Struck>,
}

/// What a fault has struck.
#[derive(Clone, Debug)]
pub struct Struck {
    /// The operation has to end as if nothing had happened.
    pub transparent: bool,
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    pub kind: &'static str,
    pub verb: &'static str,
    pub name: &'a str,
    pub uid: Option<&'a str>,
    /// Part of a wait that asks again.
    pub waits: bool,
}

impl<'a> Call<'a> {
    /// The same about the object of this uid.
    pub fn of(self, uid: &'a str) -> Self {
        Self { uid: Some(uid), ..self }
    }

    fn writes(&self) -> bool {
        matches!(self.verb, "create" | "request" | "settle" | "delete" | "release")
    }
}

/// What the gate lets through.
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// Somebody changes the object first.
    Edit,
}

impl World {
    /// Counts a request and says what happens to it.
    pub async fn gate(&self, call: Call<'_>) -> Result<Gate, Refusal> {
        self.pass_time().await;
        let (fault, stop) = {
            let mut state = self.lock();
            state.calls += 1;
            let fault = state.strike(&call);
            if state.told {
                let uid = call.uid.unwrap_or_default();
                eprintln!(
                    "    {} {} {} {} {uid} {fault:?}",
                    state.calls, call.verb, call.kind, call.name
                );
            }
            (fault, state.stop.clone())
        };
        let refused = |answer| Err(Refusal::new(answer, call.verb, call.name, "injected"));
        if self.lock().unserved == Some(call.kind) {
            return refused(Answer::KindMissing);
        }
        self.lock().count(fault.as_ref());
        match fault {
            None => Ok(Gate::Pass),
            Some(Fault::KillBefore) => self.die().await,
            Some(Fault::KillAfter) if !call.writes() => self.die().await,
            Some(Fault::KillAfter) => Ok(Gate::KillAfter),
            Some(Fault::Lost) => Ok(Gate::Lost),
            Some(Fault::Appear) => Ok(Gate::Appear),
            Some(Fault::Vanish) => Ok(Gate::Vanish),
            Some(Fault::Edit) => Ok(Gate::Edit),
            Some(Fault::Some(_)) => unreachable!("drawn by now"),
            Some(Fault::Silent) => std::future::pending().await,
            Some(Fault::Stop) => {
                stop.cancel();
                std::future::pending().await
            }
            Some(Fault::Refuse(answer) | Fault::RefuseFrom(answer)) => refused(answer),
        }
    }

    /// What is answered once the effect has happened.
    pub async fn after<T>(&self, gate: Gate, call: Call<'_>, answer: T) -> Result<T, Refusal> {
        match gate {
            Gate::Lost => Err(Refusal::new(
                Answer::OutcomeUnknown,
                call.verb,
                call.name,
                "the answer was lost",
            )),
            Gate::KillAfter => self.die().await,
            Gate::Pass | Gate::Appear | Gate::Vanish | Gate::Edit => {
                self.pass_time().await;
                Ok(answer)
            }
        }
    }

    /// Requests take their time, and overtake each other.
    async fn pass_time(&self) {
        let (yields, pause) = {
            let random = &mut self.lock().random;
            (random.below(4), random.below(30))
        };
        for _ in 0..yields {
            tokio::task::yield_now().await;
        }
        if pause > 20 {
            tokio::time::sleep(Duration::from_millis(pause as u64)).await;
        }
    }

    async fn die<T>(&self) -> T {
        self.killed.notify_one();
        std::future::pending().await
    }
}

impl crate::world::State {
    /// Whose the object is that a request is about, if it is about one.
    fn met(&self, call: &Call<'_>) -> Option<Ownership> {
        let is_it = |object: &&Object| match (call.kind, call.uid) {
            ("Given", uid) => Some(object.uid.as_str()) == uid,
            _ => object.kind == call.kind && object.name == call.name,
        };
        let about_one = !matches!(call.verb, "search" | "works" | "holds");
        about_one.then(|| self.whose(self.living().find(is_it)))
    }

    fn count(&mut self, fault: Option<&Fault>) {
        let tally = &mut self.tally;
        match fault {
            None => {}
            Some(Fault::KillBefore | Fault::KillAfter) => tally.kills += 1,
            Some(Fault::Refuse(_) | Fault::RefuseFrom(_)) => tally.refusals += 1,
            Some(Fault::Lost) => tally.lost += 1,
            Some(Fault::Silent | Fault::Stop) => tally.silent += 1,
            Some(Fault::Appear | Fault::Vanish | Fault::Edit | Fault::Some(_)) => tally.strangers += 1,
        }
    }

    /// The fault that strikes this request.
    fn strike(&mut self, call: &Call<'_>) -> Option<Fault> {
        let (calls, asked) = (self.calls, self.actor.asked);
        let aim = self.armed.as_ref()?.aim;
        let is_aimed_at = aim == Aim::Any || aim.is_at(asked, self.met(call));
        let armed = self.armed.as_mut()?;
        let lasts = matches!(armed.fault, Fault::RefuseFrom(_) | Fault::Silent | Fault::Stop);
        let strikes = match &armed.struck {
            // A fault that needs a write waits for one.
            None => calls >= armed.at && is_aimed_at && armed.fault.is_possible(call),
            Some(_) => lasts && armed.fault.is_possible(call),
        };
        if !strikes {
            return None;
        }
        if matches!(armed.fault, Fault::Some(_)) {
            let refusals = answers().map(Fault::Refuse).into_iter();
            let possible = refusals.chain([Fault::Vanish]).filter(|fault| fault.is_possible(call));
            armed.fault = self.random.pick(&possible.collect::<Vec<_>>());
        }
        let transparent = armed.fault.is_transparent(call, asked);
        armed.struck.get_or_insert(Struck { transparent });
        Some(armed.fault.clone())
    }
}

impl Fault {
    /// True if the fault can happen to the request: a remote that lies is nobody's to survive.
    fn is_possible(&self, call: &Call<'_>) -> bool {
        match self {
            Self::Lost => call.writes(),
            Self::Appear => call.verb == "create" && call.kind != "Upsert",
            Self::Vanish => matches!(call.verb, "settle" | "delete" | "release"),
            Self::Edit => call.verb == "settle" && call.kind != "Upsert",
            Self::Refuse(answer) | Self::RefuseFrom(answer) => match answer {
                Answer::Absent => call.verb == "settle",
                Answer::Exists => call.verb == "create",
                Answer::Conflict(causes) if causes.is_empty() => matches!(call.verb, "settle" | "delete" | "release"),
                Answer::Conflict(_) => call.writes(),
                Answer::InUse(_) => call.verb == "delete",
                _ => true,
            },
            Self::Some(written) => call.writes() || !written,
            Self::KillBefore | Self::KillAfter | Self::Silent | Self::Stop => true,
        }
    }

    /// True if the operation has to end as if the fault had not happened.
    fn is_transparent(&self, call: &Call<'_>, asked: Asked) -> bool {
        let Self::Refuse(answer) = self else {
            return *self == Self::Lost;
        };
        match answer {
            Answer::Throttled | Answer::InUse(_) | Answer::Exists => true,
            // Several requests make what the remote names; a refusal in their middle is no race.
            Answer::Conflict(causes) if causes.is_empty() => call.kind != "Given" || call.verb != "settle",
            // A refresh does not wait for a remote that is not there.
            Answer::Unreachable | Answer::OutcomeUnknown => asked != Asked::Observe,
            Answer::Interrupted | Answer::Absent => false,
            _ => call.waits,
        }
    }
}
