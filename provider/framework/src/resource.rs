//! What a managed resource implements.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::schema::Schema;
use crate::{AttributePath, Config, Context, Diagnostics, Leg, Model, Plan, Private, State};

/// A managed resource.
///
/// The engine has already applied what the schema says (defaults, unknown marks, kept values, replacement) when a hook is
/// called, and checks the host's rules after it. `plan` and `plan_destroy` are pure: they can't await, and must not read
/// a clock, because hosts plan twice and compare.
#[async_trait]
pub trait Resource: Send + Sync + 'static {
    /// The struct of its attributes.
    type Model: Model;
    /// The configured provider.
    type Session: Send + Sync + 'static;

    /// The type name without the provider's prefix.
    fn name(&self) -> &'static str;

    /// Its schema; usually `Model::schema(include_str!("README.md"))`.
    fn schema(&self) -> Schema;

    /// Checks across attributes. Unknown values may be anything: judge only what is known. Reports all mistakes.
    fn validate(&self, _config: &Config<Self::Model>, _diagnostics: &mut Diagnostics) {}

    /// Adjusts the plan of a create or an update. Not called for destroys.
    fn plan(&self, _request: &PlanRequest<'_, Self>, _response: &mut PlanResponse<Self::Model>) {}

    /// Judges a destroy, or the destroying leg of a replacement: an error here stops the plan.
    fn plan_destroy(&self, _request: &DestroyPlan<'_, Self>, _diagnostics: &mut Diagnostics) {}

    /// Makes the object. On failure returns what exists so far as state, and the error: it is then saved as tainted.
    async fn create(&self, context: &Context<Self::Session>, request: Create<Self::Model>) -> Applied<Self::Model>;

    /// Observes the object. State `None` means that it was seen to be gone; any doubt is an error and keeps the state.
    async fn read(&self, context: &Context<Self::Session>, request: Read<Self::Model>) -> Applied<Self::Model>;

    /// Changes the object in place. On failure returns the state as far as it came.
    async fn update(&self, context: &Context<Self::Session>, request: Update<Self::Model>) -> Applied<Self::Model>;

    /// Deletes the object. State `None` without errors is success; else what remains.
    async fn delete(&self, context: &Context<Self::Session>, request: Delete<Self::Model>) -> Applied<Self::Model>;

    /// Finds the object of an import id. A read follows. The default refuses.
    async fn import(&self, _context: &Context<Self::Session>, request: ImportRequest) -> Imported<Self::Model> {
        let mut diagnostics = Diagnostics::new();
        let detail = format!(
            "`{}` has no import: the id `{}` can't be looked up.",
            self.name(),
            request.id
        );
        diagnostics.remote("Import is not supported", detail);
        Err(diagnostics)
    }

    /// Lifts state of an older schema version by one version. Called until the current version is reached.
    ///
    /// # Errors
    /// Why the state can't be lifted.
    fn upgrade(&self, version: i64, _state: serde_json::Value) -> Result<serde_json::Value, Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        diagnostics.bug(format!("no upgrade from schema version {version} of `{}`", self.name()));
        Err(diagnostics)
    }

    /// Takes over the state of another resource type (`moved` across types), or `None` if that type is not known here.
    fn move_from(&self, _source: &MoveSource) -> Option<Imported<Self::Model>> {
        None
    }

    /// The time an operation may take where `timeouts` says nothing. The host's habit is 20 minutes.
    fn default_timeout(&self, _operation: Operation) -> Duration {
        Duration::from_secs(20 * 60)
    }
}

/// The operations that have a timeout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// [`Resource::create`].
    Create,
    /// [`Resource::read`].
    Read,
    /// [`Resource::update`].
    Update,
    /// [`Resource::delete`].
    Delete,
}

/// State of another resource type that a `moved` block hands over.
#[derive(Clone, Debug)]
pub struct MoveSource {
    /// `registry.terraform.io/hashicorp/aws`.
    pub provider_address: String,
    /// `aws_acmpca_certificate_authority`.
    pub type_name: String,
    /// Schema version of the state.
    pub schema_version: i64,
    /// The state, as JSON.
    pub state: serde_json::Value,
}

/// The request of a plan of a create or an update.
pub struct PlanRequest<'a, R: Resource + ?Sized> {
    /// What the user wrote.
    pub config: &'a Config<R::Model>,
    /// The prior state; `None` when it is a create (or the second leg of a replacement).
    pub prior: Option<&'a State<R::Model>>,
    /// The private state of the prior state.
    pub private: &'a Private,
    /// The configured provider; `None` when it is not configured. Its facts only: no remote may be called.
    pub session: Option<&'a Arc<R::Session>>,
}

/// The plan so far, to be adjusted.
pub struct PlanResponse<M> {
    /// What shall be.
    pub plan: Plan<M>,
    /// Paths whose change replaces the resource.
    pub replace: Vec<AttributePath>,
    /// Private state handed to the apply. Starts as the prior private state.
    pub private: Private,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// The request of a plan that destroys.
pub struct DestroyPlan<'a, R: Resource + ?Sized> {
    /// What would be destroyed.
    pub prior: &'a State<R::Model>,
    /// Its private state.
    pub private: &'a Private,
    /// The configured provider, if it is.
    pub session: Option<&'a Arc<R::Session>>,
    /// True for the destroying leg of a replacement.
    pub replacing: bool,
}

/// The request of a create.
pub struct Create<M> {
    /// What the user wrote, with write-only values.
    pub config: Config<M>,
    /// What was planned.
    pub plan: Plan<M>,
    /// What the plan put into the private state.
    pub private: Private,
}

/// The request of a read.
pub struct Read<M> {
    /// The state that the host has.
    pub state: State<M>,
    /// Its private state.
    pub private: Private,
}

/// The request of an update.
pub struct Update<M> {
    /// What the user wrote, with write-only values.
    pub config: Config<M>,
    /// What was planned.
    pub plan: Plan<M>,
    /// What is.
    pub prior: State<M>,
    /// What the plan put into the private state.
    pub private: Private,
}

/// The request of a delete.
pub struct Delete<M> {
    /// What is.
    pub prior: State<M>,
    /// What the plan put into the private state; see [`Delete::before_create`].
    pub private: Private,
}

impl<M> Delete<M> {
    /// True if this is the first leg of a tainted replacement: the create leg will adopt what stays.
    #[must_use]
    pub fn before_create(&self) -> bool {
        self.private.leg() == Some(Leg::Create)
    }
}

/// The request of an import.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// The id that the user gave.
    pub id: String,
}

/// The object of an import, or why there is none.
pub type Imported<M> = Result<(State<M>, Private), Diagnostics>;

/// What an operation leaves.
#[derive(Clone, Debug)]
pub struct Applied<M> {
    /// What is now; `None` when nothing is.
    pub state: Option<State<M>>,
    /// What to remember beside it; replaces what was there.
    pub private: Private,
    /// Messages.
    pub diagnostics: Diagnostics,
}

impl<M> Applied<M> {
    /// The object as it is now.
    pub fn done(state: M, private: Private) -> Self {
        Self {
            state: Some(State(state)),
            private,
            diagnostics: Diagnostics::new(),
        }
    }

    /// There is no object any more.
    #[must_use]
    pub fn gone() -> Self {
        Self {
            state: None,
            private: Private::default(),
            diagnostics: Diagnostics::new(),
        }
    }

    /// It failed, leaving `state`.
    #[must_use]
    pub fn failed(state: Option<M>, private: Private, diagnostics: Diagnostics) -> Self {
        Self {
            state: state.map(State),
            private,
            diagnostics,
        }
    }

    /// The same with more messages.
    #[must_use]
    pub fn with(mut self, diagnostics: Diagnostics) -> Self {
        self.diagnostics.extend(diagnostics);
        self
    }
}
