//! What became of each object that was listed, in words.

use e2etls_engine::failure::{Failure, Notice, Trouble};
use e2etls_engine::kind::{Identity, Remotes};
use e2etls_engine::leftovers::Leftover;
use e2etls_engine::object::reference;
use e2etls_engine::remove::Removed;

use crate::session::wording;

/// An object, as it is listed.
pub(super) struct Item {
    /// What the user sees: kind and name, or kind and uid of what the remote names.
    pub(super) shown: String,
    reference: String,
    /// `None` for what a controller may have made: it need not exist.
    uid: Option<String>,
}

impl Item {
    /// True for what a controller makes, perhaps.
    pub(super) fn may_not_exist(&self) -> bool {
        self.uid.is_none()
    }
}

/// The objects that an unfinished create left, and what their controllers may have made.
pub(super) fn items<R: Remotes>(leftover: &Leftover<R>) -> Vec<Item> {
    let mut items = Vec::new();
    for (kind, object) in &leftover.objects {
        let reference = reference(kind.name(), &object.name);
        let shown = match kind.identity() {
            Identity::Named => reference.clone(),
            Identity::Given => format!("{} {}", kind.name(), object.uid),
        };
        items.push(Item {
            shown,
            reference,
            uid: Some(object.uid.clone()),
        });
        items.extend(object.makes.iter().map(|made| Item {
            shown: made.clone(),
            reference: made.clone(),
            uid: None,
        }));
    }
    items
}

/// What a deletion came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Report {
    /// A line for each object.
    pub(super) lines: Vec<String>,
    /// How many objects should be gone and are not, or were not seen gone.
    pub(super) kept: usize,
}

impl Report {
    fn deleted(&mut self, shown: &str) {
        self.lines.push(format!("deleted: {shown}"));
    }

    fn kept(&mut self, shown: &str, why: &str) {
        self.lines.push(format!("kept: {shown}: {why}"));
        self.kept += 1;
    }
}

/// Says of each item what became of it, and of everything else what went wrong.
pub(super) fn report(items: &[Item], removed: &Removed) -> Report {
    let mut report = Report::default();
    let mut reasons = reasons(removed);
    for item in items {
        let is_gone = |uid: &str| item.uid.as_deref().is_none_or(|own| own == uid);
        let mut gone = removed.gone.iter();
        if gone.any(|gone| gone.reference == item.reference && is_gone(&gone.uid)) {
            report.deleted(&item.shown);
        } else if let Some(at) = reasons.iter().position(|(kept, _)| *kept == item.reference) {
            report.kept(&item.shown, &reasons.remove(at).1);
        } else if item.uid.is_some() {
            report.kept(&item.shown, not_tried(removed));
        }
    }
    for (reference, why) in reasons {
        report.kept(&reference, &why);
    }
    report
}

fn not_tried(removed: &Removed) -> &'static str {
    if removed.failures.is_empty() {
        "it is no longer what the unfinished create left"
    } else {
        "it is deleted last, once nothing else is left"
    }
}

/// Why objects stay, by reference.
fn reasons(removed: &Removed) -> Vec<(String, String)> {
    let failures = removed.failures.iter();
    let failures = failures.map(|failure| (failure.reference.clone(), told(failure)));
    let notices = removed.notices.iter().filter_map(|notice| match notice {
        Notice::Left(reference, why) => Some((reference.clone(), why.clone())),
        Notice::Released(reference) => Some((reference.clone(), "it existed before the unfinished create".to_owned())),
        Notice::AdoptedElsewhere(reference) | Notice::NotOurs(reference) => {
            Some((reference.clone(), "it belongs to another resource now".to_owned()))
        }
        Notice::TakenOver(..) | Notice::KindMissing(_) => None,
    });
    failures.chain(notices).collect()
}

/// Why something failed, in the remote's words where there are any.
pub(super) fn told(failure: &Failure) -> String {
    match &failure.trouble {
        Trouble::Refused { refusal, .. } => wording::told(refusal),
        Trouble::Holds { held } => format!("it contains {}", held.join(", ")),
        Trouble::InUse { by } if by.is_empty() => "it is in use".to_owned(),
        Trouble::InUse { by } => format!("it is used by {}", by.join(", ")),
        Trouble::Waiting {
            otherwise, last_seen, ..
        } => format!("it {otherwise}; last seen: {last_seen}"),
        Trouble::Domain { what, cause, .. } => format!("{what}: {cause}"),
        Trouble::Appeared => "another object has its name each time".to_owned(),
        Trouble::Foreign { .. } | Trouble::Exists { .. } => "it belongs to another resource".to_owned(),
        Trouble::Managed { .. } => "somebody else changed it".to_owned(),
        Trouble::Vanished | Trouble::WouldOverwrite { .. } | Trouble::Unresolved { .. } => {
            "it is not as it was found".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use e2etls_engine::refusal::{Answer, Denial, Refusal};
    use e2etls_engine::remove::GoneObject;

    use super::*;

    fn item(reference: &str, uid: Option<&str>) -> Item {
        Item {
            shown: reference.to_owned(),
            reference: reference.to_owned(),
            uid: uid.map(str::to_owned),
        }
    }

    fn gone(reference: &str, uid: &str) -> GoneObject {
        GoneObject {
            reference: reference.to_owned(),
            uid: uid.to_owned(),
        }
    }

    fn failed(reference: &str, trouble: Trouble) -> Failure {
        Failure {
            address: String::new(),
            reference: reference.to_owned(),
            trouble,
        }
    }

    #[test]
    fn every_object_is_told_of_with_what_became_of_it() {
        let items = [
            item("Certificate shop/web", Some("1")),
            item("Secret shop/web", None),
            item("Secret shop/never", None),
            item("ConfigMap shop/web", Some("2")),
            item("Namespace shop", Some("3")),
        ];
        let words = "configmaps \"web\" is forbidden (403 Forbidden)";
        let refusal = Refusal::new(
            Answer::Forbidden(Denial::Permission),
            "DELETE /api/v1/x",
            "ConfigMap shop/web",
            words,
        );
        let refused = Trouble::Refused { refusal, lasting: 0 };
        let removed = Removed {
            gone: vec![gone("Certificate shop/web", "1"), gone("Secret shop/web", "9")],
            failures: vec![failed("ConfigMap shop/web", refused)],
            ..Removed::default()
        };
        let told = report(&items, &removed);
        assert_eq!(
            told.lines,
            [
                "deleted: Certificate shop/web",
                "deleted: Secret shop/web",
                "kept: ConfigMap shop/web: DELETE /api/v1/x: configmaps \"web\" is forbidden (403 Forbidden)",
                "kept: Namespace shop: it is deleted last, once nothing else is left",
            ]
        );
        assert_eq!(told.kept, 2);
    }

    #[test]
    fn what_is_not_seen_gone_is_not_called_deleted() {
        let waiting = Trouble::Waiting {
            otherwise: "is not gone".to_owned(),
            last_seen: "it is being deleted: finalizer kubernetes".to_owned(),
            stopped: false,
        };
        let removed = Removed {
            failures: vec![failed("Namespace shop", waiting)],
            ..Removed::default()
        };
        let told = report(&[item("Namespace shop", Some("3"))], &removed);
        assert_eq!(
            told.lines,
            ["kept: Namespace shop: it is not gone; last seen: it is being deleted: finalizer kubernetes"]
        );
        assert_eq!(told.kept, 1);
    }

    #[test]
    fn what_has_another_uid_by_now_is_not_what_was_listed() {
        let removed = Removed {
            gone: vec![gone("ACM certificate it", "arn:a")],
            ..Removed::default()
        };
        let items = [
            item("ACM certificate it", Some("arn:a")),
            item("ACM certificate it", Some("arn:b")),
        ];
        assert_eq!(report(&items, &removed).kept, 1);
        let left = Notice::Left("Secret shop/web".to_owned(), "its uid is not known".to_owned());
        let removed = Removed {
            notices: vec![left],
            ..Removed::default()
        };
        let told = report(&[item("Secret shop/web", None)], &removed);
        assert_eq!(told.lines, ["kept: Secret shop/web: its uid is not known"]);
    }
}
