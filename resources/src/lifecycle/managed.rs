//! What differs between resources.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use e2etls_engine::kind::Observed;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use serde_json::Value;
use tfplugin_framework::{
    AttributePath, Config, Context, Diagnostics, ImportRequest, Imported, Invalid, Model, Plan, State,
};

use super::attributes::{Common, Head};
use super::place::Place;
use crate::kinds::{Clients, Kinds};
use crate::session::Session;

/// Which parts a plan changes, by address.
pub struct Changed<'a>(pub(super) &'a dyn Fn(&str) -> bool);

impl Changed<'_> {
    /// True if the part at `address` is new, changes, or is not known.
    #[must_use]
    pub fn is(&self, address: &str) -> bool {
        (self.0)(address)
    }
}

/// A resource whose arguments render to parts.
///
/// # Flow
/// *validate*: `check`. *plan*: `fill`, `configure`, `derive`, `render`; `planned` marks the attributes that the changing
/// parts may change. *create, update*: `prepare`, the engine writes what `render` gives, `observed`, `finish`. *read*: the engine
/// observes what `render` gives, `observed`. *import* in AWS: `check_arn`, `arguments`, `describe`, and as a read. *delete*: the engine deletes; only the state exists, perhaps without any
/// configuration.
///
/// # Guarantees of the lifecycle
/// `render` sees a model on which `derive` was called. `prepare` runs before the first write of a create or an update,
/// and nothing is written if it refuses. `observed` gets the objects by address, only those that exist. What a failed
/// operation has made is in state, with the error.
///
/// # Assumptions
/// `fill`, `configure`, `derive`, `render`, `planned` and `check` are pure: no clock, no remote, no environment. `render`
/// gives the same addresses for the same deciding arguments, the holder of the mark first. What `observed` sets is known after
/// every apply.
///
/// # Caveats
/// An argument that the remote does not show is flagged `local` in the model, or an import loses it. A delete under
/// Pulumi has neither configuration nor private state.
///
/// # Errors
/// Diagnostics name the attribute path of an argument at fault, and say what to do.
#[async_trait]
pub trait Managed: Model + Default {
    /// Type name without the provider's prefix.
    const NAME: &'static str;
    /// Full type name.
    const TYPE_NAME: &'static str;
    /// The page of the resource.
    const README: &'static str;
    /// Address of the part that carries the arguments as JSON for an import; empty if the objects tell all.
    const CONFIGURATION: &'static str = "";
    /// The kinds of the object that carries them.
    const KEEPERS: &'static [&'static str] = &["ConfigMap"];
    /// The kinds that its objects may have: strays are looked for among them. In AWS, the first is the kind that an
    /// import names.
    const KINDS: Kinds;
    /// Computed attributes that show the outputs of that name of the first part.
    const OUTPUTS: &'static [&'static str] = &[];
    /// Arguments that an object in AWS may not show: giving them after an import replaces nothing.
    const UNSEEN: &'static [&'static str] = &["name"];

    /// The kinds of which an object that no resource of ours created can be imported as this resource: it shows all
    /// arguments.
    const IMPORTABLE: &'static [&'static str] = &[];

    /// The attributes that come with where it lives.
    fn head(&mut self) -> Head<'_>;

    /// The attributes of every resource.
    fn common(&self) -> &Common;

    /// The attributes of every resource.
    fn common_mut(&mut self) -> &mut Common {
        match self.head() {
            Head::InCluster(head) => &mut head.common,
            Head::InAws(head) => &mut head.common,
        }
    }

    /// Where it lives.
    fn place(&self) -> Place<'_>;

    /// Its argument `name`.
    fn name(&self) -> &str;

    /// What messages call it: its type and its name.
    fn called(&self) -> String {
        format!("{} `{}`", Self::TYPE_NAME, self.name())
    }

    /// The parts, the holder of the mark first; `None` while an argument that decides which there are is unknown.
    fn render(&self) -> Option<Vec<Part<Clients>>>;

    /// Sets the computed attributes that follow from the arguments alone.
    fn derive(&mut self) {}

    /// Checks across arguments, as [`tfplugin_framework::Resource::validate`].
    fn check(_config: &Config<Self>, _diagnostics: &mut Diagnostics) {}

    /// Fills in what the configuration omits, before anything is derived.
    fn fill(_config: &Config<Self>, _prior: Option<&State<Self>>, _plan: &mut Plan<Self>) {}

    /// Sets the computed attributes that the provider's configuration decides too, before anything is derived. What depends
    /// on a configuration that is not known is unknown.
    fn configure(&mut self, _session: Option<&Session>) {}

    /// Marks the computed attributes unknown that the changing parts may move, and keeps the others.
    fn planned(_prior: Option<&Self>, _plan: &mut Self, _changed: Changed<'_>) {}

    /// Further messages of a plan; `prior` is `None` for a create.
    fn remark(_session: Option<&Session>, _prior: Option<&State<Self>>, _plan: &Self, _diagnostics: &mut Diagnostics) {}

    /// Adds paths that replace the resource: of attributes that [`Managed::planned`] changes, or that only replace here.
    fn replacing(_prior: &Self, _plan: &Self, _replace: &mut Vec<AttributePath>) {}

    /// Whether the prior state protects it from destruction.
    fn protection(&self) -> Option<bool> {
        None
    }

    /// Checks what must hold before the first write.
    async fn prepare(&self, _context: &Context<Session>, _op: &Operation<Clients>) -> Result<(), Diagnostics> {
        Ok(())
    }

    /// Refuses a destroy while others need the resource, before anything is deleted.
    async fn is_free(&self, _op: &Operation<Clients>) -> Result<(), Diagnostics> {
        Ok(())
    }

    /// Further messages of a refresh or an import that found nothing.
    async fn gone(&self, _op: &Operation<Clients>) -> Diagnostics {
        Diagnostics::new()
    }

    /// Sets the attributes that the objects show, besides [`Managed::OUTPUTS`]. Called after every read and write.
    fn observed(&mut self, _objects: &BTreeMap<String, Observed>) {}

    /// Adds to what a create, an update or a read leaves, for attributes that need another request.
    async fn finish(&mut self, _context: &Context<Session>, _diagnostics: &mut Diagnostics) {}

    /// Warnings of a create or an update that need a look at what is not its own. A refresh does not ask.
    async fn applied(&self, _context: &Context<Session>, _diagnostics: &mut Diagnostics) {}

    /// [`tfplugin_framework::Resource::import`], where it is its own. `None`: from the object in AWS whose ARN is given, or
    /// from the arguments that are kept on an object in the cluster.
    async fn import(_context: &Context<Session>, _request: &ImportRequest) -> Option<Imported<Self>> {
        None
    }

    /// Checks the ARN that an import was given.
    fn check_arn(_arn: &str) -> Result<(), Invalid> {
        Ok(())
    }

    /// The arguments, as their JSON, in the content of the object in AWS that is imported.
    fn arguments(content: Value) -> Value {
        content
    }

    /// Reads what the content of the imported object does not show, or refuses it. Gives the uids of its other objects
    /// that the remote names, by address.
    async fn describe(
        &mut self,
        _op: &Operation<Clients>,
        _found: &Observed,
    ) -> Result<BTreeMap<String, String>, Diagnostics> {
        Ok(BTreeMap::new())
    }

    /// The time that an operation may take if `timeouts` does not say.
    fn default_timeout() -> Duration {
        Duration::from_secs(20 * 60)
    }
}
