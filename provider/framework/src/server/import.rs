//! Brings existing objects under management: import by id, and `moved` from another resource type.

use super::bounded::bounded;
use super::guard::guarded;
use super::{Outcome, Server, Target, result};
use crate::{Diagnostic, Diagnostics, MoveSource, Operation, Private, Provider, Value};

impl<P: Provider> Server<P> {
    /// Finds the object with the import ID `id`. The host reads it next.
    pub async fn import_resource(&self, type_name: &str, id: &str) -> Outcome {
        match self.find(type_name, id).await {
            Ok(outcome) => outcome,
            Err(diagnostics) => Outcome::kept(Value::Null, Private::default(), diagnostics),
        }
    }

    async fn find(&self, type_name: &str, id: &str) -> Result<Outcome, Diagnostics> {
        let target = self.resource(type_name)?;
        let context = self.context(target.resource.default_timeout(Operation::Read))?;
        let found = bounded(&context, "import", target.resource.import(&context, id.to_owned())).await?;
        Ok(finished(&target, found, "import"))
    }

    /// Takes over the state of another resource type. Works without configuration.
    pub fn move_resource(&self, type_name: &str, source: &MoveSource) -> Outcome {
        let moved = self.resource(type_name).and_then(|target| {
            let moved = guarded("move", || target.resource.move_from(source))?;
            moved
                .map(|outcome| finished(&target, outcome, "move"))
                .ok_or_else(|| refused(type_name, source))
        });
        moved.unwrap_or_else(|diagnostics| Outcome::kept(Value::Null, Private::default(), diagnostics))
    }
}

fn finished<S>(target: &Target<'_, S>, mut outcome: Outcome, operation: &str) -> Outcome {
    outcome.state = result::without_write_only(target.schema, outcome.state);
    outcome.state = result::wholly_known(outcome.state, operation, &mut outcome.diagnostics);
    outcome
}

fn refused(type_name: &str, source: &MoveSource) -> Diagnostics {
    Diagnostic::error("Unsupported move between resource types")
        .because(format!(
            "`{type_name}` can't take over the state of `{}` from `{}`.",
            source.type_name, source.provider_address
        ))
        .advice("Remove the `moved` block and import the object.")
        .into()
}
