//! The files of a crate, without what only its tests see.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use crate::tokens::{Facts, Module, facts};

/// One source file.
#[derive(Debug)]
pub struct File {
    /// Below the crate's source folder.
    pub path: String,
    /// How many lines stand before its unit tests.
    pub lines: usize,
    /// Its first ten lines.
    pub head: String,
    pub(crate) module: Module,
    pub(crate) facts: Facts,
}

/// The files of one crate.
#[derive(Debug)]
pub struct Sources {
    /// In the order of their paths.
    pub files: Vec<File>,
    /// Every module, those inside of files too, with its file's place in `files`.
    pub(crate) modules: BTreeMap<Module, usize>,
}

impl Sources {
    /// The sources below a folder that has a `lib.rs` or a `main.rs`.
    ///
    /// # Errors
    /// The folder, or one of its files, can't be read.
    ///
    /// # Panics
    /// A file isn't Rust.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut texts = Vec::new();
        collect(folder, folder, &mut texts)?;
        Ok(Self::of(&texts))
    }

    /// The sources that these texts are, by their paths below the source folder.
    ///
    /// # Panics
    /// A text isn't Rust.
    #[must_use]
    pub fn of<P: AsRef<str>, T: AsRef<str>>(texts: &[(P, T)]) -> Self {
        let mut files: Vec<File> = texts
            .iter()
            .map(|(path, text)| file(path.as_ref(), text.as_ref()))
            .collect();
        files.sort_by(|one, other| one.path.cmp(&other.path));
        let tests: BTreeSet<Module> = files.iter().flat_map(|file| file.facts.tests.clone()).collect();
        files.retain(|file| !(0..=file.module.len()).any(|end| tests.contains(&file.module[..end])));
        let mut modules = BTreeMap::new();
        for (index, file) in files.iter().enumerate() {
            modules.insert(file.module.clone(), index);
            modules.extend(file.facts.inline.iter().map(|module| (module.clone(), index)));
        }
        Self { files, modules }
    }
}

fn collect(root: &Path, folder: &Path, texts: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(root, &path, texts)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let below = path.strip_prefix(root).unwrap_or(&path);
            texts.push((below.display().to_string(), fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

fn file(path: &str, text: &str) -> File {
    let module = module(path);
    let facts = facts(path, text, &module);
    File {
        path: path.to_owned(),
        lines: lines(text),
        head: text.lines().take(10).collect::<Vec<_>>().join("\n"),
        module,
        facts,
    }
}

/// `a/mod.rs` and `a.rs` are both the module `a`.
fn module(path: &str) -> Module {
    let mut names: Module = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    let last = names.last().map(String::as_str);
    if last == Some("mod") || (names.len() == 1 && matches!(last, Some("lib" | "main"))) {
        names.pop();
    }
    names
}

/// Lines before `#[cfg(test)]` on a module that stands in the file.
fn lines(text: &str) -> usize {
    let all: Vec<&str> = text.lines().map(str::trim).collect();
    let is_tests = |pair: &[&str]| pair[0] == "#[cfg(test)]" && pair[1].contains("mod ") && pair[1].ends_with('{');
    all.windows(2).position(is_tests).unwrap_or(all.len())
}

#[cfg(test)]
mod tests {
    use super::Sources;

    #[test]
    fn files_are_modules_and_tests_are_left_out() {
        let sources = Sources::of(&[
            ("lib.rs", "mod a;\n#[cfg(test)]\nmod golden;"),
            ("a/mod.rs", "mod b;\n#[cfg(test)] mod tests;"),
            (
                "a/b.rs",
                "//! Text.\nfn f() {}\n\n#[cfg(test)]\nmod tests {\n    fn g() {}\n}\n",
            ),
            ("a/tests.rs", "mod deep;"),
            ("a/tests/deep.rs", ""),
            ("golden.rs", ""),
        ]);
        let paths: Vec<_> = sources.files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["a/b.rs", "a/mod.rs", "lib.rs"]);
        assert_eq!(sources.files[0].lines, 3);
        assert_eq!(sources.files[1].module, ["a"]);
    }
}
