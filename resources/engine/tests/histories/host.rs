//! The host: keeps state, and runs the provider as Terraform and Pulumi do.

use std::time::Duration;

use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::ledger::{Ledger, Memory};
use e2etls_engine::observe::observe;
use e2etls_engine::operation::Operation;
use e2etls_engine::owner::Owner;
use e2etls_engine::plan::plan;
use e2etls_engine::remove::delete_resource;
use e2etls_engine::table::Asked;
use e2etls_engine::write::{Desired, write};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::args::{Args, Spec, render};
use crate::consistency::differs;
use crate::kinds::KINDS;
use crate::tally::{Invariant, Violation};
use crate::world::{Actor, Life, Remote};

/// How long an operation may take.
pub const DEADLINE: Duration = Duration::from_secs(600);

/// What a state holds.
#[derive(Clone, Debug)]
pub struct Saved {
    pub args: Args,
    pub ledger: Ledger,
    pub memory: Memory,
    pub instance: String,
    pub drift: Vec<String>,
    pub tainted: bool,
    /// The truth: which life it is of.
    pub life: usize,
}

/// How an operation ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    Done,
    /// The process was killed.
    Killed,
    Failed(Vec<Failure>),
}

impl End {
    pub fn is(&self, test: impl Fn(&Trouble) -> bool) -> bool {
        matches!(self, Self::Failed(failures) if failures.iter().any(|failure| test(&failure.trouble)))
    }
}

impl From<Vec<Failure>> for End {
    fn from(failures: Vec<Failure>) -> Self {
        if failures.is_empty() {
            Self::Done
        } else {
            Self::Failed(failures)
        }
    }
}

/// A state, and who works on it.
pub struct Host {
    pub number: usize,
    pub remote: Remote,
    pub owner_id: String,
    pub saved: Option<Saved>,
    /// What a replacement has left to be destroyed.
    pub deposed: Option<Saved>,
    /// A replacement creates first.
    pub creates_first: bool,
    /// The argument `create_before_destroy`.
    pub replacing: bool,
    pub instances: u64,
    pub violations: Vec<Violation>,
}

impl Host {
    pub fn owner(&self) -> Owner {
        Owner {
            owner_id: Some(self.owner_id.clone()),
            resource: "thing",
            place: "here".to_owned(),
            namespace: None,
            name: "web".to_owned(),
        }
    }

    /// Uids that its states know.
    pub fn known(&self) -> Vec<String> {
        let states = self.saved.iter().chain(&self.deposed);
        let entries = states.flat_map(|saved| saved.ledger.values());
        entries
            .filter_map(|entry| Some(entry.known_uid()?.to_owned()))
            .collect()
    }

    /// A process starts: it has read nothing yet, and some time has passed.
    pub async fn start(&self) {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let mut state = self.remote.lock();
        state.calls = 0;
        state.lists.clear();
        state.mark_vanished = false;
        state.stop = CancellationToken::new();
    }

    pub fn operation(
        &self,
        asked: Asked,
        saved: Option<&Saved>,
        instance: &str,
        life: Option<usize>,
    ) -> Operation<Remote> {
        let began = Instant::now();
        let known = saved.iter().flat_map(|saved| saved.ledger.values());
        let known = known.filter_map(|entry| Some((entry.known_uid()?.to_owned(), entry.is_made())));
        let mut state = self.remote.lock();
        state.actor = Actor {
            asked,
            host: self.number,
            life,
            owner: self.owner().to_string(),
            instance: instance.to_owned(),
            replacing: self.replacing && asked == Asked::Create,
            known: known.collect(),
        };
        Operation {
            remotes: self.remote.clone(),
            kinds: &KINDS,
            owner: self.owner(),
            asked,
            began,
            deadline: began + DEADLINE,
            cancel: state.stop.clone(),
            trace: None,
            now: state.now().to_string(),
        }
    }

    /// Runs an operation until it ends or the process is killed.
    pub async fn run<T>(&mut self, operation: impl Future<Output = T>) -> Option<T> {
        let began = Instant::now();
        let stop = self.remote.lock().stop.clone();
        let done = tokio::select! {
            biased;
            done = operation => Some(done),
            () = self.remote.killed.notified() => None,
        };
        let took = began.elapsed();
        if took > DEADLINE + Duration::from_secs(1) || (stop.is_cancelled() && took > DEADLINE - Duration::from_secs(1))
        {
            self.violations.push(Invariant::InTime.broken(format!("took {took:?}")));
        }
        done
    }

    /// A refresh. A kill or a refusal leaves the state as it was.
    pub async fn refresh(&mut self) -> End {
        self.start().await;
        let Some(saved) = self.saved.clone() else {
            return End::Done;
        };
        let op = self.operation(Asked::Observe, Some(&saved), &saved.instance, Some(saved.life));
        let parts = render(&saved.args);
        let seen = observe(&op, &parts, &saved.ledger, &saved.memory, &saved.instance);
        match self.run(seen).await {
            None => End::Killed,
            Some(Err(failure)) => End::Failed(vec![failure]),
            Some(Ok(seen)) if !seen.found => {
                self.saved = None;
                End::Done
            }
            Some(Ok(seen)) => {
                self.saved = Some(Saved {
                    ledger: seen.ledger,
                    memory: seen.memory,
                    drift: seen.drift,
                    ..saved
                });
                End::Done
            }
        }
    }

    /// What a plan of `args` shows.
    pub fn planned(&self, args: &[Spec]) -> Option<Ledger> {
        let saved = self.saved.as_ref()?;
        Some(plan(Some(&saved.ledger), &render(&saved.args), &render(args)))
    }

    /// True if a plan of `args` would change nothing.
    pub fn is_quiet(&self, args: &[Spec]) -> bool {
        let quiet =
            |saved: &Saved| !saved.tainted && self.planned(args).as_ref() == Some(&saved.ledger) && saved.args == args;
        self.deposed.is_none() && self.saved.as_ref().is_some_and(quiet)
    }

    /// Creates. What a create returns beside an error is in state, tainted; a kill leaves none.
    pub async fn create(&mut self, args: &[Spec]) -> End {
        self.instances += 1;
        let instance = format!("h{}i{}", self.number, self.instances);
        let life = {
            let mut state = self.remote.lock();
            state.lives.push(Life {
                owner: self.owner().to_string(),
                instance: instance.clone(),
                finished: false,
            });
            state.lives.len() - 1
        };
        let before = Saved {
            args: Args::new(),
            ledger: Ledger::new(),
            memory: Memory::default(),
            instance,
            drift: Vec::new(),
            tainted: false,
            life,
        };
        self.write(args, before, true).await
    }

    pub async fn update(&mut self, args: &[Spec]) -> End {
        let Some(saved) = self.saved.clone() else {
            return End::Done;
        };
        self.remote.lock().lives[saved.life].owner = self.owner().to_string();
        self.write(args, saved, false).await
    }

    async fn write(&mut self, args: &[Spec], before: Saved, creates: bool) -> End {
        let asked = if creates { Asked::Create } else { Asked::Update };
        let op = self.operation(asked, Some(&before), &before.instance, Some(before.life));
        let (parts, old) = (render(args), render(&before.args));
        let planned = plan(Some(&before.ledger).filter(|_| !creates), &old, &parts);
        let desired = Desired {
            parts: &parts,
            instance: &before.instance,
            ledger: &before.ledger,
            before: &old,
            drift: &before.drift,
            memory: before.memory.clone(),
            create_before_destroy: self.replacing && creates,
            force: false,
            creates,
        };
        let Some(outcome) = self.run(write(&op, &desired)).await else {
            return End::Killed;
        };
        let end = End::from(outcome.failures);
        if end == End::Done {
            let differences = differs(&planned, &outcome.ledger).into_iter();
            self.violations
                .extend(differences.map(|words| Invariant::PlanHolds.broken(words)));
        }
        if !(creates && outcome.ledger.is_empty()) {
            self.saved = Some(Saved {
                args: args.to_vec(),
                ledger: outcome.ledger,
                memory: outcome.memory,
                drift: Vec::new(),
                tainted: creates && end != End::Done,
                ..before
            });
        }
        end
    }

    /// Destroys `saved`; `spared` are the arguments of the create leg that follows. The state that is left.
    pub async fn destroy(&mut self, saved: &Saved, spared: &[Spec]) -> (End, Option<Saved>) {
        let op = self.operation(Asked::Delete, Some(saved), &saved.instance, Some(saved.life));
        let (parts, spared) = (render(&saved.args), render(spared));
        self.remote.lock().outlives(saved.life, &parts);
        let removal = delete_resource(&op, &parts, &saved.ledger, &saved.instance, &spared);
        let Some(removed) = self.run(removal).await else {
            return (End::Killed, Some(saved.clone()));
        };
        let end = End::from(removed.failures);
        let left = (end != End::Done).then(|| Saved {
            ledger: removed.left,
            ..saved.clone()
        });
        (end, left)
    }
}
