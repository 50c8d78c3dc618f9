//! From nothing to a page that is served behind a load balancer, and back.

use std::collections::BTreeSet;

use e2etls_lab::lab::{Call, Recorder};

use super::{CERTIFIED, EDGE, HOST, address, ask, balancers, certificate, edge, ground, in_acm, proxy, served, values};
use crate::permissions::documented;
use crate::tls;

#[tokio::test(flavor = "multi_thread")]
async fn an_application_load_balancer_serves_and_encrypts_again() {
    let ground = ground("edge-alb").await;
    let base = proxy(&ground, "") + &certificate(&ground, "web");
    ground.write(&base);
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let before = ground.settled(&["CertificateRequest/", "Pod/", "ReplicaSet/"]).await;
    ground.write(&(base.clone() + &edge(&ground, "alb", CERTIFIED)));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let hops = plan.change(EDGE).json["after"]["expected_hops"].clone();
    assert_eq!(hops[0]["verdict"], "encrypted", "known in the plan: {hops:#}");
    drop(ground.terraform.apply_quietly().await.unwrap());

    let values = values(&ground).await;
    assert_eq!(
        values["effective_ssl_policy"],
        "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    );
    assert!(
        values["lb_arn"].as_str().unwrap().contains(":loadbalancer/app/"),
        "{values:#}"
    );
    let to = address(&ground, 443).await;
    let page = ask(&to, "https", HOST, &[]);
    assert!(page.contains(" 200 ") && page.contains("hello from pod"), "{page}");
    let arn = ground.terraform.values("e2etls_public_certificate.web").await.unwrap()["arn"].clone();
    assert_eq!(served(&to, HOST), in_acm(&ground, arn.as_str().unwrap()));
    let other = ask(&to, "https", "other.example.com", &[]);
    assert!(other.contains(" 404 "), "{other}");
    let redirected = ask(&address(&ground, 80).await, "http", HOST, &[]);
    assert!(
        redirected.contains(" 301 ") && redirected.contains("https://"),
        "{redirected}"
    );
    let legacy = ask(&to, "https", HOST, &["--tls-max", "1.1"]);
    assert!(!legacy.contains(" 200 "), "{legacy}");

    // Another certificate is switched in place, and another policy.
    let arns = "certificate_arns = [e2etls_public_certificate.second.arn, e2etls_public_certificate.web.arn]\n  \
                ssl_policy = \"ELBSecurityPolicy-TLS13-1-2-2021-06\"";
    let base = base + &certificate(&ground, "second");
    ground.write(&(base.clone() + &edge(&ground, "alb", arns)));
    drop(ground.terraform.apply_quietly().await.unwrap());
    let now = super::values(&ground).await;
    assert_eq!(now["hostname"], values["hostname"]);
    assert_eq!(now["effective_ssl_policy"], "ELBSecurityPolicy-TLS13-1-2-2021-06");
    let second = ground
        .terraform
        .values("e2etls_public_certificate.second")
        .await
        .unwrap()["arn"]
        .clone();
    assert_eq!(served(&to, HOST), in_acm(&ground, second.as_str().unwrap()));

    // A refresh asks AWS once for the edge.
    let recorder = Recorder::new(&ground.session.recorder);
    let calls = recorder.calls().await.unwrap();
    let asked: BTreeSet<String> = calls.iter().filter_map(Call::action).collect();
    let balancing = |action: &String| action.starts_with("elasticloadbalancing:");
    assert_eq!(
        asked.into_iter().filter(balancing).collect::<BTreeSet<_>>(),
        documented().into_iter().filter(balancing).collect::<BTreeSet<_>>()
    );
    recorder.reset().await.unwrap();
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    let calls = recorder.calls().await.unwrap();
    let asked: Vec<String> = calls.iter().filter_map(Call::action).filter(balancing).collect();
    assert_eq!(asked, ["elasticloadbalancing:DescribeListeners"]);

    ground.write(&base);
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    assert_eq!(balancers(&ground), Vec::<String>::new());
    ground
        .until_settled(&before, &["CertificateRequest/", "Pod/", "ReplicaSet/"])
        .await;
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_load_balancer_terminates_or_passes_through() {
    let ground = ground("edge-nlb").await;
    let base = proxy(&ground, "") + &certificate(&ground, "web");
    ground.write(&(base.clone() + &edge(&ground, "nlb_tls", CERTIFIED)));
    drop(ground.terraform.apply_quietly().await.unwrap());
    let to = address(&ground, 443).await;
    let page = ask(&to, "https", HOST, &[]);
    assert!(page.contains(" 200 ") && page.contains("hello from pod"), "{page}");
    let arn = ground.terraform.values("e2etls_public_certificate.web").await.unwrap()["arn"].clone();
    assert_eq!(served(&to, HOST), in_acm(&ground, arn.as_str().unwrap()));

    // Another kind is another load balancer.
    ground.write(&(base.clone() + &edge(&ground, "nlb_passthrough", "")));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    assert_eq!(plan.change(EDGE).actions, ["delete", "create"]);
    drop(ground.terraform.apply_quietly().await.unwrap());
    let to = address(&ground, 443).await;
    let ca = ground.terraform.values("e2etls_private_ca.ca").await.unwrap();
    let ca_pem = ca["certificate_pem"].as_str().unwrap();
    let seen = tls::openssl(&to.0, to.1, HOST, ca_pem, &[]);
    assert!(seen.verified, "the client sees the proxy's certificate: {}", seen.text);
    let page = tls::get(&to.0, to.1, HOST, ca_pem, "/cart");
    assert!(page.contains("hello from pod"), "{page}");
    assert_eq!(values(&ground).await["effective_ssl_policy"], "");

    // The node's ports stay closed.
    let service = ground.api("", "v1", "Service", "services").get("shop").await.unwrap();
    assert_eq!(service.data["spec"]["ports"][0].get("nodePort"), None);
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(balancers(&ground), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_whose_state_was_lost_is_imported() {
    let ground = ground("edge-import").await;
    let more = format!("{CERTIFIED}\n  idle_timeout = \"2m\"\n  redirect_http = false");
    let config = proxy(&ground, "") + &certificate(&ground, "web") + &edge(&ground, "alb", &more);
    ground.write(&config);
    drop(ground.terraform.apply_quietly().await.unwrap());
    let before = values(&ground).await;
    drop(ground.terraform.run(&["state", "rm", EDGE]).await.unwrap().success());
    let lost = ground.terraform.apply(&[]).await.unwrap();
    drop(lost.failure(&["already exists"]));
    drop(
        ground
            .terraform
            .import(EDGE, "edge-import/shop")
            .await
            .unwrap()
            .success(),
    );
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    drop(ground.terraform.plan(&[]).await.unwrap().empty());
    let after = values(&ground).await;
    for attribute in ["lb_arn", "hostname", "lb_zone_id", "effective_ssl_policy", "parts"] {
        assert_eq!(after[attribute], before[attribute], "{attribute}");
    }
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    assert_eq!(balancers(&ground), Vec::<String>::new());
}
