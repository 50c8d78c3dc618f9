//! A provider with every feature, for the framework's own tests.

mod thing;
mod things;

use std::time::Duration;

use async_trait::async_trait;

pub(crate) use thing::{Algorithm, Member, Thing};
pub(crate) use things::Things;

use crate::schema::Schema;
use crate::{Attr, AttributePath, Config, Context, DataSource, Diagnostics, Model, Provider, Registry, State};

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
