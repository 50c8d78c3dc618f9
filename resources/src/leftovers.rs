//! The subcommand `leftovers`: lists, and on request deletes, what killed creates left.
//!
//! ```text
//! terraform-provider-e2etls leftovers [--delete] [--yes] [--min-age HOURS]
//! ```
//!
//! Clusters and AWS are taken from the environment, as without any provider argument: `KUBE_CONFIG_PATH`, `AWS_REGION`, ….

use std::io::{BufRead, Write};
use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};
use tfplugin_framework::{Diagnostics, Model, Value};

use crate::orchestrate::leftovers::{self, Leftover};
use crate::orchestrate::owner::{CREATING_TAG, OWNER_TAG};
use crate::provider::Session;
use crate::provider::model::ProviderConfig;
use crate::provider::wording::Worded as _;
use e2etls_clients::aws::acm_pca::{AcmPca, AcmPcaApi};
use e2etls_clients::kube::cluster::Cluster;

/// Days in which a deleted leftover CA can be restored.
const RESTORABLE_DAYS: i32 = 7;

struct Arguments {
    delete: bool,
    yes: bool,
    min_age: SignedDuration,
}

/// Runs the subcommand with what follows its name.
pub fn main(arguments: impl Iterator<Item = String>) -> ExitCode {
    let arguments = match parse(arguments) {
        Ok(arguments) => arguments,
        Err(why) => return say(&why, ExitCode::from(2)),
    };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return say("the runtime does not start", ExitCode::FAILURE);
    };
    match runtime.block_on(run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(diagnostics) => {
            let words: Vec<String> = diagnostics
                .iter()
                .map(|one| format!("{}: {}", one.what, one.detail()))
                .collect();
            say(&words.join("\n"), ExitCode::FAILURE)
        }
    }
}

fn parse(arguments: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut parsed = Arguments {
        delete: false,
        yes: false,
        min_age: SignedDuration::from_hours(2),
    };
    let mut rest = arguments;
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--delete" => parsed.delete = true,
            "--yes" => parsed.yes = true,
            "--min-age" => {
                let hours = rest
                    .next()
                    .and_then(|hours| hours.parse::<f64>().ok())
                    .filter(|hours| *hours >= 0.0);
                let hours = hours.ok_or("--min-age takes a number of hours")?;
                parsed.min_age =
                    SignedDuration::try_from_secs_f64(hours * 3600.0).map_err(|error| error.to_string())?;
            }
            other => {
                return Err(format!(
                    "`{other}` is no option: leftovers [--delete] [--yes] [--min-age HOURS]"
                ));
            }
        }
    }
    Ok(parsed)
}

async fn run(arguments: &Arguments) -> Result<(), Diagnostics> {
    let nothing = Value::Map(std::collections::BTreeMap::new());
    let config = ProviderConfig::from_value(&nothing).map_err(|error| failed(&error.to_string()))?;
    let session = Session::new(config);
    let now = Timestamp::now();
    let cluster = session.cluster(None).await?;
    let objects = leftovers::find(&cluster, arguments.min_age, now)
        .await
        .map_err(|error| failed(&error.to_string()))?;
    let service = session.private_ca(None).await?;
    let authorities = authorities(&service, arguments.min_age, now).await?;
    for object in &objects {
        let namespace = object
            .namespace
            .as_deref()
            .map(|namespace| format!("{namespace}/"))
            .unwrap_or_default();
        print(&format!(
            "{} {namespace}{} of {} since {}",
            object.kind.kind, object.name, object.owner, object.since
        ));
    }
    for (arn, owner) in &authorities {
        print(&format!("CA {arn} of {owner}"));
    }
    if objects.is_empty() && authorities.is_empty() {
        print("no leftovers");
        return Ok(());
    }
    if !arguments.delete || !(arguments.yes || confirmed()) {
        return Ok(());
    }
    delete(&cluster, &service, &objects, &authorities).await
}

async fn delete(
    cluster: &Cluster,
    service: &AcmPca,
    objects: &[Leftover],
    authorities: &[(String, String)],
) -> Result<(), Diagnostics> {
    for object in objects.iter().rev() {
        let kept_by = leftovers::delete(cluster, object)
            .await
            .map_err(|error| failed(&error.to_string()))?;
        if !kept_by.is_empty() {
            print(&format!(
                "{} {} stays: it holds {}",
                object.kind.kind,
                object.name,
                kept_by.join(", ")
            ));
        }
    }
    for (arn, _) in authorities {
        if service
            .describe(arn)
            .await
            .worded()?
            .is_some_and(|found| found.status == "ACTIVE")
        {
            service.set_enabled(arn, false).await.worded()?;
        }
        service.delete(arn, RESTORABLE_DAYS).await.worded()?;
    }
    print("deleted");
    Ok(())
}

/// CAs that carry an old mark, with their owners.
async fn authorities(
    service: &AcmPca,
    min_age: SignedDuration,
    now: Timestamp,
) -> Result<Vec<(String, String)>, Diagnostics> {
    let mut found = Vec::new();
    for authority in service
        .list()
        .await
        .worded()?
        .into_iter()
        .filter(|authority| authority.status != "DELETED")
    {
        let tags = service.living_tags(&authority.arn).await.worded()?.unwrap_or_default();
        let since = tags.get(CREATING_TAG).and_then(|at| at.parse::<Timestamp>().ok());
        if since.is_some_and(|since| now.duration_since(since) >= min_age) {
            found.push((authority.arn, tags.get(OWNER_TAG).cloned().unwrap_or_default()));
        }
    }
    Ok(found)
}

fn confirmed() -> bool {
    print("Delete all of these? Only `yes` does:");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}

fn failed(why: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    diagnostics.remote("leftovers failed", why);
    diagnostics
}

fn print(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

fn say(words: &str, code: ExitCode) -> ExitCode {
    drop(writeln!(std::io::stderr(), "{words}"));
    code
}
