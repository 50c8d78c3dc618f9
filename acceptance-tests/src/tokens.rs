//! What one file says of modules and names, read from its tokens: text in comments and strings is none.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A module by its names from the root of the crate, which has none.
pub(crate) type Module = Vec<String>;

/// A path as it is written, and the module in which it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Written {
    pub(crate) module: Module,
    pub(crate) path: Vec<String>,
}

/// What a file says.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// Modules that stand in the file itself.
    pub(crate) inline: BTreeSet<Module>,
    /// Modules under `#[cfg(test)]`.
    pub(crate) tests: BTreeSet<Module>,
    /// Paths that its code follows.
    pub(crate) paths: BTreeSet<Written>,
    /// Names that a `use` brings into a module. Code in the module's children can take them from it.
    pub(crate) names: BTreeMap<(Module, String), Written>,
    /// What a `use …::*` brings into a module.
    pub(crate) globs: Vec<Written>,
    /// Names that are defined in a module.
    pub(crate) defined: BTreeSet<(Module, String)>,
}

/// Reads a file.
///
/// # Panics
/// The text isn't Rust.
pub(crate) fn facts(path: &str, text: &str, module: &Module) -> Facts {
    let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut facts = Facts::default();
    walk(tokens, module, &mut facts);
    facts
}

fn walk(tokens: TokenStream, module: &Module, facts: &mut Facts) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    let mut is_public = false;
    while at < tokens.len() {
        let step = step(&tokens[at..], module, is_public, facts);
        // `pub`, and the parentheses after it, are said of what follows.
        is_public = word(&tokens, at) == Some("pub".to_owned()) || (is_public && parenthesis(&tokens[at]));
        at += step;
    }
}

/// Reads what begins here, and says how many tokens that was.
fn step(tokens: &[TokenTree], module: &Module, is_public: bool, facts: &mut Facts) -> usize {
    if is_test_attribute(tokens) {
        return skip_item(tokens, module, facts);
    }
    if let TokenTree::Group(group) = &tokens[0] {
        walk(group.stream(), module, facts);
        return 1;
    }
    match word(tokens, 0).as_deref() {
        Some("use") => read_use(tokens, module, is_public, facts),
        Some("mod") => read_module(tokens, module, facts),
        Some("fn" | "struct" | "enum" | "trait" | "const" | "static" | "type" | "union") => {
            facts.defined.extend(word(tokens, 1).map(|name| (module.clone(), name)));
            1
        }
        Some(_) => read_path(tokens, module, facts),
        // `::name` is a crate's, and `.name` a field.
        None if is_separator(tokens, 0) => 2 + usize::from(word(tokens, 2).is_some()),
        None => 1,
    }
}

fn read_module(tokens: &[TokenTree], module: &Module, facts: &mut Facts) -> usize {
    let Some(name) = word(tokens, 1) else { return 1 };
    let Some(TokenTree::Group(group)) = tokens.get(2) else {
        return 2;
    };
    let inner = child(module, name);
    facts.inline.insert(inner.clone());
    walk(group.stream(), &inner, facts);
    3
}

fn read_use(tokens: &[TokenTree], module: &Module, is_public: bool, facts: &mut Facts) -> usize {
    let end = tokens.iter().position(is_semicolon).unwrap_or(tokens.len());
    let mut leaves = Vec::new();
    use_tree(&tokens[1..end], &[], &mut leaves);
    for (path, name) in leaves {
        let module = module.clone();
        let written = Written {
            module: module.clone(),
            path,
        };
        // What is only passed on is no arrow of this file: whoever takes the name has it.
        if !is_public {
            facts.paths.insert(written.clone());
        }
        if name == "*" {
            facts.globs.push(written);
        } else {
            facts.names.insert((module, name), written);
        }
    }
    end + 1
}

/// Each path of a tree of `use`, with the name that it brings.
fn use_tree(tokens: &[TokenTree], before: &[String], leaves: &mut Vec<(Vec<String>, String)>) {
    for branch in tokens.split(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',')) {
        let mut path = before.to_vec();
        let mut name = None;
        let mut is_renamed = false;
        for token in branch {
            match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    use_tree(&inner, &path, leaves);
                    path.clear();
                }
                TokenTree::Ident(ident) if ident == "as" => is_renamed = true,
                TokenTree::Ident(ident) if is_renamed => name = Some(ident.to_string()),
                TokenTree::Ident(ident) => path.push(ident.to_string()),
                TokenTree::Punct(mark) if mark.as_char() == '*' => name = Some("*".to_owned()),
                _ => {}
            }
        }
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let name = name.or_else(|| path.last().cloned());
        leaves.extend(name.filter(|_| !path.is_empty()).map(|name| (path, name)));
    }
}

/// A path in code: names with `::` between them.
fn read_path(tokens: &[TokenTree], module: &Module, facts: &mut Facts) -> usize {
    let mut path: Vec<String> = word(tokens, 0).into_iter().collect();
    let mut at = 1;
    while is_separator(tokens, at) {
        let Some(name) = word(tokens, at + 2) else { break };
        path.push(name);
        at += 3;
    }
    if path.len() > 1 {
        let module = module.clone();
        facts.paths.insert(Written { module, path });
    }
    at
}

/// An item under `#[cfg(test)]`: up to its braces or its semicolon.
fn skip_item(tokens: &[TokenTree], module: &Module, facts: &mut Facts) -> usize {
    let is_brace =
        |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let end = tokens
        .iter()
        .position(|token| is_semicolon(token) || is_brace(token))
        .unwrap_or(tokens.len() - 1);
    let named = (0..end).find(|&at| word(tokens, at).as_deref() == Some("mod"));
    let name = named.and_then(|at| word(tokens, at + 1));
    facts.tests.extend(name.map(|name| child(module, name)));
    end + 1
}

fn is_test_attribute(tokens: &[TokenTree]) -> bool {
    let Some(TokenTree::Group(group)) = tokens.get(1) else {
        return false;
    };
    matches!(&tokens[0], TokenTree::Punct(mark) if mark.as_char() == '#')
        && group.stream().to_string().replace(' ', "") == "cfg(test)"
}

fn child(module: &Module, name: String) -> Module {
    module.iter().cloned().chain([name]).collect()
}

fn word(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at) {
        Some(TokenTree::Ident(ident)) => Some(ident.to_string()),
        _ => None,
    }
}

fn is_separator(tokens: &[TokenTree], at: usize) -> bool {
    let is_colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(mark)) if mark.as_char() == ':');
    is_colon(at) && is_colon(at + 1)
}

fn is_semicolon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(mark) if mark.as_char() == ';')
}

fn parenthesis(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis)
}
