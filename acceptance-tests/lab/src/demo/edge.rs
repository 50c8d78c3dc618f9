//! Step 7: a load balancer, a public certificate and a name lead to the stack.

use e2etls_lab::lab::{ACCESS_KEY, Context as _, REGION, Result, SECRET_KEY};
use serde_json::{Value, json};

use super::check;
use super::plan::hops;
use super::stage::{HOST, STACK, Stage, say, succeeded};
use super::verify::curl;

/// The hosted zone of the name.
const ZONE: &str = "example.com";

/// Plans the load balancer, makes it, and asks for the page by way of it.
pub(crate) async fn led(stage: &Stage) -> Result<()> {
    stage.step(
        7,
        "A load balancer, a public certificate and a DNS record: three more lines of the stack",
    );
    let zone = zone(stage).await?;
    let cidrs = json!(stage.lab.endpoints().lb_cidrs);
    let variables = format!("zone_id  = {zone:?}\nlb_cidrs = {cidrs}\n");
    stage.terraform.write("terraform.tfvars", &variables)?;
    let plan = stage.terraform.plan(&[]).await?;
    hops(&plan.change(STACK).json)?;
    succeeded(stage.terraform.apply(&[]).await?)?;
    stage.nothing_to_do().await?;

    let values = stage.terraform.values(STACK).await?;
    let hostname = values["lb_hostname"].as_str().context("a host name")?.to_owned();
    let arn = values["parts"]["edge/certificate"]["uid"].as_str().context("an ARN")?;
    let certificate = acm(stage, "GetCertificate", &json!({"CertificateArn": arn})).await?;
    let certificate = certificate["Certificate"].as_str().context("a certificate")?;
    stage.terraform.write("acm.pem", certificate)?;
    let trusted = stage.terraform.path().join("acm.pem").display().to_string();
    let to = stage
        .until("the load balancer to serve", || async {
            stage.lab.load_balancer_address(&hostname, 443).await
        })
        .await?;
    let resolve = format!("{HOST}:{}:{}", to.port(), to.ip());
    let url = format!("https://{HOST}:{}/", to.port());
    let seen = curl(&["--cacert", &trusted, "--resolve", &resolve, &url]).await?;
    check(seen.ok, || {
        format!("the page should come through the load balancer: {}", seen.text)
    })?;
    say(&format!(
        "   The page of https://{HOST}/ comes through {hostname}, with the certificate that ACM issued."
    ));
    Ok(())
}

/// A new hosted zone.
async fn zone(stage: &Stage) -> Result<String> {
    let body = format!(
        "<CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Name>{ZONE}</Name>\
         <CallerReference>demo</CallerReference></CreateHostedZoneRequest>"
    );
    let header = "Content-Type: text/xml";
    let answer = aws(
        stage,
        "route53",
        "/2013-04-01/hostedzone",
        &["--header", header, "--data", &body],
    )
    .await?;
    let id = answer
        .split("/hostedzone/")
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    Ok(id.context(&answer)?.to_owned())
}

/// A call of ACM.
async fn acm(stage: &Stage, operation: &str, body: &Value) -> Result<Value> {
    let target = format!("X-Amz-Target: CertificateManager.{operation}");
    let json = "Content-Type: application/x-amz-json-1.1";
    let body = body.to_string();
    let answer = aws(
        stage,
        "acm",
        "/",
        &["--header", &target, "--header", json, "--data", &body],
    )
    .await?;
    serde_json::from_str(&answer).context(answer)
}

/// A call of AWS past the provider.
async fn aws(stage: &Stage, service: &str, path: &str, more: &[&str]) -> Result<String> {
    let (user, signature) = (
        format!("{ACCESS_KEY}:{SECRET_KEY}"),
        format!("aws:amz:{REGION}:{service}"),
    );
    let url = format!("{}{path}", stage.lab.endpoints().moto_direct);
    let answer = curl(&[&["--user", &user, "--aws-sigv4", &signature], more, &[&url]].concat()).await?;
    check(answer.ok, || format!("{service} should answer: {}", answer.text))?;
    Ok(answer.stdout)
}
