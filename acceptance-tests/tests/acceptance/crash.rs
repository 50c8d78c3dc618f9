//! A kill anywhere, then the same command again: it converges, nothing twice, nothing left.

use e2etls_lab::lab::When::{After, Before};
use e2etls_lab::lab::{Action, Fault, Match, Recorder, When};

use crate::ground::Ground;
use crate::subject::{CERTIFICATE, ISSUER, NETWORK_POLICY, PROXY, STACK, Subject};

/// A moment: the provider's nth write to the API server.
pub(crate) type Moment = (u64, When);

/// Each round dies at one moment of its create, of its update and of its delete.
struct Round {
    create: Moment,
    update: Moment,
    delete: Moment,
}

const fn round(create: Moment, update: Moment, delete: Moment) -> Round {
    Round { create, update, delete }
}

async fn kill_at(ground: &Ground, (nth, when): Moment) -> Recorder {
    let mut matching = Match::kube().writes().nth(nth);
    matching.user_agent_contains = Some("terraform-provider-e2etls".to_owned());
    let recorder = Recorder::new(&ground.session.recorder);
    recorder.reset().await.expect("the recorder answers");
    let fault = Fault::new(matching, Action::KillClient { when });
    recorder.fault(&fault).await.expect("the recorder answers");
    recorder
}

/// Runs a command whose provider dies at `moment`.
pub(crate) async fn killed(ground: &Ground, moment: Moment, args: &[&str]) {
    let recorder = kill_at(ground, moment).await;
    let output = ground.terraform.run(args).await.expect("Terraform runs");
    let fired = recorder.faults().await.expect("the recorder answers");
    assert!(
        fired.iter().any(|fault| fault.fired > 0),
        "{moment:?} never came: {output}"
    );
    assert_ne!(output.code, Some(0), "{moment:?}: {output}");
    recorder.clear_faults().await.expect("the recorder answers");
}

pub(crate) const APPLY: [&str; 3] = ["apply", "-no-color", "-auto-approve"];

async fn walk(ground: &Ground, subject: &Subject, rounds: &[Round]) {
    let empty = ground.listing().await;
    subject.write_base(ground);
    drop(ground.terraform.apply(&[]).await.expect("an answer").success());
    let base = ground.settled(&["CertificateRequest/"]).await;
    let target = format!("-target={}", subject.address);
    let destroy = ["destroy", "-no-color", "-auto-approve", &target];
    for (number, round) in rounds.iter().enumerate() {
        // Another name each time: AWS Private CA answers a repeated request of aws-privateca-issuer with the old
        // certificate for five minutes, and the provider waits that out.
        let name = format!("it-{number}");
        subject.write(ground, &name, false, "");
        killed(ground, round.create, &APPLY).await;
        let again = ground.terraform.apply(&[]).await.expect("an answer");
        if again.words().contains("already exists") {
            // Killed after the mark went and before the state was saved: nothing tells this from another state's resource.
            drop(again.failure(&["import {"]));
            let id = format!("{}/{name}", ground.namespace);
            drop(
                ground
                    .terraform
                    .import(subject.address, &id)
                    .await
                    .expect("an answer")
                    .success(),
            );
        }
        drop(ground.terraform.apply_quietly().await.expect("an answer"));
        let values = ground.terraform.values(subject.address).await.expect("an answer");
        // A check has no object of its own.
        let parts = values["parts"].as_object().expect("an answer").values();
        let parts: Vec<_> = parts.filter(|part| part["uid"] != "").collect();
        let own: Vec<String> = ground
            .settled(&["CertificateRequest/", "Pod/", "ReplicaSet/"])
            .await
            .into_iter()
            .filter(|name| !base.contains(name))
            .collect();
        assert_eq!(own.len(), parts.len(), "create, round {number}: {own:?} for {parts:#?}");

        subject.write(ground, &name, true, "");
        killed(ground, round.update, &APPLY).await;
        drop(ground.terraform.apply_quietly().await.expect("an answer"));

        killed(ground, round.delete, &destroy).await;
        drop(ground.terraform.destroy(&[&target]).await.expect("an answer").success());
        ground.until_listing(&base).await;
    }
    drop(ground.terraform.destroy(&[]).await.expect("an answer").success());
    ground.until_listing(&empty).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_was_killed_converges() {
    // Create: the object with its mark, the request of the check, its deletion, the mark.
    let rounds = [
        round((1, After), (1, Before), (1, Before)),
        round((2, After), (1, After), (1, After)),
        round((3, Before), (2, After), (1, Before)),
        round((4, After), (3, Before), (1, After)),
    ];
    walk(&Ground::new("crash-issuer").await, &ISSUER, &rounds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_was_killed_converges() {
    // Create: the look for the Secret, the object with its mark, the Secret's uid, the mark. Delete: object, Secret.
    let rounds = [
        round((2, After), (1, Before), (1, Before)),
        round((3, Before), (1, After), (1, After)),
        round((4, After), (1, After), (2, After)),
    ];
    walk(&Ground::new("crash-certificate").await, &CERTIFICATE, &rounds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_that_was_killed_converges() {
    let rounds = [
        round((2, After), (1, After), (1, After)),
        round((5, Before), (2, Before), (5, Before)),
        round((9, After), (2, After), (7, After)),
    ];
    walk(&Ground::new("crash-proxy").await, &PROXY, &rounds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_policy_that_was_killed_at_each_of_its_writes_converges() {
    // Create: the ConfigMap with the mark, the policy, the mark. Update: one policy more, the ConfigMap.
    let rounds = [
        round((1, Before), (1, Before), (1, Before)),
        round((1, After), (1, After), (1, After)),
        round((2, Before), (2, Before), (2, Before)),
        round((2, After), (2, After), (2, After)),
        round((3, Before), (1, Before), (3, Before)),
        round((3, After), (1, After), (3, After)),
    ];
    walk(&Ground::new("crash-network-policy").await, &NETWORK_POLICY, &rounds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_was_killed_converges() {
    let rounds = [
        round((2, After), (1, After), (1, After)),
        round((6, Before), (1, Before), (6, Before)),
        round((11, After), (2, After), (8, After)),
    ];
    walk(&Ground::new("crash-stack").await, &STACK, &rounds).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_run_has_made_goes_though_the_arguments_have_changed() {
    let ground = Ground::new("crash-stray").await;
    PROXY.write_base(&ground);
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let base = ground.settled(&["CertificateRequest/"]).await;

    // An update that makes a PodDisruptionBudget dies after that, and is taken back.
    PROXY.write(&ground, "it", false, "");
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    PROXY.write(&ground, "it", true, "");
    let recorder = Recorder::new(&ground.session.recorder);
    let made = Match::kube().method("PATCH").path("poddisruptionbudgets");
    let fault = Fault::new(made.clone(), Action::KillClient { when: After }).times(1);
    recorder.fault(&fault).await.unwrap();
    assert_ne!(ground.terraform.apply(&[]).await.unwrap().code, Some(0));
    recorder.clear_faults().await.unwrap();
    assert!(
        ground
            .listing()
            .await
            .contains(&"PodDisruptionBudget/it-proxy".to_owned())
    );
    PROXY.write(&ground, "it", false, "");
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let drift = plan.change(PROXY.address).json["before"]["drift"].to_string();
    assert!(drift.contains("stray/PodDisruptionBudget "), "{drift}");
    drop(ground.terraform.apply_quietly().await.unwrap());
    assert!(
        !ground
            .listing()
            .await
            .contains(&"PodDisruptionBudget/it-proxy".to_owned())
    );
    let target = format!("-target={}", PROXY.address);
    drop(ground.terraform.destroy(&[&target]).await.unwrap().success());
    ground.until_listing(&base).await;

    // So does a create, which another create finishes without it.
    PROXY.write(&ground, "other", true, "");
    recorder.fault(&fault).await.unwrap();
    assert_ne!(ground.terraform.apply(&[]).await.unwrap().code, Some(0));
    recorder.clear_faults().await.unwrap();
    assert!(
        ground
            .listing()
            .await
            .contains(&"PodDisruptionBudget/other-proxy".to_owned())
    );
    PROXY.write(&ground, "other", false, "");
    drop(ground.terraform.apply_quietly().await.unwrap());
    assert!(
        !ground
            .listing()
            .await
            .contains(&"PodDisruptionBudget/other-proxy".to_owned())
    );
    drop(ground.terraform.destroy(&[&target]).await.unwrap().success());
    ground.until_listing(&base).await;
}
