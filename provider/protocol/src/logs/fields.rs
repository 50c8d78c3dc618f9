//! Fields of events and spans, redacted as they are recorded.

use std::fmt::Debug;

use serde_json::Value as Json;
use tracing::field::{Field, Visit};

use super::redact;

/// Fields in the order in which they were recorded.
#[derive(Default)]
pub(super) struct Fields {
    /// The field `message`.
    pub(super) message: String,
    /// All others.
    pub(super) others: Vec<(&'static str, Json)>,
}

impl Fields {
    fn record(&mut self, field: &Field, value: Json) {
        match (field.name(), value) {
            ("message", Json::String(text)) => self.message = text,
            ("message", value) => self.message = value.to_string(),
            (name, value) => self.others.push((name, value)),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record(field, redact(value).into_owned().into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.record(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.record(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.record(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.record(field, value.into());
    }
}
