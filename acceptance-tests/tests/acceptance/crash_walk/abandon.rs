//! A create that died is given up, and `leftovers --delete` removes what it has left.

use std::time::Duration;

use e2etls_lab::lab::CLUSTER;

use super::faults::Planned;
use super::life::{Life, Outcome, Step, is_true};
use super::there::{age, everything, new};
use crate::leftovers::{ALONE, run as leftovers};

/// How often the command runs: what controllers make after the death of the provider is there a moment later.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_secs(1);

impl Life<'_> {
    /// Dies in its create, goes out of the configuration, and is deleted by the command; whether the ground is as before.
    pub(super) async fn abandon(&self, fault: &Planned, outcome: &mut Outcome) -> bool {
        let before = everything(self.ground).await;
        outcome.faults += 1;
        match self.given_up(fault, &before, outcome).await {
            Ok(0) => outcome.faults -= 1,
            Ok(_) => outcome.converged += 1,
            Err(wrong) => outcome.wrong.push(format!("Create, {fault}, abandoned: {wrong}")),
        }
        new(&everything(self.ground).await, &before).is_empty()
    }

    /// How many faults it met: one, if it came.
    async fn given_up(&self, fault: &Planned, before: &[String], outcome: &mut Outcome) -> Result<usize, String> {
        let (_, met) = self.meet(Step::Create, std::slice::from_ref(fault)).await?;
        self.subject.write_base(self.ground);
        let applied = self.ground.terraform.apply(&[]).await.expect("Terraform runs");
        is_true(applied.code == Some(0), || format!("it is not dropped: {applied}"))?;
        let mut arguments = vec!["--delete", "--yes"];
        if self.ground.is_alone() {
            // EKS knows clusters by name only.
            arguments.extend(["--cluster", CLUSTER]);
        }
        let _alone = ALONE.lock().await;
        let (mut left, mut said) = (Vec::new(), String::new());
        for _ in 0..TRIES {
            age(self.ground).await;
            let (code, words) = leftovers(self.ground, &arguments);
            is_true(code == Some(0), || format!("leftovers: {words}"))?;
            said += &words;
            left = new(&everything(self.ground).await, before);
            if left.is_empty() {
                return Ok(met);
            }
            tokio::time::sleep(PAUSE).await;
        }
        outcome.orphans += left.len();
        Err(format!("orphans: {left:?}; {said}"))
    }
}
