//! One field of a model.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, Field, GenericArgument, Ident, PathArguments, Type};

use crate::docs;
use crate::flags::{self, Flag, Mistakes};
use crate::settings::{self, FLAGS, Settings};

/// How a field stands in the object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As one attribute.
    Attribute,
    /// As one kind of nested block.
    Block,
    /// As the attributes and blocks of its own type, at the same level.
    Flattened,
}

/// A field that was understood.
pub(crate) struct ModelField {
    /// The field's name in Rust.
    pub(crate) ident: Ident,
    /// The attribute's name; without meaning for a flattened field.
    pub(crate) name: String,
    /// How it stands in the object.
    pub(crate) kind: Kind,
    /// What the attribute holds: the `T` of `Attr<T>`. For a flattened field the model itself.
    pub(crate) inner: Type,
    description: String,
    settings: Settings,
}

/// Reads a field, or reports everything that is wrong with it.
pub(crate) fn read(field: &Field) -> Result<ModelField, Error> {
    let mut mistakes = Mistakes::default();
    let ident = field
        .ident
        .clone()
        .unwrap_or_else(|| Ident::new("_", proc_macro2::Span::call_site()));
    let flags = flags::read(&field.attrs, &mut mistakes);
    if flags.iter().any(|flag| flag.name == "flatten") {
        return flattened(field, ident, &flags, mistakes);
    }
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
    let settings = settings::read(&flags, &inner, &mut mistakes);
    settings.judge(&ident, &inner, &mut mistakes);
    let name = settings
        .rename
        .clone()
        .unwrap_or_else(|| ident.to_string().trim_start_matches("r#").to_owned());
    if !name.chars().all(|letter| matches!(letter, 'a'..='z' | '0'..='9' | '_')) || name.is_empty() {
        mistakes.add(
            ident.span(),
            format!("`{name}` is not a valid attribute name: use a-z, 0-9 and _"),
        );
    }
    mistakes.or(ModelField {
        ident,
        name,
        kind: if settings.block { Kind::Block } else { Kind::Attribute },
        inner,
        description,
        settings,
    })
}

/// Reads a field whose attributes and blocks stand in the outer object. It has no description: nobody sees the field.
fn flattened(field: &Field, ident: Ident, flags: &[Flag], mut mistakes: Mistakes) -> Result<ModelField, Error> {
    if let Some(model) = inner(&field.ty) {
        mistakes.push(Error::new_spanned(
            &field.ty,
            format!(
                "a flattened model is neither null nor unknown: write `{}`",
                spelled(&model)
            ),
        ));
    }
    for flag in flags {
        match flag.name.to_string().as_str() {
            "flatten" => {
                flag.bare(&mut mistakes);
            }
            known if FLAGS.contains(&known) => mistakes.add(
                flag.name.span(),
                "`flatten` takes no other flag: set them on the attributes of the flattened model",
            ),
            _ => flag.unknown(&FLAGS, &mut mistakes),
        }
    }
    mistakes.or(ModelField {
        ident,
        name: String::new(),
        kind: Kind::Flattened,
        inner: field.ty.clone(),
        description: String::new(),
        settings: Settings::default(),
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
        if self.kind == Kind::Block {
            return quote!(::tfplugin_framework::schema::NestedBlock::new::<#inner>(#name, #description));
        }
        let mode = settings.mode();
        let flags = [
            (settings.keep, quote!(.keep())),
            (settings.replace, quote!(.replace())),
            (settings.local, quote!(.local())),
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
