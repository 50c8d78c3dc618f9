//! The subcommand `leftovers`: lists, and on request deletes, what killed creates left behind.
//!
//! ```text
//! terraform-provider-e2etls leftovers [--delete] [--yes] [--min-age HOURS]
//! ```
//!
//! The cluster and AWS are taken from the environment, as without any provider argument: `KUBE_CONFIG_PATH`,
//! `AWS_REGION`, ….

use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tfplugin_framework::{Diagnostics, Model, Value};

use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::leftovers::{self, Leftover, find};
use e2etls_engine::operation::Operation;
use e2etls_engine::owner::Owner;
use e2etls_engine::table::Asked;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::kinds::Clients;
use crate::kinds::aws::marks::{CREATING as CREATING_TAG, OWNER as OWNER_TAG};
use crate::kinds::kube::KINDS;
use crate::session::Session;
use crate::session::model::ProviderConfig;
use crate::session::wording::Worded as _;
use e2etls_clients::aws::acm_pca::{AcmPca, AcmPcaApi};

/// How long everything may take.
const TIMEOUT: Duration = Duration::from_secs(20 * 60);
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
        return say("the async runtime failed to start", ExitCode::FAILURE);
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
                let hours = hours.ok_or("--min-age requires a number of hours")?;
                parsed.min_age =
                    SignedDuration::try_from_secs_f64(hours * 3600.0).map_err(|error| error.to_string())?;
            }
            other => {
                return Err(format!(
                    "unknown option `{other}`\nUsage: terraform-provider-e2etls leftovers [--delete] [--yes] \
                     [--min-age HOURS]"
                ));
            }
        }
    }
    Ok(parsed)
}

async fn run(arguments: &Arguments) -> Result<(), Diagnostics> {
    let nothing = Value::Map(std::collections::BTreeMap::new());
    let config = ProviderConfig::from_value(&nothing).map_err(|error| failed(&error.to_string()))?;
    let session = Arc::new(Session::new(config));
    let now = Timestamp::now();
    let op = operation(&session).await?;
    let found = find(&op, arguments.min_age, now)
        .await
        .map_err(|failure| failed(&told(&failure)))?;
    let service = session.private_ca(None).await?;
    let authorities = authorities(&service, arguments.min_age, now).await?;
    for leftover in &found {
        for (kind, object) in &leftover.objects {
            let whose = format!("of {} since {}", leftover.owner, leftover.since);
            print(&format!("{} {} {whose}", kind.name(), object.name));
            for made in &object.makes {
                print(&format!("{made} {whose}, if its controller created it"));
            }
        }
    }
    for (arn, owner) in &authorities {
        print(&format!("CA {arn} of {owner}"));
    }
    if found.is_empty() && authorities.is_empty() {
        print("no leftovers");
        return Ok(());
    }
    if !arguments.delete || !(arguments.yes || confirmed()) {
        return Ok(());
    }
    delete(&op, &service, found, &authorities).await
}

/// An operation that finds and deletes objects of any owner in the cluster.
async fn operation(session: &Arc<Session>) -> Result<Operation<Clients>, Diagnostics> {
    let clients = Clients {
        cluster: Some(session.cluster(None).await?),
        ..Clients::of(session)
    };
    let began = Instant::now();
    Ok(Operation {
        remotes: clients,
        kinds: &KINDS,
        owner: Owner {
            owner_id: None,
            resource: "leftovers",
            place: String::new(),
            namespace: None,
            name: String::new(),
        },
        asked: Asked::Delete,
        began,
        deadline: began + TIMEOUT,
        cancel: CancellationToken::new(),
        trace: None,
        now: String::new(),
    })
}

async fn delete(
    op: &Operation<Clients>,
    service: &AcmPca,
    found: Vec<Leftover<Clients>>,
    authorities: &[(String, String)],
) -> Result<(), Diagnostics> {
    for leftover in found {
        for failure in leftovers::delete(op, leftover).await.failures {
            print(&format!("{} was kept: {}", failure.reference, told(&failure)));
        }
    }
    for (arn, _) in authorities {
        let active = service.describe(arn).await.worded()?;
        if active.is_some_and(|found| found.status == "ACTIVE") {
            service.set_enabled(arn, false).await.worded()?;
        }
        service.delete(arn, RESTORABLE_DAYS).await.worded()?;
    }
    print("deleted");
    Ok(())
}

fn told(failure: &Failure) -> String {
    match &failure.trouble {
        Trouble::Refused { refusal, .. } => refusal.to_string(),
        Trouble::Holds { held } => format!("it contains {}", held.join(", ")),
        other => format!("{other:?}"),
    }
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
    print("Delete all of these? Type `yes` to confirm:");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}

fn failed(why: &str) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    diagnostics.remote("The command `leftovers` failed", why);
    diagnostics
}

fn print(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

fn say(words: &str, code: ExitCode) -> ExitCode {
    drop(writeln!(std::io::stderr(), "{words}"));
    code
}
