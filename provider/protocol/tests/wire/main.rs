//! The example provider, called by a host in Rust.

mod calls;
mod example;
mod handshake;
mod lifecycle;
mod logs;
mod messages;
mod services;
mod sessions;
mod tls;
