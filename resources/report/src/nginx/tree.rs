//! The directives of a configuration, with the files that it includes.

use std::collections::BTreeMap;

use super::token::{Token, tokens};

/// A directive, and what stands in its braces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Directive {
    pub(super) name: String,
    pub(super) arguments: Vec<String>,
    pub(super) inner: Vec<Directive>,
}

/// The file that NGINX starts from. A directory that a pattern names holds it no more.
pub(crate) const MAIN: &str = "nginx.conf";
/// How deep braces and includes may be nested; NGINX's own configurations have at most six levels.
const DEPTH: usize = 32;
/// How many directives are read: an include in a file that is included many times must not multiply without end.
const MOST: usize = 100_000;

/// Reads one file, with what it includes of `files`. What it includes from elsewhere is added to `unread`.
pub(super) fn tree(
    text: &str,
    files: &BTreeMap<String, String>,
    unread: &mut Vec<String>,
) -> Result<Vec<Directive>, String> {
    let mut reader = Reader {
        files,
        unread,
        count: 0,
    };
    reader.file(text, 0)
}

struct Reader<'a> {
    files: &'a BTreeMap<String, String>,
    unread: &'a mut Vec<String>,
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

    /// A file of the same ConfigMap by its last name, or all that a pattern names.
    fn include(&mut self, path: &str, depth: usize) -> Result<Vec<Directive>, String> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let texts: Vec<&String> = match name.split_once('*') {
            Some((start, end)) => self
                .files
                .iter()
                .filter(|(file, _)| *file != MAIN && is_like(file, start, end))
                .map(|(_, text)| text)
                .collect(),
            None => self.files.get(name).into_iter().collect(),
        };
        if texts.is_empty() {
            self.unread.push(path.to_owned());
        }
        let mut found = Vec::new();
        for text in texts {
            found.extend(self.file(text, depth + 1)?);
        }
        Ok(found)
    }
}

fn is_like(file: &str, start: &str, end: &str) -> bool {
    file.len() >= start.len() + end.len() && file.starts_with(start) && file.ends_with(end)
}
