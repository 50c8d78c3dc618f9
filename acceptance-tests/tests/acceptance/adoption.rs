//! Taint and `-replace`, in both orders: what is adopted, and what is recreated.
//!
//! AWS Private CA repeats its answer to a repeated request for five minutes; nobody here waits for that.

use crate::ground::Ground;
use crate::subject::{CERTIFICATE, ISSUER, NETWORK_POLICY, PROXY, STACK, Subject};

const CREATE_FIRST: &str = "create_before_destroy = true\n  lifecycle {\n    create_before_destroy = true\n  }";

async fn turn(ground: &Ground, subject: &Subject) {
    let before = ground.listing().await;
    subject.write(ground, "it", false, "");
    drop(ground.terraform.apply(&[]).await.expect("an answer").success());
    let first = subject.uid(ground).await;
    let replace = format!("-replace={}", subject.address);
    let instance = async || ground.terraform.values(subject.address).await.expect("an answer")["instance"].clone();
    let made_by = instance().await;

    // What has finished is rebuilt: a tainted CA or key must become a new one.
    drop(
        ground
            .terraform
            .taint(subject.address, true)
            .await
            .expect("an answer")
            .success(),
    );
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    let rebuilt = subject.uid(ground).await;
    assert_ne!(rebuilt, first, "a tainted resource that had finished is rebuilt");
    assert_ne!(instance().await, made_by);

    drop(ground.terraform.apply(&[&replace]).await.expect("an answer").success());
    drop(ground.terraform.plan(&[]).await.expect("an answer").empty());
    let second = subject.uid(ground).await;
    assert_ne!(second, rebuilt, "a replaced one is new");

    // Create before destroy: the new instance takes the objects over, and the delete leg finds nothing of its own.
    subject.write(ground, "it", false, CREATE_FIRST);
    drop(ground.terraform.apply(&[]).await.expect("an answer").success());
    drop(ground.terraform.apply(&[&replace]).await.expect("an answer").success());
    drop(ground.terraform.plan(&[]).await.expect("an answer").empty());
    assert_eq!(subject.uid(ground).await, second);
    drop(
        ground
            .terraform
            .taint(subject.address, true)
            .await
            .expect("an answer")
            .success(),
    );
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    assert_eq!(subject.uid(ground).await, second);

    drop(ground.terraform.destroy(&[]).await.expect("an answer").success());
    ground.until_listing(&before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_turns() {
    turn(&Ground::new("turn-issuer").await, &ISSUER).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_turns() {
    turn(&Ground::new("turn-certificate").await, &CERTIFICATE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_turns() {
    turn(&Ground::new("turn-proxy").await, &PROXY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_policy_turns() {
    turn(&Ground::new("turn-network-policy").await, &NETWORK_POLICY).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_turns() {
    turn(&Ground::new("turn-stack").await, &STACK).await;
}
