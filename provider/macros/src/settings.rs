//! What the flags of a field say, and which of them contradict each other.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Expr, ExprLit, GenericArgument, Ident, Lit, Path, PathArguments, Type, UnOp};

use crate::flags::{Flag, Mistakes};

/// Every flag that a field may have.
pub(crate) const FLAGS: [&str; 14] = [
    "required",
    "optional",
    "computed",
    "default",
    "keep",
    "replace",
    "local",
    "sensitive",
    "write_only",
    "check",
    "deprecated",
    "block",
    "flatten",
    "rename",
];

/// The flags of a field, understood.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) required: bool,
    pub(crate) optional: bool,
    pub(crate) computed: bool,
    pub(crate) keep: bool,
    pub(crate) replace: bool,
    pub(crate) local: bool,
    pub(crate) sensitive: bool,
    pub(crate) write_only: bool,
    pub(crate) block: bool,
    pub(crate) default: Option<TokenStream>,
    pub(crate) checks: Vec<Path>,
    pub(crate) deprecated: Option<String>,
    pub(crate) rename: Option<String>,
}

/// Reads the flags of a field that holds `inner`.
pub(crate) fn read(flags: &[Flag], inner: &Type, mistakes: &mut Mistakes) -> Settings {
    let mut settings = Settings::default();
    for flag in flags {
        match flag.name.to_string().as_str() {
            "required" => settings.required = flag.bare(mistakes),
            "optional" => settings.optional = flag.bare(mistakes),
            "computed" => settings.computed = flag.bare(mistakes),
            "keep" => settings.keep = flag.bare(mistakes),
            "replace" => settings.replace = flag.bare(mistakes),
            "local" => settings.local = flag.bare(mistakes),
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
                "`default` takes a literal or the path of a function, not an expression",
            ));
            return None;
        }
    };
    Some(quote!(<#inner as ::tfplugin_framework::FromLiteral<_>>::from_literal(#value)))
}

impl Settings {
    /// Reports flags that contradict each other.
    pub(crate) fn judge(&self, ident: &Ident, inner: &Type, mistakes: &mut Mistakes) {
        let span = ident.span();
        if self.block {
            let others = self.required || self.optional || self.computed || self.keep || self.default.is_some();
            if others || self.sensitive || self.write_only || self.replace || self.local || !self.checks.is_empty() {
                mistakes.add(
                    span,
                    "a `block` takes no flag but `rename`: set others on its attributes",
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

    fn contradictions(&self, secret: bool) -> [(bool, &'static str); 11] {
        let computed_only = self.computed && !self.optional && self.default.is_none();
        [
            (
                self.required && (self.optional || self.computed),
                "`required` excludes `optional` and `computed`",
            ),
            (
                self.required && self.default.is_some(),
                "a `required` attribute can't have a `default`",
            ),
            (
                self.keep && !self.computed,
                "`keep` is for `computed` attributes: no others become unknown in a plan",
            ),
            (
                self.keep && self.default.is_some(),
                "`keep` and `default` exclude each other: both supply the value where none is configured",
            ),
            (
                computed_only && !self.checks.is_empty(),
                "`check` is for values that users write, not for `computed` ones",
            ),
            (
                computed_only && self.local,
                "`local` is for arguments: a `computed` value comes from the remote",
            ),
            (
                self.local && self.write_only,
                "`write_only` values are never in a state: drop `local`",
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
                "`write_only` values come from the configuration only: drop `computed` or `default`",
            ),
            (
                self.write_only && self.sensitive,
                "`write_only` values never reach the output: drop `sensitive`",
            ),
        ]
    }

    /// Who sets the attribute.
    pub(crate) fn mode(&self) -> TokenStream {
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

/// True if `Secret` stands anywhere in the type.
fn is_secret(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.iter().any(|segment| {
        segment.ident == "Secret"
            || matches!(&segment.arguments, PathArguments::AngleBracketed(arguments)
                if arguments.args.iter().any(|argument| matches!(argument, GenericArgument::Type(inner) if is_secret(inner))))
    })
}
