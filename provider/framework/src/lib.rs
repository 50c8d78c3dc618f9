//! A framework for Terraform providers, free of any wire format.
//!
//! One struct with `#[derive(Model)]` is a resource's schema, codec and attribute paths; [`Resource`] and [`DataSource`]
//! are what a provider implements; [`server::Server`] turns them into the calls a host makes.
//!
//! ```text
//! host ── tfplugin-protocol ──▶ server::Server ──▶ plan engine ──▶ Resource (typed)
//!                                    │
//!                              schema, Value, AttributePath, Diagnostics
//! ```
//!
//! Nothing here knows gRPC, AWS or Kubernetes.

mod attr;
mod context;
mod data_source;
mod diagnostics;
mod model;
mod number;
mod path;
mod private;
mod provider;
mod resource;
pub mod schema;
pub mod server;
mod value;

pub use attr::Attr;
pub use context::{Context, Timeouts};
pub use data_source::DataSource;
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use model::{Config, DecodeError, Field, Invalid, Model, Plan, Shape, State};
pub use number::Number;
pub use path::{AttributePath, Step};
pub use private::{Leg, Private};
pub use provider::{ErasedDataSource, ErasedResource, Provider, Registry};
pub use resource::{
    Applied, Create, Delete, DestroyPlan, ImportRequest, Imported, PlanRequest, PlanResponse, Read, Resource, Update,
};
pub use tfplugin_macros::Model;
pub use value::{Type, Value};
