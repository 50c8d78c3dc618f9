//! Arguments that were kept with a resource's objects, as a resource again.

use std::sync::Arc;

use e2etls_engine::part::Part;
use tfplugin_framework::schema::{Attribute, AttributeType, Nesting};
use tfplugin_framework::{Diagnostics, Value};

use super::attributes::{Head, NEWEST_TEMPLATE};
use super::configuration;
use super::managed::Managed;
use crate::kinds::Clients;
use crate::session::Session;

/// The parts of the resource in the cluster `uid` whose arguments were kept as `text`: none while an argument that decides
/// which there are is not known.
///
/// # Errors
/// Text that this version can't read.
pub fn parts<M: Managed>(session: &Arc<Session>, uid: &str, text: &str) -> Result<Vec<Part<Clients>>, Diagnostics> {
    let mut model: M = filled(configuration::read(text)?);
    if let Head::InCluster(head) = model.head() {
        head.cluster_uid = uid.to_owned().into();
        if head.template_version.is_null() {
            head.template_version = NEWEST_TEMPLATE.into();
        }
    }
    model.configure(Some(session));
    model.derive();
    Ok(model.render().unwrap_or_default())
}

/// The same with the defaults of what is null.
pub(super) fn filled<M: Managed>(model: M) -> M {
    M::from_value(&with_defaults(model.to_value(), &M::attributes())).unwrap_or(model)
}

/// `value` with the defaults of what is null, also inside of objects.
fn with_defaults(value: Value, attributes: &[Attribute]) -> Value {
    let Value::Map(mut members) = value else { return value };
    for attribute in attributes {
        let Some(member) = members.get_mut(&attribute.name) else {
            continue;
        };
        let found = std::mem::replace(member, Value::Null);
        *member = match (&attribute.default, &attribute.shape) {
            (Some(default), _) if found.is_null() => default.clone(),
            (_, AttributeType::Nested { nesting, attributes }) if *nesting == Nesting::Single => {
                with_defaults(found, attributes)
            }
            _ => found,
        };
    }
    Value::Map(members)
}
