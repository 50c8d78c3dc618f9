//! Writes that are killed at any await.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;

use super::{Case, Subject, Verdict, same};
use crate::kind::{Consent, Identity, Made, Observed, Put, Remotes};
use crate::part::Part;
use crate::refusal::Refusal;

/// Runs `write` until it waits for the `pauses`th time and drops it there; its answer if it ends before.
async fn killed<T>(write: impl Future<Output = T>, pauses: usize) -> Option<T> {
    let mut write = pin!(write);
    let mut left = pauses;
    std::future::poll_fn(move |context| match write.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending if left == 1 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

/// A create that was killed anywhere is finished by another one, and there is one object.
pub(super) async fn create<R: Remotes>(subject: &dyn Subject<R>) -> Verdict {
    for pauses in 1..=subject.kills() {
        let case = Case::new(subject, &format!("killed-create-{pauses}"));
        let marks = case.unfinished("i1");
        let first = killed(case.put(&case.part, &marks, None), pauses).await;
        subject.settle().await;
        let finished = case.unfinished("i2");
        let object = again(&case, &finished)
            .await
            .map_err(|words| format!("killed at await {pauses}: {words}"))?;
        let there = case.now(&object).await?;
        case.is_as_desired(&case.part, &there)?;
        case.bears(&there, &finished)?;
        let uids: Vec<String> = case.ours().await?.into_iter().map(|object| object.uid).collect();
        same("objects of the owner", &uids, &vec![object.uid.clone()])?;
        case.clean([there]).await;
        if first.is_some() {
            return Ok(());
        }
    }
    Ok(())
}

/// Does what the engine does in the next create of the owner: adopts what it finds, or makes it.
async fn again<R: Remotes>(case: &Case<'_, R>, marks: &crate::marks::Marks) -> Result<Observed, String> {
    let found = match case.kind.identity() {
        Identity::Named => case.look(None).await?,
        Identity::Given => case.ours().await?.into_iter().next(),
    };
    let mark = found
        .as_ref()
        .and_then(|object| object.marks.as_ref()?.creating.clone());
    let consent = Consent {
        paths: vec![String::new()],
        force: false,
    };
    let put = Put {
        part: &case.part,
        marks,
        over: found.as_ref(),
        consent: &consent,
        unfinished: mark.as_ref(),
        made: &Made::default(),
    };
    let written = case.op.bounded(case.kind.put(&case.op, put)).await;
    written.map_err(|refusal| format!("the next create was refused: {refusal}"))
}

/// A change that was killed anywhere is finished by another one.
pub(super) async fn change<R: Remotes>(subject: &dyn Subject<R>) -> Verdict {
    let case = Case::new(subject, "killed-change");
    let Some(changed) = subject.changed(&case.part) else {
        return Ok(());
    };
    let first = case.make(&case.marks("i0")).await?;
    for pauses in 1..=subject.kills() {
        let part = if pauses % 2 == 1 { &changed } else { &case.part };
        let over = case.now(&first).await?;
        let instance = format!("i{pauses}");
        let written = killed(write(&case, part, &over, &instance), pauses).await;
        subject.settle().await;
        let over = case.now(&first).await?;
        let answered = write(&case, part, &over, &instance).await;
        answered.map_err(|refusal| format!("killed at await {pauses}, the next write was refused: {refusal}"))?;
        let there = case.now(&first).await?;
        case.is_as_desired(part, &there)?;
        case.bears(&there, &case.marks(&instance))?;
        if written.is_some() {
            break;
        }
    }
    case.clean([first]).await;
    Ok(())
}

async fn write<R: Remotes>(
    case: &Case<'_, R>,
    part: &Part<R>,
    over: &Observed,
    instance: &str,
) -> Result<Observed, Refusal> {
    let consent = Consent {
        paths: case
            .kind
            .differences(&part.content, &over.content)
            .into_keys()
            .collect(),
        force: false,
    };
    case.consented(part, &case.marks(instance), Some(over), &consent).await
}
