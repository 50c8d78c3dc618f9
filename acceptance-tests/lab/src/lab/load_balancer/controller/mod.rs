//! The loop: from watched objects to AWS, to their status, and back to nothing.

mod members;
mod object;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::stream;
use k8s_openapi::api::core::v1::ObjectReference;
use kube::Client;

use self::members::Members;
use super::deploy::targets::{Target, ready};
use super::deploy::{Aws, Deployed};
use super::events::Events;
use super::model::{Model, Stack};
use super::store::Store;
use crate::lab::Result;

/// After a change, others often follow at once.
const SETTLE: Duration = Duration::from_millis(50);
/// The first pause after a failure; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Reconciles until the process ends.
pub(super) async fn run(client: Client, aws: Aws) {
    let (store, mut changes) = Store::watch(&client).await;
    let mut controller = Controller {
        events: Events::new(client.clone()),
        client,
        aws,
        store,
        stacks: BTreeMap::new(),
    };
    loop {
        changes.mark_unchanged();
        controller.round().await;
        let pause = controller.pause();
        let changed = tokio::time::timeout(pause, changes.changed()).await;
        if matches!(changed, Ok(Err(_))) {
            return;
        }
        tokio::time::sleep(SETTLE).await;
    }
}

struct Controller {
    client: Client,
    aws: Aws,
    store: Store,
    events: Events,
    stacks: BTreeMap<Stack, State>,
}

/// What is known of a stack from one round to the next.
#[derive(Default)]
struct State {
    /// What the last round saw; nothing is done until it changes.
    seen: Option<String>,
    deployed: Option<Deployed>,
    targets: BTreeMap<String, BTreeSet<Target>>,
    failures: u32,
    retry: Option<Instant>,
}

impl State {
    fn is_due(&self) -> bool {
        self.retry.is_none_or(|retry| retry <= Instant::now())
    }

    fn failed(&mut self) {
        let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(6)).min(LONGEST_PAUSE);
        self.failures += 1;
        self.retry = Some(Instant::now() + pause);
    }

    fn worked(&mut self) {
        (self.failures, self.retry) = (0, None);
    }
}

/// Which event tells of a failure.
struct Failure(&'static str, String);

impl Controller {
    /// How long until the next retry.
    fn pause(&self) -> Duration {
        let next = self.stacks.values().filter_map(|state| state.retry).min();
        let left = next.map(|next| next.saturating_duration_since(Instant::now()));
        left.unwrap_or(LONGEST_PAUSE)
    }

    async fn round(&mut self) {
        let mut found = Members::of_all(&self.store);
        self.stacks.retain(|stack, _| found.contains_key(stack));
        let mut states = std::mem::take(&mut self.stacks);
        let work = std::mem::take(&mut found)
            .into_iter()
            .map(|(stack, members)| (states.remove(&stack).unwrap_or_default(), stack, members));
        let this = &*self;
        let done = stream::iter(work).map(|(mut state, stack, members)| async move {
            this.stack(&stack, &members, &mut state).await;
            (stack, state)
        });
        self.stacks = done.buffer_unordered(4).collect().await;
    }

    async fn stack(&self, stack: &Stack, members: &Members, state: &mut State) {
        let seen = members.fingerprint(stack, &self.store);
        if state.seen.as_ref() != Some(&seen) {
            // A change is looked at at once, whatever failed before.
            state.retry = None;
        } else if state.failures == 0 {
            return self.target(state).await;
        }
        if !state.is_due() {
            return;
        }
        state.seen = Some(seen);
        match self.reconcile(stack, members, state).await {
            Ok(()) => {
                state.worked();
                self.target(state).await;
            }
            Err(Failure(reason, note)) => {
                state.failed();
                self.events.warn(&members.references(), reason, note).await;
            }
        }
    }

    async fn reconcile(&self, stack: &Stack, members: &Members, state: &mut State) -> std::result::Result<(), Failure> {
        let finalizer = stack.finalizer();
        for object in members.active() {
            object
                .hold(&self.client, &finalizer)
                .await
                .map_err(|error| Failure("FailedAddFinalizer", format!("Failed add finalizer due to {error}")))?;
        }
        if members.is_empty() {
            let deleted = self.aws.delete(stack).await;
            deleted.map_err(|error| Failure("FailedDeployModel", format!("Failed deploy model due to {error}")))?;
            state.deployed = None;
        } else {
            let built = |error| Failure("FailedBuildModel", format!("Failed build model due to {error}"));
            let mut model = members.model(stack, &self.store).map_err(built)?;
            self.aws.resolve(&mut model).await.map_err(built)?;
            self.deploy(stack, members, &model, state).await?;
        }
        for object in members.leaving() {
            object.release(&self.client, &finalizer).await.map_err(|error| {
                Failure(
                    "FailedRemoveFinalizer",
                    format!("Failed remove finalizer due to {error}"),
                )
            })?;
        }
        Ok(())
    }

    async fn deploy(
        &self,
        stack: &Stack,
        members: &Members,
        model: &Model,
        state: &mut State,
    ) -> std::result::Result<(), Failure> {
        let deployed = self.aws.deploy(stack, model).await;
        let deployed =
            deployed.map_err(|error| Failure("FailedDeployModel", format!("Failed deploy model due to {error}")))?;
        state.targets.clear();
        for object in members.active() {
            let shown = object.show(&self.client, &deployed.hostname).await;
            shown.map_err(|error| Failure("FailedUpdateStatus", format!("Failed update status due to {error}")))?;
        }
        state.deployed = Some(deployed);
        let about: Vec<ObjectReference> = members.active_references();
        let note = "Successfully reconciled".to_owned();
        self.events.note(&about, "SuccessfullyReconciled", note).await;
        Ok(())
    }

    /// Brings the targets up to date, in groups that had others before.
    async fn target(&self, state: &mut State) {
        let Some(deployed) = &state.deployed else { return };
        for (arn, group) in &deployed.groups {
            let wanted = match self.store.service(&group.namespace, &group.service) {
                Some(service) => {
                    let slices = self.store.slices(&group.namespace, &group.service);
                    ready(&service, &group.service_port, &slices)
                }
                None => BTreeSet::new(),
            };
            if state.targets.get(arn) == Some(&wanted) {
                continue;
            }
            match self.aws.target(arn, &wanted).await {
                Ok(()) => drop(state.targets.insert(arn.clone(), wanted)),
                Err(error) => {
                    tracing::warn!(%error, arn, "targets");
                    state.retry = Some(Instant::now() + FIRST_PAUSE);
                }
            }
        }
    }
}

/// Something that a load balancer is made for.
#[derive(Clone)]
enum Object {
    Ingress(Arc<k8s_openapi::api::networking::v1::Ingress>),
    Service(Arc<k8s_openapi::api::core::v1::Service>),
}

impl Object {
    async fn hold(&self, client: &Client, finalizer: &str) -> Result<()> {
        match self {
            Self::Ingress(object) => object::hold(client, &**object, finalizer).await,
            Self::Service(object) => object::hold(client, &**object, finalizer).await,
        }
    }

    async fn release(&self, client: &Client, finalizer: &str) -> Result<()> {
        match self {
            Self::Ingress(object) => object::release(client, &**object, finalizer).await,
            Self::Service(object) => object::release(client, &**object, finalizer).await,
        }
    }

    async fn show(&self, client: &Client, hostname: &str) -> Result<()> {
        match self {
            Self::Ingress(object) => object::show(client, &**object, hostname).await,
            Self::Service(object) => object::show(client, &**object, hostname).await,
        }
    }
}
