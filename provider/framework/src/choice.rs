//! Closed sets of strings.

use crate::schema::{AttributeType, Check};
use crate::{DecodeError, Invalid, Type, Value};

/// An enum that is written as one of a closed set of strings. Derived with `#[derive(Choice)]`, which makes it a
/// [`crate::Field`] too.
pub trait Choice: Sized + Clone + Send + Sync + 'static {
    /// Every choice, as it is written.
    const WORDS: &'static [&'static str];

    /// How this choice is written.
    fn word(&self) -> &'static str;

    /// The choice that is written as `word`, if there is one.
    fn from_word(word: &str) -> Option<Self>;
}

/// The attribute type of a choice.
#[must_use]
pub fn attribute_type() -> AttributeType {
    AttributeType::Plain(Type::String)
}

/// The check that a string is one of the choices.
#[must_use]
pub fn checks<C: Choice>() -> Vec<Check> {
    vec![Check::of::<String, str>(|word| match C::from_word(word) {
        Some(_) => Ok(()),
        None => Err(refusal(word, C::WORDS)),
    })]
}

/// Reads a choice.
///
/// # Errors
/// If the value is not a string, or not one of the choices.
pub fn from_value<C: Choice>(value: &Value) -> Result<C, DecodeError> {
    let word = value.as_str().ok_or_else(|| DecodeError::new("a string", value))?;
    C::from_word(word).ok_or_else(|| DecodeError::word(word))
}

/// The choice that a model's `default = "..."` names.
///
/// # Panics
/// If there is none: seen by the first test that looks at the schema.
#[must_use]
pub fn literal<C: Choice>(word: &str) -> C {
    match C::from_word(word) {
        Some(choice) => choice,
        None => panic!("the default `{word}` is not one of {:?}", C::WORDS),
    }
}

fn refusal(word: &str, words: &[&str]) -> Invalid {
    let list = words
        .iter()
        .map(|allowed| format!("`{allowed}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let hint = nearest(word, words.iter().copied())
        .map(|near| format!(" Did you mean `{near}`?"))
        .unwrap_or_default();
    Invalid::new(format!("`{word}` is not one of {list}.{hint}"))
}

/// The word that was probably meant, if one is near enough.
pub(crate) fn nearest<'a>(written: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = written.to_lowercase();
    words
        .into_iter()
        .map(|word| (strsim::damerau_levenshtein(&lower, &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= 1 + word.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}
