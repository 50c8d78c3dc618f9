//! What is encrypted on the way to an application, by whom it is verified, and who else gets there: a model of what the APIs
//! of Kubernetes and AWS list, and the verdicts that follow from it.
//!
//! Pure: it is given objects and answers, and asks nobody. No facet is `yes` without something that was read and shows it.

mod answers;
pub mod aws;
mod certificates;
mod chain;
mod confined;
pub mod document;
mod entrance;
pub mod facet;
pub mod hop;
mod mounted;
pub mod nginx;
pub mod objects;
pub mod page;
mod path;
pub mod policy;
pub mod policy_engine;
pub mod probe;
mod report;
mod runs;
mod started;
mod targets;
#[cfg(test)]
mod tests;
mod world;

pub use certificates::Item;
pub use chain::Chain;
pub use entrance::{Scope, balancers};
pub use report::{Report, report};
pub use world::World;
