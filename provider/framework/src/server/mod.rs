//! The calls of a host, in terms of [`Value`]: what a wire protocol decodes to and encodes from.
//!
//! One instance serves one process. Every alias of a provider and every run of a host is a process (or, when reattached,
//! a connection) of its own and calls [`Server::configure`] again; the last one wins.

mod apply;
mod bounded;
mod configure;
mod data_source;
mod erased;
mod guard;
mod import;
mod plan;
mod read;
mod result;
#[cfg(test)]
mod tests;
mod timeout;
mod typed;
mod upgrade;
mod validate;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::schema::{Attribute, AttributeType, Mode, Schema};
use crate::{AttributePath, Context, Diagnostics, Private, Provider, Value};

pub use erased::{DestroyStep, ErasedDataSource, ErasedResource, PlanStep, PlanStepped};
pub use typed::{erase_data_source, erase_resource};

/// A provider as hosts call it.
pub struct Server<P: Provider> {
    provider: P,
    schema: OnceLock<ProviderSchema>,
    session: RwLock<Option<Arc<P::Session>>>,
    cancel: RwLock<CancellationToken>,
    resources: BTreeMap<String, Arc<dyn ErasedResource<P::Session>>>,
    data_sources: BTreeMap<String, Arc<dyn ErasedDataSource<P::Session>>>,
}

/// All schemas.
pub struct ProviderSchema {
    /// Of the configuration.
    pub provider: Schema,
    /// By full type name.
    pub resources: BTreeMap<String, Schema>,
    /// By full type name.
    pub data_sources: BTreeMap<String, Schema>,
}

/// State as a host stored it.
pub struct RawState {
    /// The schema version it was written with.
    pub version: i64,
    /// The JSON object, as it was stored: a parsed one would lose big and decimal numbers.
    pub json: Vec<u8>,
}

/// Request of [`Server::plan_resource`]. Null `prior` is a create, null `proposed` a destroy.
pub struct PlanCall {
    /// The prior state, or null.
    pub prior: Value,
    /// The host's merge of prior state and configuration, or null.
    pub proposed: Value,
    /// The configuration, or null.
    pub config: Value,
    /// The private bytes of the prior state.
    pub private: Private,
}

/// Result of [`Server::plan_resource`].
pub struct Planned {
    /// The planned object, or null.
    pub planned: Value,
    /// Paths whose change replaces the resource.
    pub replace: Vec<AttributePath>,
    /// Handed to the apply.
    pub private: Private,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// Request of [`Server::apply_resource`]. Null `prior` is a create, null `planned` a delete.
pub struct ApplyCall {
    /// The prior state, or null.
    pub prior: Value,
    /// What was planned, or null.
    pub planned: Value,
    /// The configuration, or null.
    pub config: Value,
    /// What the plan returned.
    pub private: Private,
}

/// State, private state and messages: the result of reading, applying and importing.
pub struct Outcome {
    /// The object as it is now; null if there is none.
    pub state: Value,
    /// What to keep beside it.
    pub private: Private,
    /// Messages.
    pub diagnostics: Diagnostics,
}

/// A resource type that a call names.
struct Target<'a, S> {
    resource: &'a dyn ErasedResource<S>,
    schema: &'a Schema,
    type_name: &'a str,
}

impl<P: Provider> Server<P> {
    /// Serves `provider`, not yet configured.
    pub fn new(provider: P) -> Self {
        let prefix = provider.name();
        let full = |name: &str| format!("{prefix}_{name}");
        let registry = provider.registry();
        Self {
            schema: OnceLock::new(),
            session: RwLock::new(None),
            cancel: RwLock::new(CancellationToken::new()),
            resources: registry
                .resources
                .into_iter()
                .map(|resource| (full(resource.name()), resource))
                .collect(),
            data_sources: registry
                .data_sources
                .into_iter()
                .map(|source| (full(source.name()), source))
                .collect(),
            provider,
        }
    }

    /// The name that prefixes all types.
    pub fn name(&self) -> &'static str {
        self.provider.name()
    }

    /// All schemas; made on first use, so that a process that only shakes hands is ready at once.
    pub fn schema(&self) -> &ProviderSchema {
        self.schema.get_or_init(|| {
            let mut provider = self.provider.schema();
            without_computed(&mut provider.attributes);
            ProviderSchema {
                provider,
                resources: self
                    .resources
                    .iter()
                    .map(|(name, resource)| (name.clone(), resource.schema()))
                    .collect(),
                data_sources: self
                    .data_sources
                    .iter()
                    .map(|(name, source)| (name.clone(), source.schema()))
                    .collect(),
            }
        })
    }

    /// Cancels the operations in progress. Later calls are served as before.
    pub fn stop(&self) {
        let mut cancel = self.cancel.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::take(&mut *cancel).cancel();
    }

    fn resource<'a>(&'a self, type_name: &'a str) -> Result<Target<'a, P::Session>, Diagnostics> {
        match (self.resources.get(type_name), self.schema().resources.get(type_name)) {
            (Some(resource), Some(schema)) => Ok(Target {
                resource: &**resource,
                schema,
                type_name,
            }),
            _ => Err(unknown_type("resource", type_name, self.resources.keys())),
        }
    }

    fn context(&self, timeout: Duration) -> Result<Context<P::Session>, Diagnostics> {
        let Some(session) = self.configured() else {
            let mut diagnostics = Diagnostics::new();
            let detail =
                "The operation needs a remote, but the provider has not been configured, or its configuration failed.";
            diagnostics.remote("Provider is not configured", detail);
            return Err(diagnostics);
        };
        let cancel = self
            .cancel
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .child_token();
        Ok(Context::new(session, cancel, timeout))
    }
}

/// A configuration is never computed: to the host, an attribute with a default is merely optional there.
fn without_computed(attributes: &mut [Attribute]) {
    for attribute in attributes {
        if attribute.mode == Mode::OptionalComputed {
            attribute.mode = Mode::Optional;
        }
        if let AttributeType::Nested { attributes, .. } = &mut attribute.shape {
            without_computed(attributes);
        }
    }
}

fn unknown_type<'a>(kind: &str, type_name: &str, known: impl Iterator<Item = &'a String>) -> Diagnostics {
    let hint = crate::choice::nearest(type_name, known.map(String::as_str))
        .map(|near| format!(" Did you mean `{near}`?"))
        .unwrap_or_default();
    let mut diagnostics = Diagnostics::new();
    diagnostics.remote(
        format!("Unknown {kind} type"),
        format!("This provider has no {kind} `{type_name}`.{hint}"),
    );
    diagnostics
}

impl Outcome {
    /// Nothing was done: the state stays as it was, and the messages say why.
    fn kept(state: Value, private: Private, diagnostics: Diagnostics) -> Self {
        Self {
            state,
            private,
            diagnostics,
        }
    }
}
