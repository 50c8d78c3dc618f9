//! Creates and changes.

use super::{Case, Subject, Verdict, ensure, refused, same};
use crate::kind::{Consent, Identity, Observed, Remotes};
use crate::refusal::Answer;

/// A second create of a name is refused; where the remote names objects, it makes another one, but for its own repetition.
pub(super) async fn create_only<R: Remotes>(subject: &dyn Subject<R>) -> Verdict {
    let case = Case::new(subject, "create-only");
    let marks = case.marks("i1");
    let first = case.make(&marks).await?;
    let before = case.now(&first).await?;
    case.is_as_desired(&case.part, &before)?;
    let other = Case::of_owner(subject, "create-only", "create-only-other");
    let part = subject.changed(&case.part).unwrap_or_else(|| case.part.clone());
    let second = other.put(&part, &other.marks("i2"), None).await;
    let mut made = vec![first.clone()];
    match case.kind.identity() {
        Identity::Named => refused("a create of what exists", second, |answer| *answer == Answer::Exists)?,
        Identity::Given => {
            let second = second.map_err(|refusal| format!("another owner's create was refused: {refusal}"))?;
            ensure(second.uid != first.uid, "another owner's create gave the same object")?;
            let again = case.make(&marks).await?;
            same("uid after a repeated create", &again.uid, &first.uid)?;
            // A finished object of another instance is not what a create makes.
            let third = case.make(&case.marks("i3")).await?;
            ensure(
                third.uid != first.uid,
                "a create gave a finished object of another instance",
            )?;
            made.extend([second, third]);
        }
    }
    let after = subject.steady(case.now(&first).await?);
    same("the first object", &after, &subject.steady(before))?;
    case.clean(made).await;
    Ok(())
}

/// What somebody else made stays as it is, whatever we create.
pub(super) async fn foreign_stays<R: Remotes>(subject: &dyn Subject<R>) -> Verdict {
    let case = Case::new(subject, "foreign-stays");
    subject.make_foreign(&case.part).await;
    let made = case.put(&case.part, &case.marks("i1"), None).await;
    if case.kind.identity() == Identity::Given {
        let made = made.map_err(|refusal| format!("a create beside something foreign was refused: {refusal}"))?;
        case.bears(&case.now(&made).await?, &case.marks("i1"))?;
        case.clean([made]).await;
        return Ok(());
    }
    refused("a create over something foreign", made, |answer| {
        *answer == Answer::Exists
    })?;
    let there = case.look(None).await?;
    let there = there.ok_or("the foreign object is gone")?;
    let owner = there.marks.as_ref().and_then(|marks| marks.owner.clone());
    same("owner of the foreign object", &owner, &None)?;
    let differs = !case.kind.differences(&case.part.content, &there.content).is_empty();
    ensure(differs, "the foreign object has our content")?;
    case.clean([there]).await;
    Ok(())
}

/// Content and marks change in place.
pub(super) async fn write_over<R: Remotes>(subject: &dyn Subject<R>) -> Verdict {
    let case = Case::new(subject, "write-over");
    let first = case.make(&case.unfinished("i1")).await?;
    let mut over = case.now(&first).await?;
    let changed = subject.changed(&case.part);
    for (part, instance) in [(changed.as_ref().unwrap_or(&case.part), "i2"), (&case.part, "i3")] {
        let consent = Consent {
            paths: case
                .kind
                .differences(&part.content, &over.content)
                .into_keys()
                .collect(),
            force: false,
        };
        let marks = case.marks(instance);
        let answered = case.consented(part, &marks, Some(&over), &consent).await;
        let answered = answered.map_err(|refusal| format!("a write over was refused: {refusal}"))?;
        over = case.now(&first).await?;
        same("uid", &answered.uid, &first.uid)?;
        for object in [&answered, &over] {
            case.is_as_desired(part, object)?;
            case.bears(object, &marks)?;
        }
        same("outputs of the answer", &answered.outputs, &over.outputs)?;
    }
    case.clean([over]).await;
    Ok(())
}

/// A write over an object that is gone does not make another one.
pub(super) async fn write_over_nothing<R: Remotes>(subject: &dyn Subject<R>) -> Verdict {
    let case = Case::new(subject, "write-over-nothing");
    let gone = case.make(&case.marks("i1")).await?;
    case.clean([gone.clone()]).await;
    let part = subject.changed(&case.part).unwrap_or_else(|| case.part.clone());
    let consent = Consent {
        paths: vec![String::new()],
        force: true,
    };
    let written = case.consented(&part, &case.marks("i1"), Some(&gone), &consent).await;
    let is_gone = |answer: &Answer| match answer {
        Answer::Absent => true,
        Answer::Conflict(causes) => causes.is_empty(),
        _ => false,
    };
    refused("a write over what is gone", written, is_gone)?;
    same("objects of the owner", &case.ours().await?, &Vec::new())
}

/// Content that can't change in place is refused, or does change.
pub(super) async fn fixed<R: Remotes>(subject: &dyn Subject<R>) -> Verdict {
    let case = Case::new(subject, "fixed");
    let Some(unlike) = subject.unlike(&case.part) else {
        return Ok(());
    };
    let first = case.make(&case.marks("i1")).await?;
    let over = case.now(&first).await?;
    let alike = case.kind.is_alike(&unlike.content, &over.content);
    ensure(!alike, "the kind takes other fixed content for alike")?;
    ensure(
        case.kind.is_alike(&case.part.content, &over.content),
        "the kind takes what it wrote for unlike",
    )?;
    if case.kind.identity() == Identity::Named {
        let consent = Consent {
            paths: vec![String::new()],
            force: true,
        };
        let written = case.consented(&unlike, &case.marks("i1"), Some(&over), &consent).await;
        if let Ok(written) = written {
            case.is_as_desired(&unlike, &written)?;
        }
    }
    case.clean([first]).await;
    Ok(())
}

/// What somebody changed since the plan is written over only where the consent covers it.
pub(super) async fn edited<R: Remotes>(subject: &dyn Subject<R>) -> Verdict {
    let case = Case::new(subject, "edited");
    let marks = case.marks("i1");
    let first = case.make(&marks).await?;
    let stale = case.now(&first).await?;
    if !subject.edit(&case.part, &stale).await {
        case.clean([first]).await;
        return Ok(());
    }
    let fresh = case.now(&first).await?;
    let drift: Vec<String> = case
        .kind
        .differences(&case.part.content, &fresh.content)
        .into_keys()
        .collect();
    ensure(!drift.is_empty(), "an edit is no difference")?;
    let is_conflict = |answer: &Answer| matches!(answer, Answer::Conflict(_));
    let named = |answer: &Answer| matches!(answer, Answer::Conflict(causes) if !causes.is_empty());
    if subject.has_conditional_writes() {
        let written = case.put(&case.part, &marks, Some(&stale)).await;
        refused("a write over an edit that was not seen", written, is_conflict)?;
    }
    let written = case.put(&case.part, &marks, Some(&fresh)).await;
    refused("a write over an edit without consent", written, named)?;
    let there = case.now(&first).await?;
    let content = |object: &Observed| subject.steady(object.clone()).content;
    same("content after a refused write", &content(&there), &content(&fresh))?;
    let consent = Consent {
        paths: drift,
        force: false,
    };
    let healed = case.consented(&case.part, &marks, Some(&there), &consent).await;
    let healed = healed.map_err(|refusal| format!("an edit that the plan showed was not overwritten: {refusal}"))?;
    case.is_as_desired(&case.part, &healed)?;
    case.clean([first]).await;
    Ok(())
}
