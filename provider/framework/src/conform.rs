//! Whether a value has a type.

use crate::{Step, Type, Value};

impl Value {
    /// True if this value has the type `ty`; objects must have every attribute and no other. Null and unknown have every
    /// type.
    #[must_use]
    pub fn conforms(&self, ty: &Type) -> bool {
        match (self, ty) {
            (Self::Null | Self::Unknown, _)
            | (Self::Bool(_), Type::Bool)
            | (Self::Number(_), Type::Number)
            | (Self::String(_), Type::String) => true,
            (Self::List(items), Type::List(element) | Type::Set(element)) => {
                items.iter().all(|item| item.conforms(element))
            }
            (Self::List(items), Type::Tuple(types)) => {
                items.len() == types.len() && items.iter().zip(types).all(|(item, ty)| item.conforms(ty))
            }
            (Self::Map(entries), Type::Map(element)) => entries.values().all(|item| item.conforms(element)),
            (Self::Map(entries), Type::Object(members)) => {
                entries.keys().eq(members.keys())
                    && entries
                        .values()
                        .zip(members.values())
                        .all(|(item, ty)| item.conforms(ty))
            }
            (Self::Dynamic(inner), Type::Dynamic) => inner.1.conforms(&inner.0),
            _ => false,
        }
    }
}

impl Step {
    /// The type that this step leads to from a value of `ty`.
    pub(crate) fn type_inside(&self, ty: &Type) -> Option<Type> {
        match (self, ty) {
            (Self::Attribute(name), Type::Object(members)) => members.get(name).cloned(),
            (Self::Key(_) | Self::Attribute(_), Type::Map(element)) | (Self::Index(_), Type::List(element)) => {
                Some((**element).clone())
            }
            (Self::Index(index), Type::Tuple(types)) => types.get(usize::try_from(*index).ok()?).cloned(),
            _ => None,
        }
    }
}
