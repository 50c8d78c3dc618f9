//! Who signs a CA, and what of a parent is seen before the first write.

use e2etls_engine::kind::Kind as _;
use serde_json::json;

use super::{KIND, World, arn, general, named, refused, root, subordinate, with};
use crate::kinds::aws::marks;

#[tokio::test(start_paused = true)]
async fn path_lengths_fit_the_parent() {
    let mut world = World::new();
    let top = arn(&world.made(&general(), "i1").await);
    named(&mut world, "middle");
    let middle = arn(&world.made(&subordinate(&top), "i2").await);
    named(&mut world, "short");
    let short = with(
        &subordinate(&middle),
        json!({"usage_mode": "SHORT_LIVED_CERTIFICATE", "validity_days": 100}),
    );
    let leaf = arn(&world.made(&short, "i3").await);
    let wanted = [
        "RootCACertificate/V1",
        "SubordinateCACertificate_PathLen3/V1",
        "SubordinateCACertificate_PathLen0/V1",
    ];
    assert_eq!(world.pca.templates(), wanted);
    named(&mut world, "below");
    let below = with(&subordinate(&leaf), json!({"validity_days": 50}));
    assert!(refused(&world.create(&below, "i4").await.failures).contains("ath length of 0"));
    assert_eq!(world.pca.alive().len(), 3, "refused before the first write");
}

#[tokio::test(start_paused = true)]
async fn a_parent_that_cant_sign_is_seen_before_the_first_write() {
    let mut world = World::new();
    let parent = arn(&world.made(&general(), "i1").await);
    named(&mut world, "below");
    let outlives = with(&subordinate(&parent), json!({"validity_days": 36_000}));
    assert!(refused(&world.create(&outlives, "i2").await.failures).contains("outlive"));
    world
        .pca
        .edit(&parent, |kept| kept.authority.status = "DISABLED".to_owned());
    assert!(refused(&world.create(&subordinate(&parent), "i2").await.failures).contains("not ACTIVE"));
    assert_eq!(world.pca.alive().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_disabled_parent_stops_no_unrelated_change() {
    let mut world = World::new();
    let parent = arn(&world.made(&general(), "i1").await);
    named(&mut world, "below");
    let state = world.made(&subordinate(&parent), "i2").await;
    world
        .pca
        .edit(&parent, |kept| kept.authority.status = "DISABLED".to_owned());
    let changed = with(&state.content, json!({"enabled": false, "tags": {"team": "blue"}}));
    assert_eq!(world.update(&state, &changed, &[]).await.failures, []);
}

#[tokio::test(start_paused = true)]
async fn a_ca_that_is_signed_outside_waits_with_its_csr_and_is_signed_in_place() {
    let world = World::new();
    let outside = json!({"type": "SUBORDINATE", "validity_days": null, "certified": null});
    let waiting = with(&root(), outside);
    let state = world.made(&waiting, "i1").await;
    let kept = world.only();
    assert_eq!(kept.authority.status, "PENDING_CERTIFICATE");
    assert!(!kept.tags.contains_key(marks::CREATING));

    let other = World::new();
    other.made(&general(), "i").await;
    let own = other.only().own.expect("a certificate");
    let signed = json!({"certificate_pem": own.certificate_pem, "chain_pem": own.certificate_pem});
    let given = with(&waiting, json!({"signed": signed, "certified": true}));
    let outcome = world.update(&state, &given, &[]).await;
    assert_eq!(outcome.failures, []);
    assert_eq!(world.only().authority.status, "ACTIVE");
    let outputs = &outcome.objects["ca"].outputs;
    assert_eq!(outputs.get("certificate_pem"), Some(&own.certificate_pem));
    // Written in another way it is the same.
    let signed = json!({"certificate_pem": format!("\n{}\n", own.certificate_pem), "chain_pem": own.certificate_pem});
    assert!(
        KIND.differences(&json!({"signed": signed}), &outcome.objects["ca"].content)
            .is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn a_certificate_never_ends_earlier() {
    let world = World::new();
    let state = world.made(&root(), "i1").await;
    world.faults.reset();
    let shorter = with(&root(), json!({"validity_days": 500}));
    let outcome = world.update(&state, &shorter, &[]).await;
    assert!(refused(&outcome.failures).starts_with("The CA would expire earlier on arn:"));
    assert!(!world.calls().iter().any(|call| call == "IssueCertificate"));
}
