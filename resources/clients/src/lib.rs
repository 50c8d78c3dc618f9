//! Typed ports to the remotes. Inputs and answers are plain; the SDKs' names stay inside.
//!
//! Every port answers with a [`Refusal`](e2etls_engine::refusal::Refusal) that is classified here, in one table for
//! each remote (`aws/refusal.rs`, `kube/refusal.rs`): only they classify by a remote's text. No port repeats a write
//! whose answer may have been lost, and every request ends after a minute (30 s for reads of AWS and for refreshes); a
//! caller bounds it further by dropping the future.
//!
//! The feature `fake` adds a fake in memory of each port, with `faults` to order, and the
//! `conformance` checks that fakes and services have to pass alike.

#![recursion_limit = "512"] // the SDK's futures nest deeply

pub mod aws;
mod chain;
#[cfg(feature = "fake")]
pub mod conformance;
#[cfg(feature = "fake")]
pub mod faults;
pub mod kube;
pub mod pem;
#[cfg(test)]
mod server;
pub mod tls;
mod url;

use e2etls_engine::refusal::{Answer, Refusal};

/// What was found, or `None` if the remote says that there is no such object.
///
/// # Errors
/// Any other refusal.
pub fn present<T>(found: Result<T, Refusal>) -> Result<Option<T>, Refusal> {
    match found {
        Err(refusal) if refusal.answer == Answer::Absent => Ok(None),
        found => found.map(Some),
    }
}
