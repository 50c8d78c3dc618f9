//! What hosts hold a provider to.

use e2etls_engine::ledger::{Entry, Ledger};

/// What an apply returned other than was planned: the host calls that a bug of the provider.
pub fn differs(planned: &Ledger, applied: &Ledger) -> Vec<String> {
    let mut differences = Vec::new();
    if planned.keys().ne(applied.keys()) {
        let keys = |ledger: &Ledger| ledger.keys().cloned().collect::<Vec<_>>().join(" ");
        differences.push(format!(
            "inconsistent result: planned keys {} but applied {}",
            keys(planned),
            keys(applied)
        ));
    }
    for (address, plan) in planned {
        let Some(entry) = applied.get(address).filter(|entry| !agrees(plan, entry)) else {
            continue;
        };
        differences.push(format!(
            "inconsistent result: {address}: planned {plan:?}, applied {entry:?}"
        ));
    }
    differences
}

fn agrees(plan: &Entry, applied: &Entry) -> bool {
    let same = |plan: &Option<String>, applied: &Option<String>| plan.is_none() || plan == applied;
    let known =
        applied.reference.is_some() && applied.uid.is_some() && applied.digest.is_some() && applied.made.is_some();
    known
        && same(&plan.reference, &applied.reference)
        && same(&plan.uid, &applied.uid)
        && same(&plan.digest, &applied.digest)
        && (plan.made.is_none() || plan.made == applied.made)
}
