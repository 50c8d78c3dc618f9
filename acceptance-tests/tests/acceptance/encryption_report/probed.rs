//! Handshakes with Pods through the API server, by the real port-forward of a node.

use std::net::Ipv4Addr;
use std::path::Path;

use e2etls_lab::kubelet::{behind, to_loopback};
use kube::api::ListParams;
use serde_json::{Value, json};

use super::{GOOD, NAMESPACE, Seen, report};
use crate::ground::Ground;
use crate::leftovers::command_as;

const LIST: &str = include_str!("../../../../examples/permissions/report.yaml");
const PROBE: &str = include_str!("../../../../examples/permissions/report-probe.yaml");

/// Tells the node where the ports of every Pod lead: past the filter that stands for policies, as the loopback interface of a Pod
/// does.
async fn forwarded(ground: &Ground) {
    let pods = ground.api("", "v1", "Pod", "pods");
    for pod in pods.list(&ListParams::default()).await.expect("a list") {
        let address: Ipv4Addr = pod.data["status"]["podIP"]
            .as_str()
            .expect("an address")
            .parse()
            .expect("IPv4");
        let to = behind(to_loopback(address)).to_string();
        let ports = [8443, 8080].map(|port| json!({"ports": [port], "target": {"port": port, "address": to}}));
        let metadata = json!({"namespace": ground.namespace, "name": pod.metadata.name});
        ground
            .apply(json!({"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "PortForward", "metadata": metadata, "spec": {"forwards": ports}}))
            .await;
    }
}

/// What the command reports with these roles.
struct Reported {
    code: Option<i32>,
    said: String,
    document: Value,
}

impl Reported {
    /// The last hop of the first chain.
    fn hop(&self, to: &str) -> &Value {
        let hops = self.document["clusters"][0]["report"]["chains"][0]["hops"].as_array();
        let hop = hops.into_iter().flatten().find(|hop| hop["to"] == to);
        hop.unwrap_or_else(|| panic!("no hop to {to}: {:#}\n{}", self.document, self.said))
    }

    fn evidence(&self, to: &str) -> String {
        self.hop(to)["evidence"].to_string()
    }

    fn incomplete(&self) -> String {
        self.document["clusters"][0]["incomplete"].to_string()
    }
}

async fn reported(ground: &Ground, account: &str, roles: &str, scope: &[&str], ca: Option<&Path>) -> Reported {
    let token = ground
        .lab
        .service_account("probes", account, roles)
        .await
        .expect("an account");
    let kubeconfig = ground.lab.kubeconfig(&ground.session, &token).expect("a kubeconfig");
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("report.json").display().to_string();
    let ca = ca.map(|ca| ca.display().to_string());
    let mut args = [&["report"], scope, &["--probe", "port-forward", "--json", &json]].concat();
    args.extend(ca.iter().flat_map(|ca| ["--ca", ca]));
    let (code, said) = command_as(ground, &kubeconfig, &args);
    let text = std::fs::read_to_string(&json).unwrap_or_default();
    Reported {
        code,
        said,
        document: serde_json::from_str(&text).unwrap_or_default(),
    }
}

/// The stack of this cluster, which is as it should be.
pub(super) async fn all(ground: &Ground) {
    forwarded(ground).await;
    let folder = tempfile::tempdir().expect("a folder");
    let ca = folder.path().join("ca.pem");
    let values = ground.terraform.values("e2etls_private_ca.ca").await.expect("a CA");
    std::fs::write(&ca, values["certificate_pem"].as_str().expect("PEM")).expect("a file");
    let stack = format!("{NAMESPACE}/shop");
    let scope = ["--stack", stack.as_str()];

    let both = renamed("both", &[LIST, PROBE]);
    let seen = reported(ground, "both", &both, &scope, Some(&ca)).await;
    assert_eq!(seen.code, Some(0), "{}", seen.said);
    assert_eq!(
        Seen::of(&seen.document).hops(),
        GOOD,
        "handshakes change nothing where the report is right"
    );
    // Which group it is, is up to the library of TLS that the lab's NGINX has.
    let shown = [
        "probe: through port-forward, port 8443 of every ready Pod negotiates TLSv1.3 with ",
        ", with a certificate that leads to a given CA, and refuses plain HTTP",
    ];
    assert!(
        shown.iter().all(|words| seen.evidence("proxy").contains(words)),
        "{}",
        seen.evidence("proxy")
    );
    assert!(
        seen.evidence("proxy").contains("shows a certificate for "),
        "{}",
        seen.evidence("proxy")
    );
    let plain = "probe: through port-forward, port 8080 of every ready Pod answers plain HTTP, and does not speak TLS";
    assert!(seen.evidence("app").contains(plain), "{}", seen.evidence("app"));
    assert_eq!(seen.document["clusters"][0]["report"]["findings"], json!([]));

    // Without the load balancer and the configuration of NGINX, what its Pods speak shows in handshakes alone.
    let blind = LIST.replace(", configmaps", "").replace("ingresses, ", "");
    let blind = renamed("blind", &[&blind, PROBE]);
    let seen = reported(ground, "blind", &blind, &scope, None).await;
    assert_eq!(seen.code, Some(5), "{}", seen.said);
    assert!(
        seen.incomplete().contains("configmaps were not listed"),
        "{}",
        seen.incomplete()
    );
    let hop = seen.hop("proxy");
    assert_eq!(
        (&hop["from"], &hop["tls"]),
        (&json!("client"), &json!("yes")),
        "{:#}",
        seen.document
    );

    // A right that is missing is named once, and nothing is claimed.
    let listing = renamed("listing", &[LIST]);
    let seen = reported(ground, "listing", &listing, &scope, None).await;
    assert_eq!(seen.code, Some(5), "{}", seen.said);
    assert!(
        seen.incomplete()
            .contains("the verbs `get` and `create` on pods/portforward"),
        "{}",
        seen.incomplete()
    );
    assert!(!seen.evidence("proxy").contains("probe:"), "{}", seen.evidence("proxy"));

    // A CA that has signed nothing here.
    let stranger = rcgen::generate_simple_self_signed(["other root".to_owned()]).expect("a certificate");
    std::fs::write(&ca, stranger.cert.pem()).expect("a file");
    let seen = reported(ground, "both", &both, &scope, Some(&ca)).await;
    let findings = seen.document["clusters"][0]["report"]["findings"].to_string();
    assert!(
        findings.contains("port 8443: it shows a certificate that does not lead to a given CA"),
        "{findings}"
    );
    assert!(
        !seen.evidence("proxy").contains("leads to a given CA"),
        "{}",
        seen.evidence("proxy")
    );
}

/// Roles under names of this account.
fn renamed(account: &str, roles: &[&str]) -> String {
    roles
        .join("\n---\n")
        .replace("name: e2etls-report", &format!("name: e2etls-{account}"))
}

/// The same through Terraform: without the right it says so, and with it the second plan is empty.
pub(super) async fn through_terraform(ground: &Ground, config: &str) {
    let expected = "expected_verdict = e2etls_stack.shop.expected_verdict";
    let probe = "probe = \"port_forward\"\n  ca_pem = e2etls_private_ca.ca.certificate_pem";
    ground.write(&config.replace(expected, &format!("{expected}\n  {probe}")));
    let seen = report(ground).await;
    let incomplete = seen.0["incomplete"].to_string();
    assert!(
        incomplete.contains("the verbs `get` and `create` on pods/portforward"),
        "{incomplete}"
    );
    let bound = ground.lab.service_account("e2etls", "provider", PROBE).await;
    drop(bound.expect("an account"));
    let seen = report(ground).await;
    assert_eq!(
        (seen.hops(), &seen.0["incomplete"]),
        (GOOD.map(str::to_owned).to_vec(), &json!([]))
    );
    let shown = "port 8080 of every ready Pod answers plain HTTP, and does not speak TLS";
    assert!(seen.evidence().contains(shown), "{}", seen.evidence());
    drop(ground.terraform.plan(&[]).await.expect("an answer").empty());
    ground.write(config);
    drop(report(ground).await);
}
