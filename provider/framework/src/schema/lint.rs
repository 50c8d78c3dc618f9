//! What every schema must satisfy.

use std::collections::BTreeSet;

use super::{Attribute, AttributeType, Level, Mode, Nesting, Schema};
use crate::{AttributePath, Type};

/// Names that hosts give a meaning of their own at the root of a resource.
const RESERVED: [&str; 7] = [
    "connection",
    "count",
    "depends_on",
    "for_each",
    "lifecycle",
    "provider",
    "provisioner",
];

/// Everything in `schema` that a host would refuse or that users would stumble over; empty if it is sound.
///
/// Every provider runs this over its schemas in a test.
#[must_use]
pub fn lint(schema: &Schema) -> Vec<String> {
    let mut lint = Lint::default();
    if schema.description.trim().is_empty() {
        lint.0.push("the schema has no description".to_owned());
    }
    for attribute in schema
        .attributes
        .iter()
        .filter(|attribute| RESERVED.contains(&attribute.name.as_str()))
    {
        lint.0.push(format!("{}: the name is the host's own", attribute.name));
    }
    lint.level(schema.level(), &AttributePath::default(), false);
    lint.0
}

#[derive(Default)]
struct Lint(Vec<String>);

impl Lint {
    fn level(&mut self, level: Level<'_>, path: &AttributePath, in_set: bool) {
        let mut names = BTreeSet::new();
        for attribute in level.attributes {
            let path = path.clone().attribute(&attribute.name);
            self.name(&attribute.name, &attribute.description, &path);
            self.when(!names.insert(&attribute.name), &path, "declared twice");
            self.attribute(attribute, &path, in_set);
        }
        for block in level.blocks {
            let path = path.clone().attribute(&block.name);
            self.name(&block.name, &block.description, &path);
            self.when(!names.insert(&block.name), &path, "declared twice");
            self.when(block.nesting == Nesting::Map, &path, "a block can't be a map");
            self.level(block.level(), &path, in_set || block.nesting == Nesting::Set);
        }
    }

    fn name(&mut self, name: &str, description: &str, path: &AttributePath) {
        let legal = |letter| matches!(letter, 'a'..='z' | '0'..='9' | '_');
        let sound = name.starts_with(|letter: char| letter.is_ascii_lowercase()) && name.chars().all(legal);
        self.when(
            !sound,
            path,
            "a name is made of a-z, 0-9 and _, and starts with a letter",
        );
        self.when(description.trim().is_empty(), path, "has no description");
    }

    fn attribute(&mut self, attribute: &Attribute, path: &AttributePath, in_set: bool) {
        let Attribute {
            mode,
            write_only,
            default,
            keep_prior,
            ..
        } = attribute;
        self.when(
            *write_only && mode.is_computed(),
            path,
            "a write-only value comes from the user alone",
        );
        self.when(*write_only && in_set, path, "a set can't hold write-only values");
        self.when(
            *keep_prior && !mode.is_computed(),
            path,
            "only what is computed can be kept",
        );
        self.when(
            *keep_prior && in_set,
            path,
            "elements of sets have no prior value to keep",
        );
        self.when(
            default.is_some() && in_set,
            path,
            "elements of sets can't have defaults",
        );
        let fixed = matches!(mode, Mode::Required | Mode::Computed);
        self.when(
            default.is_some() && fixed,
            path,
            "a default makes it optional and computed",
        );
        self.default_of(attribute, path);
        match &attribute.shape {
            AttributeType::Plain(ty) => {
                self.when(
                    dynamic_inside(ty) || (in_set && *ty == Type::Dynamic),
                    path,
                    "a collection can't hold dynamic values",
                );
            }
            AttributeType::Nested { nesting, attributes } => {
                self.when(attributes.is_empty(), path, "has neither a type nor attributes");
                let collected = *nesting != Nesting::Single && attributes.iter().any(holds_dynamic);
                self.when(collected, path, "a collection can't hold dynamic values");
                self.level(
                    Level {
                        attributes,
                        blocks: &[],
                    },
                    path,
                    in_set || *nesting == Nesting::Set,
                );
            }
        }
    }

    fn default_of(&mut self, attribute: &Attribute, path: &AttributePath) {
        let Some(default) = &attribute.default else { return };
        let ty = attribute.shape.value_type();
        self.when(!default.conforms(&ty), path, "the default is of another type");
        self.when(
            default.is_null() || !default.is_wholly_known(),
            path,
            "the default is null or unknown",
        );
        for invalid in attribute.checks.iter().flat_map(|check| (check.0)(default)) {
            self.0
                .push(format!("{path}: the default breaks its own check: {}", invalid.message));
        }
    }

    fn when(&mut self, wrong: bool, path: &AttributePath, message: &str) {
        if wrong {
            self.0.push(format!("{path}: {message}"));
        }
    }
}

fn holds_dynamic(attribute: &Attribute) -> bool {
    match &attribute.shape {
        AttributeType::Plain(ty) => *ty == Type::Dynamic || dynamic_inside(ty),
        AttributeType::Nested { attributes, .. } => attributes.iter().any(holds_dynamic),
    }
}

/// True if a dynamic value stands inside a collection, whose elements must be of one type.
fn dynamic_inside(ty: &Type) -> bool {
    match ty {
        Type::List(element) | Type::Set(element) | Type::Map(element) => {
            **element == Type::Dynamic || dynamic_inside(element)
        }
        Type::Object(members) => members.values().any(|ty| *ty == Type::Dynamic || dynamic_inside(ty)),
        Type::Tuple(types) => types.iter().any(|ty| *ty == Type::Dynamic || dynamic_inside(ty)),
        _ => false,
    }
}
