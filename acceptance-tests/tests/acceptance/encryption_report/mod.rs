//! `e2etls_encryption_report` through Terraform, beside probes of the same hops: no facet says yes where a probe shows no.

mod broken;
mod hand_made;
mod probed;

use e2etls_lab::kubelet::ENFORCED;
use e2etls_lab::lab::Options;
use k8s_openapi::api::core::v1::Node;
use kube::api::{Api, ListParams, Patch, PatchParams};
use serde_json::{Value, json};

use crate::edge::stack::with_own_certificate;
use crate::ground::Ground;
use crate::isolation::{pod, reaches_pod, run};
use crate::public_certificate::zone;

const NAMESPACE: &str = "report";
const DATA: &str = r#"
data "e2etls_encryption_report" "shop" {
  scope            = { stack = { namespace = "report", name = "shop" } }
  expected_verdict = e2etls_stack.shop.expected_verdict
  depends_on       = [e2etls_stack.shop]
}

output "report" {
  value = {
    verdict    = data.e2etls_encryption_report.shop.verdict
    matches    = data.e2etls_encryption_report.shop.matches_expectation
    hops       = data.e2etls_encryption_report.shop.hops
    findings   = data.e2etls_encryption_report.shop.findings
    incomplete = data.e2etls_encryption_report.shop.incomplete
  }
}
"#;

/// What the data source says.
struct Seen(Value);

impl Seen {
    /// The hops of the first report of a document.
    fn of(document: &Value) -> Self {
        let chains = document["clusters"][0]["report"]["chains"].as_array().expect("chains");
        let hops = chains.iter().flat_map(|chain| chain["hops"].as_array().expect("hops"));
        Self(json!({"hops": hops.collect::<Vec<_>>()}))
    }

    /// `FROM→TO tls confined verdict` for each hop.
    fn hops(&self) -> Vec<String> {
        let hops = self.0["hops"].as_array().expect("hops").iter();
        let text = |hop: &Value, name: &str| hop[name].as_str().expect("text").to_owned();
        hops.map(|hop| {
            format!(
                "{}→{} {} {} {}",
                text(hop, "from"),
                text(hop, "to"),
                text(hop, "tls"),
                text(hop, "confined"),
                text(hop, "verdict")
            )
        })
        .collect()
    }

    fn evidence(&self) -> String {
        self.0["hops"].to_string()
    }
}

/// The report as Terraform reads it now.
async fn report(ground: &Ground) -> Seen {
    drop(
        ground
            .terraform
            .apply(&["-refresh-only"])
            .await
            .expect("an answer")
            .success(),
    );
    Seen(ground.terraform.outputs().await.expect("outputs")["report"]["value"].clone())
}

/// Makes the nodes those of EKS Auto Mode, and its engine for policies be on or off: in the API, and before the Pods.
async fn engine(ground: &Ground, on: bool) {
    let nodes: Api<Node> = Api::all(ground.kube.clone());
    let label = json!({"metadata": {"labels": {"eks.amazonaws.com/compute-type": "auto"}}});
    for node in nodes.list(&ListParams::default()).await.expect("a list") {
        let name = node.metadata.name.expect("a name");
        let patched = nodes.patch(&name, &PatchParams::default(), &Patch::Merge(&label)).await;
        drop(patched.expect("it is patched"));
    }
    let on = on.to_string();
    ground
        .apply(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "kube-system", "name": "amazon-vpc-cni"},
            "data": {"enable-network-policy-controller": on}}))
        .await;
    ground
        .apply(
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": {ENFORCED: on}}}),
        )
        .await;
}

/// A cluster of its own with a stack behind a load balancer, and a Pod that is nobody's.
async fn ground() -> (Ground, String) {
    let options = Options {
        port_forward: true,
        ..Options::default()
    };
    let ground = Ground::alone(NAMESPACE, options).await;
    engine(&ground, true).await;
    run(&ground, "stranger", &json!({}), 8080).await;
    let zone = zone(&ground, "report.example", false);
    let stack = with_own_certificate(&ground, &zone, "internal", "\"shop.report.example\"");
    let config = ground.ca("") + &stack + DATA;
    ground.write(&config);
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    (ground, config)
}

const GOOD: [&str; 3] = [
    "client→edge yes no encrypted",
    "edge→proxy yes yes encrypted",
    "proxy→app no yes confined",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_report_says_what_probes_show_and_never_more() {
    let (ground, config) = ground().await;
    let good = report(&ground).await;
    assert_eq!(good.hops(), GOOD, "{:#}", good.0);
    assert_eq!(good.0["verdict"], "confined");
    assert_eq!(good.0["matches"], true, "{:#}", good.0);
    assert_eq!(
        (&good.0["findings"], &good.0["incomplete"]),
        (&json!([]), &json!([])),
        "{:#}",
        good.0
    );
    let stranger = pod(&ground, "app=stranger").await;
    let app = pod(&ground, "e2etls.dev/app=shop").await;
    assert!(!reaches_pod(&stranger, &app), "and so it is");
    hand_made::is_what_the_command_says(&ground, &good);
    hand_made::asks_what_its_policy_allows(&ground).await;
    probed::all(&ground).await;
    probed::through_terraform(&ground, &config).await;
    // What moves is not in the output: the second plan is empty.
    drop(ground.terraform.plan(&[]).await.expect("an answer").empty());
    broken::all(&ground, &stranger, &app).await;
    drop(ground.terraform.destroy(&[]).await.expect("an answer").success());
}
