//! The calls of a host, in terms of [`Value`]: what a wire protocol decodes to and encodes from.
//!
//! One instance serves one process. Every alias of a provider and every run of a host is a process (or, when reattached,
//! a connection) of its own and calls [`Server::configure`] again; the last one wins.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use tokio_util::sync::CancellationToken;

use crate::schema::Schema;
use crate::{AttributePath, Diagnostics, Private, Provider, Value};

/// A provider as hosts call it.
pub struct Server<P: Provider> {
    provider: P,
    session: RwLock<Option<Arc<P::Session>>>,
    cancel: RwLock<CancellationToken>,
    resources: BTreeMap<String, Arc<dyn ErasedResource<P::Session>>>,
    data_sources: BTreeMap<String, Arc<dyn ErasedDataSource<P::Session>>>,
}

/// All schemas.
pub struct ProviderSchema {
    /// Of the configuration.
    pub provider: Schema,
    /// By full type name.
    pub resources: BTreeMap<String, Schema>,
    /// By full type name.
    pub data_sources: BTreeMap<String, Schema>,
}

/// State as a host stored it.
pub struct RawState {
    /// The schema version it was written with.
    pub version: i64,
    /// The JSON object.
    pub json: serde_json::Value,
}

/// Request of [`Server::plan_resource`]. Null `prior` is a create, null `proposed` a destroy.
pub struct PlanCall {
    /// The prior state, or null.
    pub prior: Value,
    /// The host's merge of prior state and configuration, or null.
    pub proposed: Value,
    /// The configuration, or null.
    pub config: Value,
    /// The private bytes of the prior state.
    pub private: Private,
}

/// Result of [`Server::plan_resource`].
pub struct Planned {
    /// What shall be, or null.
    pub planned: Value,
    /// Paths whose change replaces the resource.
    pub replace: Vec<AttributePath>,
    /// Handed to the apply.
    pub private: Private,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// Request of [`Server::apply_resource`]. Null `prior` is a create, null `planned` a delete.
pub struct ApplyCall {
    /// The prior state, or null.
    pub prior: Value,
    /// What was planned, or null.
    pub planned: Value,
    /// The configuration, or null.
    pub config: Value,
    /// What the plan returned.
    pub private: Private,
}

/// State, private state and messages: the result of reading, applying and importing.
pub struct Outcome {
    /// What is; null when nothing is.
    pub state: Value,
    /// What to keep beside it.
    pub private: Private,
    /// Messages.
    pub diagnostics: Diagnostics,
}
