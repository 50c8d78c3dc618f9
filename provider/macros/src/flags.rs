//! The flags inside `#[tf(...)]`.

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Expr, ExprLit, Ident, Lit, Path, Token};

/// All mistakes of one item; a derive fails with the sum of them.
#[derive(Default)]
pub(crate) struct Mistakes(Option<Error>);

impl Mistakes {
    /// True if there is none yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Adds one.
    pub(crate) fn add(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(Error::new(span, message));
    }

    /// Adds what another step found.
    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(all) => all.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// `value`, unless there were mistakes.
    pub(crate) fn or<T>(self, value: T) -> Result<T, Error> {
        self.0.map_or(Ok(value), Err)
    }
}

/// One flag: a word, or a word and what it is set to.
pub(crate) struct Flag {
    pub(crate) name: Ident,
    pub(crate) value: Option<Expr>,
}

impl Parse for Flag {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        let value = if input.parse::<Option<Token![=]>>()?.is_some() {
            Some(input.parse()?)
        } else {
            None
        };
        Ok(Self { name, value })
    }
}

/// The flags of an item, in the order in which they are written.
pub(crate) fn read(attributes: &[Attribute], mistakes: &mut Mistakes) -> Vec<Flag> {
    let mut flags = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("tf")) {
        match attribute.parse_args_with(Punctuated::<Flag, Token![,]>::parse_terminated) {
            Ok(found) => flags.extend(found),
            Err(error) => mistakes.push(error),
        }
    }
    flags
}

impl Flag {
    /// Refuses a value after a flag that takes none.
    pub(crate) fn bare(&self, mistakes: &mut Mistakes) -> bool {
        if self.value.is_some() {
            mistakes.add(self.name.span(), format!("`{}` takes no value", self.name));
        }
        true
    }

    /// The string that the flag is set to.
    pub(crate) fn text(&self, mistakes: &mut Mistakes) -> Option<String> {
        if let Some(Expr::Lit(ExprLit {
            lit: Lit::Str(text), ..
        })) = &self.value
        {
            return Some(text.value());
        }
        mistakes.add(
            self.name.span(),
            format!("`{}` takes a string: `{} = \"...\"`", self.name, self.name),
        );
        None
    }

    /// The path that the flag is set to.
    pub(crate) fn path(&self, mistakes: &mut Mistakes) -> Option<Path> {
        if let Some(Expr::Path(path)) = &self.value {
            return Some(path.path.clone());
        }
        mistakes.add(
            self.name.span(),
            format!(
                "`{}` takes the path of a function: `{} = some_function`",
                self.name, self.name
            ),
        );
        None
    }

    /// Reports a flag that does not exist, with the one that was probably meant.
    pub(crate) fn unknown(&self, known: &[&str], mistakes: &mut Mistakes) {
        let written = self.name.to_string();
        let near = known
            .iter()
            .map(|name| (strsim::damerau_levenshtein(&written, name), name))
            .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
            .min_by_key(|(distance, _)| *distance);
        let message = match near {
            Some((_, name)) => format!("there is no flag `{written}`; did you mean `{name}`?"),
            None => format!("there is no flag `{written}`; the flags are {}", known.join(", ")),
        };
        mistakes.add(self.name.span(), message);
    }
}
