//! Values that a plan does not know yet: one representation from rendering to digest.
//!
//! Content is JSON. Where a value is not known, a text of private-use characters stands in its place, alone or inside a
//! longer text: [`UNKNOWN`], or a [`link`] to an output of another part. No name, ARN or PEM holds such a character, so
//! whatever contains one is *open*.

use std::collections::BTreeMap;

use serde_json::Value;

const OPEN: char = '\u{F8FF}';

/// Stands for a value that the configuration does not know yet.
pub const UNKNOWN: &str = "\u{F8FF}unknown\u{F8FF}";

/// Outputs by address of the part and name of the output.
pub type Outputs = BTreeMap<String, BTreeMap<String, String>>;

/// Stands for the output `output` of the part at `address`, until an apply resolves it.
#[must_use]
pub fn link(address: &str, output: &str) -> String {
    format!("{OPEN}{address}#{output}{OPEN}")
}

/// True if any input of `content` is unknown. Links are no unknowns: they are resolved while applying.
#[must_use]
pub fn is_unknown(content: &Value) -> bool {
    any_text(content, &|text| text.contains(UNKNOWN))
}

/// True if `content` holds an unknown value or a link.
#[must_use]
pub fn is_open(content: &Value) -> bool {
    any_text(content, &|text| text.contains(OPEN))
}

/// Addresses of the parts that `content` links to, with the output, each once.
#[must_use]
pub fn links(content: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    each_text(content, &mut |text| {
        for (index, step) in text.split(OPEN).enumerate() {
            if let (1, Some((address, output))) = (index % 2, step.split_once('#')) {
                let link = (address.to_owned(), output.to_owned());
                if !found.contains(&link) {
                    found.push(link);
                }
            }
        }
    });
    found
}

/// `content` with every link replaced by its output.
///
/// # Errors
/// The first link, as (address, output), that has no value.
pub fn resolve(content: &Value, outputs: &Outputs) -> Result<Value, (String, String)> {
    Ok(match content {
        Value::String(text) if text.contains(OPEN) => Value::String(resolve_text(text, outputs)?),
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| resolve(item, outputs))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(members) => {
            let mut resolved = serde_json::Map::new();
            for (name, value) in members {
                resolved.insert(name.clone(), resolve(value, outputs)?);
            }
            Value::Object(resolved)
        }
        other => other.clone(),
    })
}

/// `content` with every link replaced whose output is there; the others stay.
#[must_use]
pub fn resolve_known(content: &Value, outputs: &Outputs) -> Value {
    match content {
        Value::Array(items) => items.iter().map(|item| resolve_known(item, outputs)).collect(),
        Value::Object(members) => {
            let known = members
                .iter()
                .map(|(name, value)| (name.clone(), resolve_known(value, outputs)));
            Value::Object(known.collect())
        }
        other => resolve(other, outputs).unwrap_or_else(|_| other.clone()),
    }
}

fn resolve_text(text: &str, outputs: &Outputs) -> Result<String, (String, String)> {
    let mut resolved = String::new();
    for (index, step) in text.split(OPEN).enumerate() {
        if index % 2 == 0 {
            resolved.push_str(step);
            continue;
        }
        let (address, output) = step.split_once('#').unwrap_or((step, ""));
        match outputs.get(address).and_then(|outputs| outputs.get(output)) {
            Some(value) => resolved.push_str(value),
            None => return Err((address.to_owned(), output.to_owned())),
        }
    }
    Ok(resolved)
}

fn any_text(content: &Value, test: &dyn Fn(&str) -> bool) -> bool {
    let mut any = false;
    each_text(content, &mut |text| any |= test(text));
    any
}

fn each_text(content: &Value, take: &mut dyn FnMut(&str)) {
    match content {
        Value::String(text) => take(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, take)),
        Value::Object(members) => {
            for (name, value) in members {
                take(name);
                each_text(value, take);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn links_are_found_and_resolved_inside_texts() {
        let content = json!({"a": [format!("arn:{}:x", link("ca", "arn"))], "b": link("zone", "id")});
        assert_eq!(
            links(&content),
            [("ca".into(), "arn".into()), ("zone".into(), "id".into())]
        );
        assert!(is_open(&content) && !is_unknown(&content));
        let outputs = Outputs::from([
            ("ca".into(), BTreeMap::from([("arn".into(), "1".into())])),
            ("zone".into(), BTreeMap::from([("id".into(), "Z".into())])),
        ]);
        assert_eq!(resolve(&content, &outputs), Ok(json!({"a": ["arn:1:x"], "b": "Z"})));
        assert_eq!(resolve(&content, &Outputs::new()), Err(("ca".into(), "arn".into())));
        let known = resolve_known(&json!({"a": [link("zone", "id")], "b": link("x", "y")}), &outputs);
        assert_eq!(known, json!({"a": ["Z"], "b": link("x", "y")}));
    }

    #[test]
    fn an_unknown_input_is_no_link() {
        let content = json!({UNKNOWN: 1, "x": format!("a{UNKNOWN}b")});
        assert!(is_unknown(&content) && is_open(&content));
        assert!(links(&content).is_empty());
        assert!(!is_open(&json!({"a": [1, "b", null]})));
    }
}
