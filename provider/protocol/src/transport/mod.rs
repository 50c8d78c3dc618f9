//! The listener and its connections.

mod accept;
mod connection;
mod pinned;
mod socket;
mod tls;

pub(crate) use accept::accept;
pub(crate) use connection::Connection;
pub(crate) use socket::Socket;
pub(crate) use tls::Identity;

/// Largest message in either direction: state of 20 MiB and more has been seen.
pub(crate) const MESSAGE_LIMIT: usize = 256 * 1024 * 1024;
