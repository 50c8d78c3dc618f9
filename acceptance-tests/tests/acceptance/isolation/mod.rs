//! Who gets where, probed with an engine that enforces policies: connections from addresses and Pods that must, and must not.

mod node;

use std::process::Command;

use e2etls_lab::kubelet::{ENFORCED, lab_port, to_loopback};
use kube::api::ListParams;
use serde_json::{Value, json};

use crate::ground::Ground;
use crate::stack;

const HOST: &str = "shop.example.com";
/// Of the load balancer's network, and of another one.
const BALANCER: &str = "127.200.0.5";
const OUTSIDE: &str = "127.201.0.5";

/// A ground whose policies are enforced, with a Pod that is nobody's and one that scrapes.
async fn enforced(name: &str) -> Ground {
    let ground = Ground::new(name).await;
    ground
        .apply(
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {ENFORCED: "true"}}}),
        )
        .await;
    for app in ["stranger", "scraper"] {
        run(&ground, app, &json!({}), 8080).await;
    }
    ground
}

/// Runs a Pod that serves at this port, with more in its `spec`.
pub(crate) async fn run(ground: &Ground, app: &str, more: &Value, port: u16) {
    let labels = json!({"app": app});
    let container = json!({"name": "app", "image": "e2etls.lab/hello", "ports": [{"containerPort": port}]});
    let mut spec = more.clone();
    spec["containers"] = json!([container]);
    let metadata = json!({"name": app, "namespace": ground.namespace});
    let template = json!({"metadata": {"labels": labels}, "spec": spec});
    ground
        .apply(
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
            "spec": {"selector": {"matchLabels": labels}, "template": template}}),
        )
        .await;
}

fn stack(ground: &Ground, mode: &str, isolation: &str) -> String {
    let app = "image = \"e2etls.lab/hello\", replicas = 1, pod = { termination_grace = \"15s\" }";
    let proxy = format!("mode = \"{mode}\", isolation = {{ {isolation} }}");
    stack::of(ground, app, &proxy)
}

/// The address of a Pod with this label, as clients on the machine use it.
pub(crate) async fn pod(ground: &Ground, selector: &str) -> String {
    let pods = ground.api("", "v1", "Pod", "pods");
    for _ in 0..150 {
        let found = pods
            .list(&ListParams::default().labels(selector))
            .await
            .expect("a list");
        let staying = found.items.iter().find(|pod| pod.metadata.deletion_timestamp.is_none());
        let address = staying.and_then(|pod| pod.data["status"]["podIP"].as_str()?.parse().ok());
        if let Some(address) = address {
            return to_loopback(address).to_string();
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("no Pod {selector}");
}

/// True if a client with this address gets an answer.
pub(crate) fn reaches(from: &str, url: &str, resolve: Option<&str>) -> bool {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--insecure", "--max-time", "10", "--interface", from]);
    curl.args(resolve.iter().flat_map(|to| ["--resolve", *to]));
    let output = curl.arg(url).output().expect("curl runs");
    String::from_utf8_lossy(&output.stdout).contains("hello from pod")
}

/// True if a client with this address gets an answer of the app through the proxy's Service.
fn reaches_proxy(from: &str, service: &str) -> bool {
    let port = lab_port(443);
    let to = format!("{HOST}:{port}:{service}");
    reaches(from, &format!("https://{HOST}:{port}/"), Some(&to))
}

pub(crate) fn reaches_pod(from: &str, pod: &str) -> bool {
    reaches(from, &format!("http://{pod}:8080/"), None)
}

async fn verdict(ground: &Ground) -> String {
    let values = ground.terraform.values(stack::ADDRESS).await.expect("an answer");
    values["expected_verdict"].as_str().expect("a verdict").to_owned()
}

const ENFORCE: &str = "mode = \"enforce\", lb_cidrs = [\"10.200.0.0/16\"]";

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_is_reached_as_its_hops_say() {
    let ground = enforced("isolation-stack").await;
    let (stranger, scraper) = (pod(&ground, "app=stranger").await, pod(&ground, "app=scraper").await);
    ground.write(&stack(&ground, "gateway", "mode = \"off\""));
    ground.terraform.apply_quietly().await.unwrap();
    let service = ground.service_address("shop-proxy").await;
    let app = pod(&ground, "e2etls.dev/app=shop").await;
    for from in [BALANCER, OUTSIDE, &stranger] {
        assert!(
            reaches_proxy(from, &service) && reaches_pod(from, &app),
            "without policies: {from}"
        );
    }
    assert_eq!(verdict(&ground).await, "plaintext", "and it says so");

    ground.write(&stack(&ground, "gateway", ENFORCE));
    ground.terraform.apply_quietly().await.unwrap();
    let proxy = pod(&ground, "e2etls.dev/proxy=shop").await;
    assert!(
        reaches_proxy(BALANCER, &service),
        "the load balancer reaches the proxy, and that the app"
    );
    assert!(reaches_pod(&proxy, &app), "the proxy's Pods reach the app");
    for from in [OUTSIDE, &stranger, &scraper] {
        assert!(!reaches_proxy(from, &service), "{from} to the proxy");
        assert!(!reaches_pod(from, &app), "{from} to the app");
    }
    assert!(
        !reaches_pod(BALANCER, &app),
        "the load balancer to the app, past the proxy"
    );
    assert_eq!(verdict(&ground).await, "confined");

    let allowed = format!("{ENFORCE}, allow_from = [{{ pods = {{ app = \"scraper\" }}, ports = [8080] }}]");
    ground.write(&stack(&ground, "gateway", &allowed));
    ground.terraform.apply_quietly().await.unwrap();
    assert!(
        reaches_pod(&scraper, &app) && !reaches_proxy(&scraper, &service),
        "what allow_from says, and no more"
    );
    assert!(!reaches_pod(&stranger, &app));
    assert_eq!(
        verdict(&ground).await,
        "plaintext",
        "others reach the app: it is not confined"
    );
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reaches_the_app_of_a_sidecar() {
    let ground = enforced("isolation-sidecar").await;
    let stranger = pod(&ground, "app=stranger").await;
    ground.write(&stack(&ground, "sidecar", "mode = \"off\""));
    ground.terraform.apply_quietly().await.unwrap();
    let service = ground.service_address("shop-proxy").await;
    let app = pod(&ground, "e2etls.dev/app=shop").await;
    assert!(
        reaches_proxy(OUTSIDE, &service) && reaches_pod(&stranger, &app),
        "without policies"
    );

    ground.write(&stack(&ground, "sidecar", ENFORCE));
    ground.terraform.apply_quietly().await.unwrap();
    let app = pod(&ground, "e2etls.dev/app=shop").await;
    assert!(reaches_proxy(BALANCER, &service), "over loopback, which no policy cuts");
    assert!(!reaches_proxy(OUTSIDE, &service));
    for from in [BALANCER, OUTSIDE, &stranger] {
        assert!(!reaches_pod(from, &app), "{from} to the app");
    }
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_is_closed_except_for_what_is_listed() {
    let ground = enforced("isolation-namespace").await;
    ground.app().await;
    let (app, scraper) = (pod(&ground, "app=hello").await, pod(&ground, "app=scraper").await);
    let stranger = pod(&ground, "app=stranger").await;
    let policy = |mode: &str, more: &str| {
        format!(
            r#"
resource "e2etls_network_policy" "hello" {{
  name         = "hello"
  namespace    = "{}"
  mode         = "{mode}"
  app          = {{ selector = {{ app = "hello" }}, port = 8080 }}
  lb_cidrs     = ["10.200.0.0/16"]
  allow_from   = [{{ pods = {{ app = "scraper" }} }}]
  {more}
}}
"#,
            ground.namespace
        )
    };
    ground.write(&policy("audit", ""));
    ground.terraform.apply_quietly().await.unwrap();
    assert!(
        reaches_pod(OUTSIDE, &app) && reaches_pod(&stranger, &app),
        "an audit cuts nothing"
    );

    ground.write(&policy("enforce", ""));
    ground.terraform.apply_quietly().await.unwrap();
    assert!(reaches_pod(BALANCER, &app) && reaches_pod(&scraper, &app));
    assert!(!reaches_pod(OUTSIDE, &app) && !reaches_pod(&stranger, &app));
    assert!(
        reaches_pod(OUTSIDE, &stranger) && reaches_pod(&app, &stranger),
        "others are as they were"
    );

    ground.write(&policy("enforce", "default_deny = \"all\""));
    ground.terraform.apply_quietly().await.unwrap();
    assert!(reaches_pod(BALANCER, &app), "what is listed gets in");
    assert!(
        !reaches_pod(&scraper, &app),
        "the scraper's own connections are denied now"
    );
    assert!(!reaches_pod(OUTSIDE, &stranger) && !reaches_pod(&app, &stranger));

    let to = "default_deny = \"ingress\"\n  allow_to = [{ pods = { app = \"scraper\" } }]";
    ground.write(&policy("enforce", to));
    ground.terraform.apply_quietly().await.unwrap();
    assert!(reaches_pod(&scraper, &app), "only what reaches them is denied");
    assert!(
        !reaches_pod(&app, &scraper),
        "the scraper admits nobody: both ends have to"
    );
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}
