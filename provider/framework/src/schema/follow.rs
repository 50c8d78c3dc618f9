//! Which part of a path hosts find in the configuration.

use super::{Level, Schema};
use crate::{AttributePath, Step};

impl Schema {
    /// The start of `path` that a host can follow into the configuration, to mark its line.
    ///
    /// Hosts follow nested blocks, then one attribute, then at most one index or key. Inside nested attributes they are
    /// lost: for `isolation.mode` Terraform would mark a root attribute `mode`, if there is one.
    #[must_use]
    pub fn followed(&self, path: &AttributePath) -> AttributePath {
        let length = followed(self.level(), &path.0);
        AttributePath(path.0[..length].to_vec())
    }
}

fn followed(level: Level<'_>, steps: &[Step]) -> usize {
    let Some(Step::Attribute(name)) = steps.first() else {
        return 0;
    };
    let selected = usize::from(matches!(steps.get(1), Some(Step::Index(_) | Step::Key(_))));
    let reached = 1 + selected;
    match level.blocks.iter().find(|block| block.name == *name) {
        Some(block) => reached + followed(block.level(), &steps[reached..]),
        None => reached,
    }
}

#[cfg(test)]
mod tests {
    use crate::sample::Things;
    use crate::{AttributePath, Resource};

    #[test]
    fn hosts_follow_blocks_and_are_lost_inside_nested_attributes() {
        let root = AttributePath::root;
        let table = [
            (root("name"), "name"),
            (root("names").index(1), "names[1]"),
            (root("tags").key("a"), r#"tags["a"]"#),
            (root("subject").attribute("country"), "subject"),
            (root("routes").index(1).attribute("host"), "routes[1]"),
            (root("rule").index(0).attribute("cidr"), "rule[0].cidr"),
            (
                root("rule").index(0).attribute("cidr").index(2).index(3),
                "rule[0].cidr[2]",
            ),
            (AttributePath::default(), ""),
        ];
        for (path, expected) in table {
            assert_eq!(Things.schema().followed(&path).to_string(), expected);
        }
    }
}
