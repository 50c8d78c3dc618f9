//! Reads the sources of a crate, for the test of its layers: which file takes a name from which other.
//!
//! [`Sources`] reads; [`imports`] tells the arrows between files; [`rules`] says what is wrong with them. The lab, and
//! what drives it, is a crate of its own.

pub mod graph;
pub mod imports;
pub mod rules;
pub mod sources;
mod tokens;

pub use sources::Sources;
