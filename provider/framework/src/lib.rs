//! A framework for Terraform providers, free of any wire format.
//!
//! One struct with `#[derive(Model)]` is the schema, the codec and the attribute paths of a resource; [`Resource`] and [`DataSource`]
//! are what a provider implements; [`server::Server`] turns them into the calls a host makes.
//!
//! ```text
//! host ── tfplugin-protocol ──▶ server::Server ──▶ plan engine ──▶ Resource (typed)
//!                                    │
//!                              schema, Value, AttributePath, Diagnostics
//! ```
//!
//! Nothing here knows gRPC, AWS or Kubernetes.

// The derives name this crate as its users do.
extern crate self as tfplugin_framework;

mod attr;
pub mod choice;
mod collection;
mod conform;
mod context;
mod data_source;
mod decode_error;
mod diagnostics;
pub mod json;
mod model;
mod number;
pub mod oracle;
mod path;
mod private;
mod provider;
mod request;
mod resource;
mod same;
#[cfg(test)]
mod sample;
mod scalar;
pub mod schema;
mod secret;
pub mod server;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
mod value;

pub use attr::Attr;
pub use choice::Choice;
pub use context::{Context, Timeouts, parse_go_duration};
pub use data_source::DataSource;
pub use decode_error::{DecodeError, Misfit};
pub use diagnostics::{Diagnostic, Diagnostics, Severity};
pub use model::{Config, Field, Invalid, Model, Object, Plan, State};
pub use number::Number;
pub use path::{AttributePath, Step};
pub use private::{Leg, Private};
pub use provider::{ErasedDataSource, ErasedResource, Provider, Registry};
pub use request::{
    Applied, Create, Delete, DestroyPlan, ImportRequest, Imported, MoveSource, Operation, PlanRequest, PlanResponse,
    Read, Update,
};
pub use resource::Resource;
pub use scalar::FromLiteral;
pub use secret::Secret;
pub use tfplugin_macros::{Choice, Model};
pub use value::{Type, Value};

/// The example of the README, so that it compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
