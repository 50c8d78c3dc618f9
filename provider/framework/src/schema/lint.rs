//! What every schema must satisfy.

use std::collections::BTreeSet;

use super::{Attribute, AttributeType, Level, Mode, Nesting, Schema};
use crate::{AttributePath, Type};

/// Names that have a meaning of their own to hosts at the root of a resource.
const RESERVED: [&str; 7] = [
    "connection",
    "count",
    "depends_on",
    "for_each",
    "lifecycle",
    "provider",
    "provisioner",
];

/// Everything in `schema` that a host would refuse or that users would stumble over; empty if there is nothing to object to.
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
        lint.0.push(format!("{}: hosts reserve this name", attribute.name));
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
            local,
            ..
        } = attribute;
        self.when(
            *write_only && mode.is_computed(),
            path,
            "a write-only attribute can't be computed: its value comes from the configuration",
        );
        self.when(*write_only && in_set, path, "a set can't hold write-only values");
        self.when(
            *keep_prior && !mode.is_computed(),
            path,
            "only computed attributes can keep their value",
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
        self.when(
            *local && *mode == Mode::Computed,
            path,
            "a computed value comes from the remote: it can't be local",
        );
        let fixed = matches!(mode, Mode::Required | Mode::Computed);
        self.when(
            default.is_some() && fixed,
            path,
            "an attribute with a default must be optional and computed",
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
                self.when(attributes.is_empty(), path, "has no attributes");
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
        self.when(
            !default.conforms(&ty),
            path,
            "the default does not have the attribute's type",
        );
        self.when(
            default.is_null() || !default.is_wholly_known(),
            path,
            "the default must not be null or unknown",
        );
        for invalid in attribute.checks.iter().flat_map(|check| (check.0)(default)) {
            self.0.push(format!(
                "{path}: the default fails a check of the attribute: {}",
                invalid.message
            ));
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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::lint;
    use crate::sample::{Algorithm, Member, Thing};
    use crate::schema::{Attribute, AttributeType, Mode, Nesting, Schema};
    use crate::{Attr, Model, Value};

    fn attribute(name: &str) -> Attribute {
        Attribute::new::<String>(name, "Something.")
    }

    fn in_set(inner: Attribute) -> Attribute {
        let shape = AttributeType::Nested {
            nesting: Nesting::Set,
            attributes: vec![inner],
        };
        Attribute {
            shape,
            ..attribute("members")
        }
    }

    #[test]
    fn every_rule_finds_its_breach() {
        let dynamic = Attribute::new::<Value>("any", "Anything.");
        let table = [
            (attribute("Upper"), "a name is made of"),
            (attribute("1st"), "a name is made of"),
            (attribute("count"), "hosts reserve"),
            (Attribute::new::<String>("bare", " "), "no description"),
            (
                attribute("token").write_only().mode(Mode::Computed),
                "its value comes from the configuration",
            ),
            (attribute("kept").keep(), "only computed attributes"),
            (attribute("seen").local().mode(Mode::Computed), "can't be local"),
            (
                attribute("must").default_value("x".to_owned()).mode(Mode::Required),
                "must be optional and computed",
            ),
            (attribute("typed").default_value(5i64), "have the attribute's type"),
            (
                Attribute::new::<Algorithm>("choice", "One.").default_value("no".to_owned()),
                "fails a check",
            ),
            (
                Attribute::new::<BTreeMap<String, Value>>("map", "Map."),
                "can't hold dynamic",
            ),
            (in_set(dynamic.clone()), "can't hold dynamic"),
            (in_set(attribute("token").write_only()), "can't hold write-only"),
            (
                in_set(attribute("filled").default_value("x".to_owned())),
                "can't have defaults",
            ),
            (in_set(attribute("kept").mode(Mode::Computed).keep()), "no prior value"),
            (in_set(attribute("Upper")), "members.Upper: a name"),
        ];
        for (attribute, expected) in table {
            let schema = Schema {
                description: "A thing.".to_owned(),
                attributes: vec![attribute],
                ..Schema::default()
            };
            let found = lint(&schema);
            assert!(
                found.iter().any(|text| text.contains(expected)),
                "{expected} not in {found:?}"
            );
        }
    }

    #[test]
    fn a_sound_schema_passes() {
        let members = Attribute::new::<BTreeSet<Member>>("members_of_it", "Members.");
        let mut schema = Thing::schema("A thing.");
        schema.attributes.push(members);
        assert_eq!(lint(&schema), Vec::<String>::new());
        schema.attributes.push(attribute("name"));
        schema.description.clear();
        assert_eq!(lint(&schema).len(), 2, "twice the same name, and no description");
    }

    #[test]
    fn a_name_that_a_flattened_model_declares_too_is_found() {
        #[derive(Clone, Debug, Model)]
        struct Own {
            /// Name.
            #[tf(required)]
            name: Attr<String>,
            /// Inner.
            #[tf(optional)]
            inner: Attr<Twice>,
            #[tf(flatten)]
            member: Member,
        }
        #[derive(Clone, Debug, Model)]
        struct Twice {
            #[tf(flatten)]
            one: Member,
            #[tf(flatten)]
            other: Member,
        }
        assert_eq!(
            lint(&Own::schema("Own.")),
            [
                "inner.name: declared twice",
                "inner.number: declared twice",
                "name: declared twice"
            ]
        );
    }
}
