//! One life of a subject: what its steps are, what they met, and whether they led where a life without faults leads.

use std::collections::BTreeMap;
use std::time::Duration;

use e2etls_lab::lab::{Call, Recorder};
use e2etls_lab::terraform::Output;

use super::faults::{Bundle, Kind, Planned};
use super::there::{counted, everything, new};
use crate::ground::Ground;
use crate::subject::Subject;

/// A step of a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Create,
    Read,
    Update,
    Delete,
}

pub(super) const STEPS: [Step; 4] = [Step::Create, Step::Read, Step::Update, Step::Delete];

/// A life without faults.
pub(super) struct Clean {
    pub(super) calls: BTreeMap<Step, Vec<Call>>,
    /// How many objects there are after its create, by kind.
    objects: BTreeMap<String, usize>,
}

/// What a round did, beside its complaints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) faults: usize,
    pub(super) converged: usize,
    pub(super) imported: usize,
    pub(super) orphans: usize,
    pub(super) duplicates: usize,
    pub(super) wrong: Vec<String>,
}

impl Outcome {
    pub(super) fn text(&self) -> String {
        format!(
            "{} faults, {} converged, {} by the printed import, {} orphans, {} duplicates",
            self.faults, self.converged, self.imported, self.orphans, self.duplicates
        )
    }

    pub(super) fn add(&mut self, other: Self) {
        self.faults += other.faults;
        self.converged += other.converged;
        self.imported += other.imported;
        self.orphans += other.orphans;
        self.duplicates += other.duplicates;
        self.wrong.extend(other.wrong);
    }
}

/// A subject on its ground, under one name.
pub(super) struct Life<'a> {
    pub(super) subject: &'a Subject,
    pub(super) ground: &'a Ground,
    pub(super) name: String,
    /// A create that failed has two ways to go on: with the taint removed, or as if nothing had been.
    pub(super) untaints: bool,
}

impl Life<'_> {
    /// Lives without faults.
    pub(super) async fn clean(&self) -> Clean {
        let before = everything(self.ground).await;
        let recorder = self.recorder();
        let mut clean = Clean {
            calls: BTreeMap::new(),
            objects: BTreeMap::new(),
        };
        for step in STEPS {
            recorder.reset().await.expect("an answer");
            drop(self.run(step, true).await.success());
            clean.calls.insert(step, recorder.calls().await.expect("an answer"));
            if step == Step::Create {
                clean.objects = counted(&new(&everything(self.ground).await, &before));
            }
        }
        let left = self.left(&before).await;
        assert!(left.is_empty(), "a life without faults leaves {left:?}");
        clean
    }

    /// Lives with these faults: the complaints, and whether what follows may use the same ground.
    pub(super) async fn round(&self, clean: &Clean, faults: &BTreeMap<Step, Bundle>, outcome: &mut Outcome) -> bool {
        let before = everything(self.ground).await;
        let deletes = faults.contains_key(&Step::Delete);
        for step in STEPS {
            let bundle = faults.get(&step).map(Vec::as_slice).unwrap_or_default();
            // What is deleted is what an update has made of it.
            let is_needed = step == Step::Create || step == Step::Delete || (step == Step::Update && deletes);
            if bundle.is_empty() && !is_needed {
                continue;
            }
            if let Err(wrong) = self.step(step, clean, bundle, &before, outcome).await {
                let met: Vec<String> = bundle.iter().map(ToString::to_string).collect();
                outcome.wrong.push(format!("{step:?}, {}: {wrong}", met.join(", ")));
                drop(self.recorder().clear_faults().await);
                return false;
            }
        }
        true
    }

    /// A step that meets faults, and then goes on without them until it has converged.
    async fn step(
        &self,
        step: Step,
        clean: &Clean,
        bundle: &[Planned],
        before: &[String],
        outcome: &mut Outcome,
    ) -> Result<(), String> {
        outcome.faults += bundle.len();
        let (output, met) = self.meet(step, bundle).await?;
        outcome.faults -= bundle.len() - met;
        if step != Step::Read && self.converge(step, bundle, output).await? {
            outcome.imported += 1;
        }
        if step == Step::Delete {
            let left = self.left(before).await;
            outcome.orphans += left.len();
            is_true(left.is_empty(), || format!("orphans: {left:?}"))?;
        } else {
            let plan = self.run(Step::Read, false).await;
            is_true(plan.code == Some(0), || format!("the plan is not empty: {plan}"))?;
        }
        if step == Step::Create {
            self.has_all(clean, before, outcome).await?;
        }
        outcome.converged += met;
        Ok(())
    }

    /// Runs a step once: how it ended, and how many of the faults it met.
    pub(super) async fn meet(&self, step: Step, bundle: &[Planned]) -> Result<(Output, usize), String> {
        let recorder = self.recorder();
        recorder.reset().await.expect("an answer");
        for planned in bundle {
            recorder.fault(&planned.fault()).await.expect("an answer");
        }
        let output = self.run(step, true).await;
        let states = recorder.faults().await.expect("an answer");
        recorder.clear_faults().await.expect("an answer");
        let fired = states.iter().map(|state| state.fired > 0);
        let met = fired.clone().filter(|fired| *fired).count();
        let unmet: Vec<String> = bundle
            .iter()
            .zip(fired)
            .filter(|(planned, fired)| planned.must_come() && !fired)
            .map(|(planned, _)| planned.to_string())
            .collect();
        is_true(unmet.is_empty(), || format!("never came: {unmet:?}: {output}"))?;
        Ok((output, met))
    }

    /// Does the same again until it succeeds, at most twice; true if an import was necessary.
    async fn converge(&self, step: Step, bundle: &[Planned], mut output: Output) -> Result<bool, String> {
        let mut imported = false;
        for _ in 0..2 {
            if output.code == Some(0) {
                return Ok(imported);
            }
            let said = output.words();
            if let (false, Some((_, id))) = (imported, said.split_once("import { to = ")) {
                // Killed after the mark went and before the state was saved: nothing tells this from another state's
                // resource.
                let may = step == Step::Create && bundle.iter().any(|one| one.last && one.kind == Kind::KillAfter);
                is_true(may, || format!("an import where state can know: {output}"))?;
                let id = id.split('"').nth(1).unwrap_or_default();
                let import = self.ground.terraform.import(self.subject.address, id).await;
                let import = import.expect("Terraform runs");
                is_true(import.code == Some(0), || {
                    format!("the printed import failed: {import}")
                })?;
                imported = true;
            } else if self.untaints && said.contains("terraform untaint") {
                let untaint = self.ground.terraform.taint(self.subject.address, false).await;
                drop(untaint.expect("Terraform runs"));
            }
            output = self.run(step, false).await;
        }
        is_true(output.code == Some(0), || format!("it does not converge: {output}"))?;
        Ok(imported)
    }

    async fn run(&self, step: Step, faulty: bool) -> Output {
        let (terraform, changed) = (&self.ground.terraform, matches!(step, Step::Update | Step::Delete));
        if step != Step::Read {
            self.subject.write(self.ground, &self.name, changed, "");
        }
        // A step that meets faults looks at nothing but its own: what it stands on is read again by those that follow.
        let mut args = if faulty { vec!["-refresh=false"] } else { Vec::new() };
        let target = format!("-target={}", self.subject.address);
        let ended = match step {
            Step::Create | Step::Update => terraform.apply(&args).await,
            Step::Read => terraform.try_plan(&[]).await.map(|(output, _)| output),
            Step::Delete => {
                args.push(&target);
                terraform.destroy(&args).await
            }
        };
        ended.expect("Terraform runs")
    }

    /// Nothing is there twice, and nothing is missing.
    async fn has_all(&self, clean: &Clean, before: &[String], outcome: &mut Outcome) -> Result<(), String> {
        let mut made = Vec::new();
        for _ in 0..TRIES {
            made = new(&everything(self.ground).await, before);
            if counted(&made) == clean.objects {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        let wanted = |kind: &str| clean.objects.get(kind).copied().unwrap_or_default();
        let found = counted(&made);
        let more = found.iter().map(|(kind, number)| number.saturating_sub(wanted(kind)));
        outcome.duplicates += more.sum::<usize>();
        Err(format!("there is {made:?} and not {:?}", clean.objects))
    }

    /// What is left of it, once controllers had time to take away what is theirs.
    async fn left(&self, before: &[String]) -> Vec<String> {
        let mut left = Vec::new();
        for _ in 0..TRIES {
            left = new(&everything(self.ground).await, before);
            if left.is_empty() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        left
    }

    /// Takes away what a round that went wrong has left; false if that does not succeed.
    pub(super) async fn cleaned(&self) -> bool {
        let target = format!("-target={}", self.subject.address);
        let destroyed = self.ground.terraform.destroy(&[&target]).await;
        // A cluster that can have no other ground goes on with this one.
        destroyed.is_ok_and(|output| output.code == Some(0)) && self.ground.is_alone()
    }

    fn recorder(&self) -> Recorder {
        Recorder::new(&self.ground.session.recorder)
    }
}

const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(500);

pub(super) fn is_true(condition: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if condition { Ok(()) } else { Err(otherwise()) }
}
