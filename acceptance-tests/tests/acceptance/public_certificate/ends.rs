//! Certificates that nothing becomes of, and those that are in use.

use serde_json::json;

use super::{CERTIFICATE, arn, certificate, control, in_zone, is_finished, living, values, zone};
use crate::ground::Ground;

const LISTENER: &str = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop/1";

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_validation_timed_out_is_replaced() {
    let ground = Ground::new("acm-timeout").await;
    let domain = "timeout.example";
    let id = zone(&ground, domain, false);
    ground.write(&certificate(domain, "dns = { records_only = true }"));
    ground.terraform.apply_quietly().await.unwrap();
    let first = arn(&ground).await;
    control(&ground, &json!({"CertificateArn": first, "Action": "time_out"}));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let change = plan.change(CERTIFICATE);
    assert_eq!(change.actions, ["delete", "create"]);
    assert_eq!(change.json["before"]["status"], "VALIDATION_TIMED_OUT");
    ground.write(&certificate(domain, &in_zone(domain, &id)));
    ground.terraform.apply_quietly().await.unwrap();
    let second = arn(&ground).await;
    assert_eq!(living(&ground, domain), std::slice::from_ref(&second));
    is_finished(&ground, &second);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_acm_does_not_issue_says_why() {
    let ground = Ground::new("acm-fail").await;
    let domain = "fail.example";
    let id = zone(&ground, domain, false);
    let region = e2etls_lab::lab::REGION;
    let fate = |action: &str| json!({"DomainName": domain, "Region": region, "Action": action, "AfterSeconds": 0.1});
    control(&ground, &fate("fail"));
    ground.write(&certificate(domain, &in_zone(domain, &id)));
    drop(
        ground
            .terraform
            .apply(&[])
            .await
            .unwrap()
            .failure(&["FAILED", "CAA_ERROR"]),
    );
    control(&ground, &fate("clear"));
    ground.terraform.apply_quietly().await.unwrap();
    let made = arn(&ground).await;
    assert_eq!(living(&ground, domain), std::slice::from_ref(&made));
    is_finished(&ground, &made);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_in_use_is_replaced_by_creating_first_and_named_by_a_delete() {
    let ground = Ground::new("acm-use").await;
    let domain = "use.example";
    let dns = in_zone(domain, &zone(&ground, domain, false));
    let first_created = "create_before_destroy = true\n  lifecycle {\n    create_before_destroy = true\n  }";
    let short = "timeouts = { delete = \"8s\" }";
    ground.write(&certificate(domain, &format!("{dns}\n  {short}\n  {first_created}")));
    ground.terraform.apply_quietly().await.unwrap();
    let first = arn(&ground).await;
    control(
        &ground,
        &json!({"CertificateArn": first, "Action": "use", "By": LISTENER}),
    );
    let other = format!("sans = [\"www.{domain}\"]\n  {dns}\n  {short}\n  {first_created}");
    ground.write(&certificate(domain, &other));
    drop(
        ground
            .terraform
            .apply(&[])
            .await
            .unwrap()
            .failure(&["is in use", LISTENER, "create_before_destroy"]),
    );
    // The new one is there for the users to switch to; the old one goes once they have.
    let second = values(&ground).await["arn"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    is_finished(&ground, &second);
    assert_eq!(living(&ground, domain).len(), 2);
    control(
        &ground,
        &json!({"CertificateArn": first, "Action": "release", "By": LISTENER}),
    );
    ground.terraform.apply_quietly().await.unwrap();
    assert_eq!(living(&ground, domain), [second]);
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert!(living(&ground, domain).is_empty());
}
