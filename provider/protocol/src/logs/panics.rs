//! What a panic leaves on stderr.
//!
//! Panics inside a call are caught and become diagnostics; they are logged as errors. A panic on the main thread ends the
//! process: it is printed as Go would print one, because hosts look for a line that starts with `panic: ` and show what
//! follows it.

use std::backtrace::Backtrace;
use std::io::Write;
use std::panic::PanicHookInfo;

use super::redact;

/// Replaces the default hook, whose output hosts don't understand.
pub(super) fn install() {
    std::panic::set_hook(Box::new(|panic| {
        let trace = Backtrace::force_capture();
        if std::thread::current().name() == Some("main") {
            let text = fatal(&message(panic), &location(panic), &trace.to_string());
            let _ = std::io::stderr().lock().write_all(text.as_bytes());
        } else {
            tracing::error!(location = location(panic), %trace, "panic: {}", message(panic));
        }
    }));
}

fn message(panic: &PanicHookInfo<'_>) -> String {
    redact(panic.payload_as_str().unwrap_or("no reason given")).into_owned()
}

fn location(panic: &PanicHookInfo<'_>) -> String {
    panic.location().map(ToString::to_string).unwrap_or_default()
}

fn fatal(message: &str, location: &str, trace: &str) -> String {
    format!("panic: {message}\n\nat {location}\n{}\n", redact(trace))
}
