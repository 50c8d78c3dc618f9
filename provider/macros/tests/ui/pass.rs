//! Everything that the derives take.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin_framework::schema::{AttributeType, Mode, Nesting};
use tfplugin_framework::{Attr, Choice, Field, Invalid, Model, Number, Secret, Type, Value};

#[derive(Clone, Copy, Debug, PartialEq, Choice)]
enum Kind {
    Root,
    #[tf(rename = "sub-ordinate")]
    Subordinate,
}

#[derive(Clone, Debug, PartialEq, Model)]
struct Inner {
    /// Text.
    #[tf(required)]
    text: Attr<String>,
}

#[derive(Clone, Debug, PartialEq, Model)]
struct Outer {
    /// First line.
    ///
    /// Second paragraph:
    ///   * indented
    #[tf(required, replace, check = short, check = not_empty)]
    text: Attr<String>,
    /// Kind.
    #[tf(default = "Root")]
    kind: Attr<Kind>,
    /// Number.
    #[tf(default = -5)]
    number: Attr<i64>,
    /// Fraction.
    #[tf(default = 0.5)]
    fraction: Attr<f64>,
    /// Exact.
    #[tf(optional)]
    exact: Attr<Number>,
    /// Anything.
    #[tf(optional, deprecated = "Use `text`.")]
    anything: Attr<Value>,
    /// List.
    #[tf(optional, check = few)]
    list: Attr<Vec<Inner>>,
    /// Set.
    #[tf(default = no_words)]
    set: Attr<BTreeSet<String>>,
    /// Map.
    #[tf(optional, computed, keep)]
    map: Attr<BTreeMap<String, Inner>>,
    /// Secret.
    #[tf(optional, sensitive)]
    secret: Attr<Secret<String>>,
    /// Token.
    #[tf(required, write_only)]
    token: Attr<Secret<String>>,
    /// Block.
    #[tf(block)]
    rule: Attr<Vec<Inner>>,
    /// A word of Rust.
    #[tf(computed)]
    r#type: Attr<String>,
    #[tf(flatten)]
    common: Common,
    /// Another.
    #[tf(computed, rename = "self")]
    this: Attr<Vec<Attr<bool>>>,
}

#[derive(Clone, Debug, PartialEq, Model)]
struct Common {
    /// Shared.
    #[tf(default = 7, replace, check = positive)]
    shared: Attr<i64>,
    #[tf(flatten)]
    r#in: Innermost,
    /// Id.
    #[tf(computed, keep)]
    id: Attr<String>,
}

#[derive(Clone, Debug, PartialEq, Model)]
struct Innermost {
    /// Block of the innermost.
    #[tf(block)]
    step: Attr<Vec<Inner>>,
    /// Innermost.
    #[tf(optional, local)]
    innermost: Attr<String>,
}

/// Nothing but what others declare.
#[derive(Clone, Debug, PartialEq, Model)]
struct Sum {
    #[tf(flatten)]
    one: Innermost,
    #[tf(flatten)]
    other: Inner,
}

fn positive(number: &i64) -> Result<(), Invalid> {
    if *number > 0 { Ok(()) } else { Err(Invalid::new("not positive")) }
}

fn short(text: &str) -> Result<(), Invalid> {
    if text.len() < 9 { Ok(()) } else { Err(Invalid::new("too long")) }
}

fn not_empty(text: &String) -> Result<(), Invalid> {
    if text.is_empty() { Err(Invalid::new("empty")) } else { Ok(()) }
}

fn few(list: &[Inner]) -> Result<(), Invalid> {
    if list.len() < 3 { Ok(()) } else { Err(Invalid::new("too many")) }
}

fn no_words() -> BTreeSet<String> {
    BTreeSet::new()
}

fn main() {
    let schema = Outer::schema("Outer.");
    let mode = |name: &str| schema.attribute(name).map(|attribute| attribute.mode);
    assert_eq!(mode("text"), Some(Mode::Required));
    assert_eq!(mode("kind"), Some(Mode::OptionalComputed));
    assert_eq!(mode("type"), Some(Mode::Computed));
    assert_eq!(mode("self"), Some(Mode::Computed));
    let blocks: Vec<_> = schema.blocks.iter().map(|block| block.name.as_str()).collect();
    assert_eq!(blocks, ["rule", "step"]);
    let names: Vec<_> = schema.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
    assert_eq!(names[names.len() - 5..], ["type", "shared", "innermost", "id", "self"]);
    let shared = schema.attribute("shared").unwrap();
    assert_eq!((shared.mode, shared.replace, shared.checks.len()), (Mode::OptionalComputed, true, 2));
    assert!(schema.attribute("id").unwrap().keep_prior);
    let lost: Vec<_> = schema.attributes.iter().filter(|attribute| !attribute.importable()).collect();
    let lost: Vec<_> = lost.into_iter().map(|attribute| attribute.name.as_str()).collect();
    assert_eq!(lost, ["token", "innermost"]);
    let sum = Value::object([("step", Value::List(vec![])), ("innermost", Value::Unknown), ("text", "a".into())]);
    assert_eq!(Model::to_value(&<Sum as Model>::from_value(&sum).unwrap()), sum);
    assert_eq!(Sum::schema("Sum.").attributes.len(), 2);
    let text = schema.attribute("text").unwrap();
    assert_eq!(text.description, "First line.\n\nSecond paragraph:\n  * indented");
    assert_eq!(text.checks.len(), 2);
    assert!(text.replace);
    let default = |name: &str| schema.attribute(name).and_then(|attribute| attribute.default.clone());
    assert_eq!(default("kind"), Some(Value::from("Root")));
    assert_eq!(default("number"), Some(Value::from(-5)));
    assert_eq!(default("set"), Some(Value::List(vec![])));
    assert_eq!(schema.attribute("kind").unwrap().choices, ["Root", "sub-ordinate"]);
    let shape = |name: &str| &schema.attribute(name).unwrap().shape;
    assert!(matches!(shape("map"), AttributeType::Nested { nesting: Nesting::Map, .. }));
    assert!(matches!(shape("self"), AttributeType::Plain(Type::List(_))));
    assert!(matches!(shape("anything"), AttributeType::Plain(Type::Dynamic)));
    assert_eq!(tfplugin_framework::schema::lint(&schema), Vec::<String>::new());

    let empty = <Outer as Model>::from_value(&schema.empty_value()).unwrap();
    assert_eq!(empty.rule, Attr::Known(vec![]));
    assert_eq!(Model::to_value(&empty), schema.empty_value());
    let common = Common {
        shared: Attr::Known(1),
        ..empty.common
    };
    let full = Outer {
        common,
        kind: Attr::Known(Kind::Subordinate),
        list: Attr::Known(vec![Inner { text: Attr::Unknown }]),
        this: Attr::Known(vec![Attr::Unknown, Attr::Known(true)]),
        ..empty
    };
    let value = Field::to_value(&full);
    assert_eq!(value.get("kind"), &Value::from("sub-ordinate"));
    assert_eq!(value.get("shared"), &Value::from(1));
    assert_eq!(<Outer as Field>::from_value(&value).unwrap(), full);
    assert_eq!(format!("{:?}", Secret::new("hunter2")), "(secret)");
}
