//! What the hooks of a resource are asked, and what they answer.

use std::sync::Arc;

use crate::{AttributePath, Config, Diagnostics, Leg, Plan, Private, Resource, State};

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

/// State of another resource type, handed over by a `moved` block.
#[derive(Clone, Debug)]
pub struct MoveSource {
    /// The provider that wrote it, such as `registry.terraform.io/hashicorp/aws`.
    pub provider_address: String,
    /// Its full type name, such as `aws_acmpca_certificate_authority`.
    pub type_name: String,
    /// Schema version of the state.
    pub schema_version: i64,
    /// The state, as JSON.
    pub state: serde_json::Value,
}

/// The request of a plan of a create or an update.
pub struct PlanRequest<'a, R: Resource + ?Sized> {
    /// What the user wrote: null where nothing is written, without defaults.
    pub config: &'a Config<R::Model>,
    /// The prior state; `None` when it is a create (or the second leg of a replacement).
    pub prior: Option<&'a State<R::Model>>,
    /// The private state of the prior state.
    pub private: &'a Private,
    /// The configured provider; `None` while it is not configured, and then everything that depends on it is unknown. Only
    /// what it knows already: no remote may be called.
    pub session: Option<&'a Arc<R::Session>>,
}

/// The plan so far, to be adjusted.
pub struct PlanResponse<M> {
    /// The planned object.
    pub plan: Plan<M>,
    /// Paths whose change replaces the resource.
    pub replace: Vec<AttributePath>,
    /// Private state handed to the apply, with what was there before unless it is removed.
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
    /// The object before the change.
    pub prior: State<M>,
    /// What the plan put into the private state.
    pub private: Private,
}

/// The request of a delete.
pub struct Delete<M> {
    /// The object before the delete.
    pub prior: State<M>,
    /// What the plan put into the private state, empty where the host passes none; see [`Delete::before_create`].
    pub private: Private,
}

impl<M> Delete<M> {
    /// True if this is the first half of the replacement of a tainted object, whose second half creates it again and can
    /// adopt what stays. False where the host passes no private state.
    #[must_use]
    pub fn before_create(&self) -> bool {
        self.private.leg() == Some(Leg::Create)
    }
}

/// The request of an import.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// The ID that the user gave, as it was written.
    pub id: String,
}

/// The object of an import with what to remember beside it and warnings, or why there is none.
pub type Imported<M> = Result<(State<M>, Private, Diagnostics), Diagnostics>;

/// What an operation leaves behind.
#[derive(Clone, Debug)]
pub struct Applied<M> {
    /// The object as it is now; `None` if there is none. Each hook says what `None` means beside errors.
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
