//! The section `Schema` of a page, in the words of terraform-plugin-docs.

use tfplugin_framework::schema::{Attribute, AttributeType, Mode, Nesting, Schema};
use tfplugin_framework::{Type, Value};

use super::prose::one_line;

/// The groups of a level, and who belongs to each.
const GROUPS: [(&str, &[Mode]); 3] = [
    ("Required", &[Mode::Required]),
    ("Optional", &[Mode::Optional, Mode::OptionalComputed]),
    ("Read-Only", &[Mode::Computed]),
];

/// The whole section: the root's attributes, then those of each nested object.
pub(super) fn render(schema: &Schema) -> String {
    assert!(schema.blocks.is_empty(), "pages do not support nested blocks");
    let mut paragraphs = vec!["## Schema".to_owned()];
    level(&schema.attributes, &[], &mut paragraphs);
    paragraphs.join("\n\n")
}

fn level(attributes: &[Attribute], path: &[&str], paragraphs: &mut Vec<String>) {
    let mut sorted: Vec<&Attribute> = attributes.iter().collect();
    sorted.sort_by_key(|attribute| &attribute.name);
    for (title, modes) in GROUPS {
        let lines: Vec<String> = sorted
            .iter()
            .filter(|attribute| modes.contains(&attribute.mode))
            .map(|attribute| line(attribute, path))
            .collect();
        if !lines.is_empty() {
            let heading = if path.is_empty() {
                format!("### {title}")
            } else {
                format!("{title}:")
            };
            paragraphs.extend([heading, lines.join("\n")]);
        }
    }
    for attribute in sorted {
        if let AttributeType::Nested { attributes, .. } = &attribute.shape {
            let path = [path, &[attribute.name.as_str()]].concat();
            let heading = format!("### Nested Schema for `{}`", path.join("."));
            paragraphs.push(format!("<a id=\"{}\"></a>\n{heading}", anchor(&path)));
            level(attributes, &path, paragraphs);
        }
    }
}

fn anchor(path: &[&str]) -> String {
    format!("nestedatt--{}", path.join("--"))
}

fn line(attribute: &Attribute, path: &[&str]) -> String {
    let Attribute { name, description, .. } = attribute;
    let mut line = format!("- `{name}` ({}) {}", kind(attribute), one_line(description));
    for fact in facts(attribute) {
        line += " ";
        line += &fact;
    }
    if matches!(attribute.shape, AttributeType::Nested { .. }) {
        let anchor = anchor(&[path, &[name.as_str()]].concat());
        line += &format!(" (see [below for nested schema](#{anchor}))");
    }
    line
}

/// What is shown in parentheses: the type, and the flags that the registry shows with it.
fn kind(attribute: &Attribute) -> String {
    let ty = match &attribute.shape {
        AttributeType::Plain(ty) => type_words(ty),
        AttributeType::Nested { nesting, .. } => match nesting {
            Nesting::Single => "Attributes".to_owned(),
            Nesting::List => "Attributes List".to_owned(),
            Nesting::Set => "Attributes Set".to_owned(),
            Nesting::Map => "Attributes Map".to_owned(),
        },
    };
    let marks = [
        (attribute.sensitive, ", Sensitive"),
        (attribute.write_only, ", Write-only"),
        (attribute.deprecated.is_some(), ", Deprecated"),
    ];
    let set = marks.iter().filter(|(set, _)| *set).map(|(_, mark)| *mark);
    std::iter::once(ty.as_str()).chain(set).collect()
}

fn type_words(ty: &Type) -> String {
    match ty {
        Type::Bool => "Boolean".to_owned(),
        Type::Number => "Number".to_owned(),
        Type::String => "String".to_owned(),
        Type::Dynamic => "Dynamic".to_owned(),
        Type::List(element) => format!("List of {}", type_words(element)),
        Type::Set(element) => format!("Set of {}", type_words(element)),
        Type::Map(element) => format!("Map of {}", type_words(element)),
        Type::Tuple(_) => "Tuple".to_owned(),
        Type::Object(_) => "Object".to_owned(),
    }
}

/// What the schema says besides the description. Choices that the description explains one by one are not repeated.
fn facts(attribute: &Attribute) -> Vec<String> {
    let code = |word: &&str| format!("`{word}`");
    let choices: Vec<String> = attribute.choices.iter().map(code).collect();
    let mut facts = Vec::new();
    if !choices.iter().all(|choice| attribute.description.contains(choice)) {
        facts.push(format!("One of {}.", choices.join(", ")));
    }
    if let Some(default) = &attribute.default {
        facts.push(format!("Default: `{}`.", literal(default)));
    }
    if attribute.replace {
        facts.push("Changing this replaces the resource.".to_owned());
    }
    if let Some(why) = &attribute.deprecated {
        facts.push(format!("**Deprecated:** {}", one_line(why)));
    }
    facts
}

/// A default as the language writes it; a lone string goes without its quotes.
fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => inner_literal(other),
    }
}

fn inner_literal(value: &Value) -> String {
    match value {
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number
            .as_i64()
            .map_or_else(|| number.as_f64().to_string(), |number| number.to_string()),
        Value::String(text) => format!("{text:?}"),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(inner_literal).collect();
            format!("[{}]", items.join(", "))
        }
        other => panic!("pages do not support a default such as {other:?}"),
    }
}
