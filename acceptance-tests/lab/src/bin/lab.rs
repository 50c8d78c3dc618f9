//! The lab of real parts that the acceptance tests and the demo run on.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use e2etls_lab::lab::{self, Context as _, Options, Result};

const USAGE: &str = "lab setup                     build the lab's parts, where they aren't yet
lab run [--options JSON]      run a lab until standard input closes; one JSON line says where everything is
lab check [--options JSON]    run a lab, issue a certificate through it, and stop it";

#[tokio::main]
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["setup"] => lab::setup::ensure().map(|_| ExitCode::SUCCESS),
        ["run"] => run("{}").await,
        ["run", "--options", options] => run(options).await,
        ["check"] => check("{}").await,
        ["check", "--options", options] => check(options).await,
        // How the lab starts itself and its parts.
        ["serve", dir, options] => serve(Path::new(dir), options).await,
        ["child", program, rest @ ..] => child(program, rest),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    result.unwrap_or_else(|error| {
        eprintln!("lab: {error}");
        ExitCode::FAILURE
    })
}

async fn run(options: &str) -> Result<ExitCode> {
    parse(options)?;
    lab::run(options).await
}

async fn check(options: &str) -> Result<ExitCode> {
    for line in lab::check(parse(options)?).await? {
        eprintln!("{line}");
    }
    Ok(ExitCode::SUCCESS)
}

async fn serve(dir: &Path, options: &str) -> Result<ExitCode> {
    let endpoints = lab::serve::start(dir, &parse(options)?).await?;
    let line = serde_json::to_string(&endpoints).context("endpoints")?;
    writeln!(std::io::stdout(), "{line}").context("standard output")?;
    std::future::pending().await
}

fn child(program: &str, args: &[&str]) -> Result<ExitCode> {
    let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
    match lab::become_child(program, &args)? {}
}

fn parse(options: &str) -> Result<Options> {
    serde_json::from_str(options).context("--options")
}
