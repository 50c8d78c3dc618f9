//! Whose an object is: the one place that decides it.

use crate::kind::Observed;
use crate::marks::{Creating, Marks};

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
    /// The mark of an unfinished create that any object of this owner bears.
    pub marked: Option<&'a Creating>,
    /// Several objects of this owner and address may exist, because the remote names them.
    pub given: bool,
}

/// Whose an object is, seen from one resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ownership {
    /// Nothing is there.
    Absent,
    /// This instance of this resource made or adopted it.
    Mine,
    /// Of this owner, while its create has not finished: whoever runs that create again may adopt it.
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
    let Some(marks) = &object.marks else {
        return match (known, who.made) {
            (true, true) => Ownership::Mine,
            (true, false) => Ownership::Imported,
            (false, _) => Ownership::Foreign,
        };
    };
    let same_instance = marks.instance.as_deref() == Some(who.instance);
    if marks.owner.as_deref() == Some(who.owner) {
        return of_this_owner(marks, same_instance, who);
    }
    match (&marks.instance, known) {
        // Another `owner_id` since: the instance still tells.
        (Some(_), true) if same_instance => Ownership::Mine,
        (None, true) if who.made => Ownership::Mine,
        (None, true) => Ownership::Imported,
        _ => Ownership::Foreign,
    }
}

fn of_this_owner(marks: &Marks, same_instance: bool, who: &Who<'_>) -> Ownership {
    if same_instance {
        return Ownership::Mine;
    }
    match who.marked {
        // Beside a finished object that is being replaced there is a new one: the old one is not for adoption.
        Some(mark) if who.given && mark.over.is_some() && mark.over == marks.instance => Ownership::Elsewhere,
        Some(_) => Ownership::Marked,
        None => Ownership::Elsewhere,
    }
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

    fn creating(over: Option<&str>) -> Creating {
        Creating {
            since: "2026-01-01T00:00:00Z".to_owned(),
            over: over.map(str::to_owned),
        }
    }

    const WHO: Who<'_> = Who {
        owner: "me",
        instance: "i1",
        uid: Some("u1"),
        made: true,
        marked: None,
        given: false,
    };

    type Row = (
        &'static str,
        Option<&'static str>,
        Option<&'static str>,
        Ownership,
        Ownership,
    );

    /// uid (`u1` is the state's), owner, instance → ownership, as maker; where it differs, as importer.
    const UNMARKED: &[Row] = {
        use Ownership::{Elsewhere, Foreign, Imported, Mine};
        &[
            ("u1", Some("me"), Some("i1"), Mine, Mine),
            ("u1", Some("me"), Some("i2"), Elsewhere, Elsewhere),
            ("u1", Some("me"), None, Elsewhere, Elsewhere),
            ("u2", Some("me"), Some("i1"), Mine, Mine),
            ("u2", Some("me"), Some("i2"), Elsewhere, Elsewhere),
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

    #[test]
    fn while_a_create_is_unfinished_its_owner_may_adopt() {
        let mark = creating(None);
        let who = Who {
            marked: Some(&mark),
            ..WHO
        };
        for (instance, wanted) in [
            (Some("i1"), Ownership::Mine),
            (Some("i2"), Ownership::Marked),
            (None, Ownership::Marked),
        ] {
            assert_eq!(ownership(Some(&object("u2", Some("me"), instance)), &who), wanted);
        }
        assert_eq!(
            ownership(Some(&object("u2", Some("other"), Some("i2"))), &who),
            Ownership::Foreign
        );
    }

    #[test]
    fn what_is_being_replaced_is_adopted_only_where_there_is_but_one() {
        let mark = creating(Some("i0"));
        let old = object("u0", Some("me"), Some("i0"));
        for (given, wanted) in [(true, Ownership::Elsewhere), (false, Ownership::Marked)] {
            let who = Who {
                marked: Some(&mark),
                given,
                ..WHO
            };
            assert_eq!(ownership(Some(&old), &who), wanted);
            let new = object("u3", Some("me"), Some("i3"));
            assert_eq!(ownership(Some(&new), &who), Ownership::Marked);
        }
        // A mark over nothing replaces nothing, whatever an object lost.
        let mark = creating(None);
        let who = Who {
            marked: Some(&mark),
            given: true,
            ..WHO
        };
        assert_eq!(
            ownership(Some(&object("u0", Some("me"), None)), &who),
            Ownership::Marked
        );
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
