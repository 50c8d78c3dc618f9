//! The sweep finds what it is there for.

use std::panic::{AssertUnwindSafe, catch_unwind};

use async_trait::async_trait;

use super::Sweep;
use crate::schema::Schema;
use crate::server::Server;
use crate::{
    Applied, Attr, Config, Context, Create, Delete, Diagnostics, Model, PlanRequest, PlanResponse, Private, Provider,
    Read, Registry, Resource, Update,
};

#[derive(Clone, Debug, Model)]
struct Settings {
    /// Prefix of all labels.
    #[tf(optional)]
    prefix: Attr<String>,
}

#[derive(Clone, Debug, Model)]
struct Labelled {
    /// Name.
    #[tf(required)]
    name: Attr<String>,
    /// Note.
    #[tf(optional)]
    note: Attr<String>,
    /// Made of the provider's prefix and the name.
    #[tf(computed)]
    label: Attr<String>,
    /// As it was after the last apply.
    #[tf(computed)]
    status: Attr<String>,
}

/// What a planner gets wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// It takes an unknown argument for none.
    UnknownName,
    /// It takes an unknown argument of the provider for none.
    UnknownPrefix,
    /// It takes a provider that is not configured for one without arguments.
    NoSession,
    /// It says that nothing changes while an argument is unknown, and looks only once it is known.
    LateChange,
    /// The same, and only where it remembers something of the last apply.
    LateMemory,
}

struct Faulty(Fault);

impl Faulty {
    fn overlooks(&self, private: &Private) -> bool {
        match self.0 {
            Fault::LateChange => true,
            Fault::LateMemory => private.get("written") == Some(true),
            _ => false,
        }
    }

    fn label(&self, prefix: Option<&Attr<String>>, name: &Attr<String>) -> Attr<String> {
        let prefix = match prefix {
            Some(Attr::Unknown) if self.0 == Fault::UnknownPrefix => &Attr::Null,
            Some(prefix) => prefix,
            None if self.0 == Fault::NoSession => &Attr::Null,
            None => &Attr::Unknown,
        };
        let name = if name.is_unknown() && self.0 == Fault::UnknownName {
            &Attr::Null
        } else {
            name
        };
        if prefix.is_unknown() || name.is_unknown() {
            return Attr::Unknown;
        }
        let text = [prefix, name].map(|part| part.as_str().unwrap_or_default());
        Attr::Known(text.concat())
    }
}

#[async_trait]
impl Resource for Faulty {
    type Model = Labelled;
    type Session = Attr<String>;

    fn name(&self) -> &'static str {
        "labelled"
    }

    fn schema(&self) -> Schema {
        Labelled::schema("Something with a label.")
    }

    fn plan(&self, request: &PlanRequest<'_, Self>, response: &mut PlanResponse<Labelled>) {
        let plan = &mut response.plan;
        plan.label = self.label(request.session.map(|session| &**session), &plan.name);
        match request.prior {
            Some(prior) if prior.label != plan.label => plan.status = Attr::Unknown,
            Some(prior) if self.overlooks(request.private) && plan.note.is_unknown() => {
                plan.status = prior.status.clone();
            }
            _ => {}
        }
    }

    async fn create(&self, _: &Context<Attr<String>>, request: Create<Labelled>) -> Applied<Labelled> {
        Applied::done(request.plan.0, request.private)
    }

    async fn read(&self, _: &Context<Attr<String>>, request: Read<Labelled>) -> Applied<Labelled> {
        Applied::done(request.state.0, request.private)
    }

    async fn update(&self, _: &Context<Attr<String>>, request: Update<Labelled>) -> Applied<Labelled> {
        Applied::done(request.plan.0, request.private)
    }

    async fn delete(&self, _: &Context<Attr<String>>, _: Delete<Labelled>) -> Applied<Labelled> {
        Applied::gone()
    }
}

struct Labels(Fault);

impl Provider for Labels {
    type Config = Settings;
    type Session = Attr<String>;

    fn name(&self) -> &'static str {
        "test"
    }

    fn schema(&self) -> Schema {
        Settings::schema("A provider of labels.")
    }

    fn configure(&self, config: Config<Settings>) -> Result<Attr<String>, Diagnostics> {
        Ok(config.0.prefix)
    }

    fn registry(&self) -> Registry<Attr<String>> {
        Registry::new().resource(Faulty(self.0))
    }
}

/// What the sweep says of a planner.
fn verdict(fault: Fault) -> Result<(), String> {
    verdict_of(fault, |sweep| sweep)
}

/// The same of a sweep that is adjusted.
fn verdict_of(fault: Fault, adjust: impl FnOnce(Sweep) -> Sweep) -> Result<(), String> {
    let server = Server::new(Labels(fault));
    let mut prefix = server.schema().provider.empty_value();
    let sweep = Sweep::new("test_labelled")
        .planner_reads_state()
        .provider(prefix.clone());
    if let crate::Value::Map(entries) = &mut prefix {
        entries.insert("prefix".to_owned(), "eu-".into());
    }
    let sweep = sweep.provider(prefix).private(|_| {
        let mut private = Private::default();
        private.set("written", &true);
        private
    });
    let sweep = adjust(sweep);
    catch_unwind(AssertUnwindSafe(|| sweep.run(&server))).map_err(|panic| {
        let text = panic.downcast_ref::<String>();
        text.cloned().unwrap_or_default()
    })
}

#[test]
fn every_way_to_misread_an_unknown_is_found() {
    assert_eq!(verdict(Fault::None), Ok(()));
    let table = [
        (Fault::UnknownName, "label: changed"),
        (Fault::UnknownPrefix, "label: changed"),
        (Fault::NoSession, "label: changed"),
        (Fault::LateChange, "status: was known, but is now unknown"),
        (Fault::LateMemory, "status: was known, but is now unknown"),
    ];
    for (fault, expected) in table {
        // One sweep draws a sample, which may miss it.
        let mut sweeps = (0..5).filter_map(|_| verdict(fault).err());
        let found = sweeps.next().expect("a planner with a fault is found");
        assert!(found.contains(expected), "{fault:?}: {found}");
    }
}

#[test]
fn an_argument_of_the_provider_that_is_always_unknown_at_first_is_found_in_a_few_cases() {
    let few = |sweep: Sweep| sweep.unknown_at_first(&["prefix"]).cases(24);
    assert_eq!(verdict_of(Fault::None, few), Ok(()));
    let found = verdict_of(Fault::UnknownPrefix, few).expect_err("a planner with a fault");
    assert!(found.contains("label: changed"), "{found}");
}
