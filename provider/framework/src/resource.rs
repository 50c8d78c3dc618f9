//! What a managed resource implements.

use std::time::Duration;

use async_trait::async_trait;

use crate::schema::Schema;
use crate::{
    Applied, Config, Context, Create, Delete, DestroyPlan, Diagnostic, Diagnostics, ImportRequest, Imported, Model,
    MoveSource, Operation, PlanRequest, PlanResponse, Read, Update,
};

/// A managed resource: what a provider implements for one type of remote object.
///
/// # Flow
///
/// ```text
/// once      schema
/// any run   upgrade* ─▶ read ─▶ validate ─▶ plan | plan_destroy
/// apply     validate ─▶ plan (again, with what is known by now) ─▶ create | update | delete
/// replace   plan (with the prior state), plan_destroy, plan (without) ─▶ delete ─▶ create, or the other way round
/// import    import ─▶ read ─▶ as any run
/// moved     move_from ─▶ read ─▶ as any run
/// ```
///
/// Every host keeps this order, but may leave steps out: `-refresh=false` skips `read`, and Pulumi plans once per operation
/// and deletes without a plan, without configuration and without private state. Calls for different objects run at the
/// same time, on one instance of the implementation.
///
/// # Guarantees of the framework
///
/// * Values fit the model. What the schema says (required, checks, defaults, unknown marks, kept values, replacement) has
///   been applied before a hook is called, and the rules of the host are checked after it: a result that breaks one is
///   reported as a bug of the provider, with its path.
/// * A panic in a hook is a message, and ends nothing else. What a create or an update returned is stored, whatever was
///   wrong with it; write-only values are removed from everything that is stored.
/// * Only hooks with a [`Context`] are called with a configured provider. The others work without one.
///
/// # Assumptions about the implementation
///
/// * `validate`, `plan`, `plan_destroy`, `upgrade`, `move_from` and `schema` are pure: the same answer for the same
///   request, without remotes, clocks, randomness or the environment. Hosts plan twice and compare.
/// * What has been made is returned as state, also beside an error. Nothing else tells the host that it exists.
/// * Values that the user wrote come back as they were written, even where the remote spells them differently.
///
/// # Errors
///
/// They are [`Diagnostics`], never panics: input errors at the path of an argument, and what a remote refused in its own
/// words. Collect all of them; the first alone costs the user one run per mistake.
#[async_trait]
pub trait Resource: Send + Sync + 'static {
    /// The struct of its attributes.
    type Model: Model;
    /// What the configured provider holds.
    type Session: Send + Sync + 'static;

    /// The type name without the provider's prefix: `bucket` for `example_bucket`. It never changes.
    fn name(&self) -> &'static str;

    /// Its schema; usually `Model::schema(include_str!("README.md"))`. Asked for once per process.
    ///
    /// A change of the state's shape that old state does not fit raises [`Schema::version`] and adds a step to
    /// [`Resource::upgrade`]. Added attributes need neither: they are null in old state.
    fn schema(&self) -> Schema;

    /// Checks what the schema's own checks can't: rules across attributes.
    ///
    /// Called in every run before a plan, and again before an apply, when more is known. The schema's checks have run, but
    /// their errors do not stop this one. Caveat: any value may be unknown; check only what is known, or a configuration that
    /// becomes valid later is refused. Report every mistake at its path. The provider may not be configured.
    fn validate(&self, _config: &Config<Self::Model>, _diagnostics: &mut Diagnostics) {}

    /// Adjusts the plan of a create or an update: makes known what follows from known values, makes unknown what will move,
    /// adds reasons to replace. Not called for destroys.
    ///
    /// `response.plan` is what the engine made of schema, configuration and prior state. A hook may change computed
    /// attributes that the user did not write, and nothing else; what it leaves alone is planned as the host sent it, also
    /// where the model can't hold it (a list with one unknown element). If nothing would change, `response.plan` equals the
    /// prior state; keep it so unless something is to be done.
    ///
    /// A replacement is planned twice: with the prior state, and then, without one, as a create. The plan is made again
    /// before the apply. Whatever was known in the first plan must be the same in that one, so a value that depends on
    /// anything unknown (arguments, and the configuration in `request.session`) has to be unknown. The test kit (feature
    /// `testkit`) holds random plans against this.
    ///
    /// An error in `response.diagnostics` refuses the plan. The provider may not be configured: `request.session` is then
    /// `None`, and everything that depends on it is unknown.
    fn plan(&self, _request: &PlanRequest<'_, Self>, _response: &mut PlanResponse<Self::Model>) {}

    /// Judges a destroy, or the destroying leg of a replacement: an error here stops the plan. This is the place for
    /// protection against deletion.
    ///
    /// Caveats: a replacement that the host decides alone (`-replace`, a tainted object) arrives as a create without prior
    /// state, and Pulumi deletes without a plan: what must never be deleted is checked in [`Resource::delete`] too.
    fn plan_destroy(&self, _request: &DestroyPlan<'_, Self>, _diagnostics: &mut Diagnostics) {}

    /// Makes the object.
    ///
    /// The state it returns is wholly known, and equals the plan wherever the plan was known. `request.config` has the
    /// write-only values, which the plan has not.
    ///
    /// On failure it returns what exists so far as state, with null for what is not known yet, and the errors. The host
    /// stores that as *tainted* and replaces it in the next run; without a state it stores nothing. Caveat: Pulumi drops
    /// the state of a failed create, and a killed process never returns one: an implementation that must not make a thing
    /// twice has to find it again in the remote.
    ///
    /// It returns soon after `context.cancel` fires and before `context.deadline`; it is never cut off.
    async fn create(&self, context: &Context<Self::Session>, request: Create<Self::Model>) -> Applied<Self::Model>;

    /// Observes the object as it is now.
    ///
    /// Called before plans, after an import or a move, and for a refresh alone. State `None` without errors means that
    /// the object was *seen to be gone*: the host drops it and plans a create. Any doubt (no answer, no permission, another
    /// account) is an error; state and private state then stay as they were. It returns wholly known values, and those that
    /// the user wrote as they were written unless their meaning has changed: a difference here is drift in the next plan.
    ///
    /// The private state that it returns replaces the old one: pass `request.private` on.
    ///
    /// It writes nothing. It should end by itself when `context` says so, with words about what it waited for, and is cut
    /// off two seconds later.
    async fn read(&self, context: &Context<Self::Session>, request: Read<Self::Model>) -> Applied<Self::Model>;

    /// Changes the object in place, from `request.prior` to `request.plan`.
    ///
    /// As for [`Resource::create`], the state equals the plan wherever the plan was known. On failure it returns the state
    /// as far as it came, which is stored and *not* tainted: the next plan continues from there. Without a state the prior one
    /// stays.
    ///
    /// It returns soon after `context.cancel` fires and before `context.deadline`; it is never cut off.
    async fn update(&self, context: &Context<Self::Session>, request: Update<Self::Model>) -> Applied<Self::Model>;

    /// Deletes the object. An object that is gone already is a success.
    ///
    /// State `None` without errors is success; with errors, the state is what remains (`None`: all of it). Caveat: no
    /// configuration is passed, and under Pulumi no private state: what a delete needs is in the state, or is found in
    /// the remote. In a replacement, [`Delete::before_create`] says whether a tainted object goes first.
    ///
    /// It returns soon after `context.cancel` fires and before `context.deadline`; it is never cut off.
    async fn delete(&self, context: &Context<Self::Session>, request: Delete<Self::Model>) -> Applied<Self::Model>;

    /// Finds the object of an import id. [`Resource::read`] follows, so it is enough to fill in what a read needs. The
    /// default refuses.
    ///
    /// Arguments that the remote can't tell stay null; see [`crate::schema::Attribute::importable`]. The time limit is the
    /// default one for a read: there is no configuration yet.
    ///
    /// # Errors
    /// The id is not valid, nothing was found, or a remote refused.
    async fn import(&self, _context: &Context<Self::Session>, request: ImportRequest) -> Imported<Self::Model> {
        let refused = Diagnostic::error("Import is not supported")
            .because(format!(
                "Objects of type `{}` can't be imported, so the ID `{}` was not looked up.",
                self.name(),
                request.id
            ))
            .advice("Remove the import.");
        Err(refused.into())
    }

    /// Converts stored state from schema version `version` to the next one. Called once per step until the current version
    /// is reached, before anything else sees the state.
    ///
    /// The state is JSON as the older version stored it. Attributes that the schema no longer has may stay; they are
    /// dropped. State of a newer version is refused before it gets here.
    ///
    /// # Errors
    /// Why the state can't be converted. The default has no steps: an error of the provider.
    fn upgrade(&self, version: i64, _state: serde_json::Value) -> Result<serde_json::Value, Diagnostics> {
        let missing = format!("there is no upgrade from schema version {version} of `{}`", self.name());
        Err(Diagnostic::bug(missing).into())
    }

    /// Takes over the state of another resource type, maybe of another provider (`moved` across types); `None` if that type
    /// is not known here. [`Resource::read`] follows, so it is enough to fill in what a read needs.
    fn move_from(&self, _source: &MoveSource) -> Option<Imported<Self::Model>> {
        None
    }

    /// How long an operation may take where `timeouts` says nothing. 20 minutes by default, as hosts are used to.
    fn default_timeout(&self, _operation: Operation) -> Duration {
        Duration::from_secs(20 * 60)
    }
}
