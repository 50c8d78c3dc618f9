//! Circles in a graph of names.

use std::collections::{BTreeMap, BTreeSet};

/// For each name, the names that its arrows point at.
pub type Graph = BTreeMap<String, BTreeSet<String>>;

/// The names that reach each other, two or more at a time, in the order of their names.
#[must_use]
pub fn circles(graph: &Graph) -> Vec<Vec<String>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        graph.keys().map(|name| (name.as_str(), reach(graph, name))).collect();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (name, ahead) in &reached {
        let members: Vec<String> = ahead
            .iter()
            .filter(|other| reached.get(*other).is_some_and(|back| back.contains(name)))
            .map(|other| (*other).to_owned())
            .collect();
        if members.len() > 1 && members.iter().all(|member| seen.insert(member.clone())) {
            found.push(members);
        }
    }
    found
}

/// Every name that can be reached by following arrows, at least one.
fn reach<'a>(graph: &'a Graph, from: &str) -> BTreeSet<&'a str> {
    let next = |name: &str| graph.get(name).into_iter().flatten().map(String::as_str);
    let mut open: Vec<&str> = next(from).collect();
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if seen.insert(name) {
            open.extend(next(name));
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::{Graph, circles};

    fn graph(arrows: &[(&str, &str)]) -> Graph {
        let mut graph = Graph::new();
        for (from, to) in arrows {
            graph.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        graph
    }

    #[test]
    fn finds_every_circle_once() {
        let found = circles(&graph(&[
            ("a", "b"),
            ("b", "c"),
            ("c", "a"),
            ("c", "d"),
            ("d", "e"),
            ("e", "d"),
            ("f", "a"),
            ("g", "g"),
        ]));
        assert_eq!(found, [vec!["a", "b", "c"], vec!["d", "e"]]);
    }

    #[test]
    fn a_line_is_no_circle() {
        assert!(circles(&graph(&[("a", "b"), ("a", "c"), ("b", "c")])).is_empty());
    }
}
