//! Mistakes: refused at validate, each at its argument and all at once, or before the first write.

use std::collections::BTreeSet;

use e2etls_lab::lab::{Action, Fault, Match, Recorder};

use crate::ground::{Ground, writes};

const ARN: &str =
    "arn:aws:acm-pca:eu-central-1:123456789012:certificate-authority/11223344-1234-1122-2233-112233445566";

const MISTAKES: &str = r#"
resource "e2etls_private_ca" "contradicts" {
  name                   = "Big_Name"
  type                   = "ROOT"
  usage_mode             = "SHORT_LIVED_CERTIFICATE"
  subject                = { common_name = "x", country = "Germany" }
  validity_days          = 0
  parent_arn             = "ARN"
  signed_certificate_pem = "x"
  deletion_window_days   = 3
}
resource "e2etls_private_ca" "algorithm" {
  name          = "algorithm"
  type          = "ROOT"
  usage_mode    = "SHORT_LIVED_CERTIFICATE"
  subject       = { common_name = "x" }
  key_algorithm = "EC_prime128v1"
  validity_days = 100
}
resource "e2etls_issuer" "contradicts" {
  name      = "Apps"
  kind      = "AWSPCAClusterIssuer"
  namespace = "-x"
  ca_arn    = "ARN"
  usages    = []
}
resource "e2etls_issuer" "nowhere" {
  name     = "apps"
  kind     = "AWSPCAIssuer"
  ca_arn   = "nonsense"
  role_arn = "nonsense"
  template = "arn:aws:acm-pca:::template/EndEntityCertificate/V1"
}
resource "e2etls_certificate" "names" {
  name      = "web"
  namespace = "Web Space"
  dns_names = ["ok.example.com", "a.*.example.com"]
  issuer    = { name = "i", kind = "AWSPCAIssuer", ca_arn = "ARN" }
  duration  = "30m"
  key       = { algorithm = "RSA", size = 256 }
}
resource "e2etls_certificate" "late" {
  name                    = "web"
  namespace               = "web"
  dns_names               = ["10.0.0.1"]
  issuer                  = { name = "i", kind = "AWSPCAIssuer", ca_arn = "ARN" }
  duration                = "2h"
  renew_before_percentage = 1
  secret_name             = "No_Secret"
}
resource "e2etls_proxy" "selects" {
  name         = "hello"
  namespace    = "web"
  mode         = "gateway"
  server_names = ["*.hello"]
  upstream     = { selector = {}, port = 70000 }
  certificate  = { issuer = { name = "i", kind = "AWSPCAIssuer" } }
  isolation    = { mode = "enforce", lb_cidrs = ["10.0.0.1/8"] }
}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_is_reported_at_its_argument_and_all_at_once() {
    let ground = Ground::new("bad-validate").await;
    let config = MISTAKES.replace("\"ARN\"", &format!("{ARN:?}"));
    ground.write(&config);
    let recorder = Recorder::new(&ground.session.recorder);
    let report = ground.terraform.validate().await.unwrap().code_is(1).json();
    assert!(recorder.calls().await.unwrap().is_empty(), "validate called something");
    let main = std::fs::read_to_string(ground.terraform.path().join("main.tf")).unwrap();
    let lines: Vec<&str> = main.lines().collect();
    let mut found = BTreeSet::new();
    for diagnostic in report["diagnostics"].as_array().unwrap() {
        let address = diagnostic["address"]
            .as_str()
            .unwrap_or_default()
            .trim_start_matches("e2etls_");
        let line = usize::try_from(diagnostic["range"]["start"]["line"].as_u64().unwrap_or(1)).unwrap() - 1;
        let argument = lines[line]
            .split_once('=')
            .map_or(lines[line], |(argument, _)| argument);
        found.insert(format!("{address} {}", argument.trim()));
        // The host shows what lies inside an object at the head of the resource: the summary names it.
        found.insert(format!(
            "{address} {}",
            diagnostic["summary"].as_str().unwrap_or_default()
        ));
    }
    let expected: BTreeSet<String> = [
        "private_ca.contradicts name",
        "private_ca.contradicts Invalid `country`",
        "private_ca.algorithm key_algorithm",
        "private_ca.contradicts validity_days",
        "private_ca.contradicts parent_arn",
        "private_ca.contradicts signed_certificate_pem",
        "private_ca.contradicts deletion_window_days",
        "issuer.contradicts name",
        "issuer.contradicts namespace",
        "issuer.contradicts usages",
        "issuer.nowhere ca_arn",
        "issuer.nowhere Missing `namespace`",
        "issuer.nowhere role_arn",
        "issuer.nowhere template",
        "certificate.names namespace",
        "certificate.names dns_names",
        "certificate.names duration",
        "certificate.names Invalid `size`",
        "certificate.late dns_names",
        "certificate.late renew_before_percentage",
        "certificate.late secret_name",
        "proxy.selects server_names",
        "proxy.selects Invalid `selector`",
        "proxy.selects Invalid `port`",
        "proxy.selects Invalid `lb_cidrs`",
    ]
    .map(str::to_owned)
    .into();
    let missing: Vec<_> = expected.difference(&found).collect();
    assert!(
        missing.is_empty(),
        "not refused: {missing:?}\nfound: {found:#?}\n{report:#}"
    );
}

fn certificate(namespace: &str, duration: &str, arn: &str) -> String {
    format!(
        r#"
resource "e2etls_certificate" "web" {{
  name      = "web"
  namespace = "{namespace}"
  dns_names = ["web.example.com"]
  duration  = "{duration}"
  issuer    = {{ name = "apps", kind = "AWSPCAIssuer", ca_arn = {arn} }}
}}
"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_look_is_refused_before_the_first_write() {
    let ground = Ground::new("bad-look").await;
    let ca = ground.ca("");
    ground.write(&ca);
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let recorder = Recorder::new(&ground.session.recorder);
    let arn = "e2etls_private_ca.ca.arn";
    let refused = async |config: &str, said: &[&str]| {
        ground.write(config);
        recorder.reset().await.unwrap();
        drop(ground.terraform.apply(&[]).await.unwrap().failure(said));
        assert_eq!(writes(&recorder).await, []);
    };

    let too_long = ca.clone() + &certificate("bad-look", "200h", arn);
    refused(
        &too_long,
        &["Duration too long for the CA", "on main.tf", "duration", "168h"],
    )
    .await;
    let no_namespace = ca.clone() + &certificate("bad-look-none", "144h", arn);
    refused(
        &no_namespace,
        &["The namespace does not exist", "bad-look-none", "namespace"],
    )
    .await;
    let no_ca = ca.clone() + &certificate("bad-look", "144h", &format!("{ARN:?}"));
    refused(&no_ca, &["The CA does not exist", "ca_arn"]).await;
    let issuer = ca.clone() + &ground.issuer().replace("\"bad-look\"", "\"bad-look-none\"");
    refused(&issuer, &["The namespace does not exist", "bad-look-none"]).await;

    // Somebody else's issuer.
    let theirs = serde_json::json!({"apiVersion": "awspca.cert-manager.io/v1beta1", "kind": "AWSPCAIssuer",
        "metadata": {"name": "apps", "namespace": "bad-look"}, "spec": {"arn": ARN, "region": "eu-central-1"}});
    ground.apply(theirs).await;
    let foreign = ca.clone() + &ground.issuer();
    refused(
        &foreign,
        &[
            "bears no mark of an owner",
            "import {",
            "to = e2etls_issuer.",
            "bad-look/apps",
        ],
    )
    .await;
    let api = ground.api("awspca.cert-manager.io", "v1beta1", "AWSPCAIssuer", "awspcaissuers");
    let object = api.get("apps").await.unwrap();
    assert_eq!(object.data["spec"]["arn"], ARN);
    let managers = object.metadata.managed_fields.unwrap_or_default();
    let managers: Vec<String> = managers.into_iter().filter_map(|entry| entry.manager).collect();
    let ours = |name: &String| name.strip_prefix("e2etls-").is_some_and(|rest| rest.len() == 12);
    assert!(
        !managers.iter().any(ours),
        "something was left in the managers of fields: {managers:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_credentials_and_no_cluster_are_errors_and_lose_nothing() {
    let ground = Ground::new("bad-reach").await;
    let config = ground.ca("") + &ground.issuer();
    ground.write(&config);
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let before = ground.terraform.values("e2etls_issuer.apps").await.unwrap();
    let recorder = Recorder::new(&ground.session.recorder);

    recorder.fault(&Fault::new(Match::kube(), Action::Drop)).await.unwrap();
    drop(
        ground
            .terraform
            .try_plan(&[])
            .await
            .unwrap()
            .0
            .failure(&["Can't reach the cluster"]),
    );
    recorder.reset().await.unwrap();
    let refused = Action::Status {
        code: 401,
        body: String::new(),
        retry_after: None,
    };
    recorder.fault(&Fault::new(Match::kube(), refused)).await.unwrap();
    drop(
        ground
            .terraform
            .try_plan(&[])
            .await
            .unwrap()
            .0
            .failure(&["e2etls_issuer.apps"]),
    );
    recorder.reset().await.unwrap();
    assert_eq!(ground.terraform.values("e2etls_issuer.apps").await.unwrap(), before);
    drop(ground.terraform.plan(&[]).await.unwrap().empty());

    let ground = Ground {
        terraform: ground
            .terraform
            .env("AWS_ACCESS_KEY_ID", "")
            .env("AWS_SECRET_ACCESS_KEY", ""),
        ..ground
    };
    drop(
        ground
            .terraform
            .try_plan(&[])
            .await
            .unwrap()
            .0
            .failure(&["No credentials were found in the environment"]),
    );
    let ground = Ground {
        terraform: ground.terraform.env("KUBE_CONFIG_PATH", ""),
        ..ground
    };
    ground.write(&ground.issuer().replace("e2etls_private_ca.ca.arn", &format!("{ARN:?}")));
    drop(ground.terraform.apply(&[]).await.unwrap().failure(&["cluster"]));
}
