//! The one table of everything the provider offers.

use tfplugin_framework::Registry;

use crate::provider::Session;

/// All resources and data sources, sorted by name.
#[must_use]
pub fn registry() -> Registry<Session> {
    Registry::new()
}
