//! The subcommand `leftovers`: lists, and on request deletes, what killed creates left behind.
//!
//! ```text
//! terraform-provider-e2etls leftovers [--delete] [--yes] [--min-age HOURS] [--cluster NAME]
//! ```
//!
//! It exits with 1 if anything that should go stayed, or if a place could not be searched.
//!
//! AWS and, without `--cluster`, the cluster are taken from the environment, as without any provider argument:
//! `KUBE_CONFIG_PATH`, `AWS_REGION`, ….

mod named;
mod places;
mod report;

use std::io::BufRead;
use std::process::ExitCode;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tfplugin_framework::{Attr, Diagnostics};

use e2etls_engine::leftovers::{self, Leftover};
use e2etls_engine::operation::Operation;

use self::places::search_all;
use self::report::{items, report};
use super::terminal::{print, say};
use crate::kinds::Clients;
use crate::session::Session;
use crate::session::model::{ClusterConfig, ProviderConfig};

const USAGE: &str = "\
Usage: terraform-provider-e2etls leftovers [--delete] [--yes] [--min-age HOURS] [--cluster NAME]
  --delete         delete what is found, after asking for confirmation
  --yes            do not ask for confirmation
  --min-age HOURS  list only creates that began at least HOURS hours ago (default 2): a later one may still be running
  --cluster NAME   search the EKS cluster of this name, instead of the cluster in KUBE_CONFIG_PATH
Everything else is taken from the environment: KUBE_CONFIG_PATH, AWS_REGION, AWS_PROFILE and so on.";

struct Arguments {
    delete: bool,
    yes: bool,
    min_age: SignedDuration,
    cluster: Option<String>,
}

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
    let arguments = match parse(arguments.into_iter()) {
        Ok(arguments) => arguments,
        Err(why) => {
            say(&why);
            return ExitCode::from(2);
        }
    };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        say("the async runtime failed to start");
        return ExitCode::FAILURE;
    };
    runtime.block_on(run(&arguments)).unwrap_or_else(|diagnostics| {
        diagnostics
            .iter()
            .for_each(|one| say(&format!("{}: {}", one.what, one.detail())));
        ExitCode::FAILURE
    })
}

fn parse(arguments: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut parsed = Arguments {
        delete: false,
        yes: false,
        min_age: SignedDuration::from_hours(2),
        cluster: None,
    };
    let mut rest = arguments;
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--delete" => parsed.delete = true,
            "--yes" => parsed.yes = true,
            "--cluster" => parsed.cluster = Some(rest.next().ok_or("--cluster requires the name of an EKS cluster")?),
            "--min-age" => {
                let hours = rest
                    .next()
                    .and_then(|hours| hours.parse::<f64>().ok())
                    .filter(|hours| *hours >= 0.0);
                let hours = hours.ok_or("--min-age requires a number of hours")?;
                parsed.min_age =
                    SignedDuration::try_from_secs_f64(hours * 3600.0).map_err(|error| error.to_string())?;
            }
            other => return Err(format!("unknown option `{other}`\n{USAGE}")),
        }
    }
    Ok(parsed)
}

async fn run(arguments: &Arguments) -> Result<ExitCode, Diagnostics> {
    let mut config = ProviderConfig::default();
    if let Some(name) = &arguments.cluster {
        config.cluster = Attr::Known(ClusterConfig {
            name: name.clone().into(),
            ..ClusterConfig::default()
        });
    }
    let session = Arc::new(Session::new(config));
    let now = Timestamp::now();
    let (mut found, mut searched, mut not_searched) = (Vec::new(), Vec::new(), Vec::new());
    for (place, result) in search_all(&session, arguments.min_age, now).await {
        match result {
            Ok((op, leftovers)) => {
                searched.push(place);
                let op = Arc::new(op);
                found.extend(leftovers.into_iter().map(|leftover| (Arc::clone(&op), leftover)));
            }
            Err(why) => not_searched.push((place, why)),
        }
    }
    for (_, leftover) in &found {
        list(leftover);
    }
    let kept = match found.is_empty() {
        true if searched.is_empty() => 0,
        true => {
            let searched: Vec<&str> = searched.iter().map(String::as_str).collect();
            print(&format!("No leftovers in {}.", joined(&searched)));
            0
        }
        false if arguments.delete => delete_all(found, arguments.yes).await,
        false => 0,
    };
    // What was not searched may hold more.
    let not_searched = told_together(&not_searched);
    for words in &not_searched {
        say(words);
    }
    Ok(if kept == 0 && not_searched.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What was not searched and why; places with the same reason together.
fn told_together(not_searched: &[(String, String)]) -> Vec<String> {
    let mut by_reason: Vec<(Vec<&str>, &str)> = Vec::new();
    for (place, why) in not_searched {
        match by_reason.iter_mut().find(|(_, known)| *known == why) {
            Some((places, _)) => places.push(place),
            None => by_reason.push((vec![place], why)),
        }
    }
    let words = |(places, why): (Vec<&str>, &str)| format!("Not searched: {}: {why}", joined(&places));
    by_reason.into_iter().map(words).collect()
}

/// `a`, `a and b`, `a, b and c`
fn joined(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [some @ .., last] => format!("{} and {last}", some.join(", ")),
    }
}

fn list(leftover: &Leftover<Clients>) {
    let whose = format!("of {} since {}", leftover.owner, leftover.since);
    for item in items(leftover) {
        let shown = &item.shown;
        if item.may_not_exist() {
            print(&format!("{shown} {whose}, if its controller created it"));
        } else {
            print(&format!("{shown} {whose}"));
        }
    }
}

/// Deletes everything, once the user agrees; how much of it is kept.
async fn delete_all(found: Vec<(Arc<Operation<Clients>>, Leftover<Clients>)>, yes: bool) -> usize {
    if !yes && !confirmed() {
        print("Nothing was deleted.");
        return found.len();
    }
    let mut kept = 0;
    for (op, leftover) in found {
        let items = items(&leftover);
        let report = report(&items, &leftovers::delete(&op, leftover).await);
        report.lines.iter().for_each(|line| print(line));
        kept += report.kept;
    }
    if kept > 0 {
        say(&format!(
            "Kept: {kept} of the objects above. Remove the causes, and run the command again."
        ));
    }
    kept
}

fn confirmed() -> bool {
    print("Delete all of these? Type `yes` to confirm:");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_searched_is_told_once_for_each_reason() {
        let reasons = [
            ("the cluster", "no cluster"),
            ("AWS Private CA", "no Region"),
            ("ACM", "no Region"),
        ];
        let told = told_together(&reasons.map(|(place, why)| (place.to_owned(), why.to_owned())));
        assert_eq!(
            told,
            [
                "Not searched: the cluster: no cluster",
                "Not searched: AWS Private CA and ACM: no Region"
            ]
        );
    }
}
