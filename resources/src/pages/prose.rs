//! What a page takes from a resource's README.

/// A README: what precedes its first heading, and its sections.
pub(super) struct Readme {
    /// What the resource is, in a few paragraphs.
    pub(super) opening: String,
    /// Titles and texts.
    pub(super) sections: Vec<(String, String)>,
}

impl Readme {
    pub(super) fn parse(text: &str) -> Self {
        let mut parts = text.split("\n## ");
        let opening = parts.next().unwrap_or_default().trim().to_owned();
        let section = |part: &str| {
            let (title, text) = part.split_once('\n').unwrap_or((part, ""));
            (title.trim().to_owned(), text.trim().to_owned())
        };
        Self {
            opening,
            sections: parts.map(section).collect(),
        }
    }

    /// The first paragraph, on one line.
    pub(super) fn summary(&self) -> String {
        let first = self.opening.split("\n\n").next().unwrap_or_default();
        one_line(first)
    }

    pub(super) fn section(&self, title: &str) -> Option<&str> {
        let found = self.sections.iter().find(|(name, _)| name == title);
        found.map(|(_, text)| text.as_str())
    }
}

/// The section on imports: the resource's text, then the block and the command for what the example creates.
pub(super) fn import(text: &str, command: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().collect();
    let ["terraform", "import", address, id] = words[..] else {
        panic!("`{command}` is not `terraform import ADDRESS ID`");
    };
    format!(
        "## Import\n\n{text}\n\n```terraform\nimport {{\n  to = {address}\n  id = \
         \"{id}\"\n}}\n```\n\n```shell\n{}\n```",
        command.trim()
    )
}

/// The text without line breaks.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
