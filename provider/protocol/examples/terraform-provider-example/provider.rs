//! The provider: what is configured once and shared by all resources.

use std::path::PathBuf;
use std::time::Duration;

use tfplugin_framework::schema::Schema;
use tfplugin_framework::{Attr, AttributePath, Config, Diagnostics, Invalid, Model, Provider, Registry};

use crate::document::Document;
use crate::lookup::DocumentLookup;
use crate::store::Store;

/// The provider.
pub(crate) struct Example;

/// Its configuration.
#[derive(Clone, Debug, Model)]
pub(crate) struct Settings {
    /// Directory that holds the documents. May be known only after apply.
    #[tf(required)]
    pub(crate) directory: Attr<String>,
    /// Milliseconds that every write takes, to try out interruptions.
    #[tf(optional, check = not_negative)]
    pub(crate) delay_ms: Attr<i64>,
}

fn not_negative(milliseconds: &i64) -> Result<(), Invalid> {
    if *milliseconds < 0 {
        Err(Invalid::new(format!("`{milliseconds}` is below 0")))
    } else {
        Ok(())
    }
}

impl Provider for Example {
    type Config = Settings;
    type Session = Store;

    fn name(&self) -> &'static str {
        "example"
    }

    fn schema(&self) -> Schema {
        Settings::schema("Keeps documents as files in a directory.")
    }

    fn validate(&self, config: &Config<Settings>, diagnostics: &mut Diagnostics) {
        if config.directory.as_str().is_some_and(str::is_empty) {
            let detail = "`directory` is empty. Write the path of a directory, such as `/srv/documents`.";
            diagnostics.input(AttributePath::root("directory"), "Invalid `directory`", detail);
        }
    }

    // Touches nothing: an unknown directory is legal here, and an error only where a document is read or written.
    fn configure(&self, config: Config<Settings>) -> Result<Store, Diagnostics> {
        let delay = config
            .delay_ms
            .known()
            .and_then(|delay| u64::try_from(*delay).ok())
            .unwrap_or(0);
        Ok(Store::new(
            config.directory.as_str().map(PathBuf::from),
            Duration::from_millis(delay),
        ))
    }

    fn registry(&self) -> Registry<Store> {
        Registry::new().resource(Document).data_source(DocumentLookup)
    }
}
