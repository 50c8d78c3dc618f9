//! A resource that fails on request.

use std::time::Duration;

use async_trait::async_trait;

use super::thing::Thing;
use crate::schema::Schema;
use crate::{
    Applied, Attr, AttributePath, Config, Context, Create, Delete, DestroyPlan, Diagnostics, ImportRequest, Imported,
    Model, MoveSource, Operation, PlanRequest, PlanResponse, Private, Read, Resource, Secret, State, Update,
};

/// A thing; its note says how it shall fail.
pub(crate) struct Things;

impl Things {
    fn made(mut plan: Thing, number: i64) -> Thing {
        let known = |text: &mut Attr<String>, word: &str| {
            if text.is_unknown() {
                *text = Attr::Known(word.to_owned());
            }
        };
        known(&mut plan.id, "id-1");
        known(&mut plan.common.placing.region, "somewhere");
        known(&mut plan.common.placing.zone, "zone");
        plan.revision = Attr::Known(number);
        if let Attr::Known(subject) = &mut plan.subject {
            known(&mut subject.dn, "CN=x");
        }
        plan.token = Attr::Known(Secret::new("left in by mistake".to_owned()));
        plan
    }
}

#[async_trait]
impl Resource for Things {
    type Model = Thing;
    type Session = Duration;

    fn name(&self) -> &'static str {
        "thing"
    }

    fn schema(&self) -> Schema {
        Schema {
            version: 2,
            ..Thing::schema("A thing.")
        }
    }

    fn validate(&self, config: &Config<Thing>, diagnostics: &mut Diagnostics) {
        match config.note.as_str() {
            Some("forbidden") => diagnostics.input(AttributePath::root("note"), "Invalid `note`", "It is forbidden."),
            Some("panic in validate") => panic!("told to"),
            _ => {}
        }
    }

    fn plan(&self, _request: &PlanRequest<'_, Self>, response: &mut PlanResponse<Thing>) {
        response.plan.label = response.plan.name.clone().map(|name| format!("label of {name}"));
        match response.plan.note.as_str() {
            Some("panic in plan") => panic!("told to"),
            Some("plan against the rules") => response.plan.common.percent = Attr::Known(99),
            Some("replace by hook") => response.replace.push(AttributePath::root("note")),
            Some("take replacement away") => response.replace.clear(),
            _ => {}
        }
    }

    fn plan_destroy(&self, request: &DestroyPlan<'_, Self>, diagnostics: &mut Diagnostics) {
        if request.prior.protected.known() == Some(&true) {
            let how = if request.replacing { "replaced" } else { "destroyed" };
            diagnostics.input(
                AttributePath::root("protected"),
                "Refuse to destroy",
                format!("It would be {how}."),
            );
        }
    }

    async fn create(&self, context: &Context<Duration>, request: Create<Thing>) -> Applied<Thing> {
        let mut private = request.private;
        private.set("timeout", &context.timeout.as_secs());
        let made = Self::made(request.plan.0, 1);
        let mut diagnostics = Diagnostics::new();
        match request.config.note.as_str() {
            Some("panic in create") => panic!("told to"),
            Some("fail half-way") => {
                diagnostics.remote("Can't finish", "The second call failed.");
                let mut half = made;
                half.common.placing.region = Attr::Unknown;
                Applied::failed(Some(half), private, diagnostics)
            }
            Some("fail at once") => {
                diagnostics.remote("Can't begin", "The first call failed.");
                Applied::failed(None, private, diagnostics)
            }
            Some("against the plan") => {
                let mut other = made;
                other.common.percent = Attr::Known(7);
                other.common.placing.region = Attr::Unknown;
                Applied::done(other, private)
            }
            Some("wait for stop") => {
                context.cancel.cancelled().await;
                diagnostics.remote("Stopped", "The host asked to stop.");
                Applied::failed(Some(made), private, diagnostics)
            }
            Some("return nothing") => Applied::gone(),
            _ => Applied::done(made, private),
        }
    }

    async fn read(&self, context: &Context<Duration>, request: Read<Thing>) -> Applied<Thing> {
        let mut diagnostics = Diagnostics::new();
        match request.state.note.as_str() {
            Some("gone") => Applied::gone(),
            Some("unreachable") => {
                diagnostics.remote("Can't reach it", "Connection refused.");
                Applied::failed(None, Private::default(), diagnostics)
            }
            Some("panic in read") => panic!("told to"),
            Some("hang") => std::future::pending().await,
            Some("say when it is over") => {
                tokio::time::sleep_until(context.deadline).await;
                diagnostics.remote("Can't reach it", "It was over.");
                Applied::failed(None, Private::default(), diagnostics)
            }
            _ => Applied::done(request.state.0, request.private),
        }
    }

    async fn update(&self, _context: &Context<Duration>, request: Update<Thing>) -> Applied<Thing> {
        let mut diagnostics = Diagnostics::new();
        if request.config.note.as_str() == Some("fail at once") {
            diagnostics.remote("Can't update", "The first call failed.");
            return Applied::failed(None, request.private, diagnostics);
        }
        let number = request.prior.revision.known().copied().unwrap_or(0);
        Applied::done(Self::made(request.plan.0, number + 1), request.private)
    }

    async fn delete(&self, _context: &Context<Duration>, request: Delete<Thing>) -> Applied<Thing> {
        let mut diagnostics = Diagnostics::new();
        match request.prior.note.as_str() {
            Some("stuck") => {
                diagnostics.remote("Can't delete", "A finalizer holds it.");
                Applied::failed(None, request.private, diagnostics)
            }
            Some("stays") => Applied::done(request.prior.0, request.private),
            Some("say which leg") => {
                diagnostics.remote("Leg", format!("before create: {}", request.before_create()));
                Applied::failed(None, request.private, diagnostics)
            }
            _ => Applied::gone(),
        }
    }

    async fn import(&self, _context: &Context<Duration>, request: ImportRequest) -> Imported<Thing> {
        if request.id == "none" {
            let mut diagnostics = Diagnostics::new();
            diagnostics.remote("Can't find it", "There is no such thing.");
            return Err(diagnostics);
        }
        let thing = Thing {
            id: Attr::Known(request.id),
            ..empty()
        };
        Ok((State(thing), Private::default(), Diagnostics::new()))
    }

    fn upgrade(&self, version: i64, mut state: serde_json::Value) -> Result<serde_json::Value, Diagnostics> {
        let (old, new) = if version == 0 {
            ("title", "heading")
        } else {
            ("heading", "name")
        };
        let moved = state[old].take();
        state[new] = moved;
        Ok(state)
    }

    fn move_from(&self, source: &MoveSource) -> Option<Imported<Thing>> {
        let id = source.state["id"].as_str()?.to_owned();
        let thing = Thing {
            id: Attr::Known(id),
            ..empty()
        };
        (source.type_name == "other_thing").then(|| Ok((State(thing), Private::default(), Diagnostics::new())))
    }

    fn default_timeout(&self, operation: Operation) -> Duration {
        Duration::from_secs(if operation == Operation::Create { 60 } else { 30 })
    }
}

/// A thing of which nothing is known.
pub(crate) fn empty() -> Thing {
    <Thing as Model>::from_value(&Thing::schema("").empty_value()).expect("nulls fit")
}
