//! What an operation hands to kinds.

use std::sync::Arc;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Kind;
use crate::object::Remotes;
use crate::owner::Owner;
use crate::ownership::Ownership;
use crate::refusal::Answer;
use crate::table::Asked;

/// Hears of answers: what was asked for, whose the object was, and the answer (`None` for success).
pub type Trace = Arc<dyn Fn(Asked, Ownership, Option<&Answer>) + Send + Sync>;

/// One operation. `R` is the set of clients that the kinds need; the engine never looks inside.
pub struct Operation<R: Remotes> {
    /// The clients.
    pub remotes: R,
    /// The kinds that objects of this resource may have, for finding what no part asks for.
    pub kinds: &'static [&'static dyn Kind<R>],
    /// Who owns the parts.
    pub owner: Owner,
    /// What the host asked for.
    pub asked: Asked,
    /// When the operation began.
    pub began: Instant,
    /// When its time ends.
    pub deadline: Instant,
    /// Fires when the host asks to stop.
    pub cancel: CancellationToken,
    /// Told of every answer to a request about an object, for tests that count them.
    pub trace: Option<Trace>,
    /// The wall clock at the beginning (RFC 3339, UTC, whole seconds): marks carry it.
    pub now: String,
}
