//! Marks: written, read back, found by, given up.

use super::{Case, Subject, Verdict, ensure, same};
use crate::kind::{Consent, Reading, Remotes};
use crate::marks::{Creating, Marks};

/// Every mark comes back, by each way of reading, and goes when a write does not name it.
pub(super) async fn round_trip<R: Remotes>(subject: &dyn Subject<R>) -> Verdict {
    let case = Case::new(subject, "marks");
    let plain = case.marks("i1");
    let attempts = Creating {
        since: case.op.now.clone(),
        attempts: (0..8).map(|number| format!("0123456789abcde{number}")).collect(),
    };
    let variants = [
        case.unfinished("i1"),
        plain.clone(),
        Marks {
            creating: Some(attempts),
            taken_from: Some("i0".to_owned()),
            ..case.marks("i2")
        },
        Marks {
            adopted: true,
            ..case.marks("i3")
        },
        Marks {
            configuration: Some(r#"{"ä\"":["a b",1,true]}"#.to_owned()),
            ..case.marks("i4")
        },
        plain,
    ];
    let mut object = None;
    for marks in &variants {
        let written = match &object {
            None => case.make(marks).await?,
            Some(there) => {
                let written = case.put(&case.part, marks, Some(there)).await;
                written.map_err(|refusal| format!("a change of marks was refused: {refusal}"))?
            }
        };
        case.bears(&written, marks)?;
        let seen = case.now(&written).await?;
        case.bears(&seen, marks)?;
        for reading in [Reading::After(tokio::time::Instant::now()), Reading::Watched] {
            let target = case.part.target(Some(&written.uid));
            let seen = case.op.bounded(case.kind.look(&case.op, target, reading)).await;
            let seen = seen.map_err(|refusal| format!("a look was refused: {refusal}"))?;
            // A watch may lag, and a list need not read marks; what they show must not be older than a look.
            if let (Some(seen), Reading::After(_)) = (&seen, reading)
                && seen.marks.is_some()
            {
                case.bears(seen, marks)?;
            }
            ensure(seen.is_some(), format!("not seen by {reading:?}"))?;
        }
        object = Some(seen);
    }
    case.clean(object).await;
    Ok(())
}

/// A search finds what bears the owner, and nothing else.
pub(super) async fn of_owner<R: Remotes>(subject: &dyn Subject<R>) -> Verdict {
    let case = Case::new(subject, "of-owner");
    let other = Case::of_owner(subject, "of-owner-other", "of-owner-other");
    let foreign = Case::of_owner(subject, "of-owner-foreign", "of-owner-foreign");
    same("objects before the first", &case.ours().await?, &Vec::new())?;
    let ours = case.make(&case.unfinished("i1")).await?;
    let theirs = other.make(&other.marks("i2")).await?;
    subject.make_foreign(&foreign.part).await;
    let uids = |found: Vec<crate::kind::Observed>| found.into_iter().map(|object| object.uid).collect::<Vec<_>>();
    let found = case.ours().await?;
    for object in &found {
        case.bears(object, &case.unfinished("i1"))?;
        case.is_as_desired(&case.part, object)?;
    }
    same("objects of the owner", &uids(found), &vec![ours.uid.clone()])?;
    same(
        "objects of the other",
        &uids(other.ours().await?),
        &vec![theirs.uid.clone()],
    )?;
    same("objects of a third", &foreign.ours().await?, &Vec::new())?;
    let of_any = case
        .op
        .bounded(case.kind.of_owner(&case.op, None, None, Reading::Fresh))
        .await;
    let of_any = of_any.map_err(|refusal| format!("a search for all owners was refused: {refusal}"))?;
    for object in &of_any {
        let owner = object.marks.as_ref().and_then(|marks| marks.owner.as_ref());
        ensure(owner.is_some(), format!("{} bears no owner", object.name))?;
    }
    let of_any = uids(of_any);
    ensure(
        of_any.contains(&ours.uid),
        "an unfinished object is not among those of all owners",
    )?;
    case.clean([ours]).await;
    other.clean([theirs]).await;
    Ok(())
}

/// A release leaves the content and takes all marks; then the object is as somebody else's.
pub(super) async fn release<R: Remotes>(subject: &dyn Subject<R>) -> Verdict {
    let case = Case::new(subject, "release");
    let marks = Marks {
        configuration: Some("{}".to_owned()),
        adopted: true,
        ..case.unfinished("i1")
    };
    let object = case.make(&marks).await?;
    let before = case.now(&object).await?;
    let released = case.op.bounded(case.kind.release(&case.op, &before)).await;
    released.map_err(|refusal| format!("a release was refused: {refusal}"))?;
    let after = case.now(&object).await?;
    same("marks", &after.marks.clone().unwrap_or_default(), &Marks::default())?;
    case.is_as_desired(&case.part, &after)?;
    same("objects of the owner", &case.ours().await?, &Vec::new())?;
    // Again, as after a kill.
    let released = case.op.bounded(case.kind.release(&case.op, &after)).await;
    released.map_err(|refusal| format!("a second release was refused: {refusal}"))?;
    // It can be taken over again, as after an import.
    let consent = Consent {
        paths: vec![String::new()],
        force: false,
    };
    let taken = case
        .consented(&case.part, &case.marks("i2"), Some(&after), &consent)
        .await;
    let taken = taken.map_err(|refusal| format!("a released object was not taken over: {refusal}"))?;
    case.bears(&taken, &case.marks("i2"))?;
    case.clean([taken]).await;
    Ok(())
}
