//! The proxy in the Pods of an app that a stack runs.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kube::api::ListParams;
use serde_json::{Value, json};

use crate::ground::Ground;
use crate::stack::{self, ADDRESS};
use crate::tls::{self, openssl};

const HOST: &str = "shop.example.com";
const ISOLATION: &str = "isolation = { mode = \"enforce\", lb_cidrs = [\"10.0.0.0/8\"] }";

fn stack(ground: &Ground, mode: &str, http: &str) -> String {
    let app = "image = \"e2etls.lab/hello\", replicas = 2, min_ready = \"2s\", pod = { termination_grace = \"20s\" }";
    let pod = "pod = { pre_stop = \"5s\" }";
    let proxy = format!("mode = \"{mode}\", {ISOLATION}, http = {{ {http} }}, {pod}");
    stack::of(ground, app, &proxy)
}

/// Asks for a page again and again until it is stopped.
struct Traffic {
    stop: Arc<AtomicBool>,
    asking: std::thread::JoinHandle<(usize, Vec<String>)>,
}

impl Traffic {
    fn start(address: &str, port: u16, ca_pem: &str) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, ca) = (Arc::clone(&stop), tls::file(ca_pem));
        let to = format!("{HOST}:{port}:{address}");
        let url = format!("https://{HOST}:{port}/cart");
        let asking = std::thread::spawn(move || {
            let (mut answered, mut lost) = (0, Vec::new());
            while !stopped.load(Ordering::Relaxed) {
                let output = Command::new("curl")
                    .args([
                        "--silent",
                        "--show-error",
                        "--fail",
                        "--max-time",
                        "20",
                        "--resolve",
                        &to,
                        "--cacert",
                    ])
                    .arg(ca.path())
                    .arg(&url)
                    .output()
                    .expect("curl runs");
                if output.status.success() {
                    answered += 1;
                } else {
                    lost.push(String::from_utf8_lossy(&output.stderr).into_owned());
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            (answered, lost)
        });
        Self { stop, asking }
    }

    /// How many were answered, and how the others failed.
    fn end(self) -> (usize, Vec<String>) {
        self.stop.store(true, Ordering::Relaxed);
        self.asking.join().expect("it ends")
    }
}

/// The containers of each Pod that the proxy's Service selects and that is not about to go.
async fn pods(ground: &Ground) -> Vec<Vec<String>> {
    let selected = ListParams::default().labels("e2etls.dev/proxy=shop");
    let pods = ground
        .api("", "v1", "Pod", "pods")
        .list(&selected)
        .await
        .expect("it is there");
    let staying = pods
        .items
        .iter()
        .filter(|pod| pod.metadata.deletion_timestamp.is_none());
    let names = |pod: &Value| -> Vec<String> {
        let containers = pod["spec"]["containers"].as_array().expect("it is there");
        containers
            .iter()
            .map(|container| container["name"].as_str().expect("it is there").to_owned())
            .collect()
    };
    staying.map(|pod| names(&pod.data)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_becomes_a_sidecar_and_back_while_it_is_asked() {
    let ground = Ground::new("stack-sidecar").await;
    let before = ground.listing().await;
    ground.write(&stack(&ground, "gateway", ""));
    ground.terraform.apply_quietly().await.unwrap();
    let ca = ground.terraform.values("e2etls_private_ca.ca").await.unwrap();
    let ca_pem = ca["certificate_pem"].as_str().unwrap().to_owned();
    let address = ground.service_address("shop-proxy").await;
    let port = e2etls_lab::kubelet::lab_port(443);
    let traffic = Traffic::start(&address, port, &ca_pem);

    ground.write(&stack(&ground, "sidecar", ""));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let after = &plan.change(ADDRESS).json["after"];
    let parts: Vec<&String> = after["parts"].as_object().unwrap().keys().collect();
    for gone in ["proxy/deployment", "proxy/upstream", "isolation/app"] {
        assert!(!parts.iter().any(|part| *part == gone), "{gone}: {parts:?}");
    }
    assert_eq!(after["expected_verdict"], "confined", "known in the plan");
    ground.terraform.apply_quietly().await.unwrap();
    assert_eq!(pods(&ground).await, [["app", "e2etls-nginx"], ["app", "e2etls-nginx"]]);
    let seen = openssl(&address, port, HOST, &ca_pem, &[]);
    assert!(seen.verified, "{}", seen.text);
    let body = tls::get(&address, port, HOST, &ca_pem, "/cart");
    assert!(body.contains("hello from pod shop-app-"), "{body}");

    // A rollout of the sidecar is one of the app.
    ground.write(&stack(&ground, "sidecar", "response_headers = { X-Team = \"edge\" }"));
    ground.terraform.apply_quietly().await.unwrap();
    let body = tls::get(&address, port, HOST, &ca_pem, "/cart");
    assert!(body.to_lowercase().contains("x-team: edge"), "{body}");

    let policies = ground.api("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies");
    let policy = policies.get("shop-proxy-isolation").await.unwrap();
    let ingress = &policy.data["spec"]["ingress"];
    assert_eq!(ingress.as_array().map(Vec::len), Some(1), "{ingress}");
    assert_eq!(
        ingress[0]["ports"],
        json!([{"port": 8443, "protocol": "TCP"}]),
        "nobody gets to the app's own port"
    );

    ground.write(&stack(&ground, "gateway", ""));
    ground.terraform.apply_quietly().await.unwrap();
    assert_eq!(pods(&ground).await, [["nginx"], ["nginx"]]);
    let (answered, lost) = traffic.end();
    assert!(lost.is_empty(), "{} lost, {answered} answered: {lost:?}", lost.len());
    assert!(answered > 50, "{answered}");

    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    ground.until_listing(&before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_template_keeps_what_it_says_and_the_plan_after_it_is_empty() {
    let ground = Ground::new("stack-template").await;
    ground
        .apply(
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "shop", "namespace": ground.namespace},
            "data": {"a": "b"}}),
        )
        .await;
    // Whatever the API server fills in, spells otherwise or sorts.
    let template = json!({
        "metadata": {"labels": {"app": "shop"}, "annotations": {"team": "edge"}, "creationTimestamp": null},
        "spec": {
            "terminationGracePeriodSeconds": 20,
            "serviceAccountName": "default",
            "nodeSelector": {"kubernetes.io/os": "linux"},
            "tolerations": [{"key": "spot", "operator": "Exists"}],
            "securityContext": {"fsGroup": 2000},
            "volumes": [
                {"name": "config", "configMap": {"name": "shop"}},
                {"name": "tmp", "emptyDir": {"sizeLimit": "1024Mi"}},
            ],
            "containers": [{
                "name": "nginx",
                "image": "e2etls.lab/hello",
                "imagePullPolicy": "IfNotPresent",
                "env": [
                    {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
                    {"name": "LIMIT", "valueFrom": {"configMapKeyRef": {"name": "shop", "key": "a", "optional": true}}},
                    {"name": "EMPTY", "value": ""},
                ],
                "ports": [{"name": "http", "containerPort": 8080}, {"containerPort": 9090}],
                "readinessProbe": {"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 2},
                "resources": {"requests": {"cpu": "0.1", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
                "volumeMounts": [{"name": "config", "mountPath": "/etc/shop"}, {"name": "tmp", "mountPath": "/tmp"}],
            }],
        },
    });
    let app = format!("pod_template_json = {:?}, replicas = 1", template.to_string());
    let proxy = format!("mode = \"sidecar\", {ISOLATION}");
    ground.write(&stack::of(&ground, &app, &proxy));
    ground.terraform.apply_quietly().await.unwrap();
    assert_eq!(pods(&ground).await, [["nginx", "e2etls-nginx"]]);
    let ca = ground.terraform.values("e2etls_private_ca.ca").await.unwrap();
    let address = ground.service_address("shop-proxy").await;
    let port = e2etls_lab::kubelet::lab_port(443);
    let body = tls::get(&address, port, HOST, ca["certificate_pem"].as_str().unwrap(), "/cart");
    assert!(body.contains("hello from pod shop-app-"), "{body}");

    // As after a create that was interrupted: the arguments come back, and nothing of the Pods is seen to differ.
    drop(ground.terraform.state(&["rm", ADDRESS]).await.unwrap().success());
    let id = format!("{}/shop", ground.namespace);
    drop(ground.terraform.import(ADDRESS, &id).await.unwrap().success());
    let values = ground.terraform.values(ADDRESS).await.unwrap();
    assert_eq!(
        values["drift"],
        json!(["issuer/check"]),
        "the issuer is yet to be seen to work"
    );
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}
