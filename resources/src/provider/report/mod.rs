//! The subcommand `report`: what the data source `e2etls_encryption_report` shows, without Terraform, and of any number of
//! clusters.
//!
//! ```text
//! terraform-provider-e2etls report [--cluster NAME | --kubeconfig [FILE][:CONTEXT]]... SCOPE [OPTION...]
//! ```
//!
//! Nothing is written but the report. The one request that is no read is a SelfSubjectReview, which asks the API server for the
//! name of the user; it is not stored.
//!
//! AWS and, without `--cluster` and `--kubeconfig`, the cluster are taken from the environment, as without any provider argument:
//! `KUBE_CONFIG_PATH`, `AWS_REGION`, ….

mod arguments;
mod clusters;
mod json;
mod outcome;
mod output;
mod progress;
#[cfg(test)]
mod tests;
mod text;

use std::process::ExitCode;
use std::sync::Arc;

use e2etls_report::document::Document;
use e2etls_report::page::page;
use jiff::Timestamp;

use self::arguments::{Arguments, USAGE, parse};
use self::clusters::{examine_all, settings};
use self::output::Destination;
use self::progress::Progress;
use super::terminal::{print, say};
use crate::kinds::Clients;
use crate::session::Session;
use crate::sha256;

/// A wrong command line, or a report that could not be written.
const FAILED: u8 = 2;

/// Runs the subcommand with what follows its name.
pub fn main(arguments: impl Iterator<Item = String>) -> ExitCode {
    let arguments: Vec<String> = arguments.collect();
    if arguments
        .iter()
        .any(|argument| argument == "--help" || argument == "-h")
    {
        print(USAGE);
        return ExitCode::SUCCESS;
    }
    let command: Vec<String> = ["terraform-provider-e2etls", "report"]
        .map(str::to_owned)
        .into_iter()
        .chain(arguments.iter().cloned())
        .collect();
    let code = parse(arguments.into_iter()).and_then(|arguments| run(&arguments, command));
    ExitCode::from(code.unwrap_or_else(|why| {
        say(&why);
        FAILED
    }))
}

/// Makes the report, and delivers it: the exit code, or why nothing was delivered.
fn run(arguments: &Arguments, command: Vec<String>) -> Result<u8, String> {
    for destination in [&arguments.json, &arguments.html].into_iter().flatten() {
        destination.check()?;
    }
    let (config, keys) = settings(&arguments.clusters)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|_| "the async runtime failed to start".to_owned())?;
    let clients = Clients {
        session: Some(Arc::new(Session::new(config))),
        ..Clients::default()
    };
    let progress = Progress::start(say);
    let document = examine_all(
        &clients,
        &keys,
        &arguments.covered,
        arguments.probing.as_ref(),
        command,
        &progress,
    );
    let document = runtime.block_on(document);
    drop(progress);
    deliver(arguments, &document)?;
    let outcome = outcome::of(&document, arguments.fail_below, arguments.expires_within);
    if let Some(words) = outcome.in_words() {
        say(&words);
    }
    Ok(outcome.code())
}

/// Writes what was asked for: the document, the page that goes with it, or what people read in a terminal.
fn deliver(arguments: &Arguments, document: &Document) -> Result<(), String> {
    let json = json::json(document)?;
    if let Some(destination) = &arguments.json {
        destination.write(&json)?;
    }
    if let Some(destination) = &arguments.html {
        destination.write(&page(document, &sha256::hex(&json), Timestamp::now()))?;
    }
    if arguments.json.is_none() && arguments.html.is_none() {
        Destination::StandardOutput.write(&text::text(document, arguments.evidence))?;
    }
    Ok(())
}
