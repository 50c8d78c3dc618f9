//! Measures the figures that the design promises.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use e2etls_lab::figures::{self, Selection};
use e2etls_lab::lab::{Context as _, Result};

const USAGE: &str = "figures soak [SECONDS] | data-plane | report [SERVICES PODS]
  soak          every kind of traffic through two proxies while everything around them changes; 600 seconds if omitted
  report        what the report of a cluster costs; 500 Services and 5000 Pods if omitted
  data-plane    what a request, a handshake and a Pod cost, beside a hand-tuned NGINX
figures [--json FILE] [--calls] [--proxies 1,10,100] [--stacks 1,10] [--handshakes 50] [--rounds 2]
  --json FILE   write everything as JSON, with the requests by method and kind
  --calls       print the requests by method and kind
  --rounds N    measure the most proxies N times beside the limit: the same objects sent without a provider until they work
Builds the release binary, unless E2ETLS_PROVIDER_BIN names one.";

struct Args {
    json: Option<PathBuf>,
    calls: bool,
    selection: Selection,
}

fn parse(mut args: impl Iterator<Item = String>) -> Option<Args> {
    let mut parsed = Args {
        json: None,
        calls: false,
        selection: Selection::default(),
    };
    while let Some(name) = args.next() {
        match name.as_str() {
            "--calls" => parsed.calls = true,
            "--json" => parsed.json = Some(args.next()?.into()),
            "--proxies" => parsed.selection.proxies = counts(&args.next()?)?,
            "--stacks" => parsed.selection.stacks = counts(&args.next()?)?,
            "--rounds" => parsed.selection.rounds = args.next()?.parse().ok()?,
            "--handshakes" => parsed.selection.handshakes = args.next()?.parse().ok()?,
            _ => return None,
        }
    }
    Some(parsed)
}

/// `1,10,100`; an empty text is no measurement.
fn counts(text: &str) -> Option<Vec<usize>> {
    text.split(',')
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect()
}

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["soak"] => return data_plane("soak", ("SOAK_SECONDS", "600")),
        ["soak", seconds] => return data_plane("soak", ("SOAK_SECONDS", seconds)),
        ["report"] => return told(large(500, 5000).await),
        ["report", services, pods] => {
            if let (Ok(services), Ok(pods)) = (services.parse(), pods.parse()) {
                return told(large(services, pods).await);
            }
        }
        ["data-plane"] => return data_plane("throughput", ("DATA_PLANE_FIGURES", "1")),
        _ => {}
    }
    let Some(args) = parse(words.into_iter()) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    told(run(&args).await)
}

fn told(ended: Result<()>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("figures: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures the report of a large cluster, and prints what it cost.
async fn large(services: usize, pods: usize) -> Result<()> {
    let cost = figures::large(services, pods).await?;
    let mut out = std::io::stdout();
    let requests: usize = cost.requests.values().sum();
    writeln!(
        out,
        "{services} Services, {pods} Pods: {:.2} s, {:.1} MB at most, {requests} requests; {} ways in {:.1} MB of JSON",
        cost.seconds,
        cost.peak_bytes as f64 / 1e6,
        cost.ways,
        cost.json_bytes as f64 / 1e6
    )
    .context("standard output")?;
    for (request, count) in cost.requests {
        writeln!(out, "{count:>5}  {request}").context("standard output")?;
    }
    Ok(())
}

/// Runs a test of the data plane, which prints its figures.
fn data_plane(test: &str, (variable, value): (&str, &str)) -> ExitCode {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = std::process::Command::new(cargo)
        .args([
            "test",
            "-p",
            "acceptance-tests",
            "--test",
            "data_plane",
            test,
            "--",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(variable, value)
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("figures: cargo does not start: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> Result<()> {
    let report = figures::measure(&args.selection).await?;
    if let Some(path) = &args.json {
        let json = serde_json::to_string_pretty(&report).context("the report")?;
        std::fs::write(path, json + "\n").context(path.display())?;
    }
    let mut out = std::io::stdout();
    write!(out, "{report}").context("standard output")?;
    if args.calls {
        write!(out, "{}", report.calls()).context("standard output")?;
    }
    Ok(())
}
