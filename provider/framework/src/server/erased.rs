//! Resources and data sources without their types: values in, values out.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Outcome;
use crate::schema::Schema;
use crate::{AttributePath, Context, DecodeError, Diagnostics, MoveSource, Operation, Private, Value};

/// A [`crate::Resource`] whose model is hidden; made by [`super::erase_resource`].
///
/// Each call decodes its values, calls the hook of the same name and encodes the result. A value that does not fit the
/// model is a [`DecodeError`] or a message: never a panic.
#[async_trait]
pub trait ErasedResource<S: Send + Sync + 'static>: Send + Sync + 'static {
    /// The type name without the provider's prefix.
    fn name(&self) -> &'static str;
    /// Its schema.
    fn schema(&self) -> Schema;
    /// [`crate::Resource::validate`].
    ///
    /// # Errors
    /// The configuration does not fit the model.
    fn validate(&self, config: &Value, diagnostics: &mut Diagnostics) -> Result<(), DecodeError>;
    /// [`crate::Resource::plan`].
    ///
    /// # Errors
    /// A value does not fit the model.
    fn plan(&self, step: PlanStep<'_, S>) -> Result<PlanStepped, DecodeError>;
    /// [`crate::Resource::plan_destroy`].
    ///
    /// # Errors
    /// The prior state does not fit the model.
    fn plan_destroy(&self, step: DestroyStep<'_, S>) -> Result<Diagnostics, DecodeError>;
    /// [`crate::Resource::create`].
    async fn create(
        &self,
        context: &Context<S>,
        config: &Value,
        plan: &Value,
        private: Private,
    ) -> Result<Outcome, DecodeError>;
    /// [`crate::Resource::read`].
    async fn read(&self, context: &Context<S>, state: &Value, private: Private) -> Result<Outcome, DecodeError>;
    /// [`crate::Resource::update`].
    async fn update(
        &self,
        context: &Context<S>,
        config: &Value,
        plan: &Value,
        prior: &Value,
        private: Private,
    ) -> Result<Outcome, DecodeError>;
    /// [`crate::Resource::delete`].
    async fn delete(&self, context: &Context<S>, prior: &Value, private: Private) -> Result<Outcome, DecodeError>;
    /// [`crate::Resource::import`].
    async fn import(&self, context: &Context<S>, id: String) -> Outcome;
    /// [`crate::Resource::upgrade`].
    ///
    /// # Errors
    /// Those of the hook.
    fn upgrade(&self, version: i64, state: serde_json::Value) -> Result<serde_json::Value, Diagnostics>;
    /// [`crate::Resource::move_from`].
    fn move_from(&self, source: &MoveSource) -> Option<Outcome>;
    /// [`crate::Resource::default_timeout`].
    fn default_timeout(&self, operation: Operation) -> Duration;
}

/// The plan before the hook.
pub struct PlanStep<'a, S> {
    /// What the user wrote.
    pub config: &'a Value,
    /// The prior state, or null.
    pub prior: &'a Value,
    /// The private state of the prior state.
    pub prior_private: &'a Private,
    /// What the engine made of it.
    pub planned: &'a Value,
    /// The paths marked for replacement so far.
    pub replace: Vec<AttributePath>,
    /// The private state for the apply.
    pub private: Private,
    /// The configured provider; `None` if it is not configured.
    pub session: Option<&'a Arc<S>>,
}

/// The plan after the hook.
pub struct PlanStepped {
    /// The planned value as the model had it before the hook.
    pub before: Value,
    /// The same after it.
    pub after: Value,
    /// The paths marked for replacement.
    pub replace: Vec<AttributePath>,
    /// The private state for the apply.
    pub private: Private,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// A destroy before the hook.
pub struct DestroyStep<'a, S> {
    /// The prior state.
    pub prior: &'a Value,
    /// Its private state.
    pub private: &'a Private,
    /// The configured provider; `None` if it is not configured.
    pub session: Option<&'a Arc<S>>,
    /// True for the destroying leg of a replacement.
    pub replacing: bool,
}

/// A [`crate::DataSource`] whose model is hidden; made by [`super::erase_data_source`].
#[async_trait]
pub trait ErasedDataSource<S: Send + Sync + 'static>: Send + Sync + 'static {
    /// The type name without the provider's prefix.
    fn name(&self) -> &'static str;
    /// Its schema.
    fn schema(&self) -> Schema;
    /// [`crate::DataSource::validate`].
    ///
    /// # Errors
    /// The configuration does not fit the model.
    fn validate(&self, config: &Value, diagnostics: &mut Diagnostics) -> Result<(), DecodeError>;
    /// [`crate::DataSource::waits`].
    fn waits(&self, session: &S, config: &Value) -> bool;
    /// [`crate::DataSource::read`].
    ///
    /// # Errors
    /// Those of the hook.
    async fn read(&self, context: &Context<S>, config: &Value) -> Result<(Value, Diagnostics), Diagnostics>;
}
