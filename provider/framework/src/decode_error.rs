//! Values that do not fit their fields.

use std::borrow::Cow;

use crate::{AttributePath, Diagnostic, Diagnostics, Step, Value};

/// A value does not fit its field.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{path}: expected {expected}, found {found}")]
pub struct DecodeError {
    /// Where.
    pub path: AttributePath,
    /// What the field takes.
    pub expected: &'static str,
    /// What was there.
    pub found: Cow<'static, str>,
    /// Why it does not fit.
    pub misfit: Misfit,
}

/// Why a value does not fit its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// It is not known yet, and the field's type has no place for that. The [`crate::Attr`] around it becomes unknown.
    Unknown,
    /// It is null where the field's type has no place for that, such as an element of a list: a mistake of the user.
    Null,
    /// It is a string outside a closed set: validation would have refused it in a configuration.
    Word,
    /// It is such a string in a state, which a newer version of the provider wrote.
    NewerWord,
    /// It is of another type: a bug, since the host has converted it to the schema's type.
    Type,
}

impl DecodeError {
    /// `value` was found where `expected` is needed.
    #[must_use]
    pub fn new(expected: &'static str, value: &Value) -> Self {
        let (found, misfit) = match value {
            Value::Unknown => ("an unknown value", Misfit::Unknown),
            Value::Null => ("null", Misfit::Null),
            Value::Bool(_) => ("a boolean", Misfit::Type),
            Value::Number(_) => ("a number", Misfit::Type),
            Value::String(_) => ("a string", Misfit::Type),
            Value::List(_) => ("a list", Misfit::Type),
            Value::Map(_) => ("an object", Misfit::Type),
            Value::Dynamic(_) => ("a value of any type", Misfit::Type),
        };
        Self {
            path: AttributePath::default(),
            expected,
            found: found.into(),
            misfit,
        }
    }

    /// `word` was found where one of a closed set is needed.
    #[must_use]
    pub fn word(word: &str) -> Self {
        Self {
            path: AttributePath::default(),
            expected: "one of the allowed values",
            found: format!("`{word}`").into(),
            misfit: Misfit::Word,
        }
    }

    /// The same error, where the value comes from a state.
    #[must_use]
    pub fn in_state(mut self) -> Self {
        if self.misfit == Misfit::Word {
            self.misfit = Misfit::NewerWord;
        }
        self
    }

    /// The same error, seen from one step further out.
    #[must_use]
    pub fn inside(mut self, step: Step) -> Self {
        self.path.0.insert(0, step);
        self
    }

    /// Adds the message for the user: see `From<DecodeError> for Diagnostic`.
    pub fn report(self, diagnostics: &mut Diagnostics) {
        diagnostics.add(self.into());
    }
}

impl From<DecodeError> for Diagnostic {
    /// A null or a word that is not allowed can be fixed in the configuration, and a word in a state by another version of
    /// the provider. Anything else is a bug.
    fn from(error: DecodeError) -> Self {
        let DecodeError { expected, found, .. } = &error;
        match error.misfit {
            Misfit::Null => Self::error("Null value")
                .because("Null is not allowed here.")
                .advice(format!("Set {expected}, or remove the element."))
                .at(error.path),
            Misfit::Word => Self::error("Invalid value")
                .because(format!("{found} is not {expected}."))
                .at(error.path),
            Misfit::NewerWord => Self::error(NEWER_STATE)
                .because(format!(
                    "`{}` is {found} in the state, which this version of the provider does not know: the state was written \
                     by a newer version of the provider.",
                    error.path
                ))
                .advice("Use that version of the provider, or a newer one.")
                .at(error.path),
            Misfit::Unknown | Misfit::Type => Self::bug(format!("a value does not fit the model: {error}")),
        }
    }
}

/// The headline where a newer version of the provider wrote the state.
pub(crate) const NEWER_STATE: &str = "State was written by a newer version of the provider";
