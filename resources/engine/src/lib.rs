//! The engine of parts: a resource is a set of remote objects with addresses; this plans, creates, compares, updates, waits
//! and deletes for all resources alike. It knows no Kubernetes, no AWS and no wire.
//!
//! ```text
//! model ──render──▶ [Part] ──plan──▶ ledger of the plan (`parts`)
//!                     │
//!                     ├─ write:   look at all → decide → mark → write by level → wait → remove what is not wanted → unmark
//!                     ├─ observe: shared reads → fields that differ, what does not work, strays → `drift`
//!                     ├─ remove:  rendered ∪ ledger ∪ objects of the owner, with uids, until they are gone
//!                     └─ leftovers: what killed creates left
//! ```
//!
//! Whose an object is stands in [`ownership`], what is done about it in [`table`]. What differs between remotes is a
//! [`kind::Kind`]. Clock, randomness and time-outs come from outside ([`operation::Operation`], tokio's clock), so that a
//! seed repeats a history.

mod desired;
pub mod failure;
pub mod import;
pub mod kind;
pub mod ledger;
pub mod leftovers;
pub mod marks;
pub mod object;
pub mod observe;
pub mod operation;
pub mod order;
pub mod owner;
pub mod ownership;
pub mod part;
pub mod plan;
pub mod refusal;
pub mod remove;
mod survey;
pub mod table;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod value;
pub mod write;
