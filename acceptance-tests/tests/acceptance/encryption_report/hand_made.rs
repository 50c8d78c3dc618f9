//! The command `report`, and set-ups that this provider has not made, under the role that is documented for it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use e2etls_lab::lab::{Call, Recorder, apply::documents};
use serde_json::{Value, json};

use super::{NAMESPACE, Seen};
use crate::ground::Ground;
use crate::leftovers::command;
use crate::permissions::actions;
use crate::roles::{granted, needed};

const POLICY: &str = include_str!("../../../../examples/permissions/iam-policy-report.json");
const ROLE: &str = include_str!("../../../../examples/permissions/report.yaml");

/// Verdicts of the first report of a document, in the words of [`Seen::hops`].
fn hops(document: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(document).expect("a document");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(document["schema"], "e2etls.dev/encryption-report/v1");
    Seen::of(&document).hops()
}

/// The command says of a stack what the data source says, also on its page.
pub(super) fn is_what_the_command_says(ground: &Ground, seen: &Seen) {
    let folder = tempfile::tempdir().expect("a folder");
    let (json, html) = (folder.path().join("report.json"), folder.path().join("report.html"));
    let paths = (json.display().to_string(), html.display().to_string());
    let stack = format!("{NAMESPACE}/shop");
    let to = ["--json", &paths.0, "--html", &paths.1, "--fail-below", "confined"];
    let (code, said) = command(ground, &[&["report", "--stack", &stack], &to[..]].concat());
    // On a busy machine it says how far it is.
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(hops(&json), seen.hops());
    let page = std::fs::read_to_string(&html).expect("a page");
    for shown in ["What was not examined", "confined", "Ingress report/", "HTTPS:443"] {
        assert!(page.contains(shown), "{shown}");
    }
    let (code, said) = command(ground, &["report", "--stack", &stack, "--fail-below", "encrypted"]);
    assert_eq!(code, Some(3), "{said}");
    assert!(
        said.contains("proxy → app") && said.contains("Certificate report/shop-proxy"),
        "{said}"
    );
    // A certificate of 144 hours does not last for a month.
    let (code, said) = command(ground, &["report", "--stack", &stack, "--expires-within", "30d"]);
    assert_eq!(code, Some(4), "{said}");
    let (code, said) = command(ground, &["report", "--stack", &format!("{NAMESPACE}/other")]);
    assert!(code == Some(5) && said.contains("The stack does not exist"), "{said}");
}

/// What the command asks AWS about a stack is what its policy allows: none missing, none superfluous.
pub(super) async fn asks_what_its_policy_allows(ground: &Ground) {
    let recorder = Recorder::new(&ground.session.recorder);
    recorder.reset().await.expect("an answer");
    let (code, said) = command(ground, &["report", "--stack", &format!("{NAMESPACE}/shop")]);
    assert_eq!(code, Some(0), "{said}");
    let calls = recorder.calls().await.expect("an answer");
    let mut asked: BTreeSet<String> = calls.iter().filter_map(Call::action).collect();
    // For `--cluster` alone.
    asked.insert("eks:DescribeCluster".to_owned());
    assert_eq!(asked, actions(POLICY));
}

/// NGINX with TLS in front of an application without, as old recipes have it.
async fn by_hand(ground: &Ground) {
    let own = |name: &str| json!({"name": name, "namespace": ground.namespace});
    let nginx = "events {} http { server { listen 8443 ssl; ssl_certificate /etc/tls/tls.crt; ssl_certificate_key /etc/tls/tls.key; \
        location / { proxy_pass http://hello; } } }";
    ground.app().await;
    let labels = json!({"app": "nginx-tls-proxy"});
    let mounts = json!([{"name": "config", "mountPath": "/etc/nginx/conf"}]);
    // A report reads what is declared: NGINX has no certificate here, and ends.
    let container = json!({"name": "nginx", "image": "nginx:1.25", "ports": [{"containerPort": 8443}],
        "command": ["sh", "-c", "nginx -c /etc/nginx/conf/nginx.conf; exec sleep 3600"], "volumeMounts": mounts});
    let volumes = json!([{"name": "config", "configMap": {"name": "nginx-config"}}]);
    let template = json!({"metadata": {"labels": labels}, "spec": {"containers": [container], "volumes": volumes}});
    for object in [
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": own("nginx-config"), "data": {"nginx.conf": nginx}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": own("hello"),
            "spec": {"selector": {"app": "hello"}, "ports": [{"port": 80, "targetPort": 8080}]}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": own("nginx-tls-service"),
            "spec": {"selector": labels, "ports": [{"port": 443, "targetPort": 8443}]}}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": own("nginx-tls-proxy"),
            "spec": {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}}),
    ] {
        ground.apply(object).await;
        // The API tells seconds: a process that starts in the same one may have read what was there before.
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_of_ours_has_made_is_reported_under_a_role_that_only_lists() {
    let ground = Ground::with_permissions("report-hand", &ROLE.replace("e2etls-report", "e2etls-report-hand")).await;
    by_hand(&ground).await;
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("report.json");
    let path = json.display().to_string();
    let recorder = Recorder::new(&ground.session.recorder);
    let reported = || async {
        recorder.reset().await.expect("an answer");
        let (code, said) = command(
            &ground,
            &["report", "--service", "report-hand/nginx-tls-service", "--json", &path],
        );
        // On a busy machine it says how far it is.
        assert_eq!(code, Some(0), "{said}");
        hops(&json) == ["client→proxy yes no encrypted", "proxy→app no no plaintext"]
    };
    ground.until("Pods that have loaded the configuration", reported).await;

    let calls = recorder.calls().await.expect("an answer");
    assert!(calls.iter().all(|call| call.status != Some(403)), "{calls:?}");
    let used: BTreeSet<String> = calls.iter().flat_map(needed).collect();
    let mut granted = granted(&documents(ROLE).expect("YAML"));
    // Every authenticated user may ask who they are: `system:basic-user`.
    granted.insert("selfsubjectreviews.authentication.k8s.io create".to_owned());
    assert_eq!(used, granted, "none missing, none superfluous");
    assert!(
        used.iter().all(|permission| !permission.starts_with("secrets")),
        "{used:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_does_not_allow_is_said_and_makes_the_report_incomplete() {
    let name = "report-less";
    let role = ROLE
        .replace("e2etls-report", "e2etls-report-less")
        .replace("nodes, ", "")
        .replace("[endpointslices]", "[endpoints]");
    let ground = Ground::with_permissions(name, &role).await;
    by_hand(&ground).await;
    let (code, said) = command(&ground, &["report", "--namespace", name]);
    assert_eq!(code, Some(5), "{said}");
    for missing in ["nodes were not listed", "endpointslices were not listed"] {
        assert!(said.contains(missing), "{missing}: {said}");
    }
}
