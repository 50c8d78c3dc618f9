//! Label selectors, compiled once.

use std::collections::BTreeSet;
use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, LabelSelectorRequirement};

use crate::objects::Labels;

/// Whether something that was compiled from the API applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// It does not.
    No,
    /// It would, but for a value that the API does not know: implementations may differ.
    Perhaps,
    /// It does.
    Yes,
}

/// A label selector.
///
/// All its requirements must hold. Without requirements it matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector {
    requirements: Vec<Requirement>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Requirement {
    In(String, BTreeSet<String>),
    NotIn(String, BTreeSet<String>),
    Exists(String),
    DoesNotExist(String),
    /// What the API server would refuse, as far as it names a label.
    Outside(String),
}

impl Selector {
    pub(super) fn new(selector: &LabelSelector) -> Self {
        let labels = selector.match_labels.iter().flatten();
        let equal = labels.map(|(key, value)| with_values(key, std::slice::from_ref(value), Requirement::In));
        let expressions = selector.match_expressions.iter().flatten().map(compile);
        Self {
            requirements: equal.chain(expressions).collect(),
        }
    }

    /// Whether it has no requirements, so that it matches everything.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Whether these labels satisfy it. What the API server would refuse counts as satisfied, and makes the answer
    /// [`Match::Perhaps`].
    #[must_use]
    pub fn matches(&self, labels: &Labels) -> Match {
        let each = self.requirements.iter().map(|requirement| requirement.matches(labels));
        each.min().unwrap_or(Match::Yes)
    }
}

impl Requirement {
    fn matches(&self, labels: &Labels) -> Match {
        let holds = match self {
            Self::In(key, values) => labels.get(key).is_some_and(|value| values.contains(value)),
            Self::NotIn(key, values) => labels.get(key).is_none_or(|value| !values.contains(value)),
            Self::Exists(key) => labels.contains_key(key),
            Self::DoesNotExist(key) => !labels.contains_key(key),
            Self::Outside(_) => return Match::Perhaps,
        };
        if holds { Match::Yes } else { Match::No }
    }
}

fn compile(expression: &LabelSelectorRequirement) -> Requirement {
    let key = &expression.key;
    let values = expression.values.as_deref().unwrap_or_default();
    match expression.operator.as_str() {
        "In" => with_values(key, values, Requirement::In),
        "NotIn" => with_values(key, values, Requirement::NotIn),
        "Exists" if values.is_empty() && is_key(key) => Requirement::Exists(key.clone()),
        "DoesNotExist" if values.is_empty() && is_key(key) => Requirement::DoesNotExist(key.clone()),
        _ => Requirement::Outside(key.clone()),
    }
}

fn with_values(key: &str, values: &[String], made: fn(String, BTreeSet<String>) -> Requirement) -> Requirement {
    if values.is_empty() || !is_key(key) || !values.iter().all(|value| value.is_empty() || is_name(value)) {
        return Requirement::Outside(key.to_owned());
    }
    made(key.to_owned(), values.iter().cloned().collect())
}

/// Whether the API server takes this as the key of a label: a name, after a domain and a slash if there is one.
fn is_key(key: &str) -> bool {
    match key.split_once('/') {
        Some((domain, name)) => domain.len() <= 253 && domain.split('.').all(is_domain_part) && is_name(name),
        None => is_name(key),
    }
}

fn is_domain_part(part: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !part.is_empty() && part.bytes().all(legal) && !part.starts_with('-') && !part.ends_with('-')
}

/// Whether the API server takes this as the name in a key, or as a value that is not empty.
fn is_name(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    text.len() <= 63 && text.bytes().all(legal) && ends(bytes.first()) && ends(bytes.last())
}

/// As `kubectl` writes selectors; `every one` without requirements.
impl fmt::Display for Selector {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_everything() {
            return out.write_str("every one");
        }
        for (index, requirement) in self.requirements.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(out, "{comma}{requirement}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |values: &BTreeSet<String>| values.iter().map(String::as_str).collect::<Vec<_>>().join(",");
        match self {
            Self::In(key, values) if values.len() == 1 => write!(out, "{key}={}", list(values)),
            Self::In(key, values) => write!(out, "{key} in ({})", list(values)),
            Self::NotIn(key, values) => write!(out, "{key} notin ({})", list(values)),
            Self::Exists(key) => write!(out, "{key}"),
            Self::DoesNotExist(key) => write!(out, "!{key}"),
            Self::Outside(key) => write!(out, "a requirement on {key} that the API does not know"),
        }
    }
}
