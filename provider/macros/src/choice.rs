//! `#[derive(Choice)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Ident, Variant};

use crate::flags::{self, Mistakes};

/// The implementation of `Choice` and `Field` for an enum, or everything that is wrong with it.
pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream, Error> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(
            &input.ident,
            "`Choice` is derived for enums of unit variants",
        ));
    };
    let mut mistakes = Mistakes::default();
    if data.variants.is_empty() {
        mistakes.add(input.ident.span(), "a `Choice` needs at least one variant");
    }
    let mut variants: Vec<(Ident, String)> = Vec::new();
    for variant in &data.variants {
        let spelled = spelling(variant, &mut mistakes);
        if variants.iter().any(|(_, other)| *other == spelled) {
            mistakes.add(variant.ident.span(), format!("two variants are written as `{spelled}`"));
        }
        variants.push((variant.ident.clone(), spelled));
    }
    mistakes.or(implementation(&input.ident, &variants))
}

fn spelling(variant: &Variant, mistakes: &mut Mistakes) -> String {
    if !matches!(variant.fields, Fields::Unit) {
        mistakes.add(
            variant.ident.span(),
            "a variant of a `Choice` must be a unit variant: it stands for one word",
        );
    }
    let mut spelled = variant.ident.to_string();
    for flag in flags::read(&variant.attrs, mistakes) {
        if flag.name == "rename" {
            spelled = flag.text(mistakes).unwrap_or(spelled);
        } else {
            flag.unknown(&["rename"], mistakes);
        }
    }
    spelled
}

fn implementation(name: &Ident, variants: &[(Ident, String)]) -> TokenStream {
    let idents: Vec<_> = variants.iter().map(|(ident, _)| ident).collect();
    let words: Vec<_> = variants.iter().map(|(_, word)| word).collect();
    quote! {
        #[automatically_derived]
        impl #name {
            /// The word that this choice is written as.
            #[must_use]
            pub fn as_str(&self) -> &'static str {
                match self { #(Self::#idents => #words),* }
            }
        }

        #[automatically_derived]
        impl ::std::fmt::Display for #name {
            fn fmt(&self, out: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                out.write_str(self.as_str())
            }
        }

        #[automatically_derived]
        impl ::tfplugin_framework::Choice for #name {
            const WORDS: &'static [&'static str] = &[#(#words),*];

            fn word(&self) -> &'static str {
                self.as_str()
            }

            fn from_word(word: &str) -> ::std::option::Option<Self> {
                match word {
                    #(#words => ::std::option::Option::Some(Self::#idents),)*
                    _ => ::std::option::Option::None,
                }
            }
        }

        #[automatically_derived]
        impl ::tfplugin_framework::Field for #name {
            fn attribute_type() -> ::tfplugin_framework::schema::AttributeType {
                ::tfplugin_framework::choice::attribute_type()
            }

            fn checks() -> ::std::vec::Vec<::tfplugin_framework::schema::Check> {
                ::tfplugin_framework::choice::checks::<Self>()
            }

            fn choices() -> &'static [&'static str] {
                <Self as ::tfplugin_framework::Choice>::WORDS
            }

            fn from_value(
                value: &::tfplugin_framework::Value,
            ) -> ::std::result::Result<Self, ::tfplugin_framework::DecodeError> {
                ::tfplugin_framework::choice::from_value(value)
            }

            fn to_value(&self) -> ::tfplugin_framework::Value {
                ::tfplugin_framework::Value::from(self.as_str())
            }
        }

        #[automatically_derived]
        impl ::tfplugin_framework::FromLiteral<&'static str> for #name {
            fn from_literal(word: &'static str) -> Self {
                ::tfplugin_framework::choice::literal(word)
            }
        }
    }
}
