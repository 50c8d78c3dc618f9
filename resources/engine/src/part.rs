//! A part: one remote object of a resource, with its address, desired content and what it waits for.

use std::sync::Arc;

use serde_json::Value;

use crate::failure::{Failure, Trouble};
use crate::kind::Kind;
pub use crate::kind::{Part, Ready, Role};
use crate::ledger::{Entry, FOLLOWS, STRAY, UNWANTED};
pub use crate::object::reference;
use crate::object::{Identity, Remotes, Target};
use crate::owner::sha256_hex;
use crate::refusal::Refusal;
use crate::value::{is_unknown, links};

impl<R: Remotes> Part<R> {
    /// An object of the resource.
    #[must_use]
    pub fn new(
        address: impl Into<String>,
        kind: &'static dyn Kind<R>,
        name: impl Into<String>,
        content: Value,
    ) -> Self {
        Self {
            address: address.into(),
            kind: Some(kind),
            name: name.into(),
            content,
            role: Role::Own,
            after: Vec::new(),
            ready: None,
            configuration: None,
        }
    }

    /// Something to wait for; `content` holds what decides that it is waited for again.
    #[must_use]
    pub fn wait_only(
        address: impl Into<String>,
        name: impl Into<String>,
        content: Value,
        ready: Arc<dyn Ready<R>>,
    ) -> Self {
        Self {
            address: address.into(),
            kind: None,
            name: name.into(),
            content,
            role: Role::WaitOnly,
            after: Vec::new(),
            ready: Some(ready),
            configuration: None,
        }
    }

    /// The part in another role.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// The part, working when `ready` says so.
    #[must_use]
    pub fn ready_when(mut self, ready: Arc<dyn Ready<R>>) -> Self {
        self.ready = Some(ready);
        self
    }

    /// The part, written after the one at `address` works.
    #[must_use]
    pub fn after(mut self, address: impl Into<String>) -> Self {
        self.after.push(address.into());
        self
    }

    /// `Deployment shop/shop-proxy`.
    #[must_use]
    pub fn reference(&self) -> String {
        reference(self.kind.map_or("wait", Kind::name), &self.name)
    }

    /// Hash of the desired content, with links as they are; `None` while an input of it is unknown.
    #[must_use]
    pub fn digest(&self) -> Option<String> {
        (!is_unknown(&self.content)).then(|| digest(&self.content))
    }

    /// The object that is meant, with the uid that the state knows.
    #[must_use]
    pub fn target<'a>(&'a self, uid: Option<&'a str>) -> Target<'a> {
        Target { name: &self.name, uid }
    }

    /// True if objects of the part are made by the resource.
    #[must_use]
    pub fn is_written(&self) -> bool {
        matches!(self.role, Role::Own | Role::Keep)
    }

    /// Addresses that are written before this part: what it links to, follows or comes after.
    #[must_use]
    pub fn needs(&self) -> Vec<String> {
        let mut needs: Vec<String> = links(&self.content).into_iter().map(|(address, _)| address).collect();
        needs.extend(self.after.iter().cloned());
        if let Role::Follow(maker) = &self.role {
            needs.push(maker.clone());
        }
        needs
    }

    /// The entry `old` of this part under an address of its own, if it means another object than `new`.
    pub(crate) fn superseded(&self, old: Entry, new: &Entry) -> Option<(String, Entry)> {
        let uid = old.known_uid()?;
        let given = self.kind.is_some_and(|kind| kind.identity() == Identity::Given);
        let (label, same) = if given {
            (uid, old.uid == new.uid)
        } else {
            (old.reference.as_deref()?, old.reference == new.reference)
        };
        let digest = match self.role {
            Role::Follow(_) => FOLLOWS,
            _ => UNWANTED,
        };
        let address = format!("{STRAY}{label}");
        let digest = Some(digest.to_owned());
        (!same).then_some((address, Entry { digest, ..old }))
    }

    /// The same part with other content.
    #[must_use]
    pub fn with_content(&self, content: Value) -> Self {
        Self {
            content,
            ..self.clone()
        }
    }
}

impl<R: Remotes> Clone for Part<R> {
    fn clone(&self) -> Self {
        Self {
            address: self.address.clone(),
            kind: self.kind,
            name: self.name.clone(),
            content: self.content.clone(),
            role: self.role.clone(),
            after: self.after.clone(),
            ready: self.ready.clone(),
            configuration: self.configuration.clone(),
        }
    }
}

/// The first 16 hex digits of SHA-256 over the canonical JSON.
#[must_use]
pub fn digest(content: &Value) -> String {
    sha256_hex(content.to_string(), 16)
}

impl Failure {
    /// The same about the part `part`.
    #[must_use]
    pub fn of<R: Remotes>(self, part: &Part<R>) -> Self {
        Self {
            address: part.address.clone(),
            reference: part.reference(),
            ..self
        }
    }

    /// Trouble with `part`.
    #[must_use]
    pub fn about<R: Remotes>(part: &Part<R>, trouble: Trouble) -> Self {
        Self {
            address: part.address.clone(),
            reference: part.reference(),
            trouble,
        }
    }

    /// A refusal about `part`.
    #[must_use]
    pub fn refused<R: Remotes>(part: &Part<R>, refusal: Refusal) -> Self {
        Self::about(part, Trouble::Refused { refusal, lasting: 0 })
    }
}
