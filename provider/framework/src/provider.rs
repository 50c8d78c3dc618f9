//! What a provider is: configuration and a table of what it offers.

use std::sync::Arc;

use crate::schema::Schema;
use crate::{Config, DataSource, Diagnostics, Model, Resource};

/// A provider.
pub trait Provider: Send + Sync + 'static {
    /// The struct of its configuration.
    type Config: Model;
    /// What a configured provider holds: facts and lazily made clients.
    type Session: Send + Sync + 'static;

    /// The name that prefixes its types.
    fn name(&self) -> &'static str;

    /// The schema of its configuration.
    fn schema(&self) -> Schema;

    /// Checks across attributes of the configuration; unknown values may be anything.
    fn validate(&self, _config: &Config<Self::Config>, _diagnostics: &mut Diagnostics) {}

    /// Takes the configuration. Calls no remote: unknown values are legal, and clients are made on first use.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    fn configure(&self, config: Config<Self::Config>) -> Result<Self::Session, Diagnostics>;

    /// Everything it offers.
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
