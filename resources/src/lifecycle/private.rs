//! What a state remembers besides its attributes.

use e2etls_engine::ledger::Memory;
use tfplugin_framework::{Model, Private};

use super::configuration;
use super::managed::Managed;

const MEMORY: &str = "memory";
/// Of a create plan: the arguments, for the delete leg of a tainted replacement to compare.
const WANTED: &str = "wanted";

/// Of an import: arguments that the object did not show.
const UNSEEN: &str = "unseen";

/// Arguments that the import could not read.
pub(super) fn unseen(private: &Private) -> Vec<String> {
    private.get(UNSEEN).unwrap_or_default()
}

/// Keeps those of [`Managed::UNSEEN`] that the import could not read.
pub(super) fn forgive<M: Managed>(private: &mut Private, imported: &M) {
    let value = imported.to_value();
    let unseen: Vec<&&str> = M::UNSEEN.iter().filter(|name| value.get(name).is_null()).collect();
    if !unseen.is_empty() {
        private.set(UNSEEN, &unseen);
    }
}

/// The engine's memory; empty if there is none.
pub(super) fn memory(private: &Private) -> Memory {
    private.get(MEMORY).unwrap_or_default()
}

/// Keeps the engine's memory.
pub(super) fn remember(private: &mut Private, memory: &Memory) {
    private.set(MEMORY, memory);
    private.remove(WANTED);
}

/// Keeps the arguments of a create plan, if all of them are known.
pub(super) fn want<M: Model>(private: &mut Private, plan: &M) {
    if plan.to_value().unknown_arguments::<M>() {
        private.remove(WANTED);
    } else {
        private.set(WANTED, &configuration::all(plan));
    }
}

/// The arguments that the create leg of a replacement will have; `None` if they are not known.
pub(super) fn wanted<M: Model>(private: &Private) -> Option<M> {
    configuration::read(&private.get::<String>(WANTED)?).ok()
}

trait UnknownArguments {
    /// True if any argument holds an unknown value.
    fn unknown_arguments<M: Model>(&self) -> bool;
}

impl UnknownArguments for tfplugin_framework::Value {
    fn unknown_arguments<M: Model>(&self) -> bool {
        use tfplugin_framework::schema::Mode;
        let arguments = M::attributes();
        let mut arguments = arguments.iter().filter(|attribute| attribute.mode != Mode::Computed);
        arguments.any(|attribute| {
            let settled = attribute.mode == Mode::OptionalComputed;
            let value = self.get(&attribute.name);
            !settled && !value.is_wholly_known()
        })
    }
}
