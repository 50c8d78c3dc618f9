//! From an Ingress to a page over TLS, and back to an empty account.

use std::process::Command;
use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};

use crate::lab::apply::apply;
use crate::lab::error::{Context as _, Error, Result};
use crate::lab::http::JsonClient;
use crate::lab::kinds;
use crate::lab::step::run;
use crate::lab::{Lab, Listed};

const HOST: &str = "check.example.com";
const INGRESS: kinds::Kind = ("networking.k8s.io", "v1", "Ingress", "ingresses");

const REQUEST: &str = r#"
import boto3
acm = boto3.client("acm")
print(acm.request_certificate(DomainName="check.example.com", ValidationMethod="DNS")["CertificateArn"])
"#;

/// Prints the page, if the certificate is the one that ACM has.
const GET: &str = r#"
import boto3, http.client, socket, ssl, sys
arn, address = sys.argv[1:]
host, port = address.split(":")
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
stream = context.wrap_socket(socket.create_connection((host, int(port))), server_hostname="check.example.com")
pem = boto3.client("acm").get_certificate(CertificateArn=arn)["Certificate"]
assert ssl.PEM_cert_to_DER_cert(pem) == stream.getpeercert(True), "another certificate"
connection = http.client.HTTPConnection("check.example.com")
connection.sock = stream
connection.request("GET", "/")
answer = connection.getresponse()
print(answer.status, answer.read().decode())
"#;

/// What is left of load balancers in AWS.
const LEFT: &str = r#"
import boto3
elb = boto3.client("elbv2")
print(len(elb.describe_load_balancers()["LoadBalancers"]) + len(elb.describe_target_groups()["TargetGroups"]))
"#;

/// Puts a load balancer before the Deployment that [`super::cluster::pod`] made, and takes it away again.
pub(super) async fn ingress(lab: &Lab) -> Result<String> {
    if lab.endpoints().lb_cidrs.is_empty() {
        return Ok("no load balancers".to_owned());
    }
    let certificate = python(lab, REQUEST, &[])?;
    let moto = JsonClient::new(&lab.endpoints().moto_direct);
    let body = json!({ "CertificateArn": certificate, "Action": "issue" });
    let _: Value = moto.call(Method::POST, "/moto-api/e2etls/acm", &body).await?;
    let client = lab.kube().await?;
    apply(&client, service()).await?;
    apply(&client, an_ingress(&certificate)).await?;
    let balancer = wait(lab, "the load balancer", |it| it.len() == 1).await?;
    let hostname = balancer.first().context("no load balancer")?.dns_name.clone();
    let address = lab
        .load_balancer_address(&hostname, 443)
        .await?
        .context("no listener")?;
    let started = Instant::now();
    let page = loop {
        let page = python(lab, GET, &[&certificate, &address.to_string()])?;
        if page.starts_with("200 hello from pod") || started.elapsed() > Duration::from_secs(20) {
            break page;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    let is_told = page.contains("x-forwarded-port: 443") && page.contains("x-forwarded-proto: https");
    if !page.starts_with("200 hello from pod") || !is_told {
        return Err(Error::new(format!("the load balancer answered: {page}")));
    }
    let ingresses = kinds::api(&client, "check", INGRESS);
    ingresses
        .delete("hello", &kube::api::DeleteParams::default())
        .await
        .context("deleting the Ingress")?;
    wait(lab, "the end of the load balancer", <[Listed]>::is_empty).await?;
    match python(lab, LEFT, &[])?.as_str() {
        "0" => Ok("Ingress served over TLS, and gone without a trace".to_owned()),
        left => Err(Error::new(format!("{left} objects of ELBv2 are left"))),
    }
}

async fn wait(lab: &Lab, what: &str, is_it: impl Fn(&[Listed]) -> bool) -> Result<Vec<Listed>> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(30) {
        let listed = lab.load_balancers().await?;
        if is_it(&listed) {
            return Ok(listed);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err(Error::new(format!("waited too long for {what}")))
}

fn python(lab: &Lab, script: &str, args: &[&str]) -> Result<String> {
    let mut command = Command::new(&lab.endpoints().programs.python);
    command.args(["-c", script]).args(args);
    let output = run(command.envs(lab.aws_env(&lab.endpoints().session)))?;
    Ok(output.trim().to_owned())
}

fn service() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": "hello", "namespace": "check" },
        "spec": { "selector": { "app": "hello" }, "ports": [{ "port": 80, "targetPort": 8080 }] },
    })
}

fn an_ingress(certificate: &str) -> Value {
    let backend = json!({ "service": { "name": "hello", "port": { "number": 80 } } });
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": { "name": "hello", "namespace": "check", "annotations": {
            "alb.ingress.kubernetes.io/scheme": "internet-facing",
            "alb.ingress.kubernetes.io/target-type": "ip",
            "alb.ingress.kubernetes.io/certificate-arn": certificate,
            "alb.ingress.kubernetes.io/ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
        } },
        "spec": { "ingressClassName": "alb", "rules": [
            { "host": HOST, "http": { "paths": [{ "path": "/", "pathType": "Prefix", "backend": backend }] } },
        ] },
    })
}
