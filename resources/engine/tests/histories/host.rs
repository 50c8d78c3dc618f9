//! The host: refreshes, plans, applies and keeps state, as Terraform and Pulumi do.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::import::import;
use e2etls_engine::ledger::{Entry, Ledger, Memory};
use e2etls_engine::observe::observe;
use e2etls_engine::operation::{Operation, Trace};
use e2etls_engine::owner::Owner;
use e2etls_engine::part::{Part, Role};
use e2etls_engine::plan::plan;
use e2etls_engine::remove::delete_resource;
use e2etls_engine::table::Asked;
use e2etls_engine::write::{Desired, write};
use serde_json::json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::kinds::{GIVEN, HOLDER, KINDS, MADE, MAKER, NAMED, UPSERT, Works};
use crate::world::Remote;

/// One part as the user's arguments describe it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    pub address: String,
    pub kind: &'static str,
    pub name: String,
    pub shape: String,
    pub value: String,
    /// Address of a part whose uid is linked to.
    pub link: Option<String>,
    pub after: Option<String>,
    pub ready: bool,
    pub keep: bool,
}

/// The arguments of the resource.
pub type Args = Vec<Spec>;

/// Renders arguments to parts.
pub fn render(args: &Args) -> Vec<Part<Remote>> {
    let mut parts: Vec<Part<Remote>> = Vec::new();
    for spec in args {
        let mut content = json!({"shape": spec.shape, "value": spec.value});
        if let Some(target) = &spec.link {
            content["link"] = e2etls_engine::value::link(target, "uid").into();
        }
        if spec.kind == "Wait" {
            parts.push(Part::wait_only(&spec.address, &spec.name, content, Arc::new(Works)));
            continue;
        }
        let kind = match spec.kind {
            "Space" => &HOLDER,
            "Upsert" => &UPSERT,
            "Given" => &GIVEN,
            "Maker" => &MAKER,
            _ => &NAMED,
        };
        let secret = format!("{}-secret", spec.value);
        if spec.kind == "Maker" {
            content["secret"] = secret.clone().into();
        }
        let mut part = Part::new(&spec.address, kind, &spec.name, content);
        part.after.extend(spec.after.clone());
        if spec.ready {
            part = part.ready_when(Arc::new(Works));
        }
        if spec.keep {
            part = part.role(Role::Keep);
        }
        parts.push(part);
        if spec.kind == "Maker" {
            let follower = Part::new(format!("{}/secret", spec.address), &MADE, secret, json!({}));
            parts.push(follower.role(Role::Follow(spec.address.clone())));
        }
    }
    parts
}

/// What a state holds.
#[derive(Clone, Debug)]
pub struct Saved {
    pub args: Args,
    pub ledger: Ledger,
    pub memory: Memory,
    pub instance: String,
    pub drift: Vec<String>,
    pub tainted: bool,
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

/// A state, and who works on it.
pub struct Host {
    pub remote: Remote,
    pub owner_id: String,
    pub saved: Option<Saved>,
    pub trace: Option<Trace>,
    pub instances: u64,
    pub prefix: &'static str,
    pub violations: Vec<String>,
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

    fn operation(&self, asked: Asked) -> Operation<Remote> {
        let began = Instant::now();
        Operation {
            remotes: self.remote.clone(),
            kinds: &KINDS,
            owner: self.owner(),
            asked,
            began,
            deadline: began + Duration::from_secs(600),
            cancel: CancellationToken::new(),
            trace: self.trace.clone(),
            now: "2026-01-01T00:00:00Z".to_owned(),
        }
    }

    /// Runs an operation until it ends or the process is killed.
    async fn run<T>(&self, operation: impl Future<Output = T>) -> Option<T> {
        {
            let mut state = self.remote.lock();
            state.calls = 0;
            state.writes = 0;
            state.struck = false;
        }
        tokio::select! {
            biased;
            done = operation => Some(done),
            () = self.remote.killed.notified() => None,
        }
    }

    /// A refresh. A kill or a refusal leaves the state as it was.
    pub async fn refresh(&mut self) -> End {
        let Some(saved) = self.saved.clone() else {
            return End::Done;
        };
        let op = self.operation(Asked::Observe);
        let parts = render(&saved.args);
        let seen = self
            .run(observe(&op, &parts, &saved.ledger, &saved.memory, &saved.instance))
            .await;
        match seen {
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

    /// True if a plan of `args` would change nothing.
    pub fn is_quiet(&self, args: &Args) -> bool {
        self.saved.as_ref().is_some_and(|saved| {
            let planned = plan(Some(&saved.ledger), &render(&saved.args), &render(args));
            !saved.tainted && planned == saved.ledger && saved.args == *args
        })
    }

    /// Applies a plan of `args` that was made after the last refresh. `between` happens after the plan.
    pub async fn apply(&mut self, args: &Args, create_before_destroy: bool, replace: bool) -> End {
        if !replace && self.is_quiet(args) {
            return End::Done;
        }
        match self.saved.clone() {
            Some(saved) if saved.tainted || replace => self.replace(args, &saved, create_before_destroy).await,
            Some(saved) => self.update(args, saved).await,
            None => self.create(args, false).await,
        }
    }

    async fn replace(&mut self, args: &Args, saved: &Saved, create_before_destroy: bool) -> End {
        if create_before_destroy {
            let end = self.create(args, true).await;
            if end == End::Done {
                let new = self.saved.take();
                self.saved = Some(saved.clone());
                let destroyed = self.destroy(&Vec::new()).await;
                // What could not be deleted stays in the host's state as deposed; here it is the test's to see.
                self.saved = new;
                return destroyed;
            }
            // The old object stays in state; the host keeps what a failed create returned as the new one, deposed here.
            self.saved = Some(saved.clone());
            return end;
        }
        // A tainted resource is destroyed with the private bytes of the create plan.
        let spared = if saved.tainted { args.clone() } else { Vec::new() };
        match self.destroy(&spared).await {
            End::Done => self.create(args, false).await,
            end => end,
        }
    }

    async fn create(&mut self, args: &Args, create_before_destroy: bool) -> End {
        self.instances += 1;
        let instance = format!("{}{}", self.prefix, self.instances);
        let empty = Ledger::new();
        self.write(
            args,
            &instance,
            &empty,
            &Vec::new(),
            Memory::default(),
            &[],
            true,
            create_before_destroy,
        )
        .await
    }

    async fn update(&mut self, args: &Args, saved: Saved) -> End {
        let Saved {
            args: before,
            ledger,
            memory,
            instance,
            drift,
            ..
        } = saved;
        self.write(args, &instance, &ledger, &before, memory, &drift, false, false)
            .await
    }

    #[expect(clippy::too_many_arguments, reason = "both kinds of write in one place")]
    async fn write(
        &mut self,
        args: &Args,
        instance: &str,
        ledger: &Ledger,
        before: &Args,
        memory: Memory,
        drift: &[String],
        creates: bool,
        create_before_destroy: bool,
    ) -> End {
        let op = self.operation(if creates { Asked::Create } else { Asked::Update });
        let (parts, old) = (render(args), render(before));
        let planned = plan(Some(ledger).filter(|_| !creates), &old, &parts);
        let desired = Desired {
            parts: &parts,
            instance,
            ledger,
            before: &old,
            drift,
            memory,
            create_before_destroy,
            force: false,
            creates,
        };
        let Some(outcome) = self.run(write(&op, &desired)).await else {
            return End::Killed;
        };
        let failed = !outcome.failures.is_empty();
        if !failed {
            self.violations.extend(differs(&planned, &outcome.ledger));
        }
        if !(creates && outcome.ledger.is_empty()) {
            self.saved = Some(Saved {
                args: args.clone(),
                ledger: outcome.ledger,
                memory: outcome.memory,
                instance: instance.to_owned(),
                drift: Vec::new(),
                tainted: creates && failed,
            });
        }
        if failed {
            End::Failed(outcome.failures)
        } else {
            End::Done
        }
    }

    /// Destroys; `spared` are the arguments of the create leg that follows, if it is that of a tainted replacement.
    pub async fn destroy(&mut self, spared: &Args) -> End {
        let Some(saved) = self.saved.clone() else {
            return End::Done;
        };
        let op = self.operation(Asked::Delete);
        let (parts, spared) = (render(&saved.args), render(spared));
        let removed = self
            .run(delete_resource(&op, &parts, &saved.ledger, &saved.instance, &spared))
            .await;
        match removed {
            None => End::Killed,
            Some(removed) if removed.failures.is_empty() => {
                self.saved = None;
                End::Done
            }
            Some(removed) => {
                self.saved = Some(Saved {
                    ledger: removed.left,
                    ..saved
                });
                End::Failed(removed.failures)
            }
        }
    }

    /// Imports what is there under the names of `args`.
    pub async fn import(&mut self, args: &Args) -> End {
        let op = self.operation(Asked::Observe);
        let parts = render(args);
        let Some(found) = self.run(import(&op, &parts, &BTreeMap::new())).await else {
            return End::Killed;
        };
        let found = match found {
            Ok(found) => found,
            Err(failure) => return End::Failed(vec![failure]),
        };
        self.instances += 1;
        let instance = found
            .instance
            .unwrap_or_else(|| format!("{}{}", self.prefix, self.instances));
        self.saved = Some(Saved {
            args: args.clone(),
            ledger: found.ledger,
            memory: found.memory,
            instance,
            drift: Vec::new(),
            tainted: false,
        });
        self.refresh().await
    }
}

/// What an apply returned other than was planned: the host calls that a bug of the provider.
fn differs(planned: &Ledger, applied: &Ledger) -> Vec<String> {
    let mut differences = Vec::new();
    if planned.keys().ne(applied.keys()) {
        let keys = |ledger: &Ledger| ledger.keys().cloned().collect::<Vec<_>>().join(" ");
        differences.push(format!("planned keys {} but applied {}", keys(planned), keys(applied)));
    }
    let same = |planned: &Option<String>, applied: &Option<String>| planned.is_none() || planned == applied;
    for (address, plan) in planned {
        let Some(Entry {
            reference,
            uid,
            digest,
            made,
        }) = applied.get(address)
        else {
            continue;
        };
        if !(same(&plan.reference, reference) && same(&plan.uid, uid) && same(&plan.digest, digest))
            || (plan.made.is_some() && plan.made != *made)
        {
            differences.push(format!("{address}: planned {plan:?}, applied {:?}", applied[address]));
        }
    }
    differences
}

impl Host {
    /// `leftovers --delete` with no minimum age.
    pub async fn leftovers(&self) -> End {
        use e2etls_engine::leftovers::{delete, find};
        // The command speaks for no resource.
        let mut op = self.operation(Asked::Delete);
        op.owner = Owner {
            owner_id: None,
            name: "leftovers".to_owned(),
            ..op.owner
        };
        let work = async {
            let now = "2026-01-02T00:00:00Z".parse().expect("a time");
            let found = find(&op, "0s".parse().expect("a duration"), now).await;
            let mut failures = Vec::new();
            match found {
                Ok(leftovers) => {
                    for leftover in leftovers {
                        failures.extend(delete(&op, leftover).await.failures);
                    }
                }
                Err(failure) => failures.push(failure),
            }
            failures
        };
        match self.run(work).await {
            None => End::Killed,
            Some(failures) if failures.is_empty() => End::Done,
            Some(failures) => End::Failed(failures),
        }
    }
}
