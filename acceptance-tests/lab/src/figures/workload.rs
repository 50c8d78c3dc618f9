//! What is planned and applied: proxies and stacks, over a CA and an issuer that exist.

use serde_json::json;

use super::command::{self, Cost};
use super::limit::Limit;
use crate::lab::apply::apply;
use crate::lab::{Lab, Recorder, Result};
use crate::terraform::{Provider, Workspace};

const PERMISSIONS: &str = include_str!("../../../../examples/permissions/cluster-reader.yaml");
const NAMESPACE: &str = "figures";
const APPLY: [&str; 3] = ["apply", "-no-color", "-auto-approve"];
const DESTROY: [&str; 3] = ["destroy", "-no-color", "-auto-approve"];
const PARALLEL: [&str; 4] = ["apply", "-no-color", "-auto-approve", "-parallelism=50"];

const AUTHORITY: &str = r#"
resource "e2etls_private_ca" "ca" {
  name                = "figures"
  type                = "ROOT"
  usage_mode          = "SHORT_LIVED_CERTIFICATE"
  subject             = { common_name = "figures root" }
  validity_days       = 3650
  deletion_protection = false
}

resource "e2etls_issuer" "apps" {
  name      = "apps"
  kind      = "AWSPCAIssuer"
  namespace = "figures"
  ca_arn    = e2etls_private_ca.ca.arn
}
"#;

/// How many of what.
#[derive(Debug, Clone, Copy)]
pub(super) enum Workload {
    Proxies(usize),
    Stacks(usize),
}

/// What one workload cost.
#[derive(Debug, Clone)]
pub(super) struct Costs {
    /// Kubernetes objects.
    pub(super) objects: usize,
    pub(super) apply: Cost,
    pub(super) plan: Cost,
    pub(super) destroy: Cost,
    /// The same again beside the limit, where it was asked for.
    pub(super) rounds: Vec<Round>,
}

/// First applies beside the limit: one after the other, in the same lab.
#[derive(Debug, Clone)]
pub(super) struct Round {
    /// Seconds of the limit before and after the applies.
    pub(super) limits: [f64; 2],
    pub(super) default: Cost,
    pub(super) parallel: Cost,
}

/// A lab with a CA and an issuer, and the provider's identity.
pub(super) struct Ground<'a> {
    lab: &'a Lab,
    provider: &'a Provider,
    token: String,
    authority: Workspace,
    ca_arn: String,
}

impl<'a> Ground<'a> {
    pub(super) async fn new(lab: &'a Lab, provider: &'a Provider) -> Result<Self> {
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}});
        apply(&lab.kube().await?, namespace).await?;
        let token = lab.service_account("e2etls", "provider", PERMISSIONS).await?;
        let (authority, _) = workspace(lab, provider, &token).await?;
        authority.write("main.tf", &(head(provider, "authority") + AUTHORITY))?;
        drop(authority.apply(&[]).await?.success());
        let ca_arn = authority.values("e2etls_private_ca.ca").await?["arn"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        Ok(Self {
            lab,
            provider,
            token,
            authority,
            ca_arn,
        })
    }

    /// First apply, plan of the same, destroy; then `rounds` of first applies beside the limit.
    pub(super) async fn measure(&self, workload: Workload, rounds: usize) -> Result<Costs> {
        let run = Run::new(self, workload).await?;
        run.write("a")?;
        let apply = run.step("first apply", &APPLY).await?;
        let plan = run
            .step("no-op plan", &["plan", "-no-color", "-detailed-exitcode"])
            .await?;
        let state = run.terraform.show().await?;
        let resources = state["values"]["root_module"]["resources"].as_array();
        let parts =
            |resource: &serde_json::Value| resource["values"]["parts"].as_object().map_or(0, serde_json::Map::len);
        let objects = resources.into_iter().flatten().map(parts).sum();
        let limit = match workload {
            Workload::Proxies(count) if rounds > 0 => {
                Some(Limit::of(self.lab, NAMESPACE, &format!("app{count}a-")).await?)
            }
            _ => None,
        };
        let destroy = run.step("destroy", &DESTROY).await?;
        let mut beside = Vec::new();
        if let Some(limit) = limit {
            for round in 0..rounds {
                beside.push(run.beside(&limit, round).await?);
            }
        }
        Ok(Costs {
            objects,
            apply,
            plan,
            destroy,
            rounds: beside,
        })
    }

    pub(super) async fn destroy(self) -> Result<()> {
        drop(self.authority.destroy(&[]).await?.success());
        Ok(())
    }
}

/// A workload in a workspace of its own.
struct Run<'a> {
    ground: &'a Ground<'a>,
    workload: Workload,
    terraform: Workspace,
    recorder: Recorder,
}

impl<'a> Run<'a> {
    async fn new(ground: &'a Ground<'a>, workload: Workload) -> Result<Self> {
        let (terraform, recorder) = workspace(ground.lab, ground.provider, &ground.token).await?;
        Ok(Self {
            ground,
            workload,
            terraform,
            recorder,
        })
    }

    /// Writes the configuration; proxies have names of this run.
    fn write(&self, run: &str) -> Result<()> {
        let (provider, ca_arn) = (self.ground.provider, &self.ground.ca_arn);
        let config = match self.workload {
            Workload::Proxies(count) => head(provider, &format!("proxies-{count}")) + &proxies(count, run, ca_arn),
            Workload::Stacks(count) => head(provider, &format!("stacks-{count}")) + &stacks(count, ca_arn),
        };
        self.terraform.write("main.tf", &config)
    }

    async fn step(&self, name: &str, args: &[&str]) -> Result<Cost> {
        let cost = command::run(&self.terraform, &self.recorder, args).await?;
        eprintln!("{:?}, {name}: {:.1} s", self.workload, cost.seconds);
        Ok(cost)
    }

    /// The limit, both applies, and the limit again.
    async fn beside(&self, limit: &Limit, round: usize) -> Result<Round> {
        let before = limit.renamed(&format!("before{round}"))?.measure().await?;
        self.write(&format!("b{round}"))?;
        let default = self.step("first apply", &APPLY).await?;
        self.step("destroy", &DESTROY).await?;
        self.write(&format!("c{round}"))?;
        let parallel = self.step("first apply, 50 at once", &PARALLEL).await?;
        self.step("destroy", &DESTROY).await?;
        let limits = [before, limit.renamed(&format!("after{round}"))?.measure().await?];
        eprintln!("{:?}, limit: {limits:.1?} s", self.workload);
        Ok(Round {
            limits,
            default,
            parallel,
        })
    }
}

/// A workspace without logs, which would cost more than what is measured, and the recorder of its session.
async fn workspace(lab: &Lab, provider: &Provider, token: &str) -> Result<(Workspace, Recorder)> {
    let session = lab.session().await?;
    let kubeconfig = lab.kubeconfig(&session, token)?;
    let workspace = Workspace::new(provider)?
        .in_lab(lab, &session, &kubeconfig)
        .env("TF_LOG", "off");
    Ok((workspace, Recorder::new(&session.recorder)))
}

fn head(provider: &Provider, owner: &str) -> String {
    format!(
        "{}provider \"e2etls\" {{\n  owner_id = \"{owner}\"\n}}\n",
        provider.required()
    )
}

fn proxies(count: usize, run: &str, ca_arn: &str) -> String {
    format!(
        r#"
resource "e2etls_proxy" "app" {{
  count        = {count}
  name         = "app{count}{run}-${{count.index}}"
  namespace    = "{NAMESPACE}"
  mode         = "gateway"
  server_names = ["app{count}{run}-${{count.index}}.example.com"]
  upstream     = {{ selector = {{ app = "app{count}{run}-${{count.index}}" }}, port = 8080 }}
  certificate  = {{ issuer = {{ name = "apps", kind = "AWSPCAIssuer", ca_arn = "{ca_arn}" }} }}
  isolation    = {{ mode = "enforce", lb_cidrs = ["10.0.0.0/8"] }}
}}
"#
    )
}

fn stacks(count: usize, ca_arn: &str) -> String {
    format!(
        r#"
resource "e2etls_stack" "app" {{
  count               = {count}
  name                = "app"
  namespace           = "figures-stack{count}-${{count.index}}"
  create_namespace    = true
  hostnames           = ["app{count}-${{count.index}}.example.com"]
  app                 = {{ image = "e2etls.lab/hello", port = 8080 }}
  ca_arn              = "{ca_arn}"
  deletion_protection = false
  proxy = {{
    mode      = "gateway"
    isolation = {{ mode = "enforce", lb_cidrs = ["10.0.0.0/8"] }}
  }}
}}
"#
    )
}
