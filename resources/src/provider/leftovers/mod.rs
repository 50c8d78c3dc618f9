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
use tfplugin_framework::{Diagnostic, Diagnostics, Model, Value};

use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::kind::Identity;
use e2etls_engine::leftovers::{self, Leftover, find};
use e2etls_engine::operation::Operation;
use e2etls_engine::owner::Owner;
use e2etls_engine::table::Asked;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::kinds::kube::KINDS;
use crate::kinds::{Clients, Kinds, Service};
use crate::lifecycle::Managed as _;
use crate::private_ca::model::PrivateCa;
use crate::public_certificate::model::PublicCertificate;
use crate::session::Session;
use crate::session::model::ProviderConfig;

/// How long everything may take.
const TIMEOUT: Duration = Duration::from_secs(20 * 60);
const USAGE: &str = "\
Usage: terraform-provider-e2etls leftovers [--delete] [--yes] [--min-age HOURS]
  --delete         delete what is found, after a confirmation
  --yes            do not ask for the confirmation
  --min-age HOURS  list only what was begun that long ago (default 2): a younger create may still run
The cluster and AWS are taken from the environment: KUBE_CONFIG_PATH, AWS_REGION, AWS_PROFILE and so on.";

struct Arguments {
    delete: bool,
    yes: bool,
    min_age: SignedDuration,
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
            other => return Err(format!("unknown option `{other}`\n{USAGE}")),
        }
    }
    Ok(parsed)
}

async fn run(arguments: &Arguments) -> Result<(), Diagnostics> {
    let nothing = Value::Map(std::collections::BTreeMap::new());
    let config = ProviderConfig::from_value(&nothing).map_err(|error| failed(&error.to_string()))?;
    let session = Arc::new(Session::new(config));
    let now = Timestamp::now();
    let mut not_searched = Diagnostics::new();
    let mut found = Vec::new();
    for place in PLACES {
        match search(&session, place, arguments.min_age, now).await {
            Ok((op, leftovers)) => found.push((op, leftovers)),
            Err(diagnostics) => not_searched.extend(diagnostics),
        }
    }
    for leftover in found.iter().flat_map(|(_, leftovers)| leftovers) {
        list(leftover);
    }
    if found.iter().all(|(_, leftovers)| leftovers.is_empty()) {
        print("no leftovers");
    } else if arguments.delete && (arguments.yes || confirmed()) {
        for (op, leftovers) in found {
            delete(&op, leftovers).await;
        }
        print("deleted");
    }
    // What was not searched may hold more.
    if not_searched.has_errors() {
        Err(not_searched)
    } else {
        Ok(())
    }
}

/// Where objects may be left: their service in AWS, or the cluster.
const PLACES: [(Option<Service>, Kinds); 3] = [
    (None, &KINDS),
    (Some(Service::PrivateCa), PrivateCa::KINDS),
    (Some(Service::Certificates), PublicCertificate::KINDS),
];

/// Finds what is left at a place, with the operation that deletes it.
async fn search(
    session: &Arc<Session>,
    (place, kinds): (Option<Service>, Kinds),
    min_age: SignedDuration,
    now: Timestamp,
) -> Result<(Operation<Clients>, Vec<Leftover<Clients>>), Diagnostics> {
    let clients = Clients::of(session);
    let clients = match place {
        None => Clients {
            cluster: Some(session.cluster(None).await?),
            ..clients
        },
        Some(service) => clients.in_aws(service, None).await?,
    };
    let began = Instant::now();
    let op = Operation {
        remotes: clients,
        kinds,
        // Each leftover has its own.
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
    };
    let found = find(&op, min_age, now).await;
    let found = found.map_err(|failure| failed(&told(&failure)))?;
    Ok((op, found))
}

fn list(leftover: &Leftover<Clients>) {
    let whose = format!("of {} since {}", leftover.owner, leftover.since);
    for (kind, object) in &leftover.objects {
        // What the remote names is known by its uid.
        let name = match kind.identity() {
            Identity::Named => &object.name,
            Identity::Given => &object.uid,
        };
        print(&format!("{} {name} {whose}", kind.name()));
        for made in &object.makes {
            print(&format!("{made} {whose}, if its controller created it"));
        }
    }
}

async fn delete(op: &Operation<Clients>, found: Vec<Leftover<Clients>>) {
    for leftover in found {
        let removed = leftovers::delete(op, leftover).await;
        for failure in removed.failures {
            print(&format!("{} was kept: {}", failure.reference, told(&failure)));
        }
    }
}

fn told(failure: &Failure) -> String {
    match &failure.trouble {
        Trouble::Refused { refusal, .. } => refusal.to_string(),
        Trouble::Holds { held } => format!("it contains {}", held.join(", ")),
        other => format!("{other:?}"),
    }
}

fn confirmed() -> bool {
    print("Delete all of these? Type `yes` to confirm:");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}

fn failed(why: &str) -> Diagnostics {
    Diagnostic::error("The command `leftovers` failed").because(why).into()
}

fn print(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}

fn say(words: &str, code: ExitCode) -> ExitCode {
    drop(writeln!(std::io::stderr(), "{words}"));
    code
}
