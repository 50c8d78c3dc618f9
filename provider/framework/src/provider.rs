//! What a provider is: configuration and a table of what it offers.

use std::sync::Arc;

use crate::schema::Schema;
use crate::{Config, DataSource, Diagnostics, Model, Resource};

/// A provider: its configuration, and what it offers.
///
/// A host starts a process for each provider block (and more of them, only to ask for schemas), and calls `validate`,
/// then `configure`, before anything that reaches a remote. Schemas, validation, upgrades and moves are asked for without
/// either. A reattached process is configured again by every run; the last configuration wins.
pub trait Provider: Send + Sync + 'static {
    /// The struct of its configuration.
    type Config: Model;
    /// What a configured provider holds: the configuration, and clients that are made on first use. Shared by all
    /// operations of a run, which go on at the same time.
    type Session: Send + Sync + 'static;

    /// The name that prefixes its types. It never changes.
    fn name(&self) -> &'static str;

    /// The schema of its configuration. Asked for on first use, so that a process which only shakes hands starts at once.
    /// Nothing in it is computed.
    fn schema(&self) -> Schema;

    /// Checks rules across arguments, after the schema's own checks. Any value may be unknown: check only what is known, and
    /// report every mistake at its path.
    fn validate(&self, _config: &Config<Self::Config>, _diagnostics: &mut Diagnostics) {}

    /// Takes the configuration, with defaults filled in.
    ///
    /// It calls no remote and succeeds with unknown values, which are the rule where the same run creates what the provider
    /// connects to: clients are made when an operation first needs one, and an unknown argument is an error only there. It
    /// must never be replaced by a default, or the provider talks to the wrong host.
    ///
    /// # Errors
    /// What is wrong with the configuration. The provider is then not configured, and operations that reach a remote are
    /// refused.
    fn configure(&self, config: Config<Self::Config>) -> Result<Self::Session, Diagnostics>;

    /// Everything it offers. Asked for once, before anything else.
    fn registry(&self) -> Registry<Self::Session>;
}

/// The table of what a provider offers, sorted by name within each kind.
pub struct Registry<S> {
    /// Managed resources.
    pub resources: Vec<Arc<dyn ErasedResource<S>>>,
    /// Data sources.
    pub data_sources: Vec<Arc<dyn ErasedDataSource<S>>>,
}

impl<S: Send + Sync + 'static> Registry<S> {
    /// An empty table.
    #[must_use]
    pub fn new() -> Self {
        Self {
            resources: Vec::new(),
            data_sources: Vec::new(),
        }
    }

    /// The table with `resource` added.
    #[must_use]
    pub fn resource(mut self, resource: impl Resource<Session = S>) -> Self {
        self.resources.push(crate::server::erase_resource(resource));
        self
    }

    /// The table with `data_source` added.
    #[must_use]
    pub fn data_source(mut self, data_source: impl DataSource<Session = S>) -> Self {
        self.data_sources.push(crate::server::erase_data_source(data_source));
        self
    }
}

impl<S: Send + Sync + 'static> Default for Registry<S> {
    fn default() -> Self {
        Self::new()
    }
}

pub use crate::server::{ErasedDataSource, ErasedResource};
