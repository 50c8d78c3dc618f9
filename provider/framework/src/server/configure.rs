//! Validates and accepts the provider's configuration.

use std::sync::{Arc, PoisonError};

use super::guard::{guarded, misfit};
use super::{Server, plan, validate};
use crate::{Config, Diagnostics, Model, Provider, Value};

impl<P: Provider> Server<P> {
    /// What the configured provider holds; `None` if it is not configured.
    pub fn configured(&self) -> Option<Arc<P::Session>> {
        self.session.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets the configuration, as if there had never been one: for the test kit.
    #[cfg(any(test, feature = "testkit"))]
    pub(crate) fn unconfigure(&self) {
        *self.session.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Checks a provider configuration; unknown values may be anything.
    pub fn validate_provider(&self, config: &Value) -> Diagnostics {
        validate::run(&self.schema().provider, config, |config, diagnostics| {
            self.provider
                .validate(&Config(<P::Config as Model>::from_value(config)?), diagnostics);
            Ok(())
        })
    }

    /// Accepts a provider configuration. The last one wins; after a failed one the provider is not configured.
    pub fn configure(&self, config: &Value) -> Diagnostics {
        let config = plan::with_defaults(&self.schema().provider, config);
        let configured = guarded("configure", || {
            let config = <P::Config as Model>::from_value(&config).map_err(misfit)?;
            self.provider.configure(Config(config))
        });
        let (session, diagnostics) = match configured.and_then(|result| result) {
            Ok(session) => (Some(Arc::new(session)), Diagnostics::new()),
            Err(diagnostics) => (None, diagnostics),
        };
        *self.session.write().unwrap_or_else(PoisonError::into_inner) = session;
        diagnostics
    }
}
