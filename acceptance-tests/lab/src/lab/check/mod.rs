//! `lab check`: every part of a lab does what tests will lean on, with times.

mod balancer;
mod certificate;
mod cluster;

use std::time::Instant;

use super::error::{Context as _, Result};
use super::options::{CertManager, Webhook};
use super::{Lab, Options};

/// Starts a lab, goes through its parts, and returns what was seen, one line each.
///
/// # Errors
/// A part of the lab doesn't do what it should.
pub async fn check(options: Options) -> Result<Vec<String>> {
    let mut report = Report::default();
    let lab = Lab::start_with(&std::env::current_exe().context("the lab's binary")?, options.clone()).await?;
    report.line("lab ready");
    if options.webhook == Webhook::Late {
        lab.start_part("cert-manager-webhook").await?;
    }
    let arn = certificate::authority(&lab)?;
    report.line(&format!("{arn} ACTIVE"));
    if options.cert_manager != CertManager::Off {
        certificate::issue(&lab, &arn).await?;
        report.line("certificate issued and in its Secret");
    }
    cluster::roles(&lab).await?;
    report.line("service account may do what its Role says, and no more");
    if options.eks {
        cluster::eks_token(&lab).await?;
        report.line("EKS describes the cluster, and its token opens it");
    }
    let name = cluster::pod(&lab).await?;
    report.line(&name);
    let served = balancer::ingress(&lab).await?;
    report.line(&served);
    let calls = lab.recorder().calls().await?;
    report.line(&format!("{} calls recorded", calls.len()));
    drop(lab);
    report.line("lab stopped");
    Ok(report.lines)
}

/// Lines with the time that each took.
struct Report {
    since: Instant,
    lines: Vec<String>,
}

impl Default for Report {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            lines: Vec::new(),
        }
    }
}

impl Report {
    fn line(&mut self, what: &str) {
        self.lines
            .push(format!("{:5.1} s  {what}", self.since.elapsed().as_secs_f32()));
        self.since = Instant::now();
    }
}
