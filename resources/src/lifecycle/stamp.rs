//! What the provider's configuration writes on objects besides the arguments: tags in AWS, labels in a cluster. A refresh
//! does not read it back, so the private state records it: a change is an update.

use std::collections::BTreeMap;

use e2etls_engine::ledger::{DRIFTED, Entry, FOLLOWS, Ledger};
use serde::{Deserialize, Serialize};
use tfplugin_framework::Private;

use super::managed::Managed;
use super::place::Place;
use crate::session::Session;

const STAMP: &str = "stamp";

/// In AWS `owner_id` and `default_tags`, in a cluster `labels`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Stamp {
    #[serde(default)]
    owner_id: Option<String>,
    #[serde(default)]
    default_tags: BTreeMap<String, String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
}

impl Stamp {
    /// What the configuration says for objects at `place`; `None` while it is not known.
    fn of(session: &Session, place: Place<'_>) -> Option<Self> {
        match place {
            Place::Cluster { .. } => (!session.labels_unknown).then(|| Self {
                labels: session.labels.clone(),
                ..Self::default()
            }),
            Place::Aws { .. } => {
                let known = !session.owner_id_unknown && !session.default_tags_unknown;
                known.then(|| Self {
                    owner_id: session.owner_id.clone(),
                    default_tags: session.default_tags.clone(),
                    ..Self::default()
                })
            }
        }
    }

    /// What was written; `None` where that is not known. In a cluster, nothing recorded is nothing written.
    fn written(private: &Private, place: Place<'_>) -> Option<Self> {
        let recorded = private.get::<Self>(STAMP);
        recorded.or_else(|| matches!(place, Place::Cluster { .. }).then(Self::default))
    }
}

/// Keeps what an apply has written.
pub(super) fn written<M: Managed>(private: &mut Private, session: &Session, model: &M) {
    if let Some(stamp) = Stamp::of(session, model.place()) {
        private.set(STAMP, &stamp);
    }
}

/// True if the configuration says, or may say, another stamp than what was written at `place`.
pub(super) fn differs(private: &Private, session: Option<&Session>, place: Place<'_>) -> bool {
    let said = session.and_then(|session| Stamp::of(session, place));
    match Stamp::written(private, place) {
        // Without a configuration, nothing says that there are labels.
        Some(written) if session.is_none() && written == Stamp::default() => false,
        Some(written) => said != Some(written),
        None => false,
    }
}

/// True for the entry of an object that a stamp is written on: not for what a controller makes.
pub(super) fn bears(entry: &Entry) -> bool {
    entry.known_uid().is_some() && entry.digest.as_deref() != Some(FOLLOWS)
}

/// Makes an update write the parts again if the stamp differs, and lets it remove default tags that are no longer
/// wanted. (The API server removes labels that are no longer applied.)
pub(super) fn renew(
    private: &Private,
    session: &Session,
    place: Place<'_>,
    ledger: &mut Ledger,
    drift: &mut Vec<String>,
) {
    let written = Stamp::written(private, place);
    let Some(written) = written.filter(|_| differs(private, Some(session), place)) else {
        return;
    };
    let mut removed: Vec<&String> = written.default_tags.keys().collect();
    removed.retain(|key| !session.default_tags.contains_key(*key));
    for (address, entry) in ledger.iter_mut().filter(|(_, entry)| bears(entry)) {
        entry.digest = Some(format!("{DRIFTED}stamp"));
        drift.extend(removed.iter().map(|key| format!("{address} tags.{key}")));
    }
}

#[cfg(test)]
mod tests {
    use tfplugin_framework::Attr;

    use super::*;
    use crate::session::model::ProviderConfig;

    const CLUSTER: Place<'static> = Place::Cluster {
        key: None,
        uid: None,
        namespace: None,
    };

    fn labels(value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("team".to_owned(), value.to_owned())])
    }

    fn session(labels: Attr<BTreeMap<String, String>>) -> Session {
        Session::new(ProviderConfig {
            labels,
            ..crate::testkit::provider_config()
        })
    }

    #[test]
    fn a_change_of_labels_is_an_update_in_clusters() {
        let none = Private::default();
        let mut recorded = Private::default();
        let stamp = Stamp {
            labels: labels("a"),
            ..Stamp::default()
        };
        recorded.set(STAMP, &stamp);
        for (private, given, wanted) in [
            (&none, Attr::Null, false),
            (&none, Attr::Known(labels("a")), true),
            (&none, Attr::Unknown, true),
            (&recorded, Attr::Known(labels("a")), false),
            (&recorded, Attr::Known(labels("b")), true),
            (&recorded, Attr::Null, true),
            (&recorded, Attr::Unknown, true),
        ] {
            let session = session(given.clone());
            assert_eq!(differs(private, Some(&session), CLUSTER), wanted, "{given:?}");
        }
        assert!(!differs(&none, None, CLUSTER) && differs(&recorded, None, CLUSTER));
    }

    #[test]
    fn what_a_controller_makes_is_not_written_again() {
        let entry = |digest: &str| Entry {
            uid: Some("uid".to_owned()),
            digest: Some(digest.to_owned()),
            ..Entry::default()
        };
        let mut ledger =
            Ledger::from([("config", "0a"), ("secret", FOLLOWS)].map(|(at, digest)| (at.to_owned(), entry(digest))));
        renew(
            &Private::default(),
            &session(Attr::Known(labels("a"))),
            CLUSTER,
            &mut ledger,
            &mut Vec::new(),
        );
        assert_eq!(ledger["config"].digest.as_deref(), Some("drifted:stamp"));
        assert_eq!(ledger["secret"].digest.as_deref(), Some(FOLLOWS));
    }
}
