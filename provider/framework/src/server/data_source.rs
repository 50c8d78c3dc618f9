//! Reads a data source.

use std::time::Duration;

use super::bounded::bounded;
use super::guard::guarded;
use super::{Server, plan, result, timeout, unknown_type};
use crate::{Diagnostics, Operation, Provider, Value, oracle};

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(20 * 60);

impl<P: Provider> Server<P> {
    /// True if the provider's configuration does not let the data source be read yet: see [`crate::DataSource::waits`].
    pub fn waits_data_source(&self, type_name: &str, config: &Value) -> bool {
        let known = (
            self.data_sources.get(type_name),
            self.schema().data_sources.get(type_name),
        );
        let (Some(source), Some(schema), Some(session)) = (known.0, known.1, self.configured()) else {
            return false;
        };
        let waits = || source.waits(&session, &plan::with_defaults(schema, config));
        guarded("waits", waits).unwrap_or_default()
    }

    /// Reads a data source. The value is null after an error.
    pub async fn read_data_source(&self, type_name: &str, config: &Value) -> (Value, Diagnostics) {
        self.read_data(type_name, config)
            .await
            .unwrap_or_else(|diagnostics| (Value::Null, diagnostics))
    }

    async fn read_data(&self, type_name: &str, config: &Value) -> Result<(Value, Diagnostics), Diagnostics> {
        let (Some(source), Some(schema)) = (
            self.data_sources.get(type_name),
            self.schema().data_sources.get(type_name),
        ) else {
            return Err(unknown_type("data source", type_name, self.data_sources.keys()));
        };
        let config = plan::with_defaults(schema, config);
        let context = self.context(timeout::written(&config, Operation::Read).unwrap_or(DEFAULT_TIMEOUT))?;
        let (value, mut diagnostics) = bounded(&context, "read", source.read(&context, &config)).await??;
        let value = result::wholly_known(value, "read", &mut diagnostics);
        for violation in oracle::check_apply(schema, &plan::computed_unknown(schema, &config), &value) {
            diagnostics.bug(format!(
                "the result of reading `{type_name}` breaks a rule of the host: {violation}"
            ));
        }
        Ok((value, diagnostics))
    }
}
