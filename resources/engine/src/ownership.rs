//! Whose an object is: the one place that decides it.

use crate::marks::{Creating, Marks};
use crate::object::Observed;

/// Who asks, and what it knows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Who<'a> {
    /// The owner of the resource.
    pub owner: &'a str,
    /// The instance in state; for a create the one that it mints.
    pub instance: &'a str,
    /// The uid that the state has for this part; `None` or empty if it knows none.
    pub uid: Option<&'a str>,
    /// False if the state says that the object existed before us.
    pub made: bool,
    /// The marks of unfinished creates that objects of this owner bear, together.
    pub marked: Option<&'a Creating>,
}

/// Whose an object is, seen from one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ownership {
    /// Nothing is there.
    Absent,
    /// This instance of this resource made or adopted it.
    Mine,
    /// Made by a create of this owner that has not finished: whoever runs that create again may adopt it.
    Marked,
    /// Of this owner, but finished under another instance: it belongs to another state, or was adopted elsewhere.
    Elsewhere,
    /// The state knows it, and it existed before us: it carries no marks yet.
    Imported,
    /// Somebody else's.
    Foreign,
    /// Ours, and being deleted.
    Dying,
    /// Somebody else's, and being deleted.
    ForeignDying,
}

impl Ownership {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Absent,
        Self::Mine,
        Self::Marked,
        Self::Elsewhere,
        Self::Imported,
        Self::Foreign,
        Self::Dying,
        Self::ForeignDying,
    ];
}

/// Whose `observed` is.
///
/// An object with the uid of the state and no other instance is ours even if its marks were stripped. Marks that were not
/// read say nothing: then the uid decides.
#[must_use]
pub fn ownership(observed: Option<&Observed>, who: &Who<'_>) -> Ownership {
    let Some(object) = observed else {
        return Ownership::Absent;
    };
    let living = of_living(object, who);
    match (&object.deleting, living) {
        (None, living) => living,
        (Some(_), Ownership::Foreign | Ownership::Elsewhere) => Ownership::ForeignDying,
        (Some(_), _) => Ownership::Dying,
    }
}

fn of_living(object: &Observed, who: &Who<'_>) -> Ownership {
    let known = who.uid.is_some_and(|uid| !uid.is_empty() && uid == object.uid);
    let unclaimed = match (known, who.made) {
        (true, true) => Ownership::Mine,
        (true, false) => Ownership::Imported,
        (false, _) => Ownership::Foreign,
    };
    let Some(marks) = &object.marks else {
        return unclaimed;
    };
    let same_instance = marks.instance.as_deref() == Some(who.instance);
    if marks.owner.as_deref() == Some(who.owner) {
        return match &marks.instance {
            _ if same_instance => Ownership::Mine,
            _ if is_marked(marks, who) => Ownership::Marked,
            // Ours, but for the instance that somebody took away.
            None if known => Ownership::Mine,
            _ => Ownership::Elsewhere,
        };
    }
    match &marks.instance {
        // Another `owner_id` since: the instance still tells.
        Some(_) if known && same_instance => Ownership::Mine,
        None => unclaimed,
        Some(_) => Ownership::Foreign,
    }
}

/// True if an unfinished create of this owner made the object, or adopted it. The object that bears the mark need not be one
/// of them: an update of a finished resource holds the mark while it clears away what an unfinished create left beside it.
fn is_marked(marks: &Marks, who: &Who<'_>) -> bool {
    let covers = |mark: &Creating| mark.covers(marks.instance.as_deref());
    marks.creating.as_ref().is_some_and(covers) || who.marked.is_some_and(covers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(uid: &str, owner: Option<&str>, instance: Option<&str>) -> Observed {
        Observed {
            uid: uid.to_owned(),
            marks: Some(Marks {
                owner: owner.map(str::to_owned),
                instance: instance.map(str::to_owned),
                ..Marks::default()
            }),
            ..Observed::default()
        }
    }

    fn creating(attempts: &[&str]) -> Creating {
        Creating {
            since: "2026-01-01T00:00:00Z".to_owned(),
            attempts: attempts.iter().map(|attempt| (*attempt).to_owned()).collect(),
        }
    }

    const WHO: Who<'_> = Who {
        owner: "me",
        instance: "i1",
        uid: Some("u1"),
        made: true,
        marked: None,
    };

    type Row = (
        &'static str,
        Option<&'static str>,
        Option<&'static str>,
        Ownership,
        Ownership,
    );

    /// uid (`u1` is the state's), owner, instance → ownership, as maker and as importer.
    const UNMARKED: &[Row] = {
        use Ownership::{Elsewhere, Foreign, Imported, Mine};
        &[
            ("u1", Some("me"), Some("i1"), Mine, Mine),
            ("u1", Some("me"), Some("i2"), Elsewhere, Elsewhere),
            ("u1", Some("me"), None, Mine, Mine),
            ("u2", Some("me"), Some("i1"), Mine, Mine),
            ("u2", Some("me"), Some("i2"), Elsewhere, Elsewhere),
            ("u2", Some("me"), None, Elsewhere, Elsewhere),
            ("u1", Some("other"), Some("i1"), Mine, Mine),
            ("u1", Some("other"), Some("i2"), Foreign, Foreign),
            ("u1", Some("other"), None, Mine, Imported),
            ("u2", Some("other"), Some("i1"), Foreign, Foreign),
            ("u2", Some("other"), None, Foreign, Foreign),
            ("u1", None, Some("i1"), Mine, Mine),
            ("u1", None, Some("i2"), Foreign, Foreign),
            ("u1", None, None, Mine, Imported),
            ("u2", None, Some("i1"), Foreign, Foreign),
            ("u2", None, None, Foreign, Foreign),
        ]
    };

    #[test]
    fn owner_instance_and_uid_decide() {
        assert_eq!(ownership(None, &WHO), Ownership::Absent);
        for (uid, owner, instance, maker, importer) in UNMARKED {
            let object = object(uid, *owner, *instance);
            assert_eq!(ownership(Some(&object), &WHO), *maker, "{uid} {owner:?} {instance:?}");
            let who = Who { made: false, ..WHO };
            assert_eq!(
                ownership(Some(&object), &who),
                *importer,
                "{uid} {owner:?} {instance:?}, imported"
            );
        }
    }

    #[test]
    fn a_state_without_a_uid_knows_no_object() {
        for uid in [None, Some("")] {
            let who = Who { uid, ..WHO };
            assert_eq!(ownership(Some(&object("", None, None)), &who), Ownership::Foreign);
            assert_eq!(
                ownership(Some(&object("u1", None, Some("i1"))), &who),
                Ownership::Foreign
            );
        }
    }

    /// uid, owner, instance, whether it bears the mark itself → ownership while attempts `i2` and `i3` are unfinished.
    const UNFINISHED: &[(&str, &str, Option<&str>, bool, Ownership)] = {
        use Ownership::{Elsewhere, Foreign, Marked, Mine};
        &[
            ("u2", "me", Some("i1"), false, Mine),
            ("u2", "me", Some("i2"), false, Marked),
            ("u1", "me", Some("i2"), false, Marked),
            ("u2", "me", Some("i3"), false, Marked),
            ("u2", "me", Some("i4"), false, Elsewhere),
            ("u1", "me", Some("i4"), false, Elsewhere),
            ("u2", "me", Some("i4"), true, Elsewhere),
            ("u2", "me", Some("i9"), true, Marked),
            ("u2", "me", None, true, Elsewhere),
            ("u1", "me", None, false, Mine),
            ("u2", "me", None, false, Elsewhere),
            ("u2", "other", Some("i2"), false, Foreign),
            ("u2", "other", Some("i2"), true, Foreign),
            ("u2", "other", None, true, Foreign),
        ]
    };

    #[test]
    fn what_an_unfinished_create_made_may_be_adopted_and_nothing_else() {
        let mark = creating(&["i2", "i3"]);
        let who = Who {
            marked: Some(&mark),
            ..WHO
        };
        for (uid, owner, instance, bears, wanted) in UNFINISHED {
            let mut object = object(uid, Some(owner), *instance);
            if let Some(marks) = &mut object.marks {
                marks.creating = bears.then(|| creating(&["i9"]));
            }
            assert_eq!(
                ownership(Some(&object), &who),
                *wanted,
                "{uid} {owner} {instance:?} {bears}"
            );
        }
    }

    #[test]
    fn unread_marks_leave_it_to_the_uid() {
        let unread = |uid: &str| Observed {
            uid: uid.to_owned(),
            ..Observed::default()
        };
        assert_eq!(ownership(Some(&unread("u1")), &WHO), Ownership::Mine);
        assert_eq!(ownership(Some(&unread("u2")), &WHO), Ownership::Foreign);
        let who = Who { made: false, ..WHO };
        assert_eq!(ownership(Some(&unread("u1")), &who), Ownership::Imported);
    }

    #[test]
    fn the_dying_are_told_apart_by_whose_they_were() {
        for (uid, owner, instance, maker, _) in UNMARKED {
            let mut object = object(uid, *owner, *instance);
            object.deleting = Some("finalizers".to_owned());
            let wanted = match maker {
                Ownership::Mine | Ownership::Imported | Ownership::Marked => Ownership::Dying,
                _ => Ownership::ForeignDying,
            };
            assert_eq!(ownership(Some(&object), &WHO), wanted);
        }
    }
}
