//! What NetworkPolicies of `networking.k8s.io/v1` let in, exactly as the API documents it, for ingress.
//!
//! [`Policies`] compiles them once; then it says whether a connection is admitted, which rules open a port and to whom, and
//! which Pods they admit. Nothing here panics, whatever the objects hold.
//!
//! Where the API leaves something open, the answer is that more is let in:
//!
//! - A Pod is admitted by an `ipBlock` that holds one of its addresses. The API leaves to implementations which address they
//!   see.
//! - A Pod with `hostNetwork` is admitted by selectors, and by blocks that hold its Node's address. Whether policies apply to
//!   such a Pod as the target is up to the implementation.
//! - What the API server would refuse counts as satisfied in a selector, opens every port, and is any protocol. A policy that
//!   selects a Pod by such a value alone opens what its rules say, but keeps nobody out. The one exception is a CIDR that is
//!   none: it holds nobody.
//!
//! Not asked here, because it holds for every policy: the Node of a Pod always reaches it. Not here either: whether anything
//! enforces the policies at all, and what that does differently.

mod block;
mod peer;
mod policies;
mod ports;
mod rules;
mod selector;
mod target;
#[cfg(test)]
mod tests;

pub use block::{Block, is_every_address};
pub use peer::{Namespaces, Peer};
pub use policies::{Opening, Openings, Policies, Source};
pub use selector::{Match, Selector};
pub use target::{Protocol, Target};
