//! One life of a subject under one class of refusals.

use std::time::Instant;

use e2etls_lab::lab::Recorder;
use e2etls_lab::terraform::Output;

use super::subject::Subject;
use super::table::{Row, told};
use super::{ADVICE, Advice, Class, End, Met, STEPS, Step};
use crate::ground::Ground;

pub(super) struct Trial<'a> {
    class: &'a Class,
    subject: &'a Subject,
    ground: Ground,
    rows: Vec<Row>,
}

/// What there is of the subject.
struct Left {
    objects: usize,
    in_state: bool,
}

impl<'a> Trial<'a> {
    /// Creates, reads, updates and deletes the subject, each under the class's refusal.
    pub(super) async fn live(class: &'a Class, subject: &'a Subject) -> Vec<Row> {
        let name = class.name.to_lowercase();
        let name = name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-");
        let mut trial = Self {
            class,
            subject,
            ground: Ground::new(&format!("refusals-{name}")).await,
            rows: Vec::new(),
        };
        for step in STEPS.iter().copied() {
            let changed = matches!(step, Step::Update | Step::Delete);
            trial.subject.write(&trial.ground, changed, class.short);
            let met = match class.steps.contains(&step) {
                true => (class.meets)(step),
                false => Met::nothing(),
            };
            trial.refused(step, &met).await;
        }
        trial.rows
    }

    async fn run(&self, step: Step) -> Output {
        let terraform = &self.ground.terraform;
        let ended = match step {
            Step::Create => terraform.apply(&[]).await,
            Step::Read => terraform.try_plan(&[]).await.map(|(output, _)| output),
            Step::Update => terraform.apply(&["-refresh=false"]).await,
            Step::Delete => terraform.destroy(&["-refresh=false"]).await,
        };
        ended.expect("Terraform runs")
    }

    async fn left(&self) -> Left {
        Left {
            objects: self.subject.ours(&self.ground).await.len(),
            in_state: self.subject.is_in_state(&self.ground),
        }
    }

    /// A step under its faults, and without them what it leads to.
    async fn refused(&mut self, step: Step, met: &Met) {
        let recorder = Recorder::new(&self.ground.session.recorder);
        recorder.reset().await.expect("an answer");
        for fault in &met.faults {
            recorder.fault(fault).await.expect("an answer");
        }
        let began = Instant::now();
        let output = self.run(step).await;
        let seconds = began.elapsed().as_secs_f64();
        let fired = recorder.faults().await.expect("an answer");
        recorder.clear_faults().await.expect("an answer");
        let left = self.left().await;
        let mut wrong = met.end.complaints(&output, step, &left);
        if fired.iter().any(|fault| fault.fired == 0) {
            wrong.push(format!("a fault met nothing: {fired:?}"));
        }
        if seconds > met.within as f64 {
            wrong.push(format!("it took {seconds:.0} s, more than {}", met.within));
        }
        let next = self.next(step, &met.end, &mut wrong).await;
        if met.faults.is_empty() && wrong.is_empty() {
            return;
        }
        self.rows.push(Row {
            class: self.class.name,
            step: format!("{step:?}").to_lowercase(),
            code: output.code,
            seconds,
            words: told(&output.stderr),
            left: left.text(),
            next,
            wrong,
        });
    }

    /// What follows once nothing is refused: the same again where it failed, then an empty plan, and nothing in the end.
    async fn next(&self, step: Step, end: &End, wrong: &mut Vec<String>) -> String {
        let mut done = Vec::new();
        if matches!(end, End::Told(..)) {
            let again = self.run(step).await;
            if again.code != Some(0) {
                wrong.push(format!("it does not converge: {again}"));
            }
            done.push("done");
        }
        if step == Step::Update {
            let plan = self.run(Step::Read).await;
            if plan.code != Some(0) {
                wrong.push(format!("the next plan is not empty: {plan}"));
            }
            done.push("empty plan");
        }
        let left = self.left().await;
        if left.is_there() != (step != Step::Delete) || left.in_state != (step != Step::Delete) {
            wrong.push(format!("in the end there is {}", left.text()));
        }
        if step == Step::Delete {
            done.push("nothing left");
        }
        done.join(", ")
    }
}

impl Left {
    fn is_there(&self) -> bool {
        self.objects > 0
    }

    fn text(&self) -> String {
        let state = if self.in_state { "in state" } else { "not in state" };
        format!("{} {state}", self.objects)
    }
}

impl End {
    fn complaints(&self, output: &Output, step: Step, left: &Left) -> Vec<String> {
        let mut wrong = Vec::new();
        match self {
            Self::Done => {
                let there = step != Step::Delete;
                if output.code != Some(0) {
                    wrong.push(format!("it was not waited out: {output}"));
                }
                if left.is_there() != there || left.in_state != there {
                    wrong.push(format!("it left {}", left.text()));
                }
            }
            Self::Told(words, advice) => {
                if output.code != Some(1) {
                    wrong.push(format!("it did not fail: {output}"));
                }
                wrong.extend(misled(output, words, advice));
                let lost = if step == Step::Create {
                    left.is_there() && !left.in_state
                } else {
                    !left.is_there() || !left.in_state
                };
                if lost {
                    wrong.push(format!("it left {}", left.text()));
                }
            }
        }
        wrong
    }
}

/// What an error does not say, and what it should not say.
fn misled(output: &Output, words: &[String], advice: &[Advice]) -> Option<String> {
    let said = output.words();
    let lacks: Vec<&String> = words.iter().filter(|words| !said.contains(words.as_str())).collect();
    let given = ADVICE
        .iter()
        .filter(|(_, told)| told.iter().any(|told| said.contains(told)));
    let given: Vec<Advice> = given.map(|(advice, _)| *advice).collect();
    let fits = lacks.is_empty() && matches!(given[..], [given] if advice.contains(&given));
    (!fits).then(|| format!("it lacks {lacks:?}, and advises {given:?} in place of {advice:?}: {output}"))
}
