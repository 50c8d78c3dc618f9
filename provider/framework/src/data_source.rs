//! What a data source implements.

use async_trait::async_trait;

use crate::schema::Schema;
use crate::{Config, Context, Diagnostics, Model, State};

/// A data source: reads, never writes.
#[async_trait]
pub trait DataSource: Send + Sync + 'static {
    /// The struct of its attributes.
    type Model: Model;
    /// The configured provider.
    type Session: Send + Sync + 'static;

    /// The type name without the provider's prefix.
    fn name(&self) -> &'static str;

    /// Its schema.
    fn schema(&self) -> Schema;

    /// Checks across attributes; unknown values may be anything.
    fn validate(&self, _config: &Config<Self::Model>, _diagnostics: &mut Diagnostics) {}

    /// Reads. The result is wholly known, and configured attributes stay as they were written.
    ///
    /// # Errors
    /// Why it can't be read.
    async fn read(
        &self,
        context: &Context<Self::Session>,
        config: Config<Self::Model>,
    ) -> Result<(State<Self::Model>, Diagnostics), Diagnostics>;
}
