//! What an examination is at, for whoever waits for it.

/// What an examination is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It connects, and asks which cluster this is.
    Connecting,
    /// It lists objects.
    Listing,
    /// It asks for load balancers.
    LoadBalancers,
    /// It works out the hops.
    Evaluating,
    /// It makes handshakes with Pods.
    Probing,
}

/// Takes notice of each phase when it begins.
pub(crate) type Watcher<'a> = &'a (dyn Fn(Phase) + Sync);
