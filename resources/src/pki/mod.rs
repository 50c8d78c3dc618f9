//! X.509 as the resources need it: certificates are parsed, then evaluated; text is never compared.
//!
//! Private keys live here only for the time of one signing request: [`request::signing_request`] makes a key, signs
//! with it, and wipes it.

pub mod certificate;
#[cfg(test)]
mod hostile;
pub mod request;
#[cfg(test)]
pub(crate) mod sample;
mod trusted;
pub mod verify;

#[cfg(test)]
mod tests;

pub use certificate::{Certificate, Key};
pub use request::{SigningRequest, signing_request};
pub(crate) use trusted::trusted;
pub use verify::{Purpose, is_valid_for, verify, verify_any};

/// What is wrong with a certificate, a chain or a signing request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PkiError {
    /// Text that contains no PEM block of the expected kind, or a broken one.
    #[error("the PEM text contains no {0}")]
    NoPem(&'static str),
    /// A PEM block whose content can't be read.
    #[error("the {0} can't be read: {1}")]
    Malformed(&'static str, String),
    /// A chain that does not verify.
    #[error("{0}")]
    Untrusted(String),
}
