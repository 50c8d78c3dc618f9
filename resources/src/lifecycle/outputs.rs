//! Computed attributes that show what remotes say of the objects.

use std::collections::BTreeMap;

use e2etls_engine::kind::Observed;
use tfplugin_framework::{Attr, Value, json};

use super::attributes::Head;
use super::managed::Managed;

/// Sets what the objects show, after every read and write. An output that is missing leaves what was known.
pub fn show<M: Managed>(model: &mut M, objects: &BTreeMap<String, Observed>) {
    let first = model.render().and_then(|parts| objects.get(&parts.first()?.address));
    if let Some(first) = first {
        let mut outputs = first.outputs.clone();
        // Of a create that failed, no more than the uid may be known.
        let arn = &*outputs.entry("arn".to_owned()).or_insert_with(|| first.uid.clone());
        if let Head::InAws(head) = model.head() {
            head.region = arn.split(':').nth(3).map(str::to_owned).into();
            head.common.id = arn.clone().into();
        }
        if let Value::Map(mut members) = model.to_value() {
            for attribute in M::attributes()
                .iter()
                .filter(|it| M::OUTPUTS.contains(&it.name.as_str()))
            {
                let output = outputs.get(&attribute.name);
                let shown = output.and_then(|text| match attribute.shape.value_type() {
                    tfplugin_framework::Type::String => Some(Value::String(text.clone())),
                    other => json::decode(&other, text.as_bytes()).ok(),
                });
                match members.get_mut(&attribute.name) {
                    Some(member) if shown.is_some() || member.is_unknown() => *member = shown.unwrap_or(Value::Null),
                    _ => {}
                }
            }
            *model = M::from_value(&Value::Map(members)).unwrap_or_else(|_| model.clone());
        }
    }
    model.observed(objects);
}

/// What the state knows of the outputs of the first part, by its uid: a read need not ask for them while it sees the
/// same object.
pub fn known<M: Managed>(model: &M) -> BTreeMap<String, BTreeMap<String, String>> {
    let value = model.to_value();
    let text = |output: &&str| Some(((*output).to_owned(), value.get(output).as_str()?.to_owned()));
    let outputs = M::OUTPUTS.iter().filter_map(text).collect();
    let id = Attr::known(&model.common().id);
    id.map(|id| (id.clone(), outputs)).into_iter().collect()
}
