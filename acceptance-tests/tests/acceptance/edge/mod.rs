//! `e2etls_edge` through Terraform, against the lab's load balancer controller and its load balancers.

pub(crate) mod alarm;
mod ends;
mod life;
mod made;
pub(crate) mod stack;
mod two;
mod whole;

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;

use serde_json::Value;

use crate::ground::Ground;
use crate::proxy;
use crate::public_certificate::{in_zone, request, zone};

const EDGE: &str = "e2etls_edge.shop";
const HOST: &str = "hello.example.com";

/// A ground on which policies are enforced, with an app.
pub(crate) async fn ground(namespace: &str) -> Ground {
    let ground = Ground::new(namespace).await;
    ground
        .apply(
            serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {
            "name": namespace, "labels": {"lab.e2etls.dev/network-policies": "true"}}}),
        )
        .await;
    ground.app().await;
    ground
}

/// CA, issuer, and a proxy that only load balancers reach.
pub(crate) fn proxy(ground: &Ground, more: &str) -> String {
    let cidrs = format!("{:?}", ground.lab.endpoints().lb_cidrs);
    proxy::all(ground, more).replace("[\"10.0.0.0/8\"]", &cidrs)
}

/// The domain of a test, and its zone, which is made once.
pub(crate) fn domain(ground: &Ground) -> (String, String) {
    static ZONES: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    let domain = format!("{}.example", ground.namespace);
    let mut zones = ZONES.lock().expect("no panic");
    let id = zones
        .entry(domain.clone())
        .or_insert_with(|| zone(ground, &domain, false));
    (domain, id.clone())
}

/// A public certificate for a name of this test in a zone of its own.
pub(crate) fn certificate(ground: &Ground, name: &str) -> String {
    let (domain, id) = domain(ground);
    let zone = in_zone(&domain, &id);
    format!(
        "resource \"e2etls_public_certificate\" \"{name}\" {{\n  name   = \"{name}\"\n  domain = \"{name}.{domain}\"\n  \
         {zone}\n}}\n"
    )
}

/// An edge of this kind.
pub(crate) fn edge(ground: &Ground, kind: &str, more: &str) -> String {
    let leads = match kind {
        "alb" => "routes = { \"hello.example.com\" = { service = e2etls_proxy.hello.service.name } }",
        _ => "target = { selector = e2etls_proxy.hello.pods.labels, port = e2etls_proxy.hello.pods.port }",
    };
    format!(
        r#"
resource "e2etls_edge" "shop" {{
  name                = "shop"
  namespace           = "{}"
  kind                = "{kind}"
  deletion_protection = false
  healthcheck         = {{ interval = "5s" }}
  {leads}
  {more}
}}
"#,
        ground.namespace
    )
}

pub(crate) const CERTIFIED: &str = "certificate_arns = [e2etls_public_certificate.web.arn]";

async fn values(ground: &Ground) -> Value {
    ground.terraform.values(EDGE).await.expect("an answer")
}

/// Where the lab serves a port of the edge's load balancer.
async fn address(ground: &Ground, port: u16) -> (String, u16) {
    let values = values(ground).await;
    address_of(ground, values["hostname"].as_str().expect("a host name"), port).await
}

/// Where the lab serves a port of the load balancer with this host name.
pub(crate) async fn address_of(ground: &Ground, hostname: &str, port: u16) -> (String, u16) {
    for _ in 0..50 {
        let found = ground.lab.load_balancer_address(hostname, port).await;
        if let Some(address) = found.expect("an answer") {
            return (address.ip().to_string(), address.port());
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("nothing serves {hostname}:{port}")
}

/// What a client gets that verifies nothing: status, headers and body.
pub(crate) fn ask(to: &(String, u16), scheme: &str, host: &str, more: &[&str]) -> String {
    let output = Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--include",
            "--insecure",
            "--max-time",
            "10",
        ])
        .args(["--resolve", &format!("{host}:{}:{}", to.1, to.0)])
        .args(more)
        .arg(format!("{scheme}://{host}:{}/cart", to.1))
        .output()
        .expect("curl runs");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The leaf that is served, in PEM form.
fn served(to: &(String, u16), host: &str) -> String {
    let output = Command::new("openssl")
        .args([
            "s_client",
            "-connect",
            &format!("{}:{}", to.0, to.1),
            "-servername",
            host,
        ])
        .stdin(std::process::Stdio::null())
        .output()
        .expect("openssl runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let from = text.find("-----BEGIN CERTIFICATE-----").unwrap_or(text.len());
    let end = "-----END CERTIFICATE-----";
    let to = text[from..].find(end).map_or(text.len(), |at| from + at + end.len());
    text[from..to].to_owned()
}

/// The leaf of a certificate of ACM, in PEM form.
fn in_acm(ground: &Ground, arn: &str) -> String {
    let body = serde_json::json!({"CertificateArn": arn}).to_string();
    let text = request(
        ground,
        "acm",
        "/",
        &[
            "-X",
            "POST",
            "-H",
            "X-Amz-Target: CertificateManager.GetCertificate",
            "-H",
            "Content-Type: application/x-amz-json-1.1",
            "-d",
            &body,
        ],
    );
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    answer["Certificate"].as_str().expect("a certificate").trim().to_owned()
}

/// Names of the load balancers that AWS has for this namespace.
pub(crate) fn balancers(ground: &Ground) -> Vec<String> {
    let body = "Action=DescribeLoadBalancers&Version=2015-12-01&PageSize=400";
    let text = request(ground, "elasticloadbalancing", "/", &["-X", "POST", "-d", body]);
    let short: String = ground
        .namespace
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(8)
        .collect();
    let own = format!("k8s-{short}-");
    let names = text.split("<LoadBalancerName>").skip(1);
    let names = names.filter_map(|rest| rest.split('<').next());
    names.filter(|name| name.starts_with(&own)).map(str::to_owned).collect()
}
