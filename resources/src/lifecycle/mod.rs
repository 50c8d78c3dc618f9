//! The life of every resource: a model that renders to parts, and the engine that does the rest.
//!
//! ```text
//! arguments ──model──▶ Managed::render ──▶ [Part] ──▶ engine ──▶ remotes
//!                                             │
//!            attributes ◀── Managed::observed ◀── objects, outputs, ledger
//! ```
//!
//! A resource implements [`Managed`]; [`ManagedResource`] is the framework's `Resource` of all of them.

pub mod about;
mod another_cluster;
mod apply;
pub mod arguments;
pub mod attributes;
mod changes;
mod cluster_gone;
pub mod configuration;
pub mod import;
pub mod inputs;
pub mod kept;
mod managed;
mod no_operation;
pub mod operation;
pub mod outputs;
pub mod place;
mod plan;
mod private;
mod read;
pub mod refusals;
mod resource;
mod stamp;
pub mod wording;

pub use managed::{Changed, Managed};
pub use resource::ManagedResource;
