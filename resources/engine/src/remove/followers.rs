//! What controllers made for objects that go.

use super::Doomed;
use crate::failure::Failure;
use crate::kind::{Observed, Reading, Remotes, pause};
use crate::ledger::{Entry, FOLLOWS};
use crate::operation::Operation;

/// How often, over three seconds, a look is taken for what a controller was about to make.
const LATE_LOOKS: u32 = 4;

/// What a controller, which had not made it yet, made while the object went: it was at work when it heard of that. Where
/// nobody may look, nothing is waited for.
pub(super) async fn written_late<R: Remotes>(
    op: &Operation<R>,
    object: &Observed,
    supersedes: bool,
    seen: &[Doomed<R>],
) -> Result<Vec<Doomed<R>>, Failure> {
    let is_seen = |made: &&String| seen.iter().any(|follower| follower.reference() == **made);
    let waiting: Vec<&String> = object.makes.iter().filter(|made| !is_seen(made)).collect();
    for tries in 0..LATE_LOOKS {
        if waiting.is_empty() || !op.sleep(pause(tries)).await {
            break;
        }
        let mut found = Vec::new();
        for made in &waiting {
            match follower_of(op, made, supersedes).await {
                Err(failure) if failure.is_forbidden() => return Ok(Vec::new()),
                follower => found.extend(follower?),
            }
        }
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// What controllers made for an object that is about to go, with the uids that they have now, which count more than those of
/// the ledger if it `supersedes` what that knows. Of what may not be looked at, nothing is known.
pub(crate) async fn followers_of<R: Remotes>(
    op: &Operation<R>,
    object: &Observed,
    supersedes: bool,
) -> Result<Vec<Doomed<R>>, Failure> {
    let mut followers = Vec::new();
    for made in &object.makes {
        match follower_of(op, made, supersedes).await {
            Err(failure) if failure.is_forbidden() => {}
            follower => followers.extend(follower?),
        }
    }
    Ok(followers)
}

/// The object that a controller made under this reference, if it is there.
async fn follower_of<R: Remotes>(
    op: &Operation<R>,
    made: &str,
    supersedes: bool,
) -> Result<Option<Doomed<R>>, Failure> {
    let entry = Entry {
        reference: Some(made.to_owned()),
        digest: Some(FOLLOWS.to_owned()),
        ..Entry::default()
    };
    let Some(mut follower) = Doomed::of_entry(op, "", &entry) else {
        return Ok(None);
    };
    follower.address = None;
    let seen = op.look(follower.kind, follower.target(), Reading::Fresh).await?;
    Ok(seen.map(|seen| Doomed {
        uid: seen.uid,
        supersedes,
        ..follower
    }))
}
