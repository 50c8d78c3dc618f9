//! From `tracing` events to lines on stderr.

use std::io::Write;

use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::fields::Fields;
use super::line::Line;

/// Crates below gRPC: their chatter would bury everything else, and writing a log line would cause further ones.
const TRANSPORT: [&str; 8] = ["h2", "hyper", "hyper_util", "mio", "rustls", "tokio", "tonic", "tower"];
/// Crates whose finer levels print whole requests and answers, credentials included.
const CLIENTS: [&str; 5] = ["aws_", "kube", "reqwest", "tower_http", "quinn"];

/// Writes each event as one line.
pub(super) struct HostLog {
    level: LevelFilter,
}

impl HostLog {
    pub(super) fn new(level: LevelFilter) -> Self {
        Self { level }
    }

    fn lets_through(&self, metadata: &Metadata<'_>) -> bool {
        let origin = metadata.target().split("::").next().unwrap_or_default();
        let coarsest = if TRANSPORT.contains(&origin) {
            Level::WARN
        } else if CLIENTS.iter().any(|client| origin.starts_with(client)) {
            Level::INFO
        } else {
            Level::TRACE
        };
        *metadata.level() <= self.level && *metadata.level() <= coarsest
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for HostLog {
    fn enabled(&self, metadata: &Metadata<'_>, _context: Context<'_, S>) -> bool {
        // Events inherit the fields of their spans, whatever the level of the span.
        metadata.is_span() || self.lets_through(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        // Spans are made at `ERROR`, so the hint may be as narrow as the level.
        Some(self.level)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut line = Line::new(event.metadata(), fields.message);
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if let Some(fields) = span.extensions().get::<Fields>() {
                line.add(&fields.others);
            }
        }
        line.add(&fields.others);
        // A host that has closed its end reads no log.
        let _ = std::io::stderr().lock().write_all(&line.into_bytes());
    }
}
