//! A kill anywhere, then the same command again: it converges, nothing twice, nothing left.

use acceptance_tests::lab::{Action, Fault, Match, Recorder, When};

use crate::ground::Ground;
use crate::proxy::{ADDRESS, all};

/// The provider dies at its nth write to the API server.
async fn kill_at(ground: &Ground, nth: u64, when: When) {
    let mut matching = Match::kube().writes().nth(nth);
    matching.user_agent_contains = Some("terraform-provider-e2etls".to_owned());
    let fault = Fault::new(matching, Action::KillClient { when });
    Recorder::new(&ground.session.recorder)
        .fault(&fault)
        .await
        .expect("the recorder answers");
}

async fn calm(ground: &Ground) {
    Recorder::new(&ground.session.recorder)
        .clear_faults()
        .await
        .expect("the recorder answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_whose_create_update_or_delete_was_killed_converges() {
    let ground = Ground::new("crash-proxy").await;
    let empty = ground.listing().await;
    ground.write(&(ground.ca("") + &ground.issuer()));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let base = vec!["AWSPCAIssuer/apps".to_owned()];
    // The canary's request goes a moment after the apply.
    ground.until_listing(&base).await;
    for (nth, when) in [(1, When::After), (5, When::Before), (9, When::After)] {
        // Another name each time: AWS Private CA answers a repeated request of aws-privateca-issuer with the old
        // certificate for five minutes, and the provider waits that out.
        let named = |more: &str| {
            let name = format!("name         = \"hello-{nth}\"");
            all(&ground, more).replace("name         = \"hello\"", &name)
        };
        ground.write(&named(""));
        kill_at(&ground, nth, when).await;
        let killed = ground.terraform.apply(&[]).await.unwrap();
        assert_ne!(killed.code, Some(0), "the {nth}. write of a create: {}", killed.words());
        calm(&ground).await;
        drop(ground.terraform.apply_quietly().await.unwrap());
        let values = ground.terraform.values(ADDRESS).await.unwrap();
        let parts = values["parts"].as_object().unwrap().len();
        let mine: Vec<String> = ground
            .listing()
            .await
            .into_iter()
            .filter(|name| !base.contains(name))
            .collect();
        let own = mine.iter().filter(|name| {
            !name.starts_with("Pod/") && !name.starts_with("ReplicaSet/") && !name.starts_with("CertificateRequest/")
        });
        assert_eq!(own.count(), parts, "create, {nth}: {mine:?}");

        ground.write(&named("http = { max_body_size = \"7m\" }"));
        kill_at(&ground, nth.min(2), when).await;
        let killed = ground.terraform.apply(&[]).await.unwrap();
        assert_ne!(killed.code, Some(0), "an update: {}", killed.words());
        calm(&ground).await;
        drop(ground.terraform.apply_quietly().await.unwrap());

        kill_at(&ground, nth.min(7), when).await;
        let target = format!("-target={ADDRESS}");
        let killed = ground.terraform.destroy(&[&target]).await.unwrap();
        assert_ne!(killed.code, Some(0), "the {nth}. write of a delete: {}", killed.words());
        calm(&ground).await;
        drop(ground.terraform.destroy(&[&target]).await.unwrap().success());
        ground.until_listing(&base).await;
    }
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    ground.until_listing(&empty).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn taint_finishes_what_is_there_and_replace_makes_it_new() {
    let ground = Ground::new("crash-taint").await;
    ground.write(&all(&ground, ""));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let uid = |values: &serde_json::Value| values["parts"]["proxy/service"]["uid"].as_str().unwrap().to_owned();
    let first = ground.terraform.values(ADDRESS).await.unwrap();

    drop(ground.terraform.taint(ADDRESS, true).await.unwrap().success());
    drop(ground.terraform.apply_quietly().await.unwrap());
    let tainted = ground.terraform.values(ADDRESS).await.unwrap();
    assert_eq!(uid(&first), uid(&tainted), "a tainted proxy is adopted, not rebuilt");
    assert_ne!(first["instance"], tainted["instance"]);

    let replace = format!("-replace={ADDRESS}");
    drop(ground.terraform.apply(&[&replace]).await.unwrap().success());
    let replaced = ground.terraform.values(ADDRESS).await.unwrap();
    assert_ne!(uid(&tainted), uid(&replaced));
    drop(ground.terraform.plan(&[]).await.unwrap().empty());

    // Create before destroy: the new instance takes the objects over, and the delete leg finds nothing of its own.
    ground.write(&all(&ground, "lifecycle {\n    create_before_destroy = true\n  }"));
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    drop(ground.terraform.apply(&[&replace]).await.unwrap().success());
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    let adopted = ground.terraform.values(ADDRESS).await.unwrap();
    assert_eq!(uid(&replaced), uid(&adopted));
    drop(ground.terraform.taint(ADDRESS, true).await.unwrap().success());
    drop(ground.terraform.apply_quietly().await.unwrap());
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}
