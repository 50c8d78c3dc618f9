//! An object of a remote, as the engine sees it, whatever its kind.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use tokio::time::Instant;

use crate::marks::Marks;

/// The set of clients that kinds work with. The engine never looks inside.
pub trait Remotes: Send + Sync + 'static {}

impl<T: Send + Sync + 'static> Remotes for T {}

/// Who names the objects of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// We do: of one name there is one object.
    Named,
    /// The remote does: several objects of the same content may exist.
    Given,
}

/// How recent an answer has to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    /// A refresh: answers may be shared with reads that began up to two seconds earlier.
    Shared,
    /// A list that began after this moment; shared by all who need no more than that.
    After(Instant),
    /// Any list since the process began: it shows what earlier runs left.
    Run,
    /// As a shared watch shows it, where there is one; else asked now.
    Watched,
    /// Asked now, for this caller alone.
    Fresh,
}

/// Which object is meant.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Name, as after the kind in a reference: `shop/shop-proxy`. Identifies objects that we name.
    pub name: &'a str,
    /// UID or ARN, where it is known. Identifies objects that the remote names.
    pub uid: Option<&'a str>,
}

/// An object as it was seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// Name, as in [`Target::name`].
    pub name: String,
    /// UID or ARN: never used again for another object.
    pub uid: String,
    /// Content, in the form of [`crate::part::Part::content`]; may hold more than we set.
    pub content: Value,
    /// Marks; `None` where this reading does not show them.
    pub marks: Option<Marks>,
    /// What links may refer to. An output that has no value yet is left out.
    pub outputs: BTreeMap<String, String>,
    /// References (`Secret shop/web-tls`) of what a controller makes for this object.
    pub makes: Vec<String>,
    /// It is being deleted: what it still waits for.
    pub deleting: Option<String>,
    /// Who else manages fields of it.
    pub managers: Vec<String>,
}

/// What the approved plan allows a write to overwrite.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Consent {
    /// Paths that the plan showed as drifted or changing. The empty path is everything.
    pub paths: Vec<String>,
    /// Everything, whoever manages it (`force_conflicts`).
    pub force: bool,
}

/// The object of a write that takes several requests, told as soon as it exists: if a later request fails, the object is
/// recorded all the same, and if the write is repeated, it goes on with that object.
#[derive(Debug, Default)]
pub struct Made(Mutex<Option<Observed>>);

impl Made {
    /// The object exists; only its name and uid need to be known.
    pub fn tell(&self, object: Observed) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(object);
    }

    /// The object, if an earlier attempt of this write told of it.
    #[must_use]
    pub fn object(&self) -> Option<Observed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Kind and name of an object, as messages and states name it.
#[must_use]
pub fn reference(kind: &str, name: &str) -> String {
    format!("{kind} {name}")
}
