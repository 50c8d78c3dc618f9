//! Panics in hooks become messages: one bad hook must not end the process and with it the work on other resources.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures::FutureExt;

use crate::{DecodeError, Diagnostic, Diagnostics};

/// Runs a hook; a panic in it becomes a message that names `hook`.
pub(super) fn guarded<T>(hook: &str, call: impl FnOnce() -> T) -> Result<T, Diagnostics> {
    // The only mutable state that hooks share with us is dropped together with the failed call.
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| bug(hook, &*panic))
}

/// Awaits a hook; a panic in it becomes a message that names `hook`.
pub(super) async fn guarded_async<T>(hook: &str, call: impl Future<Output = T>) -> Result<T, Diagnostics> {
    AssertUnwindSafe(call)
        .catch_unwind()
        .await
        .map_err(|panic| bug(hook, &*panic))
}

/// A value that does not fit the model as a message.
pub(super) fn misfit(error: DecodeError) -> Diagnostics {
    Diagnostic::from(error).into()
}

fn bug(hook: &str, panic: &(dyn Any + Send)) -> Diagnostics {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Diagnostic::bug(format!("`{hook}` panicked: {}", text.unwrap_or("no reason given"))).into()
}
