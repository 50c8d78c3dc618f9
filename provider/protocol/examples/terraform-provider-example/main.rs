//! A small provider that keeps documents as files: the whole of what a provider writes itself.
//!
//! | file | shows |
//! |---|---|
//! | `provider.rs` | configuration, session, registry |
//! | `model.rs` | attributes of every kind, validation, defaults, secrets |
//! | `document.rs` | create, read, update, delete, plan, import, upgrade, move, private state |
//! | `lookup.rs` | a data source |
//! | `store.rs` | the "remote": files in a directory |

mod document;
mod lookup;
mod model;
mod provider;
mod store;

use std::process::ExitCode;

fn main() -> ExitCode {
    let options = tfplugin_protocol::Options::new("registry.terraform.io/example/example");
    tfplugin_protocol::main(|| provider::Example, &options)
}
