//! Killed at each write of create, update and delete, and applied again.

use std::fs;

use e2etls_lab::lab::{Action, Call, Fault, Match, Recorder, When};

use super::{arn, certificate, cnames, in_zone, is_finished, living, tags, zone};
use crate::ground::Ground;

/// Runs a command whose provider dies right after its nth write to AWS: the last write, or `None` if it was over before.
async fn killed(ground: &Ground, nth: u64, command: &[&str]) -> Option<String> {
    let recorder = Recorder::new(&ground.session.recorder);
    recorder.reset().await.expect("an answer");
    let kill = Fault::new(Match::aws().writes().nth(nth), Action::KillClient { when: When::After });
    recorder.fault(&kill).await.expect("an answer");
    let output = ground.terraform.run(command).await.expect("Terraform runs");
    let faults = recorder.faults().await.expect("an answer");
    recorder.clear_faults().await.expect("an answer");
    if !faults.iter().any(|fault| fault.fired > 0) {
        drop(output.success());
        return None;
    }
    assert_ne!(output.code, Some(0), "{output}");
    let calls = recorder.calls().await.expect("an answer");
    let last = calls.iter().rfind(|call| Call::is_write(call));
    Some(last.and_then(|call| call.operation.clone()).unwrap_or_default())
}

const APPLY: [&str; 3] = ["apply", "-no-color", "-auto-approve"];
const DESTROY: [&str; 3] = ["destroy", "-no-color", "-auto-approve"];

#[tokio::test(flavor = "multi_thread")]
async fn a_create_that_was_killed_is_finished_by_the_next_apply() {
    let ground = Ground::new("acm-kill-create").await;
    let mut walked = Vec::new();
    for nth in 1..12 {
        let domain = format!("kill{nth}.example");
        let id = zone(&ground, &domain, false);
        let more = format!("sans = [\"a.{domain}\"]\n  {}", in_zone(&domain, &id));
        let config = certificate(&domain, &more);
        ground.write(&config);
        let Some(after) = killed(&ground, nth, &APPLY).await else {
            break;
        };
        let again = ground.terraform.apply(&[]).await.unwrap();
        if after.starts_with("RemoveTags") {
            // The create was over, and the state not saved: the one case that asks for an import.
            let found = living(&ground, &domain).remove(0);
            drop(again.failure(&["already exists", "import {", &format!("id = \"{found}\"")]));
            let import = format!("import {{\n  to = {}\n  id = \"{found}\"\n}}\n", super::CERTIFICATE);
            ground.write(&(config + &import));
            drop(ground.terraform.apply(&[]).await.unwrap().success());
        } else {
            drop(again.success());
        }
        drop(ground.terraform.plan(&[]).await.unwrap().empty());
        let made = arn(&ground).await;
        assert_eq!(living(&ground, &domain), std::slice::from_ref(&made), "after {after}");
        is_finished(&ground, &made);
        assert_eq!(cnames(&ground, &id), 2);
        walked.push(after);
        fs::remove_file(ground.terraform.path().join("terraform.tfstate")).unwrap();
    }
    // The request, two records, the mark.
    assert_eq!(walked.len(), 4, "{walked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_and_a_delete_that_were_killed_are_finished_by_the_next() {
    let ground = Ground::new("acm-kill-update").await;
    let domain = "killed.example";
    let dns = in_zone(domain, &zone(&ground, domain, false));
    let write = |round: u64| {
        ground.write(&certificate(
            domain,
            &format!("tags = {{ round{round} = \"x\" }}\n  {dns}"),
        ))
    };
    write(0);
    ground.terraform.apply_quietly().await.unwrap();
    let made = arn(&ground).await;
    let mut writes = 0;
    for nth in 1..6 {
        write(nth);
        let Some(after) = killed(&ground, nth, &APPLY).await else {
            break;
        };
        writes = nth;
        ground.terraform.apply_quietly().await.unwrap();
        assert_eq!(arn(&ground).await, made);
        let rounds = tags(&ground, &made).into_iter().map(|(key, _)| key);
        let rounds: Vec<String> = rounds.filter(|key| key.starts_with("round")).collect();
        assert_eq!(rounds, [format!("round{nth}")], "after {after}");
    }
    assert_eq!(writes, 2);
    assert!(killed(&ground, 1, &DESTROY).await.is_some());
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert!(living(&ground, domain).is_empty());
}
