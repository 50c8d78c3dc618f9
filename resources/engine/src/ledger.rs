//! What a resource remembers of its parts: the ledger in state, and the memory in private state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the state says of one part. `None` is not known yet, in a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Kind and name of the object.
    pub reference: Option<String>,
    /// UID or ARN; empty if there is no object.
    pub uid: Option<String>,
    /// Hash of the desired content; starts with [`DRIFTED`] if the object is not, or does not work, as desired.
    pub digest: Option<String>,
    /// True if the resource made the object; false if it existed before, or is kept.
    pub made: Option<bool>,
}

/// Entries by address. The keys of a plan are those of the apply.
pub type Ledger = BTreeMap<String, Entry>;

/// What starts the digest of a part that is not as desired.
pub const DRIFTED: &str = "drifted:";
/// The digest of a part that is not there.
pub const ABSENT: &str = "drifted:absent";
/// The digest of a part that was not seen to work.
pub const UNPROVEN: &str = "drifted:not seen to work";
/// The digest of an object that no argument asks for.
pub const UNWANTED: &str = "drifted:not wanted";
/// The digest of what a controller makes: its content is not ours.
pub const FOLLOWS: &str = "follows";
/// What starts the address of an object that no argument asks for.
pub const STRAY: &str = "stray/";

impl Entry {
    /// The uid of an object that is there.
    #[must_use]
    pub fn known_uid(&self) -> Option<&str> {
        self.uid.as_deref().filter(|uid| !uid.is_empty())
    }

    /// True unless the state says that the object existed before us.
    #[must_use]
    pub fn is_made(&self) -> bool {
        self.made != Some(false)
    }
}

/// What is remembered beside the state. Not secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// By address and path: values that the remote writes in another way than we do (`1000m` as `1`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub spellings: BTreeMap<String, BTreeMap<String, Value>>,
    /// By address: the content that was seen to work, with links resolved, and the uid of its object. A refresh takes it back
    /// only where another object is in the place of the one that was seen.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub proven: BTreeMap<String, String>,
    /// The create has not finished.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
}

impl Memory {
    /// Forgets what is about the part at `address`.
    pub fn forget(&mut self, address: &str) {
        self.spellings.remove(address);
        self.proven.remove(address);
    }

    /// True if the part was seen to work with this content, as the object of this uid.
    #[must_use]
    pub fn is_proven(&self, address: &str, digest: Option<&str>, uid: &str) -> bool {
        let proven = self.proven.get(address);
        digest.is_some_and(|digest| proven == Some(&proof(digest, uid)))
    }

    /// The part was seen to work.
    pub fn prove(&mut self, address: &str, digest: &str, uid: &str) {
        self.proven.insert(address.to_owned(), proof(digest, uid));
    }
}

fn proof(digest: &str, uid: &str) -> String {
    format!("{digest} {uid}")
}
