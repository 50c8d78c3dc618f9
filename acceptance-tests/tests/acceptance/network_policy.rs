//! `e2etls_network_policy` through Terraform: what the API server keeps. Who gets where is probed in `isolation`.

use serde_json::json;

use crate::ground::Ground;

const ADDRESS: &str = "e2etls_network_policy.shop";

fn policy(ground: &Ground, mode: &str, more: &str) -> String {
    format!(
        r#"
data "e2etls_cluster" "this" {{}}

resource "e2etls_network_policy" "shop" {{
  name         = "shop"
  namespace    = "{}"
  mode         = "{mode}"
  app          = {{ selector = {{ app = "hello" }}, port = 8080 }}
  lb_cidrs     = ["10.0.16.0/20"]
  default_deny = "all"
  allow_from   = [{{ namespaces = {{ "kubernetes.io/metadata.name" = "monitoring" }}, ports = [9090] }}]
  {more}
}}
"#,
        ground.namespace
    )
}

async fn policies(ground: &Ground) -> Vec<String> {
    let policies = ground.listing().await.into_iter();
    policies.filter(|name| name.starts_with("NetworkPolicy/")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_makes_nothing_and_enforce_makes_what_it_showed() {
    let ground = Ground::new("policy-life").await;
    ground.app().await;
    ground
        .until("the app", || async {
            ground.listing().await.iter().any(|name| name.starts_with("Pod/hello"))
        })
        .await;
    let before = ground.listing().await;
    ground.write(&policy(&ground, "audit", ""));
    let audited = ground.terraform.apply_quietly().await.unwrap();
    for text in [
        "What the network policies would cut",
        "1 Pod (hello-",
        "only `lb_cidrs` and `allow_from`",
    ] {
        assert!(audited.words().contains(text), "{text}: {}", audited.words());
    }
    assert_eq!(policies(&ground).await, Vec::<String>::new());
    let maps = ground.api("", "v1", "ConfigMap", "configmaps");
    let shown = maps.get("shop-network-policy").await.unwrap();
    let shown: serde_json::Value = serde_json::from_str(shown.data["data"]["shop-app.json"].as_str().unwrap()).unwrap();

    ground.write(&policy(&ground, "enforce", ""));
    let enforced = ground.terraform.apply_quietly().await.unwrap();
    assert!(!enforced.words().contains("would cut"), "{}", enforced.words());
    assert_eq!(
        policies(&ground).await,
        ["NetworkPolicy/shop-app", "NetworkPolicy/shop-default-deny"]
    );
    let api = ground.api("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies");
    let made = api.get("shop-app").await.unwrap();
    assert_eq!(
        made.data["spec"], shown["spec"],
        "what the audit showed is what there is"
    );

    let dns = "allow_to = []\n  dns_cidrs = [\"${coalesce(data.e2etls_cluster.this.dns_ip, \"10.96.0.10\")}/32\"]";
    ground.write(&policy(&ground, "enforce", dns));
    ground.terraform.apply_quietly().await.unwrap();
    let made = api.get("shop-app").await.unwrap();
    assert_eq!(made.data["spec"]["policyTypes"], json!(["Ingress", "Egress"]));

    // An import brings back all of it.
    drop(ground.terraform.state(&["rm", ADDRESS]).await.unwrap().success());
    let id = format!("{}/shop", ground.namespace);
    drop(ground.terraform.import(ADDRESS, &id).await.unwrap().success());
    drop(ground.terraform.plan(&[]).await.unwrap().empty());

    // Policies by hand are drift, and go with an audit; what somebody else made stays.
    ground
        .apply(json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": "theirs", "namespace": ground.namespace}, "spec": {"podSelector": {}}}))
        .await;
    api.delete("shop-default-deny", &kube::api::DeleteParams::default())
        .await
        .unwrap();
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let drift = &plan.change(ADDRESS).json["before"]["drift"];
    assert_eq!(crate::proxy::strings(drift), ["policy/default-deny"]);
    ground.write(&policy(&ground, "audit", ""));
    ground.terraform.apply_quietly().await.unwrap();
    assert_eq!(policies(&ground).await, ["NetworkPolicy/theirs"]);

    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    api.delete("theirs", &kube::api::DeleteParams::default()).await.unwrap();
    ground.until_listing(&before).await;
}
