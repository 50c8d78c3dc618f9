//! What JSON of the API has to look like, and where a value does not.

use serde_json::Value;

/// The shape of a value.
pub(super) enum Shape {
    /// A string that this accepts, or why not.
    Text(fn(&str) -> Result<(), String>),
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// A whole number, at least this.
    Whole(i64),
    /// Any key of the first shape, with a value of the second.
    Map(&'static Shape, &'static Shape),
    /// Items of a shape.
    List(&'static Shape),
    /// An amount, as a string or a number.
    Amount(fn(&str) -> Result<(), String>),
    /// Fields. A field that is null is one that is not there.
    Fields(&'static [Field]),
}

/// A field of an object.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) required: bool,
    pub(super) shape: Shape,
}

pub(super) const fn required(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        required: true,
        shape,
    }
}

pub(super) const fn optional(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        required: false,
        shape,
    }
}

/// The first mistake in a value that is found `at` a place such as `[0].effect`.
pub(super) fn check(value: &Value, shape: &Shape, at: &str) -> Result<(), String> {
    let wrong = |why: String| Err(format!("`{at}`: {why}"));
    match (shape, value) {
        (Shape::Text(accepts), Value::String(text)) => accepts(text).or_else(wrong),
        (Shape::OneOf(choices), Value::String(text)) if choices.contains(&text.as_str()) => Ok(()),
        (Shape::OneOf(choices), _) => wrong(format!("`{}` is not valid: use {}", plain(value), listed(choices))),
        (Shape::Whole(least), Value::Number(number)) => match number.as_i64() {
            Some(given) if given >= *least && given <= i64::from(i32::MAX) => Ok(()),
            _ => wrong(format!(
                "`{number}` is not valid: use a whole number of at least {least}"
            )),
        },
        (Shape::Amount(accepts), Value::String(text)) => accepts(text).or_else(wrong),
        (Shape::Amount(accepts), Value::Number(number)) => accepts(&number.to_string()).or_else(wrong),
        (Shape::Map(key, inner), Value::Object(members)) => members.iter().try_for_each(|(name, member)| {
            let at = inside(at, name);
            check(&Value::from(name.as_str()), key, &at)?;
            check(member, inner, &at)
        }),
        (Shape::List(item), Value::Array(items)) => items
            .iter()
            .enumerate()
            .try_for_each(|(position, value)| check(value, item, &format!("{at}[{position}]"))),
        (Shape::Fields(fields), Value::Object(members)) => {
            check_names(fields, members.keys(), at)?;
            fields.iter().try_for_each(|field| match value.get(field.name) {
                None | Some(Value::Null) if field.required => {
                    Err(format!("`{}`: this field is required", inside(at, field.name)))
                }
                None | Some(Value::Null) => Ok(()),
                Some(member) => check(member, &field.shape, &inside(at, field.name)),
            })
        }
        _ => wrong(format!("{} is expected here, not {}", noun(shape), of_type(value))),
    }
}

/// The path of a member.
pub(super) fn inside(at: &str, name: &str) -> String {
    if at.is_empty() {
        name.to_owned()
    } else {
        format!("{at}.{name}")
    }
}

fn check_names<'a>(fields: &[Field], mut names: impl Iterator<Item = &'a String>, at: &str) -> Result<(), String> {
    let is_field = |name: &str| fields.iter().any(|field| field.name == name);
    match names.find(|name| !is_field(name)) {
        None => Ok(()),
        Some(name) => {
            let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
            Err(format!(
                "`{}`: no such field can be set here: use {}",
                inside(at, name),
                listed(&known)
            ))
        }
    }
}

/// `a`, `b` or `c`; the empty string, which is the same as none, is not offered.
fn listed(choices: &[&str]) -> String {
    let shown: Vec<String> = choices
        .iter()
        .filter(|choice| !choice.is_empty())
        .map(|choice| format!("`{choice}`"))
        .collect();
    match shown.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn noun(shape: &Shape) -> &'static str {
    match shape {
        Shape::Text(_) | Shape::OneOf(_) => "a string",
        Shape::Whole(_) => "a whole number",
        Shape::Amount(_) => "a quantity such as `\"500m\"`",
        Shape::Map(..) | Shape::Fields(_) => "an object",
        Shape::List(_) => "a list",
    }
}

fn of_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a Boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
