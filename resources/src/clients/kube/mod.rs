//! Kubernetes: the only place that names the client's types.

pub mod cluster;
pub mod compact;
pub mod connect;
pub mod error;
pub mod kinds;
pub mod lists;
pub mod objects;
pub mod watches;
