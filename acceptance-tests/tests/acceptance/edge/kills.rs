//! A kill anywhere, then the same command again: one load balancer, and none in the end.

use e2etls_lab::lab::When::{After, Before};

use super::{balancers, edge, ground, proxy};
use crate::crash::{APPLY, Moment, killed};

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
