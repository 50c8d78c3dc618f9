//! A host in Rust, for tests: starts a provider as Terraform does, and calls it.
//!
//! ```ignore
//! let host = Host::start(&Launch::new(binary)).await?;
//! let provider = host.provider().await?;
//! provider.configure(Value::object([("directory", "/srv".into())])).await?;
//! let plan = provider.plan("example_document", create_of(config)).await?;
//! host.shutdown().await?;
//! ```
//!
//! It is strict where real hosts are: the first bytes on stdout are the line, the certificate is the one that the line
//! names, and answers are msgpack of the schema's type. A gRPC status is an error of its own kind, because providers
//! must report failures as diagnostics.

mod answers;
mod calls;
mod channel;
mod identity;
mod launch;
mod line;
mod process;
mod types;

pub use answers::{Applied, Imported, Planned};
pub use calls::{ApplyRequest, PlanRequest, Provider};
pub use identity::{ClientIdentity, TlsVersion};
pub use launch::Launch;
pub use line::HandshakeLine;
pub use process::Host;

/// What went wrong between host and provider.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The process could not be started, or its streams failed.
    #[error("the provider process: {0}")]
    Process(#[from] std::io::Error),
    /// stdout did not begin with a handshake line, or nothing arrived in time.
    #[error("the handshake: {0}")]
    Handshake(String),
    /// The connection could not be made.
    #[error("the connection: {0}")]
    Connection(String),
    /// The provider answered with a gRPC status, which no provider should do.
    #[error("a gRPC status: {0}")]
    Status(#[from] Box<tonic::Status>),
    /// The answer breaks the protocol.
    #[error("the answer: {0}")]
    Answer(String),
}

impl From<tonic::Status> for HostError {
    fn from(status: tonic::Status) -> Self {
        Self::Status(Box::new(status))
    }
}
