//! What controllers made for objects that go.

use super::Doomed;
use crate::failure::Failure;
use crate::kind::{Observed, Remotes, pause};
use crate::ledger::{Entry, FOLLOWS};
use crate::operation::Operation;

/// How often, over three seconds, a look is taken for what a controller was about to make.
const LATE_LOOKS: u32 = 4;

/// What controllers made for an object that goes. Where the state knows another object, its uids are of another one's.
pub(super) async fn followers<R: Remotes>(
    op: &Operation<R>,
    one: &Doomed<R>,
    object: &Observed,
) -> Result<Vec<Doomed<R>>, Failure> {
    let mut followers = followers_of(op, object).await?;
    for follower in &mut followers {
        follower.supersedes = !one.known || one.uid != object.uid;
    }
    Ok(followers)
}

/// What a controller, which had not made it yet, made while the object went: it was at work when it heard of that.
pub(super) async fn written_late<R: Remotes>(
    op: &Operation<R>,
    one: &Doomed<R>,
    object: &Observed,
    seen: &[Doomed<R>],
) -> Result<Vec<Doomed<R>>, Failure> {
    let is_seen = |made: &String| seen.iter().any(|follower| follower.reference() == *made);
    let mut waiting = object.clone();
    waiting.makes.retain(|made| !is_seen(made));
    for tries in 0..LATE_LOOKS {
        if waiting.makes.is_empty() || !op.sleep(pause(tries)).await {
            break;
        }
        let found = followers(op, one, &waiting).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// What controllers made for an object that is about to go, with the uids that they have now.
pub(crate) async fn followers_of<R: Remotes>(op: &Operation<R>, object: &Observed) -> Result<Vec<Doomed<R>>, Failure> {
    let mut followers = Vec::new();
    for made in &object.makes {
        let entry = Entry {
            reference: Some(made.clone()),
            digest: Some(FOLLOWS.to_owned()),
            ..Entry::default()
        };
        let Some(mut follower) = Doomed::of_entry(op, "", &entry) else {
            continue;
        };
        follower.address = None;
        if let Some(seen) = op.look_follower(follower.kind, follower.target()).await? {
            follower.uid = seen.uid;
            followers.push(follower);
        }
    }
    Ok(followers)
}
