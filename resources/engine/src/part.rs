//! A part: one remote object of a resource, with its address, desired content and what it waits for.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use crate::failure::Failure;
use crate::kind::{Identity, Kind, Observed, Remotes, Target};
use crate::ledger::{Entry, FOLLOWS, STRAY, UNWANTED};
use crate::operation::Operation;
use crate::owner::sha256_hex;
use crate::refusal::Refusal;
use crate::value::{is_unknown, links};

/// What a part is to its resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Made, changed and deleted by the resource.
    Own,
    /// Made by the resource and left when it goes: others may have come to rely on it.
    Keep,
    /// A controller makes it for the part at this address. Never written; deleted with the uid that was recorded.
    Follow(String),
    /// No object: something to wait for.
    WaitOnly,
}

/// One object of a resource.
pub struct Part<R: Remotes> {
    /// Address inside the resource, such as `proxy/deployment`.
    pub address: String,
    /// Its kind; `None` for [`Role::WaitOnly`].
    pub kind: Option<&'static dyn Kind<R>>,
    /// Name of the object, such as `shop/shop-proxy`; a label for messages where the remote names it.
    pub name: String,
    /// Desired content without marks; may hold links and unknowns.
    pub content: Value,
    /// What it is to the resource.
    pub role: Role,
    /// Addresses of parts that work before this one is written. Links need no entry here.
    pub after: Vec<String>,
    /// How it is seen to work; `None` if it works once it exists.
    pub ready: Option<Arc<dyn Ready<R>>>,
    /// The arguments as canonical JSON, on the one part that carries them.
    pub configuration: Option<String>,
}

/// How a part is seen to work.
#[async_trait]
pub trait Ready<R: Remotes>: Send + Sync {
    /// Waits until the object, as just applied, works.
    ///
    /// # Errors
    /// What was last seen, and what to do.
    async fn wait(&self, op: &Operation<R>, part: &Part<R>, object: &Observed) -> Result<(), Failure>;

    /// Whether the object is seen to work now. It neither waits nor writes; `None` if a look can't tell.
    ///
    /// # Errors
    /// Any refusal.
    async fn works(&self, op: &Operation<R>, part: &Part<R>, object: &Observed) -> Result<Option<bool>, Refusal>;
}

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

/// Kind and name of an object, as messages and states name it.
#[must_use]
pub fn reference(kind: &str, name: &str) -> String {
    format!("{kind} {name}")
}

/// The first 16 hex digits of SHA-256 over the canonical JSON.
#[must_use]
pub fn digest(content: &Value) -> String {
    sha256_hex(content.to_string(), 16)
}
