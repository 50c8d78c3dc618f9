//! Every refusal in every operation: what passes is waited out; what lasts ends in the remote's own words and loses nothing.
//!
//! With `--nocapture` the tests print what they saw, as a table.

pub(crate) mod answers;
mod aws;
mod kube;
mod subject;
mod table;
mod trial;

use e2etls_lab::lab::{Action, Fault, Match};
use futures::{StreamExt as _, stream};

use subject::Subject;
use table::Row;
use trial::Trial;

/// Lives under way at once; what takes longest comes first.
const CONCURRENCY: usize = 4;
/// With this variable, also what takes minutes.
const ALL: &str = "E2ETLS_ALL_REFUSALS";

/// An operation of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Create,
    Read,
    Update,
    Delete,
}

/// What an operation meets, and how it has to end.
struct Met {
    faults: Vec<Fault>,
    end: End,
    /// Seconds until its end, at most: several times what it takes, for a machine that is busy with other tests.
    within: u64,
}

impl Met {
    /// Nothing in the way: it succeeds.
    fn nothing() -> Self {
        Self::passing(Vec::new()).within(u64::MAX)
    }

    /// What is waited out.
    fn passing(faults: Vec<Fault>) -> Self {
        Self {
            faults,
            end: End::Done,
            within: 150,
        }
    }

    /// What ends the operation with these words and advice.
    fn lasting(requests: Match, action: Action, said: &str, advice: &'static [Advice]) -> Self {
        Self {
            faults: vec![Fault::new(requests, action)],
            end: End::Told(vec![said.to_owned()], advice),
            within: 100,
        }
    }

    fn within(self, within: u64) -> Self {
        Self { within, ..self }
    }
}

/// How an operation ends.
enum End {
    /// As if nothing had been.
    Done,
    /// It fails: with these words of the remote, and with advice of one of these sorts alone.
    Told(Vec<String>, &'static [Advice]),
}

/// What an error tells the user to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Advice {
    Grant,
    Credentials,
    Quota,
    Policy,
    Terminating,
    Network,
    Unknown,
    Plan,
    Fix,
    Later,
    GoOn,
}

/// Advice, and how it is told. Another sort's words are wrong advice.
const ADVICE: &[(Advice, &[&str])] = &[
    (Advice::Grant, &["Grant "]),
    (
        Advice::Credentials,
        &[
            "credentials were not accepted",
            "credentials or certificate were not accepted",
        ],
    ),
    (Advice::Quota, &["Increase the quota", "A quota is exhausted"]),
    (Advice::Policy, &["A policy of the cluster"]),
    (Advice::Terminating, &["The namespace is being deleted"]),
    (Advice::Network, &["can reach"]),
    (Advice::Unknown, &["It is not known whether"]),
    (Advice::Plan, &["Plan again", "appeared after the plan"]),
    (Advice::Fix, &["Fix the cause above"]),
    (Advice::Later, &["Apply again later"]),
    (Advice::GoOn, &["Apply again to continue"]),
];

const STEPS: &[Step] = &[Step::Create, Step::Read, Step::Update, Step::Delete];
const WRITES: &[Step] = &[Step::Create, Step::Update, Step::Delete];

/// A sort of refusal.
struct Class {
    name: &'static str,
    /// The operations that a remote answers so.
    steps: &'static [Step],
    meets: fn(Step) -> Met,
    /// The subject's operations have little time.
    short: bool,
}

const fn class(name: &'static str, steps: &'static [Step], meets: fn(Step) -> Met) -> Class {
    Class {
        name,
        steps,
        meets,
        short: false,
    }
}

impl Class {
    const fn short(self) -> Self {
        Self { short: true, ..self }
    }
}

/// A life of the subject for each class.
async fn live(classes: &[Class], subject: &Subject) -> Vec<Row> {
    let lives = classes.iter().enumerate().map(|(index, class)| async move {
        let rows = Trial::live(class, subject).await;
        (index, rows)
    });
    let mut lived: Vec<_> = stream::iter(lives).buffer_unordered(CONCURRENCY).collect().await;
    lived.sort_by_key(|(index, _)| *index);
    lived.into_iter().flat_map(|(_, rows)| rows).collect()
}

/// Prints the table, and fails for what is wrong in it.
#[expect(clippy::print_stdout, reason = "the table is what a run by hand is for")]
fn judge(rows: &[Row]) {
    println!("{}", table::text(rows));
    let wrong: Vec<String> = rows.iter().flat_map(Row::complaints).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_kubernetes() {
    let (ground, subject) = Subject::issuer("refusals-ca").await;
    let mut classes = kube::lasting();
    classes.extend(kube::passing());
    if std::env::var_os(ALL).is_some() {
        classes.extend(kube::long());
    }
    let rows = live(&classes, &subject).await;
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
    judge(&rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_aws() {
    let mut classes = aws::lasting();
    classes.extend(aws::passing());
    if std::env::var_os(ALL).is_some() {
        classes.extend(aws::long());
    }
    judge(&live(&classes, &Subject::PublicCertificate).await);
}
