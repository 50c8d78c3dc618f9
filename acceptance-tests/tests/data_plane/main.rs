//! The data plane: the rendered proxy with a real NGINX, an app that does as it is told, and clients that are not friendly.
//!
//! No cluster is needed: one rendered Pod runs beside its app.

mod app;
mod bench;
mod client;
mod forwarding;
mod headers;
mod hosts;
mod kept;
mod metrics;
mod options;
mod redirects;
mod renewal;
mod soak;
mod start;
mod throughput;
