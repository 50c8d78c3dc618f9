//! Deletions, and what is not there.

use super::{Case, Subject, Verdict, ensure, refused, same};
use crate::kind::{Observed, Reading, Remotes};
use crate::refusal::Answer;

/// Nothing there is `None`, not an error.
pub(super) async fn absence<R: Remotes>(subject: &dyn Subject<R>) -> Verdict {
    let case = Case::new(subject, "absence");
    for reading in [
        Reading::Fresh,
        Reading::Shared,
        Reading::After(tokio::time::Instant::now()),
        Reading::Watched,
    ] {
        let look = case.kind.look(&case.op, case.part.target(None), reading);
        let seen = case.op.bounded(look).await;
        let seen = seen.map_err(|refusal| format!("a look at nothing was refused: {refusal}"))?;
        same("a look at nothing", &seen, &None)?;
    }
    if subject.is_written() {
        same("objects of the owner", &case.ours().await?, &Vec::new())?;
    }
    Ok(())
}

/// A remote that does not know the kind says so, which is not "nothing there".
pub(super) async fn unserved<R: Remotes>(subject: &dyn Subject<R>) -> Verdict {
    let Some(op) = subject.unserved() else { return Ok(()) };
    let (kind, part) = (subject.kind(), subject.part("unserved"));
    let is_missing = |answer: &Answer| *answer == Answer::KindMissing;
    let seen = op.bounded(kind.look(&op, part.target(None), Reading::Fresh)).await;
    refused("a look", seen, is_missing)?;
    if subject.is_written() {
        let owner = op.owner.to_string();
        let found = op.bounded(kind.of_owner(&op, Some(&owner), None, Reading::Fresh)).await;
        refused("a search", found, is_missing)?;
    }
    Ok(())
}

/// Makes the part's object, ours where the engine writes the kind.
async fn make<R: Remotes>(case: &Case<'_, R>) -> Result<Observed, String> {
    if case.subject.is_written() {
        let made = case.make(&case.marks("i1")).await?;
        return case.now(&made).await;
    }
    case.subject.make_foreign(&case.part).await;
    case.look(None)
        .await?
        .ok_or_else(|| "what was made is not seen".to_owned())
}

/// A deletion means one uid: a successor of the same name stays.
pub(super) async fn wrong_uid<R: Remotes>(subject: &dyn Subject<R>) -> Verdict {
    let case = Case::new(subject, "wrong-uid");
    let old = make(&case).await?;
    let deleted = case.delete(&old).await;
    deleted.map_err(|refusal| format!("a deletion was refused: {refusal}"))?;
    case.await_gone(&old).await?;
    let new = make(&case).await?;
    ensure(old.uid != new.uid, format!("the uid {} was used again", old.uid))?;
    let deleted = case.delete(&old).await;
    refused("a deletion with the uid of a predecessor", deleted, |answer| {
        matches!(answer, Answer::Conflict(_) | Answer::Absent)
    })?;
    let there = case.now(&new).await?;
    same("it is being deleted", &there.deleting, &None)?;
    case.clean([new]).await;
    Ok(())
}

/// What is deleted is in no look and no search, and its deletion can be repeated.
pub(super) async fn deleted<R: Remotes>(subject: &dyn Subject<R>) -> Verdict {
    let case = Case::new(subject, "deleted");
    let object = make(&case).await?;
    let gone = case.delete(&object).await;
    let gone = gone.map_err(|refusal| format!("a deletion was refused: {refusal}"))?;
    if gone {
        same("a look after a deletion", &case.look(Some(&object.uid)).await?, &None)?;
    } else {
        case.await_gone(&object).await?;
    }
    if subject.is_written() {
        same("objects of the owner", &case.ours().await?, &Vec::new())?;
    }
    match case.delete(&object).await {
        Ok(_) => {}
        again => refused("a second deletion", again, |answer| *answer == Answer::Absent)?,
    }
    same(
        "a look after two deletions",
        &case.look(Some(&object.uid)).await?,
        &None,
    )
}
