//! On which nodes Pods run: tolerations and topology spread constraints.

use serde_json::Value;

use super::super::Checked;
use super::shape::{Shape, check, inside, optional, required};
use super::{checked, label_key, label_value, list, text};

const ANY: Shape = Shape::Text(any);

/// An empty string is the same as none.
const TOLERATIONS: Shape = Shape::List(&Shape::Fields(&[
    optional("key", ANY),
    // `Lt` and `Gt` are of Kubernetes 1.35.
    optional("operator", Shape::OneOf(&["", "Exists", "Equal", "Lt", "Gt"])),
    optional("value", ANY),
    optional(
        "effect",
        Shape::OneOf(&["", "NoSchedule", "PreferNoSchedule", "NoExecute"]),
    ),
    optional("tolerationSeconds", Shape::Whole(0)),
]));

const POLICY: Shape = Shape::OneOf(&["Honor", "Ignore"]);

const CONSTRAINTS: Shape = Shape::List(&Shape::Fields(&[
    required("topologyKey", Shape::Text(label_key)),
    required("whenUnsatisfiable", Shape::OneOf(&["DoNotSchedule", "ScheduleAnyway"])),
    required("maxSkew", Shape::Whole(1)),
    optional("minDomains", Shape::Whole(1)),
    optional("labelSelector", SELECTOR),
    optional("matchLabelKeys", Shape::List(&Shape::Text(label_key))),
    optional("nodeAffinityPolicy", POLICY),
    optional("nodeTaintsPolicy", POLICY),
]));

const SELECTOR: Shape = Shape::Fields(&[
    optional(
        "matchLabels",
        Shape::Map(&Shape::Text(label_key), &Shape::Text(label_value)),
    ),
    optional("matchExpressions", Shape::List(&EXPRESSION)),
]);

const EXPRESSION: Shape = Shape::Fields(&[
    required("key", Shape::Text(label_key)),
    required("operator", Shape::OneOf(&["In", "NotIn", "Exists", "DoesNotExist"])),
    optional("values", Shape::List(&Shape::Text(label_value))),
]);

fn any(_: &str) -> Result<(), String> {
    Ok(())
}

/// Tolerations of a Pod, as a JSON list.
pub fn tolerations(given: &str) -> Checked {
    checked(list(given).and_then(|items| all_tolerations(&items.into(), "")))
}

/// Tolerations that are found `at` a place.
pub(super) fn all_tolerations(all: &Value, at: &str) -> Result<(), String> {
    check(all, &TOLERATIONS, at)?;
    each(all, at, toleration)
}

/// Topology spread constraints of a Pod, as a JSON list.
pub fn topology_spread(given: &str) -> Checked {
    checked(list(given).and_then(|items| all_constraints(&items.into(), "")))
}

/// Topology spread constraints that are found `at` a place.
pub(super) fn all_constraints(all: &Value, at: &str) -> Result<(), String> {
    check(all, &CONSTRAINTS, at)?;
    each(all, at, constraint)?;
    once(all, at)
}

fn each(items: &Value, at: &str, rule: fn(&Value, &str) -> Result<(), String>) -> Result<(), String> {
    let mut items = items.as_array().into_iter().flatten().enumerate();
    items.try_for_each(|(position, item)| rule(item, &format!("{at}[{position}]")))
}

fn toleration(item: &Value, at: &str) -> Result<(), String> {
    let wrong = |field: &str, why: &str| Err(format!("`{}`: {why}", inside(at, field)));
    let (key, value, operator) = (text(item, "key"), text(item, "value"), text(item, "operator"));
    if key.is_empty() && operator != "Exists" {
        return wrong("operator", "without a `key`, only `Exists` is valid");
    }
    if !key.is_empty() {
        label_key(key).or_else(|why| wrong("key", &why))?;
    }
    match operator {
        "Exists" if !value.is_empty() => wrong("value", "the operator `Exists` takes no value: remove it")?,
        "Lt" | "Gt" if value.parse::<i64>().is_err() => {
            wrong(
                "value",
                "the operators `Lt` and `Gt` compare with a whole number, as in `\"950\"`",
            )?;
        }
        _ => label_value(value).or_else(|why| wrong("value", &why))?,
    }
    if !item["tolerationSeconds"].is_null() && text(item, "effect") != "NoExecute" {
        return wrong("tolerationSeconds", "this is valid only with the effect `NoExecute`");
    }
    Ok(())
}

fn constraint(item: &Value, at: &str) -> Result<(), String> {
    let wrong = |field: &str, why: &str| Err(format!("`{}`: {why}", inside(at, field)));
    if !item["minDomains"].is_null() && text(item, "whenUnsatisfiable") != "DoNotSchedule" {
        return wrong(
            "minDomains",
            "this is valid only with `whenUnsatisfiable` set to `DoNotSchedule`",
        );
    }
    let selector = &item["labelSelector"];
    if strings(&item["matchLabelKeys"]).next().is_some() && selector.is_null() {
        return wrong("matchLabelKeys", "this requires `labelSelector`, which is not set");
    }
    let expressions = selector["matchExpressions"].as_array().into_iter().flatten();
    for (position, expression) in expressions.enumerate() {
        values(expression, &format!("{at}.labelSelector.matchExpressions[{position}]"))?;
    }
    Ok(())
}

/// `In` and `NotIn` have values, the others have none.
fn values(expression: &Value, at: &str) -> Result<(), String> {
    let has_values = strings(&expression["values"]).next().is_some();
    match text(expression, "operator") {
        operator @ ("In" | "NotIn") if !has_values => Err(format!(
            "`{at}.values`: the operator `{operator}` needs at least one value"
        )),
        operator @ ("Exists" | "DoesNotExist") if has_values => Err(format!(
            "`{at}.values`: the operator `{operator}` takes no values: remove them"
        )),
        _ => Ok(()),
    }
}

/// The API tells constraints apart by these two fields.
fn once(all: &Value, at: &str) -> Result<(), String> {
    let items = all.as_array().map(Vec::as_slice).unwrap_or_default();
    let name = |item: &Value| (item["topologyKey"].clone(), item["whenUnsatisfiable"].clone());
    let is_second = |position: &usize| {
        items[..*position]
            .iter()
            .any(|one| name(one) == name(&items[*position]))
    };
    match (0..items.len()).find(is_second) {
        None => Ok(()),
        Some(position) => Err(format!(
            "`{at}[{position}]`: another item has the same `topologyKey` and `whenUnsatisfiable`"
        )),
    }
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}
