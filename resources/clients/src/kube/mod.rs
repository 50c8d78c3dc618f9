//! Kubernetes: the only place that names the client's types.

pub mod cluster;
pub mod compact;
pub mod connect;
pub mod discovery;
#[cfg(feature = "fake")]
pub mod fake;
pub mod forward;
pub mod kinds;
mod listing;
pub mod lists;
pub mod objects;
mod refusal;
pub mod requests;
pub mod settings;
#[cfg(test)]
mod tests;
pub mod watches;

pub use listing::label_selector;
