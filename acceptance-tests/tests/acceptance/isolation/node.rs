//! What no policy stops: the Pod's own node, as on EKS, and everything where nothing enforces policies.

use serde_json::{Value, json};

use super::{ENFORCE, OUTSIDE, enforced, pod, reaches, reaches_pod, reaches_proxy, run, stack};
use crate::ground::Ground;
use crate::stack::ADDRESS;

/// The node's own address, which Pods of its network have.
fn node(pod: &str) -> String {
    let octet = pod.split('.').nth(1).expect("an address");
    format!("127.{octet}.255.254")
}

/// What the last hop, which is plain text, says in this attribute of the facet `confined`.
async fn said(ground: &Ground, attribute: &str) -> String {
    let values = ground.terraform.values(ADDRESS).await.expect("an answer");
    let hops = values["expected_hops"].as_array().expect("hops");
    let last = hops.last().expect("a hop");
    assert_eq!((&last["to"], &last["confined"]), (&json!("app"), &json!("yes")));
    last[attribute].to_string()
}

/// A way in through the node to these Pods: its port.
async fn node_port(ground: &Ground, selector: &Value, port: u16, policy: &str) -> String {
    let name = format!("through-{}-{port}", policy.to_lowercase());
    let spec = json!({"type": "NodePort", "externalTrafficPolicy": policy, "selector": selector,
        "ports": [{"port": port, "targetPort": port}]});
    let metadata = json!({"name": name, "namespace": ground.namespace});
    ground
        .apply(json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}))
        .await;
    let service = ground.api("", "v1", "Service", "services").get(&name).await;
    let number = &service.expect("an answer").data["spec"]["ports"][0]["nodePort"];
    number.as_u64().expect("a port of the node").to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_node_gets_in_whatever_a_policy_says_and_the_hops_name_it() {
    let ground = enforced("isolation-node").await;
    ground.write(&stack(&ground, "gateway", ENFORCE));
    ground.terraform.apply_quietly().await.expect("an answer");
    run(&ground, "host", &json!({"hostNetwork": true}), 8081).await;
    let (app, host) = (
        pod(&ground, "e2etls.dev/app=shop").await,
        pod(&ground, "app=host").await,
    );
    assert_eq!(host, node(&app), "it has the address of the app's node");
    let service = ground.service_address("shop-proxy").await;
    assert!(
        reaches_pod(&host, &app) && reaches_proxy(&host, &service),
        "what the engine of EKS lets in: the node and whoever has its network"
    );

    // A NodePort that somebody makes: what comes in there has the node's address, unless the client's is kept.
    let stranger = pod(&ground, "app=stranger").await;
    let selector = json!({"e2etls.dev/app": "shop"});
    let through = async |policy: &str, from: &str| {
        let port = node_port(&ground, &selector, 8080, policy).await;
        reaches(from, &format!("http://{host}:{port}/"), None)
    };
    for from in [OUTSIDE, &stranger] {
        for (policy, client) in [("Cluster", from), ("Local", &host)] {
            let admitted = || async { through(policy, client).await };
            ground.until("the NodePort", admitted).await;
        }
        assert!(!through("Local", from).await, "{from}, with its own address");
        assert!(!reaches_pod(from, &app), "{from}, past the NodePort");
    }
    let except = said(&ground, "except").await;
    for named in ["processes on the Pod's own node", "hostNetwork", "NodePort"] {
        assert!(except.contains(named), "{named}: {except}");
    }
    drop(ground.terraform.destroy(&[]).await.expect("an answer").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_engine_a_policy_stops_nobody_and_the_hops_do_not_claim_that_it_does() {
    let ground = Ground::new("isolation-engine").await;
    run(&ground, "stranger", &json!({}), 8080).await;
    let stranger = pod(&ground, "app=stranger").await;
    ground.write(&stack(&ground, "gateway", ENFORCE));
    ground.terraform.apply_quietly().await.expect("an answer");
    let app = pod(&ground, "e2etls.dev/app=shop").await;
    assert!(
        reaches_pod(&stranger, &app),
        "the policy is there, and nothing enforces it"
    );
    let evidence = said(&ground, "evidence").await;
    assert!(
        evidence.contains("only if the cluster enforces them, which the configuration does not show"),
        "{evidence}"
    );
    drop(ground.terraform.destroy(&[]).await.expect("an answer").success());
}
