//! How long an operation may take.

use std::time::Duration;

use crate::{Operation, Value, parse_go_duration};

/// The timeout that the attribute `timeouts` of `value` sets for `operation`, if any.
pub(super) fn written(value: &Value, operation: Operation) -> Option<Duration> {
    let name = match operation {
        Operation::Create => "create",
        Operation::Read => "read",
        Operation::Update => "update",
        Operation::Delete => "delete",
    };
    value.get("timeouts").get(name).as_str().and_then(parse_go_duration)
}
