//! `e2etls_tls_probe` through Terraform, on what a proxy serves and on what it does not.

use crate::ground::Ground;
use crate::proxy::{all, served};
use crate::tls::{chain, openssl, webpki_verifies};

const NAME: &str = "hello.example.com";

fn probe(kind: &str, address: &str, port: u16, more: &str) -> String {
    format!(
        r#"
data "e2etls_tls_probe" "{kind}" {{
  host    = "{address}"
  port    = {port}
  timeout = "10s"
  {more}
}}

output "{kind}" {{
  value = {{ for name, value in data.e2etls_tls_probe.{kind} : name => value if name != "not_after" && name != "chain_pem" }}
}}
"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_says_what_openssl_says_and_never_more() {
    let ground = Ground::new("tls-probe").await;
    ground.app().await;
    let config = all(&ground, "");
    ground.write(&config);
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    let (address, port, ca_pem) = served(&ground).await;
    let named = format!("server_name = \"{NAME}\"");
    let trusting = "ca_pem = e2etls_private_ca.ca.certificate_pem";
    let stranger = rcgen::generate_simple_self_signed(["other root".to_owned()]).expect("a certificate");
    let probes = [
        ("good", format!("{named}\n  {trusting}")),
        ("unjudged", format!("{named}\n  check_plaintext = false")),
        ("named", format!("server_name = \"blog.example.com\"\n  {trusting}")),
        (
            "stranger",
            format!("{named}\n  ca_pem = <<-EOT\n{}\nEOT", stranger.cert.pem()),
        ),
    ];
    let probes: String = probes
        .iter()
        .map(|(kind, more)| probe(kind, &address, port, more))
        .collect();
    ground.write(&(config.clone() + &probes));
    drop(ground.terraform.apply(&[]).await.expect("an answer").success());
    let outputs = ground.terraform.outputs().await.expect("outputs");
    let of = |kind: &str| &outputs[kind]["value"];

    let judged = openssl(&address, port, NAME, &ca_pem, &[]);
    assert!(judged.verified, "{}", judged.text);
    webpki_verifies(&chain(&judged.text), &ca_pem, NAME);
    let good = of("good");
    assert_eq!(good["verified"], true, "{good}");
    assert_eq!(
        (&good["protocol"], &good["plaintext"]),
        (&"TLSv1.3".into(), &"refused".into())
    );
    assert!(
        judged.text.contains(good["cipher"].as_str().expect("a cipher")),
        "{}",
        judged.text
    );
    let is_hybrid = good["group"].as_str().expect("a group").contains("MLKEM");
    assert_eq!(good["post_quantum"], is_hybrid);

    let unjudged = of("unjudged");
    assert!(
        unjudged["verified"].is_null() && unjudged["plaintext"].is_null(),
        "{unjudged}"
    );
    for (kind, why) in [("named", "not for `blog.example.com`"), ("stranger", "was issued by")] {
        let seen = of(kind);
        assert_eq!(seen["verified"], false, "{seen}");
        assert!(seen["verify_error"].as_str().expect("why").contains(why), "{seen}");
    }
    // Moving facts are not in the outputs: the second plan is empty.
    drop(ground.terraform.plan(&[]).await.expect("an answer").empty());

    let app = ground.service_address("hello-upstream").await;
    let plain = e2etls_lab::kubelet::lab_port(8080);
    ground.write(&(config + &probe("plain", &app, plain, &named)));
    let refused = ground.terraform.apply(&[]).await.expect("an answer");
    drop(refused.failure(&["The TLS handshake failed", "may not speak TLS"]));
}
