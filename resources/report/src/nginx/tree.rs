//! The directives of a configuration, with the files that it includes.

use std::collections::BTreeSet;

use super::files::Files;
use super::token::{Token, tokens};

/// A directive, and what stands in its braces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Directive {
    pub(super) name: String,
    pub(super) arguments: Vec<String>,
    pub(super) inner: Vec<Directive>,
}

/// How deep braces and includes may be nested; NGINX's own configurations have at most six levels.
const DEPTH: usize = 32;
/// How many directives are read: an include in a file that is included many times must not multiply without end.
const MOST: usize = 100_000;

/// What was read, and what was not.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) directives: Vec<Directive>,
    /// Paths of the files.
    pub(super) read: BTreeSet<String>,
    /// What is included and is not there to be read.
    pub(super) unread: Vec<String>,
}

/// Reads a file, with what it includes: relative paths begin at its folder.
pub(super) fn tree(files: &Files<'_>, main: &str) -> Result<Tree, String> {
    let text = files.get(main).ok_or_else(|| format!("{main} was not read"))?;
    let mut reader = Reader {
        files,
        folder: main.rsplit_once('/').map_or("", |(folder, _)| folder),
        found: Tree::default(),
        count: 0,
    };
    reader.found.read.insert(main.to_owned());
    let directives = reader.file(text, 0)?;
    Ok(Tree {
        directives,
        ..reader.found
    })
}

struct Reader<'a> {
    files: &'a Files<'a>,
    folder: &'a str,
    found: Tree,
    count: usize,
}

impl Reader<'_> {
    fn file(&mut self, text: &str, depth: usize) -> Result<Vec<Directive>, String> {
        let mut tokens = tokens(text)?.into_iter();
        let (found, closed) = self.block(&mut tokens, depth)?;
        if closed {
            return Err("unexpected `}`".to_owned());
        }
        Ok(found)
    }

    /// The directives up to the closing brace, or to the end of the file.
    fn block(
        &mut self,
        tokens: &mut std::vec::IntoIter<Token>,
        depth: usize,
    ) -> Result<(Vec<Directive>, bool), String> {
        if depth > DEPTH {
            return Err(format!("blocks or includes are nested more than {DEPTH} levels deep"));
        }
        let (mut found, mut words) = (Vec::new(), Vec::new());
        while let Some(token) = tokens.next() {
            match token {
                Token::Word(word) => words.push(word),
                Token::Close if words.is_empty() => return Ok((found, true)),
                Token::Close => return Err("unexpected `}`".to_owned()),
                Token::End | Token::Open => {
                    let mut words = std::mem::take(&mut words).into_iter();
                    let name = words.next().ok_or("a directive without a name")?;
                    let arguments: Vec<String> = words.collect();
                    self.count += 1;
                    if self.count > MOST {
                        return Err(format!("more than {MOST} directives"));
                    }
                    if token == Token::End && name == "include" {
                        found.extend(self.include(arguments.first().map_or("", String::as_str), depth)?);
                        continue;
                    }
                    let inner = if token == Token::Open {
                        let (inner, closed) = self.block(tokens, depth + 1)?;
                        if !closed {
                            return Err(format!("`{name} {{` is not closed"));
                        }
                        inner
                    } else {
                        Vec::new()
                    };
                    found.push(Directive { name, arguments, inner });
                }
            }
        }
        if words.is_empty() {
            Ok((found, false))
        } else {
            Err(format!("`{}` is not ended by `;`", words.join(" ")))
        }
    }

    /// A file, or all that a pattern stands for.
    fn include(&mut self, path: &str, depth: usize) -> Result<Vec<Directive>, String> {
        let place = match path.starts_with('/') {
            true => path.to_owned(),
            false => format!("{}/{path}", self.folder),
        };
        let (found, is_all) = match self.files.get(&place) {
            Some(text) => (vec![(place.as_str(), text)], true),
            None => self.files.like(&place),
        };
        if !is_all {
            self.found.unread.push(path.to_owned());
        }
        let mut directives = Vec::new();
        for (file, text) in found {
            self.found.read.insert(file.to_owned());
            directives.extend(self.file(text, depth + 1)?);
        }
        Ok(directives)
    }
}
