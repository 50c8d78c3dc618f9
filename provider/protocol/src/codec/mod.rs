//! Values on the wire.
//!
//! ```text
//! msgpack ──▶ decode ─────────────────┐
//!                                     ├──▶ Value (with its Type) ──▶ encode ──▶ msgpack
//! JSON ─────▶ tfplugin_framework::json ┘
//! ```
//!
//! Answers are always msgpack; JSON is accepted wherever a value arrives. What arrives goes back byte for byte: numbers
//! keep their form, strings their bytes. Unknown values are the extension `d4 00 00`; any extension is read as unknown,
//! with or without refinements.

mod decode;
mod encode;
mod error;
mod type_json;

pub use decode::decode;
pub use encode::encode;
pub use error::CodecError;
pub use type_json::{type_from_json, type_to_json};
