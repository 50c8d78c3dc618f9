//! Paths of attributes.

use std::fmt;

/// One step from a value into it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Into an object's attribute.
    Attribute(String),
    /// Into a map's entry.
    Key(String),
    /// Into a list's or tuple's element.
    Index(i64),
}

/// The path of an attribute, from the root of a resource, data source or provider configuration.
///
/// Elements of sets can't be addressed: name the set.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributePath(pub Vec<Step>);

impl AttributePath {
    /// The path of the root attribute `name`.
    #[must_use]
    pub fn root(name: impl Into<String>) -> Self {
        Self::default().attribute(name)
    }

    /// This path, one attribute further.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>) -> Self {
        self.0.push(Step::Attribute(name.into()));
        self
    }

    /// This path, one map entry further.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.0.push(Step::Key(key.into()));
        self
    }

    /// This path, one list element further.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.0.push(Step::Index(i64::try_from(index).unwrap_or(i64::MAX)));
        self
    }

    /// This path followed by `rest`.
    #[must_use]
    pub fn join(&self, rest: &AttributePath) -> Self {
        Self(self.0.iter().chain(&rest.0).cloned().collect())
    }
}

impl fmt::Display for AttributePath {
    /// As HCL would write it: `proxy.isolation.allow_from[0]`, `parts["proxy/service"]`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Attribute(name) if position == 0 => out.write_str(name)?,
                Step::Attribute(name) => write!(out, ".{name}")?,
                Step::Key(key) => write!(out, "[{}]", quoted(key))?,
                Step::Index(index) => write!(out, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// `text` as a quoted string of HCL.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // Doubled, or it would begin a template.
            '$' | '%' if letters.peek() == Some(&'{') => out.extend([letter, letter]),
            _ if letter.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::AttributePath;

    #[test]
    fn paths_are_written_as_in_hcl() {
        let path = AttributePath::root("proxy")
            .attribute("parts")
            .key("a/b")
            .index(2)
            .attribute("uid");
        assert_eq!(path.to_string(), r#"proxy.parts["a/b"][2].uid"#);
        let table = [
            (r#"a"b\c"#, r#"tags["a\"b\\c"]"#),
            ("${x} %{y} $5", r#"tags["$${x} %%{y} $5"]"#),
            ("\n\u{1}", r#"tags["\n\u0001"]"#),
            ("nai\u{308}ve", "tags[\"nai\u{308}ve\"]"),
        ];
        for (key, expected) in table {
            assert_eq!(AttributePath::root("tags").key(key).to_string(), expected);
        }
    }
}
