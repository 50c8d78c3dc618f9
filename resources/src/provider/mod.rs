//! The provider: its configuration, and what a configured provider holds.

pub mod leftovers;
#[cfg(test)]
mod old_recipes;
pub mod registry;
pub mod report;
mod terminal;
#[cfg(test)]
mod tests;
mod validate;

use tfplugin_framework::schema::Schema;
use tfplugin_framework::{Config, Diagnostics, Model, Provider, Registry};

use crate::session::Session;
use crate::session::model::ProviderConfig;

/// `e2etls`.
pub struct E2etls;

impl Provider for E2etls {
    type Config = ProviderConfig;
    type Session = Session;

    fn name(&self) -> &'static str {
        "e2etls"
    }

    fn schema(&self) -> Schema {
        ProviderConfig::schema(include_str!("README.md"))
    }

    fn validate(&self, config: &Config<ProviderConfig>, diagnostics: &mut Diagnostics) {
        validate::provider(config, diagnostics);
    }

    fn configure(&self, config: Config<ProviderConfig>) -> Result<Session, Diagnostics> {
        Ok(Session::new(config.0))
    }

    fn registry(&self) -> Registry<Session> {
        crate::provider::registry::registry()
    }
}
