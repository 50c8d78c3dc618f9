//! What a run has made that was killed goes, though its configuration is not that of the run any more. The walk shows what a
//! kill and the same command again lead to.

use e2etls_lab::lab::{Action, Fault, Match, Recorder, When};

use crate::ground::Ground;
use crate::subject::PROXY;

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
    let fault = Fault::new(made.clone(), Action::KillClient { when: When::After }).times(1);
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
