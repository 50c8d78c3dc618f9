//! The typed side of the erased traits: decode, call the hook, encode.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Outcome;
use super::erased::{DestroyStep, ErasedDataSource, ErasedResource, PlanStep, PlanStepped};
use super::guard::misfit;
use crate::schema::Schema;
use crate::{
    Applied, Config, Context, Create, DataSource, DecodeError, Delete, DestroyPlan, Diagnostics, ImportRequest, Model,
    MoveSource, Operation, Plan, PlanRequest, PlanResponse, Private, Read, Resource, State, Update, Value,
};

/// Hides the model of `resource`.
pub fn erase_resource<R: Resource>(resource: R) -> Arc<dyn ErasedResource<R::Session>> {
    Arc::new(Typed(resource))
}

/// Hides the model of `data_source`.
pub fn erase_data_source<D: DataSource>(data_source: D) -> Arc<dyn ErasedDataSource<D::Session>> {
    Arc::new(Typed(data_source))
}

struct Typed<T>(T);

/// A state, which another version of the provider may have written.
fn stored<R: Resource>(state: &Value) -> Result<State<R::Model>, DecodeError> {
    <R::Model as Model>::from_value(state)
        .map(State)
        .map_err(DecodeError::in_state)
}

#[async_trait]
impl<R: Resource> ErasedResource<R::Session> for Typed<R> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn schema(&self) -> Schema {
        self.0.schema()
    }

    fn validate(&self, config: &Value, diagnostics: &mut Diagnostics) -> Result<(), DecodeError> {
        self.0
            .validate(&Config(<R::Model as Model>::from_value(config)?), diagnostics);
        Ok(())
    }

    fn plan(&self, step: PlanStep<'_, R::Session>) -> Result<PlanStepped, DecodeError> {
        let config = Config(<R::Model as Model>::from_value(step.config)?);
        let prior = if step.prior.is_null() {
            None
        } else {
            Some(stored::<R>(step.prior)?)
        };
        let plan = <R::Model as Model>::from_value(step.planned)?;
        let before = Model::to_value(&plan);
        let request = PlanRequest {
            config: &config,
            prior: prior.as_ref(),
            private: step.prior_private,
            session: step.session,
        };
        let mut response = PlanResponse {
            plan: Plan(plan),
            replace: step.replace,
            private: step.private,
            diagnostics: Diagnostics::new(),
        };
        self.0.plan(&request, &mut response);
        let PlanResponse {
            plan,
            replace,
            private,
            diagnostics,
        } = response;
        Ok(PlanStepped {
            before,
            after: Model::to_value(&*plan),
            replace,
            private,
            diagnostics,
        })
    }

    fn plan_destroy(&self, step: DestroyStep<'_, R::Session>) -> Result<Diagnostics, DecodeError> {
        let prior = stored::<R>(step.prior)?;
        let request = DestroyPlan {
            prior: &prior,
            private: step.private,
            session: step.session,
            replacing: step.replacing,
        };
        let mut diagnostics = Diagnostics::new();
        self.0.plan_destroy(&request, &mut diagnostics);
        Ok(diagnostics)
    }

    async fn create(
        &self,
        context: &Context<R::Session>,
        config: &Value,
        plan: &Value,
        private: Private,
    ) -> Result<Outcome, DecodeError> {
        let config = Config(<R::Model as Model>::from_value(config)?);
        let plan = Plan(<R::Model as Model>::from_value(plan)?);
        Ok(self.0.create(context, Create { config, plan, private }).await.into())
    }

    async fn read(
        &self,
        context: &Context<R::Session>,
        state: &Value,
        private: Private,
    ) -> Result<Outcome, DecodeError> {
        let state = stored::<R>(state)?;
        Ok(self.0.read(context, Read { state, private }).await.into())
    }

    async fn update(
        &self,
        context: &Context<R::Session>,
        config: &Value,
        plan: &Value,
        prior: &Value,
        private: Private,
    ) -> Result<Outcome, DecodeError> {
        let prior = stored::<R>(prior)?;
        let config = Config(<R::Model as Model>::from_value(config)?);
        let plan = Plan(<R::Model as Model>::from_value(plan)?);
        Ok(self
            .0
            .update(
                context,
                Update {
                    config,
                    plan,
                    prior,
                    private,
                },
            )
            .await
            .into())
    }

    async fn delete(
        &self,
        context: &Context<R::Session>,
        prior: &Value,
        private: Private,
    ) -> Result<Outcome, DecodeError> {
        let prior = stored::<R>(prior)?;
        Ok(self.0.delete(context, Delete { prior, private }).await.into())
    }

    async fn import(&self, context: &Context<R::Session>, id: String) -> Outcome {
        Outcome::imported(self.0.import(context, ImportRequest { id }).await)
    }

    fn upgrade(&self, version: i64, state: serde_json::Value) -> Result<serde_json::Value, Diagnostics> {
        self.0.upgrade(version, state)
    }

    fn move_from(&self, source: &MoveSource) -> Option<Outcome> {
        self.0.move_from(source).map(Outcome::imported)
    }

    fn default_timeout(&self, operation: Operation) -> Duration {
        self.0.default_timeout(operation)
    }
}

#[async_trait]
impl<D: DataSource> ErasedDataSource<D::Session> for Typed<D> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn schema(&self) -> Schema {
        self.0.schema()
    }

    fn validate(&self, config: &Value, diagnostics: &mut Diagnostics) -> Result<(), DecodeError> {
        self.0
            .validate(&Config(<D::Model as Model>::from_value(config)?), diagnostics);
        Ok(())
    }

    fn waits(&self, session: &D::Session, config: &Value) -> bool {
        <D::Model as Model>::from_value(config).is_ok_and(|config| self.0.waits(session, &Config(config)))
    }

    async fn read(&self, context: &Context<D::Session>, config: &Value) -> Result<(Value, Diagnostics), Diagnostics> {
        let config = <D::Model as Model>::from_value(config).map_err(misfit)?;
        let (state, diagnostics) = self.0.read(context, Config(config)).await?;
        Ok((Model::to_value(&*state), diagnostics))
    }
}

impl<M: Model> From<Applied<M>> for Outcome {
    fn from(applied: Applied<M>) -> Self {
        let state = applied.state.map_or(Value::Null, |state| Model::to_value(&*state));
        Self {
            state,
            private: applied.private,
            diagnostics: applied.diagnostics,
        }
    }
}

impl Outcome {
    fn imported<M: Model>(imported: crate::Imported<M>) -> Self {
        match imported {
            Ok((state, private, diagnostics)) => Self {
                state: Model::to_value(&*state),
                private,
                diagnostics,
            },
            Err(diagnostics) => Self {
                state: Value::Null,
                private: Private::default(),
                diagnostics,
            },
        }
    }
}
