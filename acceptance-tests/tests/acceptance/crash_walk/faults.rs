//! Which faults a life can meet, derived from the calls of one that met none.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use e2etls_lab::lab::{Action, Call, Fault, Match, When};

use super::answers;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    KillBefore,
    KillAfter,
    CutAfter,
    Throttled,
    Failed,
    Silent,
}

/// A fault, addressed by operation and kind of object, and the occurrence of it in its step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) kind: Kind,
    pub(super) address: String,
    pub(super) nth: u64,
    /// It meets the last call of its step that changes something.
    pub(super) last: bool,
    /// It meets a call that changes something. Whether a read comes may depend on how long a controller takes.
    pub(super) mutating: bool,
    pub(super) action: Action,
}

/// Calls that take along what is ready at the time: how many there are after the first depends on how long others take.
const BATCHED: &[&str] = &["route53:ChangeResourceRecordSets"];

impl Planned {
    /// A life in which it does not come is not the one that was planned.
    pub(super) fn must_come(&self) -> bool {
        self.mutating && (self.nth == 1 || !BATCHED.contains(&self.address.as_str()))
    }
}

impl fmt::Display for Planned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, address, nth, .. } = self;
        write!(formatter, "{kind:?} {address} #{nth}")
    }
}

impl Planned {
    pub(super) fn fault(&self) -> Fault {
        Fault::new(Match::at(&self.address).nth(self.nth), self.action.clone())
    }

    fn new(kind: Kind, call: &Call, nth: u64) -> Self {
        let action = match kind {
            Kind::KillBefore => Action::KillClient { when: When::Before },
            Kind::KillAfter => Action::KillClient { when: When::After },
            Kind::CutAfter => Action::DropAfter,
            Kind::Throttled => answers::throttled(call),
            Kind::Failed => answers::failed(call),
            Kind::Silent => Action::Delay { millis: SILENCE },
        };
        Self {
            kind,
            address: call.address(),
            nth,
            last: false,
            mutating: call.is_mutating(),
            action,
        }
    }
}

/// Longer than the provider waits for an answer: 30 s for a read of AWS, 60 s for anything else.
const SILENCE: u64 = 90_000;

/// Faults that are ordered together: those that one command can meet and still go on.
pub(super) type Bundle = Vec<Planned>;

/// How many answers that pass are ordered together: few enough to tell by which of them a life went wrong.
const TOGETHER: usize = 6;

/// Remotes and effects that have been silent already.
///
/// A time-out takes a minute, so each remote is silent once for reads and once for writes, and not once for each operation.
pub(super) type Silences = BTreeSet<(String, bool)>;

/// The faults of a step with these calls.
pub(super) fn bundles(calls: &[Call], silences: &mut Silences) -> Vec<Bundle> {
    let mut ends = ends(calls);
    let mut first = Vec::new();
    for (call, nth) in counted(calls) {
        if nth == 1 {
            first.push(call);
        }
    }
    let each = |kind: Kind, mutating: Option<bool>| -> Vec<Bundle> {
        let chosen = first
            .iter()
            .filter(|call| mutating.is_none_or(|mutating| mutating == call.is_mutating()));
        let planned: Vec<Planned> = chosen.map(|call| Planned::new(kind, call, 1)).collect();
        planned.chunks(TOGETHER).map(<[Planned]>::to_vec).collect()
    };
    ends.extend(each(Kind::Throttled, None));
    ends.extend(each(Kind::Failed, Some(false)));
    // A write that failed may end its command: alone, or what follows it is never met.
    ends.extend(
        each(Kind::Failed, Some(true))
            .into_iter()
            .flatten()
            .map(|one| vec![one]),
    );
    for call in first {
        if silences.insert((remote(call), call.is_mutating())) {
            ends.push(vec![Planned::new(Kind::Silent, call, 1)]);
        }
    }
    ends
}

/// The ends of the provider, and of the connection, at each call that changes something.
fn ends(calls: &[Call]) -> Vec<Bundle> {
    let mutating: Vec<(&Call, u64)> = counted(calls)
        .into_iter()
        .filter(|(call, _)| call.is_mutating())
        .collect();
    let last = mutating.len().saturating_sub(1);
    let of = |(at, (call, nth)): (usize, &(&Call, u64))| {
        [Kind::KillBefore, Kind::KillAfter, Kind::CutAfter].map(|kind| {
            vec![Planned {
                last: at == last,
                ..Planned::new(kind, call, *nth)
            }]
        })
    };
    mutating.iter().enumerate().flat_map(of).collect()
}

/// Each call with how many of its address there were up to it.
fn counted(calls: &[Call]) -> Vec<(&Call, u64)> {
    let mut seen: BTreeMap<String, u64> = BTreeMap::new();
    let count = |call| {
        let nth = seen.entry(Call::address(call)).or_default();
        *nth += 1;
        (call, *nth)
    };
    calls.iter().map(count).collect()
}

/// The API server, or a service of AWS.
fn remote(call: &Call) -> String {
    call.service.clone().unwrap_or_else(|| "kubernetes".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Bundle, Silences, bundles};
    use crate::crash_walk::tests::{aws, kube};

    fn told(bundles: &[Bundle]) -> Vec<String> {
        let told = |bundle: &Bundle| bundle.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        bundles.iter().map(told).collect()
    }

    #[test]
    fn each_write_ends_three_times_and_each_operation_is_refused_once() {
        let calls = [
            kube("GET", "/api/v1/namespaces/shop/services/a"),
            kube("PATCH", "/api/v1/namespaces/shop/services/a"),
            kube("PATCH", "/api/v1/namespaces/shop/services/b"),
            kube("GET", "/api/v1/namespaces/shop/services/b"),
        ];
        let found = bundles(&calls, &mut Silences::new());
        assert_eq!(
            told(&found),
            [
                "KillBefore patch services #1",
                "KillAfter patch services #1",
                "CutAfter patch services #1",
                "KillBefore patch services #2",
                "KillAfter patch services #2",
                "CutAfter patch services #2",
                "Throttled get services #1, Throttled patch services #1",
                "Failed get services #1",
                "Failed patch services #1",
                "Silent get services #1",
                "Silent patch services #1",
            ]
        );
        assert!(found[3..6].iter().all(|bundle| bundle[0].last));
        assert!(found[..3].iter().all(|bundle| !bundle[0].last));
    }

    #[test]
    fn a_dry_run_is_a_read_and_a_remote_is_silent_once() {
        let mut silences = Silences::new();
        let calls = [
            kube("DELETE", "/api/v1/namespaces/shop/secrets/a?dryRun=All"),
            aws("acm", "DescribeCertificate"),
        ];
        let silent = |found: Vec<Bundle>| told(&found).iter().filter(|told| told.starts_with("Silent")).count();
        assert!(
            !told(&bundles(&calls, &mut silences))
                .iter()
                .any(|told| told.starts_with("Kill"))
        );
        assert_eq!(silent(bundles(&calls, &mut silences)), 0, "both were silent before");
        let other = [aws("acm", "ListCertificates"), aws("acm", "DeleteCertificate")];
        assert_eq!(silent(bundles(&other, &mut silences)), 1);
    }
}
