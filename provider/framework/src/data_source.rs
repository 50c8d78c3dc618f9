//! What a data source implements.

use async_trait::async_trait;

use crate::schema::Schema;
use crate::{Config, Context, Diagnostics, Model, State};

/// A data source: what a provider implements for something that is looked up and never changed.
///
/// Hosts call `validate`, then `read`: during the plan if everything in its configuration is known by then, else during the
/// apply. Values fit the model, the schema's checks have run and its defaults are filled in. Nothing is stored between
/// runs.
///
/// `schema` and `validate` are pure; only `read` is called with a configured provider. Reads of different data sources run
/// at the same time, on one instance.
#[async_trait]
pub trait DataSource: Send + Sync + 'static {
    /// The struct of its attributes.
    type Model: Model;
    /// What the configured provider holds.
    type Session: Send + Sync + 'static;

    /// The type name without the provider's prefix. It never changes.
    fn name(&self) -> &'static str;

    /// Its schema. Asked for once per process.
    fn schema(&self) -> Schema;

    /// Checks rules across attributes, after the schema's own checks. Any value may be unknown: check only what is known,
    /// and report every mistake at its path.
    fn validate(&self, _config: &Config<Self::Model>, _diagnostics: &mut Diagnostics) {}

    /// True if the provider's configuration does not let it be read yet. A host that can wait is told so, and `read` is not
    /// called; for any other host, `read` says what is missing. Pure.
    fn waits(&self, _session: &Self::Session, _config: &Config<Self::Model>) -> bool {
        false
    }

    /// Looks it up. The result is wholly known, and configured attributes stay as they were written; the framework checks
    /// both. What it returns beside the state are warnings.
    ///
    /// Caveat: the configuration of the data source is known, that of the provider may still hold unknown values.
    ///
    /// It writes nothing. It should end by itself when `context` says so, with words about what it waited for, and is cut
    /// off two seconds later.
    ///
    /// # Errors
    /// It was not found, or can't be read. There is no "gone": a data source that finds nothing is an error.
    async fn read(
        &self,
        context: &Context<Self::Session>,
        config: Config<Self::Model>,
    ) -> Result<(State<Self::Model>, Diagnostics), Diagnostics>;
}
