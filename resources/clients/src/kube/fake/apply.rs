//! Server-side apply (<https://kubernetes.io/docs/reference/using-api/server-side-apply/>), and what an update does to the
//! managers.

use e2etls_engine::refusal::Cause;
use serde_json::{Value, json};

use super::fields::{Manager, Set, get, leaves, managers, overlap, ownable, remove, set, shown, write};

/// The object after `manifest` was applied by `manager`; the conflicts, where there are any and none is forced.
pub(super) fn applied(live: Option<&Value>, manifest: &Value, manager: &str, force: bool) -> Result<Value, Vec<Cause>> {
    let metadata = &manifest["metadata"];
    let mut new =
        json!({"apiVersion": manifest["apiVersion"], "kind": manifest["kind"], "metadata": {"name": metadata["name"]}});
    if metadata["namespace"].is_string() {
        new["metadata"]["namespace"] = metadata["namespace"].clone();
    }
    let mut object = live.cloned().unwrap_or(new);
    let mut others = managers(&object);
    let at = others
        .iter()
        .position(|other| other.name == manager && other.operation == "Apply");
    let before = at.map(|at| others.remove(at).fields).unwrap_or_default();
    let wanted = ownable(manifest);
    let fields = leaves(&wanted);
    let changed: Set = fields
        .iter()
        .filter(|path| get(&object, path) != get(&wanted, path))
        .cloned()
        .collect();
    let conflicts = conflicts(&changed, &others);
    if !conflicts.is_empty() && !force {
        return Err(conflicts);
    }
    for other in &mut others {
        other
            .fields
            .retain(|path| !changed.iter().any(|changed| overlap(changed, path)));
    }
    for path in before.difference(&fields) {
        if !others
            .iter()
            .any(|other| other.fields.iter().any(|held| overlap(held, path)))
        {
            remove(&mut object, path);
        }
    }
    for path in &fields {
        set(&mut object, path, get(&wanted, path).cloned().unwrap_or_default());
    }
    others.push(Manager {
        name: manager.to_owned(),
        operation: "Apply".to_owned(),
        fields,
    });
    write(&mut object, &others);
    Ok(object)
}

fn conflicts(changed: &Set, others: &[Manager]) -> Vec<Cause> {
    let mut found = Vec::new();
    for other in others {
        let held = changed
            .iter()
            .filter(|path| other.fields.iter().any(|held| overlap(held, path)));
        found.extend(held.map(|path| Cause {
            field: shown(path),
            manager: other.name.clone(),
        }));
    }
    found
}

/// Hands the fields that differ between `before` and `after` over to `manager`, as an update does.
pub(super) fn updated(before: &Value, mut after: Value, manager: &str) -> Value {
    let (old, new) = (ownable(before), ownable(&after));
    let all: Set = leaves(&old).union(&leaves(&new)).cloned().collect();
    let changed: Set = all
        .into_iter()
        .filter(|path| get(&old, path) != get(&new, path))
        .collect();
    let mut all = managers(&after);
    for one in &mut all {
        one.fields.retain(|path| !changed.contains(path));
    }
    let held: Set = changed.into_iter().filter(|path| get(&new, path).is_some()).collect();
    match all
        .iter_mut()
        .find(|one| one.name == manager && one.operation == "Update")
    {
        Some(mine) => mine.fields.extend(held),
        None => all.push(Manager {
            name: manager.to_owned(),
            operation: "Update".to_owned(),
            fields: held,
        }),
    }
    write(&mut after, &all);
    after
}

/// Forgets who managed what is no longer there.
pub(super) fn pruned(mut object: Value) -> Value {
    let mut all = managers(&object);
    for one in &mut all {
        one.fields.retain(|path| get(&object, path).is_some());
    }
    write(&mut object, &all);
    object
}

/// A merge patch (RFC 7386).
pub(super) fn merge(into: &mut Value, patch: &Value) {
    let Some(members) = patch.as_object() else {
        *into = patch.clone();
        return;
    };
    if !into.is_object() {
        *into = json!({});
    }
    for (name, wanted) in members {
        if wanted.is_null() {
            if let Some(into) = into.as_object_mut() {
                into.remove(name);
            }
        } else {
            merge(&mut into[name.as_str()], wanted);
        }
    }
}
