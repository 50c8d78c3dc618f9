//! Between wire messages and the framework's types.

mod diagnostics;
mod schema;
mod value;

pub(crate) use diagnostics::{path, to_wire};
pub(crate) use schema::schema;
pub(crate) use value::{from_wire, to_dynamic};
