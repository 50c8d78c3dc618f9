//! Which file takes a name from which other. A name that a file only passes on (`pub use`) is taken from where it is
//! defined. What a module takes from those inside it is no arrow: it holds them, and they may know it.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::Sources;
use crate::tokens::{Module, Written};

/// How often a name may be passed on, in case it goes in a circle.
const HOPS: usize = 16;

/// For each file, by its path, the other files that it takes names from.
#[must_use]
pub fn between_files(sources: &Sources) -> BTreeMap<String, BTreeSet<String>> {
    arrows(sources, |from| sources.files[from].path.clone())
}

/// The same for the modules at the top of the crate; its root is none of them.
#[must_use]
pub fn between_modules(sources: &Sources) -> BTreeMap<String, BTreeSet<String>> {
    let mut found = arrows(sources, |from| {
        sources.files[from].module.first().cloned().unwrap_or_default()
    });
    found.remove("");
    for targets in found.values_mut() {
        targets.remove("");
    }
    found
}

/// Each arrow from one file to another, by what `name` makes of the files.
fn arrows(sources: &Sources, name: impl Fn(usize) -> String) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, file) in sources.files.iter().enumerate() {
        let targets = found.entry(name(from)).or_default();
        for written in &file.facts.paths {
            let target = resolve(sources, written, HOPS).and_then(|module| sources.modules.get(&module).copied());
            let target = target.filter(|target| !sources.files[*target].module.starts_with(&file.module));
            targets.extend(target.map(&name).filter(|target| *target != name(from)));
        }
    }
    found
}

/// The module that defines what a path ends at; nothing for a name of another crate, and for a module: a module that is
/// only walked through gives nothing of its own.
fn resolve(sources: &Sources, written: &Written, hops: usize) -> Option<Module> {
    let (module, is_module) = follow(sources, written, hops)?;
    (!is_module).then_some(module)
}

/// As far as a path leads through modules, and whether it ends at one.
fn follow(sources: &Sources, written: &Written, hops: usize) -> Option<(Module, bool)> {
    let (mut module, rest) = start(sources, written, hops)?;
    for (at, name) in rest.iter().enumerate() {
        let below: Module = module.iter().chain([name]).cloned().collect();
        if sources.modules.contains_key(&below) {
            module = below;
            continue;
        }
        let passed_on = passed_on(sources, &module, name);
        let Some(mut source) = passed_on.filter(|_| hops > 0) else {
            return Some((module, false));
        };
        source.path.extend(rest[at + 1..].iter().cloned());
        // A name of another crate is taken from there, whoever passes it on.
        return follow(sources, &source, hops - 1);
    }
    Some((module, true))
}

/// Where a path begins, and what follows.
fn start<'a>(sources: &Sources, written: &'a Written, hops: usize) -> Option<(Module, &'a [String])> {
    let (first, rest) = written.path.split_first()?;
    let own = &written.module;
    match first.as_str() {
        "crate" => Some((Vec::new(), rest)),
        "self" => Some((own.clone(), rest)),
        "super" => {
            let ups = 1 + rest.iter().take_while(|name| *name == "super").count();
            let kept = own.len().checked_sub(ups)?;
            Some((own[..kept].to_vec(), &rest[ups - 1..]))
        }
        name => {
            let below: Module = own
                .iter()
                .map(String::as_str)
                .chain([name])
                .map(str::to_owned)
                .collect();
            if sources.modules.contains_key(&below) {
                return Some((below, rest));
            }
            let brought = passed_on(sources, own, name).filter(|brought| hops > 0 && brought.path != [name])?;
            let (module, is_module) = follow(sources, &brought, hops - 1)?;
            is_module.then_some((module, rest))
        }
    }
}

/// The path by which a module has a name that it doesn't define.
fn passed_on(sources: &Sources, module: &Module, name: &str) -> Option<Written> {
    let key = (module.clone(), name.to_owned());
    let facts = &sources.files[*sources.modules.get(module)?].facts;
    if facts.defined.contains(&key) {
        return None;
    }
    if let Some(written) = facts.names.get(&key) {
        return Some(written.clone());
    }
    let globs = facts.globs.iter().filter(|glob| glob.module == *module);
    let defines = |glob: &&Written| {
        let (target, _) = follow(sources, glob, 0)?;
        let index = *sources.modules.get(&target)?;
        let key = (target, name.to_owned());
        let facts = &sources.files[index].facts;
        (facts.defined.contains(&key) || facts.names.contains_key(&key)).then_some(())
    };
    let mut found = globs.into_iter().find(|glob| defines(glob).is_some())?.clone();
    found.path.push(name.to_owned());
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::{between_files, between_modules};
    use crate::Sources;

    fn arrows(texts: &[(&str, &str)]) -> Vec<String> {
        let found = between_files(&Sources::of(texts));
        let line = |(from, targets): (String, std::collections::BTreeSet<String>)| {
            targets.into_iter().map(move |target| format!("{from} -> {target}"))
        };
        found.into_iter().flat_map(line).collect()
    }

    #[test]
    fn every_way_to_write_a_path_is_an_arrow() {
        for text in [
            "use crate::b::X;",
            "use crate::{b::{X, Y as Z}};",
            "use super::b; fn f() { b::g(); }",
            "fn f() { crate::b::g(); }",
            "fn f() { debug!(x = crate::b::X); }",
            "type T = Vec<crate::b::X>;",
            "mod inner { use super::super::b::X; }",
        ] {
            let found = arrows(&[("lib.rs", "mod a; mod b;"), ("a.rs", text), ("b.rs", "pub struct X;")]);
            assert_eq!(found, ["a.rs -> b.rs"], "{text}");
        }
    }

    #[test]
    fn what_is_no_path_is_no_arrow() {
        for text in [
            "// use crate::b::X;",
            "const TEXT: &str = \"crate::b::X\";",
            "#[cfg(test)]\nmod tests {\n    use crate::b::X;\n}",
            "#[cfg(test)]\nuse crate::b::X;",
            "use other::b::X;",
            "pub use crate::b::X;",
            "pub(crate) use crate::b::X;",
            "fn f() { ::b::g(); x.b; }",
            "use crate::b;",
        ] {
            let found = arrows(&[("lib.rs", "mod a; mod b;"), ("a.rs", text), ("b.rs", "pub struct X;")]);
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }

    #[test]
    fn a_name_is_taken_from_where_it_is_defined() {
        for (facade, text) in [
            ("mod c; pub use c::X;", "use crate::b::X;"),
            ("mod c; pub use self::c::X as Y;", "use crate::b::Y;"),
            ("mod c; pub use c::*;", "use crate::b::X;"),
        ] {
            let lib = ("lib.rs", "mod a; mod b;");
            let found = arrows(&[lib, ("a.rs", text), ("b/mod.rs", facade), ("b/c.rs", "pub struct X;")]);
            assert_eq!(found, ["a.rs -> b/c.rs"], "{facade}");
        }
    }

    #[test]
    fn a_module_that_is_walked_through_gives_nothing() {
        let lib = ("lib.rs", "mod a; mod b;");
        let below = ("b/c.rs", "pub fn g() {}");
        let found = arrows(&[
            lib,
            ("a.rs", "use crate::b; fn f() { b::c::g() }"),
            ("b/mod.rs", "mod c;"),
            below,
        ]);
        assert_eq!(found, ["a.rs -> b/c.rs"]);
    }

    #[test]
    fn a_module_holds_its_children_and_they_know_it() {
        let found = arrows(&[
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod c; mod d; fn f() { c::g(); }"),
            ("a/c.rs", "pub fn g() { super::h(); }"),
            ("a/d.rs", "mod e; pub fn g() { super::c::g(); }"),
            ("a/d/e.rs", "fn h() { crate::a::f(); }"),
        ]);
        assert_eq!(
            found,
            ["a/c.rs -> a/mod.rs", "a/d.rs -> a/c.rs", "a/d/e.rs -> a/mod.rs"]
        );
    }

    #[test]
    fn the_root_is_no_module() {
        let found = between_modules(&Sources::of(&[
            ("lib.rs", "mod a; mod b; pub fn f() { a::g(); }"),
            ("a/mod.rs", "use crate::b::X; use crate::f;"),
            ("b.rs", "pub struct X;"),
        ]));
        assert_eq!(found.len(), 2);
        assert_eq!(found["a"].iter().collect::<Vec<_>>(), ["b"]);
    }
}
