//! The example provider, called by a host in Rust.

#![expect(clippy::unwrap_used, reason = "what tests share are tests too")]

mod calls;
mod example;
mod handshake;
mod lifecycle;
mod logs;
mod messages;
mod offered;
mod services;
mod sessions;
mod tls;
