//! One field of a model.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Expr, ExprLit, Field, GenericArgument, Ident, Lit, Path, PathArguments, Type, UnOp};

use crate::docs;
use crate::flags::{self, Flag, Mistakes};

const FLAGS: [&str; 12] = [
    "required",
    "optional",
    "computed",
    "default",
    "keep",
    "replace",
    "sensitive",
    "write_only",
    "check",
    "deprecated",
    "block",
    "rename",
];

/// A field that was understood.
pub(crate) struct ModelField {
    /// The field's name in Rust.
    pub(crate) ident: Ident,
    /// The attribute's name.
    pub(crate) name: String,
    /// True for a nested block.
    pub(crate) block: bool,
    /// What the attribute holds: the `T` of `Attr<T>`.
    inner: Type,
    description: String,
    settings: Settings,
}

#[derive(Default)]
struct Settings {
    required: bool,
    optional: bool,
    computed: bool,
    keep: bool,
    replace: bool,
    sensitive: bool,
    write_only: bool,
    block: bool,
    default: Option<TokenStream>,
    checks: Vec<Path>,
    deprecated: Option<String>,
    rename: Option<String>,
}

/// Reads a field, or says everything that is wrong with it.
pub(crate) fn read(field: &Field) -> Result<ModelField, Error> {
    let mut mistakes = Mistakes::default();
    let ident = field
        .ident
        .clone()
        .unwrap_or_else(|| Ident::new("_", proc_macro2::Span::call_site()));
    let inner = inner(&field.ty).unwrap_or_else(|| {
        mistakes.push(Error::new_spanned(
            &field.ty,
            format!(
                "an attribute may be null or unknown: write `Attr<{}>`",
                spelled(&field.ty)
            ),
        ));
        field.ty.clone()
    });
    let description = docs::description(&field.attrs).unwrap_or_else(|| {
        mistakes.add(
            ident.span(),
            format!("`{ident}` has no doc comment: it is the description that users read"),
        );
        String::new()
    });
    let settings = settings(&flags::read(&field.attrs, &mut mistakes), &inner, &mut mistakes);
    settings.judge(&ident, &inner, &mut mistakes);
    let name = settings
        .rename
        .clone()
        .unwrap_or_else(|| ident.to_string().trim_start_matches("r#").to_owned());
    if !name.chars().all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '_')) || name.is_empty() {
        mistakes.add(
            ident.span(),
            format!("`{name}` is no attribute name: use a-z, 0-9 and _"),
        );
    }
    mistakes.or(ModelField {
        ident,
        name,
        block: settings.block,
        inner,
        description,
        settings,
    })
}

/// The `T` of `Attr<T>`.
fn inner(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last().filter(|segment| segment.ident == "Attr")?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) if arguments.args.len() == 1 => Some(inner.clone()),
        _ => None,
    }
}

/// A type as people write it, without the spaces of a token stream.
fn spelled(ty: &Type) -> String {
    quote!(#ty).to_string().replace(' ', "").replace(',', ", ")
}

/// True if `Secret` stands anywhere in the type.
fn is_secret(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.iter().any(|segment| {
        segment.ident == "Secret"
            || matches!(&segment.arguments, PathArguments::AngleBracketed(arguments)
                if arguments.args.iter().any(|argument| matches!(argument, GenericArgument::Type(inner) if is_secret(inner))))
    })
}

fn settings(flags: &[Flag], inner: &Type, mistakes: &mut Mistakes) -> Settings {
    let mut settings = Settings::default();
    for flag in flags {
        match flag.name.to_string().as_str() {
            "required" => settings.required = flag.bare(mistakes),
            "optional" => settings.optional = flag.bare(mistakes),
            "computed" => settings.computed = flag.bare(mistakes),
            "keep" => settings.keep = flag.bare(mistakes),
            "replace" => settings.replace = flag.bare(mistakes),
            "sensitive" => settings.sensitive = flag.bare(mistakes),
            "write_only" => settings.write_only = flag.bare(mistakes),
            "block" => settings.block = flag.bare(mistakes),
            "default" => settings.default = default(flag, inner, mistakes),
            "check" => settings.checks.extend(flag.path(mistakes)),
            "deprecated" => settings.deprecated = flag.text(mistakes),
            "rename" => settings.rename = flag.text(mistakes),
            _ => flag.unknown(&FLAGS, mistakes),
        }
    }
    settings
}

/// The default as an expression of the field's type.
fn default(flag: &Flag, inner: &Type, mistakes: &mut Mistakes) -> Option<TokenStream> {
    let negative = matches!(&flag.value, Some(Expr::Unary(unary)) if matches!(unary.op, UnOp::Neg(_)));
    let literal = match &flag.value {
        Some(Expr::Unary(unary)) if negative => &*unary.expr,
        Some(Expr::Path(path)) => return Some(quote!(#path())),
        Some(other) => other,
        None => {
            mistakes.add(flag.name.span(), "`default` takes a literal or the path of a function");
            return None;
        }
    };
    let sign = negative.then(|| quote!(-));
    let value = match literal {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text), ..
        }) if !negative => quote!(#text),
        Expr::Lit(ExprLit {
            lit: Lit::Bool(flag), ..
        }) if !negative => quote!(#flag),
        Expr::Lit(ExprLit {
            lit: Lit::Int(number), ..
        }) => quote!(#sign #number as i64),
        Expr::Lit(ExprLit {
            lit: Lit::Float(number),
            ..
        }) => quote!(#sign #number as f64),
        other => {
            mistakes.push(Error::new_spanned(
                other,
                "`default` takes a literal or the path of a function, never code",
            ));
            return None;
        }
    };
    Some(quote!(<#inner as ::tfplugin_framework::FromLiteral<_>>::from_literal(#value)))
}

impl Settings {
    /// Reports flags that contradict each other.
    fn judge(&self, ident: &Ident, inner: &Type, mistakes: &mut Mistakes) {
        let span = ident.span();
        if self.block {
            let others = self.required || self.optional || self.computed || self.keep || self.default.is_some();
            if others || self.sensitive || self.write_only || self.replace || !self.checks.is_empty() {
                mistakes.add(
                    span,
                    "a `block` takes no other flag than `rename`: say them at its attributes",
                );
            }
            return;
        }
        let settable = self.required || self.optional || self.computed || self.default.is_some();
        // A flag that was not understood may have been the one that says it.
        if !settable && mistakes.is_empty() {
            mistakes.add(
                span,
                format!("say who sets `{ident}`: `required`, `optional`, `computed` or `default = ...`"),
            );
        }
        for (wrong, message) in self.contradictions(is_secret(inner)) {
            if wrong {
                mistakes.add(span, format!("`{ident}`: {message}"));
            }
        }
    }

    fn contradictions(&self, secret: bool) -> [(bool, &'static str); 9] {
        let computed_only = self.computed && !self.optional && self.default.is_none();
        [
            (
                self.required && (self.optional || self.computed),
                "`required` goes with neither `optional` nor `computed`",
            ),
            (
                self.required && self.default.is_some(),
                "a `required` attribute can't have a `default`",
            ),
            (
                self.keep && !self.computed,
                "`keep` is for `computed` attributes: nothing else is unknown in a plan",
            ),
            (
                self.keep && self.default.is_some(),
                "`keep` and `default` both decide what stands where nothing is written",
            ),
            (
                computed_only && !self.checks.is_empty(),
                "nobody writes a `computed` attribute: there is nothing to `check`",
            ),
            (
                (self.sensitive || self.write_only) && !secret,
                "`sensitive` and `write_only` are for `Attr<Secret<...>>`",
            ),
            (
                secret && !(self.sensitive || self.write_only),
                "a `Secret` is `sensitive` or `write_only`",
            ),
            (
                self.write_only && (self.computed || self.default.is_some()),
                "`write_only` values come from the user alone",
            ),
            (
                self.write_only && self.sensitive,
                "`write_only` values never reach the output: drop `sensitive`",
            ),
        ]
    }

    fn mode(&self) -> TokenStream {
        let mode = match (
            self.required,
            self.optional || self.default.is_some(),
            self.computed || self.default.is_some(),
        ) {
            (true, ..) => quote!(Required),
            (_, true, true) => quote!(OptionalComputed),
            (_, true, false) => quote!(Optional),
            (_, false, _) => quote!(Computed),
        };
        quote!(::tfplugin_framework::schema::Mode::#mode)
    }
}

impl ModelField {
    /// The builder calls that declare this field.
    pub(crate) fn declaration(&self) -> TokenStream {
        let Self {
            name,
            description,
            inner,
            settings,
            ..
        } = self;
        if self.block {
            return quote!(::tfplugin_framework::schema::NestedBlock::new::<#inner>(#name, #description));
        }
        let mode = settings.mode();
        let flags = [
            (settings.keep, quote!(.keep())),
            (settings.replace, quote!(.replace())),
            (settings.sensitive, quote!(.sensitive())),
            (settings.write_only, quote!(.write_only())),
        ];
        let flags = flags.into_iter().filter_map(|(set, call)| set.then_some(call));
        let default = settings
            .default
            .iter()
            .map(|value| quote!(.default_value::<#inner>(#value)));
        let checks = settings.checks.iter().map(|path| quote!(.check::<#inner, _>(#path)));
        let deprecated = settings.deprecated.iter().map(|why| quote!(.deprecated(#why)));
        quote! {
            ::tfplugin_framework::schema::Attribute::new::<#inner>(#name, #description)
                .mode(#mode) #(#flags)* #(#default)* #(#checks)* #(#deprecated)*
        }
    }
}
