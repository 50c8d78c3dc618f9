//! Refreshes a resource.

use super::bounded::bounded;
use super::guard::misfit;
use super::{Outcome, Server, result, timeout};
use crate::{Diagnostics, Operation, Private, Provider, Value};

impl<P: Provider> Server<P> {
    /// Reads a resource. Null state means that it was seen to be gone. After an error the state and the private state are
    /// returned unchanged.
    pub async fn read_resource(&self, type_name: &str, state: Value, private: Private) -> Outcome {
        if state.is_null() {
            return Outcome::kept(state, private, Diagnostics::new());
        }
        match self.observe(type_name, &state, private.clone()).await {
            Ok(outcome) if !outcome.diagnostics.has_errors() => outcome,
            Ok(outcome) => Outcome::kept(state, private, outcome.diagnostics),
            Err(diagnostics) => Outcome::kept(state, private, diagnostics),
        }
    }

    async fn observe(&self, type_name: &str, state: &Value, private: Private) -> Result<Outcome, Diagnostics> {
        let target = self.resource(type_name)?;
        let allowed = timeout::written(state, Operation::Read)
            .unwrap_or_else(|| target.resource.default_timeout(Operation::Read));
        let context = self.context(allowed)?;
        let mut read = bounded(&context, "read", target.resource.read(&context, state, private))
            .await?
            .map_err(misfit)?;
        read.state = result::without_write_only(target.schema, read.state);
        read.state = result::wholly_known(read.state, "read", &mut read.diagnostics);
        Ok(read)
    }
}
