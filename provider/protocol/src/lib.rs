//! Serves a Terraform provider: the process, the transport, the wire format and the calls.
//!
//! ```text
//! host ──exec──▶ handshake (cookie, version, line) ──▶ transport (Unix socket, mutual TLS)
//!                                                          │ gRPC
//!              services (health, stdio, broker, controller)┤
//!                                                          └▶ rpc (one file per call) ──▶ framework's Server
//!                                                               codec: msgpack ⇄ Value
//! stderr ◀── logs (one JSON object per line, redacted)
//! ```
//!
//! A provider's `main` is one line:
//!
//! ```ignore
//! fn main() -> std::process::ExitCode {
//!     tfplugin_protocol::main(|| MyProvider, &Options::new("registry.terraform.io/example/example"))
//! }
//! ```
//!
//! Unix only: on Windows, hosts expect a TCP listener, which is not implemented.

mod codec;
mod convert;
mod handshake;
#[cfg(feature = "host")]
pub mod host;
mod in_process;
mod logs;
mod options;
mod reattach;
mod rpc;
mod serve;
mod services;
mod sessions;
mod transport;

pub use codec::{CodecError, decode, encode, type_from_json, type_to_json};
pub use in_process::InProcess;
pub use logs::redact;
pub use options::Options;
pub use reattach::Reattach;
pub use serve::main;
