//! `#[derive(Model)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields};

use crate::field::{self, Kind, ModelField};
use crate::flags::Mistakes;

/// The implementation of `Model` for a struct, or everything that is wrong with it.
pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream, Error> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(
            &input.ident,
            "`Model` is derived for structs; derive `Choice` for a closed set of strings",
        ));
    };
    let Fields::Named(named) = &data.fields else {
        return Err(Error::new_spanned(
            &input.ident,
            "a `Model` needs named fields: they are the attributes",
        ));
    };
    let mut mistakes = Mistakes::default();
    if !input.generics.params.is_empty() {
        mistakes.push(Error::new_spanned(
            &input.generics,
            "a `Model` can't be generic: it has exactly one schema",
        ));
    }
    let mut fields: Vec<ModelField> = Vec::new();
    for field in &named.named {
        match field::read(field) {
            Ok(read) => {
                let attribute = read.kind != Kind::Flattened;
                if attribute && fields.iter().any(|other| other.name == read.name) {
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
    let attributes = listed(fields, Kind::Attribute, &quote!(attributes));
    let blocks = fields.iter().any(|field| field.kind != Kind::Attribute).then(|| {
        let blocks = listed(fields, Kind::Block, &quote!(blocks));
        quote! {
            fn blocks() -> ::std::vec::Vec<::tfplugin_framework::schema::NestedBlock> {
                #blocks
            }
        }
    });
    let idents = fields.iter().map(|field| &field.ident);
    let readers = fields.iter().map(reader);
    let writer = writer(fields);
    quote! {
        #[automatically_derived]
        impl ::tfplugin_framework::Model for #name {
            fn attributes() -> ::std::vec::Vec<::tfplugin_framework::schema::Attribute> {
                #attributes
            }

            #blocks

            fn from_value(
                value: &::tfplugin_framework::Value,
            ) -> ::std::result::Result<Self, ::tfplugin_framework::DecodeError> {
                let object = ::tfplugin_framework::Object::of(value)?;
                ::std::result::Result::Ok(Self { #(#idents: #readers),* })
            }

            fn to_value(&self) -> ::tfplugin_framework::Value {
                #writer
            }
        }
    }
}

/// The attributes, or the blocks, in the order of the fields; those of a flattened model stand where its field stands.
fn listed(fields: &[ModelField], kind: Kind, method: &TokenStream) -> TokenStream {
    let groups = fields
        .chunk_by(|left, right| left.kind != Kind::Flattened && right.kind != Kind::Flattened)
        .filter_map(|group| match group {
            [field] if field.kind == Kind::Flattened => {
                let model = &field.inner;
                Some(quote!(<#model as ::tfplugin_framework::Model>::#method()))
            }
            own => {
                let own = own.iter().filter(|field| field.kind == kind);
                let own: Vec<_> = own.map(ModelField::declaration).collect();
                (!own.is_empty()).then(|| quote!(::std::vec![#(#own),*]))
            }
        });
    let groups: Vec<_> = groups.collect();
    match groups.as_slice() {
        [] => quote!(::std::vec::Vec::new()),
        [only] => quote!(#only),
        several => quote!([#(#several),*].concat()),
    }
}

fn reader(field: &ModelField) -> TokenStream {
    let name = &field.name;
    match field.kind {
        Kind::Attribute => quote!(object.attribute(#name)?),
        Kind::Block => quote!(object.block(#name)?),
        Kind::Flattened => quote!(object.flattened()?),
    }
}

fn writer(fields: &[ModelField]) -> TokenStream {
    let own = fields
        .iter()
        .filter(|field| field.kind != Kind::Flattened)
        .map(|field| {
            let (ident, name) = (&field.ident, &field.name);
            let call = quote!(::tfplugin_framework::Field::to_value(&self.#ident));
            // A block is never null: no block is an empty list.
            if field.kind == Kind::Block {
                quote!((#name, #call.or_empty_list()))
            } else {
                quote!((#name, #call))
            }
        });
    let flattened = fields
        .iter()
        .filter(|field| field.kind == Kind::Flattened)
        .map(|field| {
            let ident = &field.ident;
            quote!(.merged(::tfplugin_framework::Model::to_value(&self.#ident)))
        });
    quote!(::tfplugin_framework::Value::object([#(#own),*]) #(#flattened)*)
}
