//! Derives for `tfplugin-framework`: one struct is schema, codec and attribute paths.
//!
//! The macros emit nothing but calls of the framework's own builders, so whatever they generate can be written by hand,
//! and the builders are tested without them. They report all mistakes of a struct at once.

mod choice;
mod docs;
mod field;
mod flags;
mod model;
mod settings;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct a `Model`: its fields are attributes, its doc comments their descriptions.
///
/// Every field is `Attr<T>`, where `T` is a scalar, a collection, another model or a `Choice`, and says what it is:
///
/// | flag | meaning |
/// |---|---|
/// | `required`, `optional`, `computed`, `optional, computed` | who sets it; one of these, or `default` |
/// | `default = LITERAL`, `default = path` | the value where the configuration has none (`path` is a function without arguments); implies `optional, computed` |
/// | `keep` | a computed attribute keeps its prior value in the plan of an update |
/// | `replace` | a change replaces the resource |
/// | `local` | an argument that leaves no trace in the remote: an import can't read it back |
/// | `sensitive`, `write_only` | hidden in output; sent in configuration only. Only for `Secret<T>` |
/// | `check = path` | `fn(&T) -> Result<(), Invalid>`; repeatable |
/// | `deprecated = "why"` | a warning to whoever uses it |
/// | `block` | a `Vec` of models as a nested block, for old designs |
/// | `flatten` | another model, without `Attr`: its attributes and blocks stand in this object |
/// | `rename = "name"` | the attribute's name, if it differs from the field's |
///
/// A flattened model is for what several models share. Its attributes keep all their flags, and in the schema (and so in
/// the documentation) they stand where the field stands; a flattened model may flatten others. A derive sees only its own
/// struct: a name that two of the structs declare is found by `schema::lint`, not by the compiler.
///
/// ```text
/// #[derive(Clone, Debug, Model)]
/// struct PrivateCa {
///     /// ARN assigned by AWS.
///     #[tf(computed, keep)]
///     arn: Attr<String>,
/// }
/// // becomes
/// impl Model for PrivateCa {
///     fn attributes() -> Vec<Attribute> {
///         vec![Attribute::new::<String>("arn", "ARN assigned by AWS.").mode(Mode::Computed).keep()]
///     }
///     fn from_value(value: &Value) -> Result<Self, DecodeError> {
///         let object = Object::of(value)?;
///         Ok(Self { arn: object.attribute("arn")? })
///     }
///     fn to_value(&self) -> Value {
///         Value::object([("arn", Field::to_value(&self.arn))])
///     }
/// }
/// ```
#[proc_macro_derive(Model, attributes(tf))]
pub fn derive_model(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    model::derive(&input)
        .unwrap_or_else(|mistakes| mistakes.to_compile_error())
        .into()
}

/// Makes an enum of unit variants a field that holds one of a closed set of strings.
///
/// A variant is spelled as its name, or as `#[tf(rename = "...")]` says. A value outside the set is refused when the
/// configuration is validated; the message lists the allowed values and suggests the one that was probably meant.
///
/// Besides `Choice` and `Field` the enum gets `as_str` and `Display`.
#[proc_macro_derive(Choice, attributes(tf))]
pub fn derive_choice(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    choice::derive(&input)
        .unwrap_or_else(|mistakes| mistakes.to_compile_error())
        .into()
}
