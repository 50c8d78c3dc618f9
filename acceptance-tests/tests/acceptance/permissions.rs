//! The documented permissions suffice: a life under the profile `namespaced`. All other tests run under `cluster-reader`.

use acceptance_tests::lab::Recorder;

use crate::ground::Ground;
use crate::subject::{PROXY, STACK};

const NAMESPACED: &str = include_str!("../../../examples/permissions/namespaced.yaml");

async fn live(ground: &Ground, subject: &crate::subject::Subject) {
    let before = ground.listing().await;
    subject.write(ground, "it", false, "");
    drop(ground.terraform.apply_quietly().await.unwrap());
    subject.write(ground, "it", true, "");
    drop(ground.terraform.apply_quietly().await.unwrap());

    // After the first 403 of a kind it is listed in its namespace alone; what is found is one list a kind and namespace.
    let recorder = Recorder::new(&ground.session.recorder);
    recorder.reset().await.unwrap();
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    let calls = recorder.calls().await.unwrap();
    let refused = |call: &&acceptance_tests::lab::Call| call.status == Some(403);
    assert!(
        calls.iter().filter(refused).count() > 0,
        "the profile reads no other namespace"
    );
    assert!(
        calls
            .iter()
            .filter(refused)
            .all(|call| !call.path.contains("/namespaces/"))
    );

    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    ground.until_listing(&before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_and_a_stack_live_in_one_namespace() {
    for (namespace, subject) in [("profile-proxy", &PROXY), ("profile-stack", &STACK)] {
        let rules = NAMESPACED
            .replace("shop", namespace)
            .replace("name: e2etls", &format!("name: e2etls-{namespace}"));
        let ground = Ground::with_permissions(namespace, &rules).await;
        live(&ground, subject).await;
    }
}
