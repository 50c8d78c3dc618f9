//! What the provider's configuration writes on objects in AWS besides the arguments. A refresh does not read it back,
//! so the private state records it: a change is an update.

use std::collections::BTreeMap;

use e2etls_engine::ledger::{DRIFTED, Ledger};
use serde::{Deserialize, Serialize};
use tfplugin_framework::Private;

use super::managed::Managed;
use super::place::Place;
use crate::session::Session;

const STAMP: &str = "stamp";

/// `owner_id` and `default_tags`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Stamp {
    owner_id: Option<String>,
    default_tags: BTreeMap<String, String>,
}

impl Stamp {
    /// What the configuration says; `None` while it is not known.
    fn of(session: &Session) -> Option<Self> {
        let known = !session.owner_id_unknown && !session.default_tags_unknown;
        known.then(|| Self {
            owner_id: session.owner_id.clone(),
            default_tags: session.default_tags.clone(),
        })
    }
}

/// Keeps what an apply has written.
pub(super) fn written<M: Managed>(private: &mut Private, session: &Session, model: &M) {
    if let (Place::Aws { .. }, Some(stamp)) = (model.place(), Stamp::of(session)) {
        private.set(STAMP, &stamp);
    }
}

/// True if the configuration says, or may say, another stamp than what was written.
pub(super) fn differs(private: &Private, session: Option<&Session>) -> bool {
    let written = private.get::<Stamp>(STAMP);
    written.is_some_and(|written| session.and_then(Stamp::of) != Some(written))
}

/// Makes an update write the parts again if the stamp differs, and lets it remove default tags that are no longer
/// wanted.
pub(super) fn renew(private: &Private, session: &Session, ledger: &mut Ledger, drift: &mut Vec<String>) {
    let (true, Some(written)) = (differs(private, Some(session)), private.get::<Stamp>(STAMP)) else {
        return;
    };
    let mut removed: Vec<&String> = written.default_tags.keys().collect();
    removed.retain(|key| !session.default_tags.contains_key(*key));
    for (address, entry) in ledger.iter_mut().filter(|(_, entry)| entry.known_uid().is_some()) {
        entry.digest = Some(format!("{DRIFTED}stamp"));
        drift.extend(removed.iter().map(|key| format!("{address} tags.{key}")));
    }
}
