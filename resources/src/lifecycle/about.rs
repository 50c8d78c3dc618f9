//! The resource that messages are about.

use e2etls_engine::operation::Operation;

use super::managed::Managed;
use super::place::{self, Place};
use crate::kinds::Clients;

/// The resource that messages are about.
pub struct About {
    pub(super) type_name: &'static str,
    pub(super) owner: String,
    pub(super) import_id: String,
    /// What the owners of all resources of this state start with, if it has an `owner_id`.
    pub(super) state: Option<String>,
    /// The kinds that an import takes from somebody else.
    pub(super) importable: &'static [&'static str],
    /// It is one object in AWS, which names it.
    pub(super) is_in_aws: bool,
    /// Its arguments that name objects.
    pub(super) has_name: bool,
    pub(super) has_object_names: bool,
}

impl About {
    /// The resource `model`.
    #[must_use]
    pub fn of<M: Managed>(op: &Operation<Clients>, model: &M) -> Self {
        let id = model.common().id.as_str().map(str::to_owned);
        let has = |name: &str| M::attributes().iter().any(|attribute| attribute.name == name);
        Self {
            type_name: M::TYPE_NAME,
            owner: op.owner.to_string(),
            state: op.owner.owner_id.as_ref().map(|id| format!("{id}/")),
            import_id: id.unwrap_or_else(|| place::id(&op.owner)),
            importable: M::IMPORTABLE,
            is_in_aws: matches!(model.place(), Place::Aws { .. }),
            has_name: has("name"),
            has_object_names: has("object_names"),
        }
    }

    /// The resource of the same state that is this owner, such as ``e2etls_stack `shop/web` ``.
    pub(super) fn sibling(&self, owner: &str) -> Option<String> {
        let own = owner.strip_prefix(self.state.as_deref()?)?;
        let (resource, rest) = own.split_once('/')?;
        let name: Vec<&str> = rest.split('/').skip(1).collect();
        Some(format!("e2etls_{resource} `{}`", name.join("/")))
    }

    /// True if `owner` is the same resource in another state.
    fn is_twin(&self, owner: &str) -> bool {
        let own = self
            .state
            .as_deref()
            .map_or(Some(self.owner.as_str()), |state| self.owner.strip_prefix(state));
        own.is_some_and(|own| owner.ends_with(&format!("/{}", own.trim_start_matches('/'))))
    }

    /// True if an import can make an object of this kind, whose owner is `owner`, this resource.
    pub(super) fn may_import(&self, reference: &str, owner: Option<&str>) -> bool {
        let kind = reference.split(' ').next().unwrap_or_default();
        self.importable.contains(&kind) || owner.is_some_and(|owner| self.is_twin(owner))
    }

    /// The import block that makes an existing object this resource.
    pub(super) fn import_block(&self, uid: &str) -> String {
        let id = if self.is_in_aws && uid.starts_with("arn:") {
            uid
        } else {
            &self.import_id
        };
        format!("import {{\n  to = {}.NAME\n  id = {id:?}\n}}", self.type_name)
    }

    /// How its objects get other names; `None` if they can't.
    pub(super) fn other_name(&self) -> Option<&'static str> {
        match (self.has_name, self.has_object_names) {
            (true, true) => Some("Rename this resource, or set its `object_names`"),
            (true, false) => Some("Rename this resource"),
            (false, _) => None,
        }
    }
}
