//! A kill anywhere, then the same command again: one load balancer, and none in the end.

use e2etls_lab::lab::When::{After, Before};
use e2etls_lab::lab::{Action, Fault, Match, Recorder, When};

use super::stack::{STACK, records, stack};
use super::{balancers, certificate, edge, ground, proxy};
use crate::crash::{APPLY, Moment, killed};
use crate::ground::Ground;
use crate::public_certificate::zone;

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_that_was_killed_at_each_of_its_writes_converges() {
    let ground = ground("edge-kills").await;
    let base = proxy(&ground, "");
    ground.write(&base);
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let before = ground.settled(&["CertificateRequest/"]).await;
    // Create: the Service with its mark, the mark. Update: the Service. Delete: the Service.
    let rounds: [(Moment, Moment, Moment); 4] = [
        ((1, Before), (1, Before), (1, Before)),
        ((1, After), (1, After), (1, After)),
        ((2, Before), (1, Before), (1, Before)),
        ((2, After), (1, After), (1, After)),
    ];
    for (create, update, delete) in rounds {
        ground.write(&(base.clone() + &edge(&ground, "nlb_passthrough", "")));
        killed(&ground, create, &APPLY).await;
        let again = ground.terraform.apply(&[]).await.unwrap();
        if again.words().contains("already exists") {
            // Killed after the mark went and before the state was saved: nothing tells this from another state's resource.
            drop(again.failure(&["import {"]));
            drop(
                ground
                    .terraform
                    .import(super::EDGE, "edge-kills/shop")
                    .await
                    .unwrap()
                    .success(),
            );
        }
        drop(ground.terraform.apply_quietly().await.unwrap());
        assert_eq!(balancers(&ground).len(), 1, "{create:?}");

        ground.write(&(base.clone() + &edge(&ground, "nlb_passthrough", "deregistration_delay = \"10s\"")));
        killed(&ground, update, &APPLY).await;
        drop(ground.terraform.apply_quietly().await.unwrap());

        ground.write(&base);
        killed(&ground, delete, &APPLY).await;
        drop(ground.terraform.apply(&[]).await.unwrap().success());
        assert_eq!(balancers(&ground), Vec::<String>::new(), "{delete:?}");
        ground.until_settled(&before, &["CertificateRequest/"]).await;
    }
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

/// Runs an apply whose provider dies at its first call that fits.
async fn killed_at(ground: &Ground, matching: Match, when: When) {
    let recorder = Recorder::new(&ground.session.recorder);
    recorder.reset().await.expect("an answer");
    let fault = Fault::new(matching.nth(1), Action::KillClient { when });
    recorder.fault(&fault).await.expect("an answer");
    let output = ground.terraform.run(&APPLY).await.expect("Terraform runs");
    let fired = recorder.faults().await.expect("an answer");
    assert!(fired.iter().any(|fault| fault.fired > 0), "it never came: {output}");
    assert_ne!(output.code, Some(0), "{output}");
    recorder.clear_faults().await.expect("an answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_was_killed_beside_its_load_balancer_converges() {
    let ground = ground("edge-crash").await;
    let domain = "edge-crash.example";
    let zone = zone(&ground, domain, false);
    let base = ground.ca("") + &certificate(&ground, "web");
    ground.write(&base);
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let without = ["CertificateRequest/", "Pod/", "ReplicaSet/"];
    let before = ground.settled(&without).await;
    let ingress = || Match::kube().writes().path("/ingresses");
    let records_of_zone = || Match::aws().writes().operation("ChangeResourceRecordSets");
    for (create, update, delete) in [
        ((ingress(), Before), (ingress(), Before), (ingress(), Before)),
        ((ingress(), After), (ingress(), After), (ingress(), After)),
        (
            (records_of_zone(), Before),
            (records_of_zone(), Before),
            (records_of_zone(), Before),
        ),
        (
            (records_of_zone(), After),
            (records_of_zone(), After),
            (records_of_zone(), After),
        ),
    ] {
        ground.write(&(base.clone() + &stack(&ground, &zone, "internal", "")));
        killed_at(&ground, create.0, create.1).await;
        drop(ground.terraform.apply_quietly().await.unwrap());
        assert_eq!(
            (balancers(&ground).len(), records(&ground, &zone).len()),
            (1, 2),
            "create {:?}",
            create.1
        );

        ground.write(&(base.clone() + &stack(&ground, &zone, "internet-facing", "")));
        killed_at(&ground, update.0, update.1).await;
        drop(ground.terraform.apply_quietly().await.unwrap());
        let hostname = ground.terraform.values(STACK).await.unwrap()["lb_hostname"].clone();
        let led = records(&ground, &zone)[1].clone();
        assert!(
            led.contains(hostname.as_str().unwrap()),
            "update {:?}: {led} for {hostname}",
            update.1
        );
        assert_eq!(balancers(&ground).len(), 1, "update {:?}", update.1);

        ground.write(&base);
        killed_at(&ground, delete.0, delete.1).await;
        drop(ground.terraform.apply(&[]).await.unwrap().success());
        assert_eq!(balancers(&ground), Vec::<String>::new(), "delete {:?}", delete.1);
        assert_eq!(records(&ground, &zone), Vec::<String>::new(), "delete {:?}", delete.1);
        ground.until_settled(&before, &without).await;
    }
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}
