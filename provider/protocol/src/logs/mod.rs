//! Log lines for the host: one JSON object per line on stderr, in the format of go-hclog.
//!
//! Hosts read stderr, sort the lines by level and show them under `TF_LOG`. Everything is redacted before it is written.

mod fields;
mod layer;
mod line;
mod panics;
mod redact;

pub use redact::redact;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;

/// Sends this process's log lines and panics to stderr. `name` is the provider's: `TF_LOG_PROVIDER_<NAME>` sets the level.
pub(crate) fn init(name: &str) {
    let subscriber = tracing_subscriber::registry().with(layer::HostLog::new(level(name)));
    // A subscriber that is already set, by a test for example, is kept.
    let _ = tracing::subscriber::set_global_default(subscriber);
    panics::install();
}

/// The level of this provider. Everything by default: the host filters.
fn level(name: &str) -> LevelFilter {
    let variable = format!("TF_LOG_PROVIDER_{}", name.to_uppercase().replace('-', "_"));
    std::env::var(variable)
        .ok()
        .map_or(LevelFilter::TRACE, |text| parse_level(&text))
}

fn parse_level(text: &str) -> LevelFilter {
    match text.to_ascii_lowercase().as_str() {
        "off" => LevelFilter::OFF,
        "error" => LevelFilter::ERROR,
        "warn" => LevelFilter::WARN,
        "info" => LevelFilter::INFO,
        "debug" => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    }
}
