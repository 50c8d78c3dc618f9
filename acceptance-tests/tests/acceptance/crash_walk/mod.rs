//! The crash walk: the provider ends, an answer is lost, or a remote refuses, at each call of a life; then the same command
//! again. It converges, nothing is there twice, and nothing is left.
//!
//! A life without faults tells the calls of each step. Each call that changes something is met by three ends: the provider
//! dies before it, dies after it, and the connection is cut after it. Each operation is met once by 429 and once by 500, and
//! each remote is silent once for reads and once for writes. A round is a life with one fault in each of its steps, or with a
//! few that pass. What is asserted is what is there, and not what was said.
//!
//! `E2ETLS_WALK` says which rounds: `all`, or `k/n` for each nth from the kth on. Without it, it is a tenth, and which one is
//! printed.

mod abandon;
mod answers;
mod faults;
mod life;
mod rounds;
mod site;
mod there;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use futures::{StreamExt as _, stream};

use faults::Silences;
use life::Outcome;
use rounds::{Round, Slice};
use site::Site;

/// Lives under way at once, beside the one of the platform: most of their time they wait for controllers.
const CONCURRENCY: usize = 5;

/// What a run by hand is for: a walk takes long, what goes wrong is worth a look at once, and who wants to walk the same again
/// needs to know which.
#[expect(clippy::print_stdout, reason = "the lines are for whoever runs it")]
fn say(line: &str) {
    println!("{line}");
}

/// Lives each round on its site, a few at once, and prints what each met.
async fn live(sites: &[Arc<Site>], rounds: &[Round], concurrency: usize) -> Vec<(&'static str, Outcome, f64)> {
    let lives = rounds.iter().filter_map(|round| {
        let site = sites.iter().find(|site| site.name == round.subject)?;
        Some(lived(Arc::clone(site), round.clone()))
    });
    stream::iter(lives.collect::<Vec<_>>())
        .buffer_unordered(concurrency)
        .collect()
        .await
}

/// Lives one round, as a task: what asks AWS blocks its thread, and a panic is a complaint.
async fn lived(site: Arc<Site>, round: Round) -> (&'static str, Outcome, f64) {
    let (began, name, plan) = (Instant::now(), site.name, round.plan.to_string());
    let number = round.number;
    let lived = tokio::spawn(async move { site.live(&round).await }).await;
    let outcome = lived.unwrap_or_else(|panic| Outcome {
        wrong: vec![format!("{plan}: {panic}")],
        ..Outcome::default()
    });
    let seconds = began.elapsed().as_secs_f64();
    say(&format!("{name} {number} {seconds:.0} s: {plan}"));
    for wrong in &outcome.wrong {
        say(&format!("WRONG: {wrong}"));
    }
    (name, outcome, seconds)
}

/// A line for each subject and one for all of them; fails for what went wrong.
fn judge(outcomes: Vec<(&'static str, Outcome, f64)>) {
    let mut all = Outcome::default();
    let mut subjects: BTreeMap<&str, (Outcome, f64)> = BTreeMap::new();
    for (name, outcome, seconds) in outcomes {
        let subject = subjects.entry(name).or_default();
        subject.0.add(outcome.clone());
        subject.1 += seconds;
        let named = outcome.wrong.iter().map(|wrong| format!("{name}: {wrong}")).collect();
        all.add(Outcome {
            wrong: named,
            ..outcome
        });
    }
    for (name, (outcome, seconds)) in &subjects {
        say(&format!("{name:<20} {} ({seconds:.0} s)", outcome.text()));
    }
    say(&format!("{:<20} {}", "", all.text()));
    assert!(all.wrong.is_empty(), "{}", all.wrong.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn every_call_of_a_life_meets_its_faults() {
    let (slice, began) = (Slice::of_environment(), Instant::now());
    say(&format!("E2ETLS_WALK={slice}"));
    let plots = site::PLOTS.iter().filter(|plot| plot.is_wanted());
    let sites: Vec<Arc<Site>> = stream::iter(plots.map(|plot| async move { tokio::spawn(Site::new(plot)).await }))
        .map(|made| async move { Arc::new(made.await.expect("a life without faults")) })
        .buffered(CONCURRENCY + 1)
        .collect()
        .await;
    let mut silences = Silences::new();
    let rounds: Vec<Vec<Round>> = sites
        .iter()
        .map(|site| rounds::of(site.name, &site.clean.calls, &mut silences))
        .collect();
    let all: Vec<String> = rounds
        .iter()
        .zip(&sites)
        .map(|(rounds, site)| format!("{} {}", site.name, rounds.len()))
        .collect();
    let rounds = slice.of(rounds::mixed(rounds));
    say(&format!(
        "{} rounds of: {} (lives took {:.0} s)",
        rounds.len(),
        all.join(", "),
        began.elapsed().as_secs_f64()
    ));
    // A cluster has one platform: its lives come one after the other.
    let (alone, shared): (Vec<_>, Vec<_>) = sites.into_iter().partition(|site| site.is_alone());
    let (mut outcomes, of_shared) = tokio::join!(live(&alone, &rounds, 1), live(&shared, &rounds, CONCURRENCY));
    outcomes.extend(of_shared);
    judge(outcomes);
}

#[cfg(test)]
mod tests {
    use e2etls_lab::lab::{Call, Target};

    /// A call of the provider to the API server.
    pub(super) fn kube(method: &str, path: &str) -> Call {
        call(Target::Kube, method, path, None)
    }

    /// A call of the provider to a service of AWS.
    pub(super) fn aws(service: &str, operation: &str) -> Call {
        call(Target::Aws, "POST", "/", Some((service, operation)))
    }

    fn call(target: Target, method: &str, path: &str, aws: Option<(&str, &str)>) -> Call {
        Call {
            n: 0,
            time: String::new(),
            target,
            method: method.to_owned(),
            path: path.to_owned(),
            amz_target: None,
            service: aws.map(|(service, _)| service.to_owned()),
            operation: aws.map(|(_, operation)| operation.to_owned()),
            user_agent: None,
            status: None,
            request_bytes: 0,
            response_bytes: 0,
            millis: None,
            fault: None,
        }
    }
}
