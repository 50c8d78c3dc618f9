//! `e2etls_stack` through Terraform.

use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::ground::Ground;
use crate::proxy::strings;
use crate::tls::{self, openssl};

pub(crate) const ADDRESS: &str = "e2etls_stack.shop";

fn stack(ground: &Ground, namespace: &str, more: &str) -> String {
    ground.ca("")
        + &format!(
            r#"
resource "e2etls_stack" "shop" {{
  name      = "shop"
  namespace = "{namespace}"
  hostnames = ["shop.example.com", "*.shop.example.com"]
  app       = {{ image = "e2etls.lab/hello", port = 8080, replicas = 1 }}
  ca_arn    = e2etls_private_ca.ca.arn
  proxy     = {{ mode = "gateway", isolation = {{ mode = "enforce", lb_cidrs = ["10.0.0.0/8"] }} }}
  {more}
}}

output "verdict" {{
  value = e2etls_stack.shop.expected_verdict
}}
"#
        )
}

/// CA and stack in the namespace of the ground, not protected, with these members of `app` and `proxy`.
pub(crate) fn of(ground: &Ground, app: &str, proxy: &str) -> String {
    ground.ca("")
        + &format!(
            r#"
resource "e2etls_stack" "shop" {{
  name                = "shop"
  namespace           = "{}"
  hostnames           = ["shop.example.com"]
  app                 = {{ {app}, port = 8080 }}
  ca_arn              = e2etls_private_ca.ca.arn
  deletion_protection = false
  proxy               = {{ {proxy} }}
}}
"#,
            ground.namespace
        )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_with_its_namespace_lives_and_goes_without_a_trace() {
    let mut ground = Ground::new("stack-outside").await;
    let made = "stack-made";
    ground.write(&stack(&ground, made, "create_namespace = true"));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let change = plan.change(ADDRESS);
    assert_eq!(change.json["after"]["expected_verdict"], "confined", "known at plan");
    assert_eq!(change.json["after"]["expected_hops"].as_array().unwrap().len(), 2);
    assert!(
        change.json["after"]["parts"].get("namespace").is_some(),
        "the parts are known at plan"
    );
    drop(ground.terraform.apply_quietly().await.unwrap());
    made.clone_into(&mut ground.namespace);

    let ca = ground.terraform.values("e2etls_private_ca.ca").await.unwrap();
    let ca_pem = ca["certificate_pem"].as_str().unwrap();
    let address = ground.service_address("shop-proxy").await;
    let port = e2etls_lab::kubelet::lab_port(443);
    for name in ["shop.example.com", "www.shop.example.com"] {
        let seen = openssl(&address, port, name, ca_pem, &[]);
        assert!(seen.verified, "{}", seen.text);
    }
    let body = tls::get(&address, port, "shop.example.com", ca_pem, "/cart");
    assert!(body.contains("/cart"), "{body}");

    // Protected: no destroy, no replacement.
    let refused = ground.terraform.destroy(&[]).await.unwrap();
    drop(refused.failure(&["Deletion protection is on", "deletion_protection = false"]));
    let refused = ground.terraform.apply(&["-replace=e2etls_stack.shop"]).await.unwrap();
    drop(refused.failure(&["Deletion protection is on"]));
    drop(ground.terraform.taint(ADDRESS, true).await.unwrap().success());
    let refused = ground.terraform.apply(&[]).await.unwrap();
    drop(refused.failure(&["Deletion protection is on", "terraform untaint ADDRESS"]));
    drop(ground.terraform.taint(ADDRESS, false).await.unwrap().success());
    // Only what was seen to work has to be seen again.
    let plan = ground.terraform.plan(&[]).await.unwrap();
    assert_eq!(strings(&plan.change(ADDRESS).json["before"]["drift"]), ["issuer/check"]);
    drop(ground.terraform.apply_quietly().await.unwrap());

    // A change by hand.
    let deployments = ground.api("apps", "v1", "Deployment", "deployments");
    let edit = json!({"spec": {"replicas": 1}});
    let by_hand = PatchParams {
        field_manager: Some("kubectl-edit".to_owned()),
        ..PatchParams::default()
    };
    deployments
        .patch("shop-proxy", &by_hand, &Patch::Merge(&edit))
        .await
        .unwrap();
    let plan = ground.terraform.plan(&[]).await.unwrap();
    assert_eq!(
        strings(&plan.change(ADDRESS).json["before"]["drift"]),
        ["proxy/deployment .spec.replicas"]
    );
    ground.namespace = "stack-outside".to_owned();
    ground.write(&stack(
        &ground,
        made,
        "create_namespace = true\n  deletion_protection = false",
    ));
    drop(ground.terraform.apply_quietly().await.unwrap());

    // Import: all but the documented remainder.
    drop(ground.terraform.state(&["rm", ADDRESS]).await.unwrap().success());
    drop(
        ground
            .terraform
            .import(ADDRESS, &format!("{made}/shop"))
            .await
            .unwrap()
            .success(),
    );
    let plan = ground.terraform.plan(&[]).await.unwrap();
    if !plan.is_empty() {
        let change = plan.change(ADDRESS);
        let (before, after) = (&change.json["before"], &change.json["after"]);
        for (name, value) in after.as_object().unwrap() {
            let documented = [
                "timeouts",
                "force_conflicts",
                "platform",
                "deletion_protection",
                "drift",
                "parts",
            ]
            .contains(&name.as_str());
            assert!(
                documented || before[name] == *value,
                "{name}: {} became {value}",
                before[name]
            );
        }
    }
    drop(ground.terraform.apply_quietly().await.unwrap());

    // A namespace that holds what is not ours is kept.
    made.clone_into(&mut ground.namespace);
    ground
        .apply(
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "bystander", "namespace": made},
            "spec": {"ports": [{"port": 80}], "clusterIP": "None"}}),
        )
        .await;
    let refused = ground.terraform.destroy(&[]).await.unwrap();
    drop(refused.failure(&["is in use", "bystander"]));
    let services = ground.api("", "v1", "Service", "services");
    services.get("bystander").await.unwrap();
    services
        .delete("bystander", &kube::api::DeleteParams::default())
        .await
        .unwrap();
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    let namespaces: kube::Api<kube::api::DynamicObject> = kube::Api::all_with(
        ground.kube.clone(),
        &kube::api::ApiResource::from_gvk(&kube::api::GroupVersionKind::gvk("", "v1", "Namespace")),
    );
    ground
        .until("the namespace to go", || async {
            namespaces.get_opt(made).await.unwrap().is_none()
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bystanders_with_our_names_labels_and_secrets_are_not_touched() {
    let ground = Ground::new("stack-bystanders").await;
    let labels = json!({"app.kubernetes.io/managed-by": "e2etls", "app.kubernetes.io/instance": "shop"});
    let planted = [
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "planted", "namespace": ground.namespace, "labels": labels}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "planted", "namespace": ground.namespace, "labels": labels}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop", "namespace": ground.namespace, "labels": labels},
            "spec": {"ports": [{"port": 80}], "clusterIP": "None"}}),
    ];
    for object in planted {
        ground.apply(object).await;
    }
    let before = ground.listing().await;
    // An object of somebody else stands where ours would: an error before the first write.
    ground
        .apply(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop-proxy", "namespace": ground.namespace},
            "spec": {"ports": [{"port": 80}], "clusterIP": "None"}}))
        .await;
    ground.write(&stack(&ground, &ground.namespace, "deletion_protection = false"));
    let refused = ground.terraform.apply(&[]).await.unwrap();
    drop(refused.failure(&[
        "Service stack-bystanders/shop-proxy",
        "already exists",
        "bears no mark of an owner",
        "can't be imported on its own",
    ]));
    let services = ground.api("", "v1", "Service", "services");
    services
        .delete("shop-proxy", &kube::api::DeleteParams::default())
        .await
        .unwrap();
    assert_eq!(ground.listing().await, before, "nothing was written");
    // So does a Secret that cert-manager would overwrite.
    ground
        .apply(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "shop-proxy-tls", "namespace": ground.namespace},
            "stringData": {"theirs": "data"}}))
        .await;
    let refused = ground.terraform.apply(&[]).await.unwrap();
    drop(refused.failure(&["shop-proxy-tls already exists"]));
    let secrets = ground.api("", "v1", "Secret", "secrets");
    assert!(
        secrets.get("shop-proxy-tls").await.unwrap().data["data"]
            .get("theirs")
            .is_some()
    );
    secrets
        .delete("shop-proxy-tls", &kube::api::DeleteParams::default())
        .await
        .unwrap();

    drop(ground.terraform.apply_quietly().await.unwrap());
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    ground.until_listing(&before).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_renewal_and_other_host_names_what_is_served_follows() {
    let ground = Ground::new("stack-renewal").await;
    let config = stack(&ground, "stack-renewal", "deletion_protection = false");
    ground.write(&config);
    drop(ground.terraform.apply_quietly().await.unwrap());
    let ca = ground.terraform.values("e2etls_private_ca.ca").await.unwrap();
    let ca_pem = ca["certificate_pem"].as_str().unwrap().to_owned();
    let address = ground.service_address("shop-proxy").await;
    let port = e2etls_lab::kubelet::lab_port(443);
    let leaf = |name: &'static str| {
        let seen = openssl(&address, port, name, &ca_pem, &[]);
        tls::chain(&seen.text).into_iter().next().filter(|_| seen.verified)
    };
    let old = leaf("shop.example.com");
    assert!(old.is_some());
    let certificates = ground.api("cert-manager.io", "v1", "Certificate", "certificates");
    let renew = json!({"status": {"conditions": [{"type": "Issuing", "status": "True", "reason": "ManuallyTriggered",
        "message": "test", "lastTransitionTime": "2026-01-01T00:00:00Z"}]}});
    certificates
        .patch_status("shop-proxy", &PatchParams::default(), &Patch::Merge(&renew))
        .await
        .unwrap();
    let renewed = || async { leaf("shop.example.com").is_some_and(|leaf| Some(&leaf) != old.as_ref()) };
    ground.until("the renewed certificate to be served", renewed).await;
    drop(ground.terraform.plan(&[]).await.unwrap().empty());

    ground.write(&config.replace("\"*.shop.example.com\"", "\"pay.example.com\""));
    let plan = ground.terraform.plan(&[]).await.unwrap();
    let change = plan.change(ADDRESS);
    assert_eq!(change.actions, ["update"]);
    let digest = |leg: &str, part: &str| change.json[leg]["parts"][part]["digest"].clone();
    assert_ne!(
        digest("before", "proxy/certificate"),
        digest("after", "proxy/certificate")
    );
    assert_eq!(digest("before", "app/deployment"), digest("after", "app/deployment"));
    drop(ground.terraform.apply_quietly().await.unwrap());
    let follows = || async { leaf("pay.example.com").is_some() };
    ground.until("the new name to be served", follows).await;
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}
