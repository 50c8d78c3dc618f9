//! What a crate's sources must not do. Each rule answers with one line per offence, and nothing when all is well.

use crate::graph::circles;
use crate::imports::{between_files, between_modules};
use crate::sources::Sources;

/// How many lines a file may have without a reason, its unit tests apart.
const LINES: usize = 300;
/// How a file gives its reason, in its first ten lines.
const REASON: &str = "This file is long because";

/// Modules at the top of a crate, top down: a row may use itself and the rows below it.
pub type Layers<'a> = &'a [&'a [&'a str]];

/// Circles among the modules at the top of the crate.
#[must_use]
pub fn module_circles(sources: &Sources) -> Vec<String> {
    let named = |names: Vec<String>| format!("circle of modules: {}", names.join(", "));
    circles(&between_modules(sources)).into_iter().map(named).collect()
}

/// Circles of more than two files.
#[must_use]
pub fn file_circles(sources: &Sources) -> Vec<String> {
    let named = |names: Vec<String>| format!("circle of files: {}", names.join(", "));
    let found = circles(&between_files(sources));
    found.into_iter().filter(|names| names.len() > 2).map(named).collect()
}

/// Arrows from a lower row to a higher one, and modules that stand in no row.
#[must_use]
pub fn upward_arrows(sources: &Sources, layers: Layers<'_>) -> Vec<String> {
    let row = |module: &str| layers.iter().position(|row| row.contains(&module));
    let mut found = Vec::new();
    for (from, targets) in between_modules(sources) {
        let Some(own) = row(&from) else {
            found.push(format!("no layer: {from}"));
            continue;
        };
        let above = targets.iter().filter(|target| row(target).is_some_and(|row| row < own));
        found.extend(above.map(|target| format!("arrow upwards: {from} -> {target}")));
    }
    found
}

/// Files of more than 300 lines that don't say why.
#[must_use]
pub fn long_files(sources: &Sources) -> Vec<String> {
    let is_long = |file: &&crate::sources::File| {
        let has_reason = |line: &str| line.starts_with("//!") && line.contains(REASON);
        file.lines > LINES && !file.head.lines().any(has_reason)
    };
    let named = |file: &crate::sources::File| format!("{LINES} lines: {} has {}", file.path, file.lines);
    sources.files.iter().filter(is_long).map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::{LINES, file_circles, long_files, module_circles, upward_arrows};
    use crate::Sources;

    const LAYERS: &[&[&str]] = &[&["stack"], &["proxy", "issuer"], &["syntax"]];

    #[test]
    fn a_planted_circle_of_modules_is_found() {
        let sources = Sources::of(&[
            ("lib.rs", "mod stack; mod proxy; mod syntax;"),
            ("stack/mod.rs", "mod plan; use crate::proxy::X;"),
            ("stack/plan.rs", "pub struct P;"),
            ("proxy.rs", "use crate::syntax::Y; pub struct X;"),
            ("syntax.rs", "fn f(p: crate::stack::plan::P) {} pub struct Y;"),
        ]);
        assert_eq!(module_circles(&sources), ["circle of modules: proxy, stack, syntax"]);
        assert!(
            file_circles(&sources).is_empty(),
            "the circle goes through different files"
        );
    }

    #[test]
    fn a_planted_circle_of_files_is_found() {
        let sources = Sources::of(&[
            ("lib.rs", "mod proxy;"),
            ("proxy/mod.rs", "mod a; mod b; mod c;"),
            ("proxy/a.rs", "use super::b::B; pub struct A;"),
            ("proxy/b.rs", "use super::c::C; pub struct B;"),
            ("proxy/c.rs", "use super::a::A; pub struct C;"),
        ]);
        assert_eq!(
            file_circles(&sources),
            ["circle of files: proxy/a.rs, proxy/b.rs, proxy/c.rs"]
        );
        assert!(module_circles(&sources).is_empty());
    }

    #[test]
    fn two_files_may_know_each_other() {
        let sources = Sources::of(&[
            ("lib.rs", "mod proxy;"),
            ("proxy/mod.rs", "mod a; mod b;"),
            ("proxy/a.rs", "pub fn g() { super::b::f() }"),
            ("proxy/b.rs", "pub fn f() { super::a::g() }"),
        ]);
        assert!(file_circles(&sources).is_empty());
    }

    #[test]
    fn a_planted_arrow_upwards_is_found() {
        let sources = Sources::of(&[
            ("lib.rs", "mod stack; mod proxy; mod issuer; mod syntax;"),
            ("stack.rs", "use crate::{proxy::X, syntax::Y};"),
            ("proxy.rs", "use crate::issuer::Z; pub struct X;"),
            ("issuer.rs", "pub struct Z;"),
            ("syntax.rs", "use crate::proxy::X; pub struct Y;"),
        ]);
        assert_eq!(upward_arrows(&sources, LAYERS), ["arrow upwards: syntax -> proxy"]);
    }

    #[test]
    fn a_module_without_a_layer_is_found() {
        let sources = Sources::of(&[("lib.rs", "mod extra;"), ("extra.rs", "")]);
        assert_eq!(upward_arrows(&sources, LAYERS), ["no layer: extra"]);
    }

    #[test]
    fn a_long_file_gives_its_reason() {
        let long = "fn f() {}\n".repeat(LINES + 1);
        let excused = format!("//! Text.\n//!\n//! This file is long because it is a table.\n{long}");
        let tested = format!("#[cfg(test)]\nmod tests {{\n{long}}}\n");
        let sources = Sources::of(&[("lib.rs", ""), ("a.rs", &long), ("b.rs", &excused), ("c.rs", &tested)]);
        assert_eq!(long_files(&sources), ["300 lines: a.rs has 301"]);
    }
}
