//! The figures that the design promises, measured: start of the binary, and what plans and applies cost.

mod calls;
mod command;
mod handshake;
mod large;
mod limit;
mod report;
mod waits;
mod workload;

use std::path::{Path, PathBuf};

pub use calls::Counts;
pub use command::Cost;
pub use large::{Large, large};
pub use report::{Figure, Report, Unit};
pub use waits::Waits;

use self::workload::{Ground, Workload};
use crate::lab::{Context as _, Lab, Options, Result, cargo_build};
use crate::terraform::Provider;

/// What to measure.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Runs of each handshake.
    pub handshakes: usize,
    /// Numbers of proxies.
    pub proxies: Vec<usize>,
    /// Numbers of stacks.
    pub stacks: Vec<usize>,
    /// Rounds in which the most proxies are measured beside the limit.
    pub rounds: usize,
}

impl Default for Selection {
    fn default() -> Self {
        Self {
            handshakes: 50,
            proxies: vec![1, 10, 100],
            stacks: vec![1, 10],
            rounds: 2,
        }
    }
}

/// Measures what was selected, and reports progress on standard error.
///
/// # Errors
/// The provider can't be built, or a command of Terraform fails.
pub async fn measure(selection: &Selection) -> Result<Report> {
    let binary = tokio::task::spawn_blocking(binary).await.context("the build")??;
    let provider = Provider::staged("registry.terraform.io/e2etls/e2etls", &binary)?;
    let mut report = Report::default();
    report.size(std::fs::metadata(&binary).context(binary.display())?.len());
    if selection.handshakes > 0 {
        for (name, encrypted) in [("plain", false), ("AutoMTLS", true)] {
            eprintln!("handshake, {name}: {} runs", selection.handshakes);
            let runs = selection.handshakes;
            let path = binary.clone();
            let start = tokio::task::spawn_blocking(move || handshake::measure(&path, encrypted, runs)).await;
            report.handshake(name, encrypted, &start.context("handshakes")??);
        }
    }
    if selection.proxies.is_empty() && selection.stacks.is_empty() {
        return Ok(report);
    }
    let lab = Lab::start(Options::figures()).await?;
    let ground = Ground::new(&lab, &provider).await?;
    let proxies = selection.proxies.iter().map(|&count| Workload::Proxies(count));
    for workload in proxies.chain(selection.stacks.iter().map(|&count| Workload::Stacks(count))) {
        let most = selection.proxies.iter().max();
        let rounds = match workload {
            Workload::Proxies(count) if Some(&count) == most => selection.rounds,
            _ => 0,
        };
        let costs = ground.measure(workload, rounds).await?;
        report.workload(workload, &costs);
    }
    ground.destroy().await?;
    Ok(report)
}

fn binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("E2ETLS_PROVIDER_BIN") {
        return Ok(Path::new(&path).to_owned());
    }
    let name = "terraform-provider-e2etls";
    eprintln!("building the release binary (minutes, the first time)");
    cargo_build(&["--release", "-p", name], name)
}
