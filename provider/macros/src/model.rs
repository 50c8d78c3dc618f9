//! `#[derive(Model)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields};

use crate::field::{self, ModelField};
use crate::flags::Mistakes;

/// The implementation of `Model` for a struct, or all that is wrong with it.
pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream, Error> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(
            &input.ident,
            "a `Model` is a struct; closed sets of strings derive `Choice`",
        ));
    };
    let Fields::Named(named) = &data.fields else {
        return Err(Error::new_spanned(
            &input.ident,
            "a `Model` has named fields: they are the attributes",
        ));
    };
    let mut mistakes = Mistakes::default();
    if !input.generics.params.is_empty() {
        mistakes.push(Error::new_spanned(
            &input.generics,
            "a `Model` has no generics: its schema is one",
        ));
    }
    let mut fields: Vec<ModelField> = Vec::new();
    for field in &named.named {
        match field::read(field) {
            Ok(read) => {
                if fields.iter().any(|other| other.name == read.name) {
                    mistakes.add(
                        read.ident.span(),
                        format!("the attribute `{}` is declared twice", read.name),
                    );
                }
                fields.push(read);
            }
            Err(error) => mistakes.push(error),
        }
    }
    let tokens = implementation(input, &fields);
    mistakes.or(tokens)
}

fn implementation(input: &DeriveInput, fields: &[ModelField]) -> TokenStream {
    let name = &input.ident;
    let attributes = fields.iter().filter(|field| !field.block).map(ModelField::declaration);
    let blocks: Vec<_> = fields
        .iter()
        .filter(|field| field.block)
        .map(ModelField::declaration)
        .collect();
    let blocks = (!blocks.is_empty()).then(|| {
        quote! {
            fn blocks() -> ::std::vec::Vec<::tfplugin_framework::schema::NestedBlock> {
                ::std::vec![#(#blocks),*]
            }
        }
    });
    let idents: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let names: Vec<_> = fields.iter().map(|field| &field.name).collect();
    let readers = fields
        .iter()
        .map(|field| if field.block { quote!(block) } else { quote!(attribute) });
    let writers = fields.iter().map(|field| {
        let ident = &field.ident;
        let call = quote!(::tfplugin_framework::Field::to_value(&self.#ident));
        // A block is never null: no block is an empty list.
        if field.block {
            quote!(#call.or_empty_list())
        } else {
            call
        }
    });
    quote! {
        #[automatically_derived]
        impl ::tfplugin_framework::Model for #name {
            fn attributes() -> ::std::vec::Vec<::tfplugin_framework::schema::Attribute> {
                ::std::vec![#(#attributes),*]
            }

            #blocks

            fn from_value(
                value: &::tfplugin_framework::Value,
            ) -> ::std::result::Result<Self, ::tfplugin_framework::DecodeError> {
                let object = ::tfplugin_framework::Object::of(value)?;
                ::std::result::Result::Ok(Self { #(#idents: object.#readers(#names)?),* })
            }

            fn to_value(&self) -> ::tfplugin_framework::Value {
                ::tfplugin_framework::Value::object([#((#names, #writers)),*])
            }
        }
    }
}
