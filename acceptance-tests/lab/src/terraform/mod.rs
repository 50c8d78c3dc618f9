//! A driver of Terraform and OpenTofu, generic over the provider.
//!
//! A [`Workspace`] is a directory with a configuration, a state and an environment of its own, in which the provider
//! under test is either taken from its folder (`dev_overrides`, no init) or installed from a mirror (init, lock file).
//! Every command's trace log is kept in the workspace, to be searched for what must not be there.

mod commands;
mod output;
mod plan;
mod private_keys;
mod provider;
mod running;
mod workspace;

pub use output::Output;
pub use plan::{Change, Plan};
pub use provider::Provider;
pub use running::Running;
pub use workspace::Workspace;
