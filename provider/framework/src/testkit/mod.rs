//! Random plans, checked against the host's rules; for the tests of providers.
//!
//! [`Sweep`] plays a host that plans for random configurations, states and unknowns, and judges every answer with
//! [`crate::oracle`]. A provider runs it over every resource it registers:
//!
//! ```ignore
//! let server = Server::new(MyProvider);
//! for type_name in server.schema().resources.keys() {
//!     Sweep::new(type_name).candidates(|at| match at {
//!         "name" => vec!["shop".into(), "blog".into()],
//!         _ => vec![],
//!     }).run(&server);
//! }
//! ```
//!
//! A planner that reads a clock makes two plans of one request differ: [`Sweep::between_plans`] lets a test move the clock,
//! and whatever else could leak into a plan.

mod case;
mod configurations;
mod draw;
mod reveal;
mod sweep;
#[cfg(test)]
mod tests;

pub use draw::{arbitrary_config, arbitrary_state};
pub use sweep::Sweep;

use crate::schema::lint;
use crate::server::Server;
use crate::{Provider, Value};

/// Valid values for a place such as `subject.common_name`, `routes[].host` or `labels[keys]`. Where there are none, values
/// are made up from the type.
pub type Candidates = std::sync::Arc<dyn Fn(&str) -> Vec<Value> + Send + Sync>;

/// What [`lint()`] finds in any schema of the provider.
pub fn lint_all<P: Provider>(server: &Server<P>) -> Vec<String> {
    let schema = server.schema();
    let resources = schema.resources.iter().chain(&schema.data_sources);
    let named = resources
        .map(|(name, schema)| (name.as_str(), schema))
        .chain([("provider", &schema.provider)]);
    named
        .flat_map(|(name, schema)| lint(schema).into_iter().map(move |found| format!("{name}: {found}")))
        .collect()
}
