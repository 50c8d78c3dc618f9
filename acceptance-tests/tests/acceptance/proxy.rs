//! `e2etls_proxy` through Terraform: real controllers, a real NGINX, real handshakes.

use crate::ground::Ground;
use crate::tls::openssl;

fn proxy(ground: &Ground, more: &str) -> String {
    format!(
        r#"
resource "e2etls_proxy" "hello" {{
  name         = "hello"
  namespace    = "{}"
  mode         = "gateway"
  server_names = ["hello.example.com"]
  upstream     = {{ selector = {{ app = "hello" }}, port = 8080 }}
  certificate  = {{ issuer = e2etls_issuer.apps.ref }}
  isolation    = {{ mode = "enforce", lb_cidrs = ["10.0.0.0/8"] }}
  {more}
}}
"#,
        ground.namespace
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn serves_what_verifies_to_the_ca_in_state_and_leaves_nothing() {
    let ground = Ground::new("proxy-serves").await;
    ground.app().await;
    ground.until("the app", || async { ground.listing().await.iter().any(|name| name.starts_with("Pod/hello")) }).await;
    let before = ground.listing().await;
    ground.write(&(ground.ca("") + &ground.issuer() + &proxy(&ground, "")));
    ground.terraform.apply_quietly().await.unwrap();

    let ca = ground.terraform.values("e2etls_private_ca.ca").await.unwrap();
    let ca_pem = ca["certificate_pem"].as_str().unwrap();
    let values = ground.terraform.values("e2etls_proxy.hello").await.unwrap();
    let address = ground.service_address(values["service"]["name"].as_str().unwrap()).await;
    let port = acceptance_tests::kubelet::lab_port(443);
    let seen = openssl(&address, port, "hello.example.com", ca_pem, &[]);
    assert!(seen.verified, "{}", seen.text);

    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    ground.until("the Pods to go", || async { ground.listing().await == before }).await;
    ground.no_private_key_was_written();
}
