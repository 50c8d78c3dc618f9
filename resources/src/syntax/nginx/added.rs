//! What directives that users add say about requests.

/// What added directives say about requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// The schemes by which locations pass requests to the app, such as `http`.
    pub schemes: Vec<String>,
    /// The locations, at any depth.
    pub locations: Vec<Location>,
}

/// An added `location`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Location {
    /// `=`, `^~`, `~` or `~*`; empty for a plain prefix.
    pub modifier: String,
    /// The path, prefix, expression or name.
    pub path: String,
    /// Headers of the app that it hides: with one of these, it inherits none that are hidden outside of it.
    pub hidden: Vec<String>,
}

impl Location {
    /// True if requests come here whose path starts with its own.
    #[must_use]
    pub fn is_prefix(&self) -> bool {
        matches!(self.modifier.as_str(), "" | "^~") && self.path.starts_with('/')
    }

    /// True if NGINX accepts only one of both. Of equal expressions it takes the first.
    #[must_use]
    pub fn excludes(&self, other: &Self) -> bool {
        let sort = |location: &Self| (location.is_prefix(), location.modifier == "=");
        !self.modifier.starts_with('~') && self.path == other.path && sort(self) == sort(other)
    }
}

/// The modifier may stand right before the path: `location =/x`.
pub(super) fn written(arguments: &[String]) -> Location {
    let of = |modifier: &str, path: &str| Location {
        modifier: modifier.to_owned(),
        path: path.to_owned(),
        hidden: Vec::new(),
    };
    match arguments {
        [path] => ["=", "^~", "~*", "~"]
            .iter()
            .find_map(|modifier| Some(of(modifier, path.strip_prefix(modifier)?)))
            .unwrap_or_else(|| of("", path)),
        [modifier, path] => of(modifier, path),
        _ => Location::default(),
    }
}
