//! What stands in the way of a load balancer, and what somebody else does to it.

use std::time::Instant;

use super::{CERTIFIED, EDGE, HOST, address, ask, balancers, certificate, edge, ground, proxy, values};
use crate::ground::writes;
use crate::public_certificate::request;
use e2etls_lab::lab::Recorder;

#[tokio::test(flavor = "multi_thread")]
async fn a_class_that_does_not_exist_is_refused_before_the_first_write() {
    let ground = ground("edge-class").await;
    let arn = "certificate_arns = [\"arn:aws:acm:eu-central-1:123456789012:certificate/none\"]";
    let config = proxy(&ground, "");
    ground.write(&config);
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let recorder = Recorder::new(&ground.session.recorder);
    recorder.reset().await.unwrap();
    let more = format!("{arn}\n  ingress_class = \"nowhere\"");
    ground.write(&(config.clone() + &edge(&ground, "alb", &more)));
    let refused = ground.terraform.apply(&[]).await.unwrap();
    drop(refused.failure(&["no IngressClass `nowhere`", "ingress_class"]));
    assert!(writes(&recorder).await.is_empty());

    // A certificate that does not exist: AWS says so to the controller, and that to the cluster.
    ground.write(&(config + &edge(&ground, "alb", arn)));
    let began = Instant::now();
    let refused = ground.terraform.apply(&[]).await.unwrap();
    drop(refused.failure(&["The load balancer controller can't do what", "ertificate"]));
    assert!(began.elapsed().as_secs() < 80, "{:?}", began.elapsed());
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(balancers(&ground), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_that_somebody_deleted_comes_back() {
    let ground = ground("edge-gone").await;
    let config = proxy(&ground, "")
        + &certificate(&ground, "web")
        + &edge(
            &ground,
            "alb",
            &format!("{CERTIFIED}\n  timeouts = {{ update = \"60s\" }}"),
        );
    ground.write(&config);
    drop(ground.terraform.apply_quietly().await.unwrap());
    let before = values(&ground).await;
    let arn = before["lb_arn"].as_str().unwrap();
    let body = format!("Action=DeleteLoadBalancer&Version=2015-12-01&LoadBalancerArn={arn}");
    drop(request(
        &ground,
        "elasticloadbalancing",
        "/",
        &["-X", "POST", "-d", &body],
    ));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let change = &plan.change(EDGE).json;
    let drift = change["before"]["drift"].to_string();
    assert!(drift.contains("edge/load-balancer"), "{change:#}");
    // The controller does not look at AWS by itself for hours: it is told by a change of the Ingress.
    let ingress = ground.api("networking.k8s.io", "v1", "Ingress", "ingresses");
    let touch = serde_json::json!({"metadata": {"annotations": {"touched": "yes"}}});
    ingress
        .patch(
            "shop",
            &kube::api::PatchParams::default(),
            &kube::api::Patch::Merge(touch),
        )
        .await
        .unwrap();
    drop(ground.terraform.apply_quietly().await.unwrap());
    let page = ask(&address(&ground, 443).await, "https", HOST, &[]);
    assert!(page.contains("hello from pod"), "{page}");
    assert_ne!(values(&ground).await["lb_arn"], before["lb_arn"]);
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(balancers(&ground), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_cuts_the_way_is_not_called_a_success() {
    let ground = ground("edge-cut").await;
    let base = proxy(&ground, "") + &certificate(&ground, "web");
    let timeouts = "timeouts = { update = \"50s\" }";
    let good = format!("{CERTIFIED}\n  {timeouts}");
    ground.write(&(base.clone() + &edge(&ground, "alb", &good)));
    drop(ground.terraform.apply_quietly().await.unwrap());
    // A Service that is not there, and a check that no proxy passes.
    let nowhere = edge(&ground, "alb", &good).replace("e2etls_proxy.hello.service.name", "\"nosuch\"");
    let unhealthy = edge(&ground, "alb", &good).replace(
        "interval = \"5s\"",
        "interval = \"5s\", path = \"/nope\", success_codes = \"299\"",
    );
    for (config, words) in [(nowhere, "port 443 of Service nosuch"), (unhealthy, "is unhealthy")] {
        ground.write(&(base.clone() + &config));
        let cut = ground.terraform.apply(&[]).await.unwrap();
        drop(cut.failure(&["has no healthy targets yet", words]));
        ground.write(&(base.clone() + &edge(&ground, "alb", &good)));
        drop(ground.terraform.apply_quietly().await.unwrap());
        let page = ask(&address(&ground, 443).await, "https", HOST, &[]);
        assert!(page.contains("hello from pod"), "{page}");
    }
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(balancers(&ground), Vec::<String>::new());
}
