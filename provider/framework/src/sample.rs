//! A provider with every feature, for the framework's own tests.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;

use crate::schema::Schema;
use crate::{
    Applied, Attr, AttributePath, Choice, Config, Context, Create, DataSource, Delete, DestroyPlan, Diagnostics,
    ImportRequest, Imported, Invalid, Model, MoveSource, Number, Operation, PlanRequest, PlanResponse, Private,
    Provider, Read, Registry, Resource, Secret, State, Timeouts, Update, Value,
};

#[derive(Clone, Copy, Debug, PartialEq, Choice)]
pub(crate) enum Algorithm {
    #[tf(rename = "ECDSA")]
    Ecdsa,
    #[tf(rename = "RSA")]
    Rsa,
}

#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Subject {
    /// Common name.
    #[tf(required, replace)]
    pub(crate) common_name: Attr<String>,
    /// Country.
    #[tf(default = "DE")]
    pub(crate) country: Attr<String>,
    /// Distinguished name, made by the remote.
    #[tf(computed)]
    pub(crate) dn: Attr<String>,
}

#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Key {
    /// Algorithm.
    #[tf(default = "ECDSA")]
    pub(crate) algorithm: Attr<Algorithm>,
    /// Bits.
    #[tf(default = 256, check = at_least_one)]
    pub(crate) size: Attr<i64>,
}

#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Route {
    /// Host.
    #[tf(required)]
    pub(crate) host: Attr<String>,
    /// Port.
    #[tf(default = 80)]
    pub(crate) port: Attr<i64>,
    /// Where it leads, made by the remote.
    #[tf(computed, keep)]
    pub(crate) target: Attr<String>,
}

#[derive(Clone, Debug, PartialEq, PartialOrd, Eq, Ord, Model)]
pub(crate) struct Member {
    /// Name.
    #[tf(required)]
    pub(crate) name: Attr<String>,
    /// Number, given by the remote.
    #[tf(computed)]
    pub(crate) number: Attr<i64>,
}

#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Rule {
    /// Network.
    #[tf(required)]
    pub(crate) cidr: Attr<String>,
    /// Priority.
    #[tf(optional, computed)]
    pub(crate) priority: Attr<i64>,
}

#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Thing {
    /// Id, given by the remote.
    #[tf(computed, keep)]
    pub(crate) id: Attr<String>,
    /// Counts changes.
    #[tf(computed)]
    pub(crate) revision: Attr<i64>,
    /// Made of the name by the planner.
    #[tf(computed)]
    pub(crate) label: Attr<String>,
    /// Name.
    #[tf(required, replace)]
    pub(crate) name: Attr<String>,
    /// Note.
    #[tf(optional)]
    pub(crate) note: Attr<String>,
    /// Percentage.
    #[tf(default = 33, check = at_least_one)]
    pub(crate) percent: Attr<i64>,
    /// Region.
    #[tf(optional, computed)]
    pub(crate) region: Attr<String>,
    /// Zone.
    #[tf(optional, computed, keep, replace)]
    pub(crate) zone: Attr<String>,
    /// Subject.
    #[tf(optional)]
    pub(crate) subject: Attr<Subject>,
    /// Key.
    #[tf(default = default_key)]
    pub(crate) key: Attr<Key>,
    /// Routes in order.
    #[tf(optional)]
    pub(crate) routes: Attr<Vec<Route>>,
    /// Routes by key.
    #[tf(optional)]
    pub(crate) by_key: Attr<BTreeMap<String, Route>>,
    /// Members.
    #[tf(optional)]
    pub(crate) members: Attr<BTreeSet<Member>>,
    /// Plain list.
    #[tf(optional)]
    pub(crate) names: Attr<Vec<String>>,
    /// List whose elements may be unknown.
    #[tf(optional)]
    pub(crate) hosts: Attr<Vec<Attr<String>>>,
    /// Algorithms.
    #[tf(optional)]
    pub(crate) algorithms: Attr<BTreeSet<String>>,
    /// Tags.
    #[tf(optional)]
    pub(crate) tags: Attr<BTreeMap<String, String>>,
    /// Exact number.
    #[tf(optional)]
    pub(crate) exact: Attr<Number>,
    /// Ratio.
    #[tf(optional)]
    pub(crate) ratio: Attr<f64>,
    /// Anything.
    #[tf(optional)]
    pub(crate) anything: Attr<Value>,
    /// Password.
    #[tf(optional, sensitive)]
    pub(crate) password: Attr<Secret<String>>,
    /// Token.
    #[tf(optional, write_only)]
    pub(crate) token: Attr<Secret<String>>,
    /// Protection.
    #[tf(default = false)]
    pub(crate) protected: Attr<bool>,
    /// Old rules.
    #[tf(block)]
    pub(crate) rule: Attr<Vec<Rule>>,
    /// Timeouts.
    #[tf(optional)]
    pub(crate) timeouts: Attr<Timeouts>,
}

fn at_least_one(number: &i64) -> Result<(), Invalid> {
    if *number >= 1 {
        Ok(())
    } else {
        Err(Invalid::new(format!("`{number}` must be at least 1")))
    }
}

fn default_key() -> Key {
    Key {
        algorithm: Attr::Null,
        size: Attr::Known(384),
    }
}

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
        known(&mut plan.region, "somewhere");
        known(&mut plan.zone, "zone");
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
            Some("plan against the rules") => response.plan.percent = Attr::Known(99),
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
                let half = Thing {
                    region: Attr::Unknown,
                    ..made
                };
                Applied::failed(Some(half), private, diagnostics)
            }
            Some("fail at once") => {
                diagnostics.remote("Can't begin", "The first call failed.");
                Applied::failed(None, private, diagnostics)
            }
            Some("against the plan") => Applied::done(
                Thing {
                    percent: Attr::Known(7),
                    region: Attr::Unknown,
                    ..made
                },
                private,
            ),
            Some("wait for stop") => {
                context.cancel.cancelled().await;
                diagnostics.remote("Stopped", "The host asked to stop.");
                Applied::failed(Some(made), private, diagnostics)
            }
            Some("return nothing") => Applied::gone(),
            _ => Applied::done(made, private),
        }
    }

    async fn read(&self, _context: &Context<Duration>, request: Read<Thing>) -> Applied<Thing> {
        let mut diagnostics = Diagnostics::new();
        match request.state.note.as_str() {
            Some("gone") => Applied::gone(),
            Some("unreachable") => {
                diagnostics.remote("Can't reach it", "Connection refused.");
                Applied::failed(None, Private::default(), diagnostics)
            }
            Some("panic in read") => panic!("told to"),
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
        Ok((State(thing), Private::default()))
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
        (source.type_name == "other_thing").then(|| Ok((State(thing), Private::default())))
    }

    fn default_timeout(&self, operation: Operation) -> Duration {
        Duration::from_secs(if operation == Operation::Create { 60 } else { 30 })
    }
}

/// A thing of which nothing is known.
pub(crate) fn empty() -> Thing {
    <Thing as Model>::from_value(&Thing::schema("").empty_value()).expect("nulls fit")
}

#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Lookup {
    /// Name.
    #[tf(required)]
    pub(crate) name: Attr<String>,
    /// Depth.
    #[tf(default = 2)]
    pub(crate) depth: Attr<i64>,
    /// What was found.
    #[tf(computed)]
    pub(crate) found: Attr<String>,
}

pub(crate) struct Lookups;

#[async_trait]
impl DataSource for Lookups {
    type Model = Lookup;
    type Session = Duration;

    fn name(&self) -> &'static str {
        "lookup"
    }

    fn schema(&self) -> Schema {
        Lookup::schema("A look-up.")
    }

    async fn read(
        &self,
        _context: &Context<Duration>,
        config: Config<Lookup>,
    ) -> Result<(State<Lookup>, Diagnostics), Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        let mut lookup = config.0;
        match lookup.name.as_str() {
            Some("missing") => {
                diagnostics.remote("Can't find it", "There is nothing of that name.");
                return Err(diagnostics);
            }
            Some("changed") => lookup.depth = Attr::Known(9),
            _ => {}
        }
        lookup.found = Attr::Known(format!("{} levels deep", lookup.depth.known().copied().unwrap_or(0)));
        Ok((State(lookup), diagnostics))
    }
}

#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Settings {
    /// Seconds.
    #[tf(default = 5)]
    pub(crate) seconds: Attr<i64>,
    /// Endpoint.
    #[tf(optional)]
    pub(crate) endpoint: Attr<String>,
}

pub(crate) struct Sample;

impl Provider for Sample {
    type Config = Settings;
    type Session = Duration;

    fn name(&self) -> &'static str {
        "sample"
    }

    fn schema(&self) -> Schema {
        Settings::schema("A provider with everything.")
    }

    fn configure(&self, config: Config<Settings>) -> Result<Duration, Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        if config.endpoint.as_str() == Some("bad") {
            diagnostics.input(AttributePath::root("endpoint"), "Invalid `endpoint`", "It is bad.");
            return Err(diagnostics);
        }
        Ok(Duration::from_secs(
            config.seconds.known().map_or(0, |seconds| seconds.unsigned_abs()),
        ))
    }

    fn registry(&self) -> Registry<Duration> {
        Registry::new().resource(Things).data_source(Lookups)
    }
}
