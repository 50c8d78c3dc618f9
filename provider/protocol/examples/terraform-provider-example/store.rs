//! The "remote": one JSON file per document.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tfplugin_framework::{Attr, Context, Diagnostics};

/// A configured provider.
pub(crate) struct Store {
    directory: Option<PathBuf>,
    delay: Duration,
}

/// A stored document: what the remote knows. Whatever else a user writes is kept in state alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) content: String,
    pub(crate) revision: i64,
}

impl Store {
    pub(crate) fn new(directory: Option<PathBuf>, delay: Duration) -> Self {
        Self { directory, delay }
    }

    /// The document at `path`; `None` if it is seen not to be there.
    pub(crate) async fn get(&self, path: &str) -> Result<Option<Stored>, Diagnostics> {
        let file = self.file(path)?;
        match tokio::fs::read(&file).await {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| remote("read", path, &error)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(remote("read", path, &error)),
        }
    }

    /// Writes the document at `path`.
    pub(crate) async fn put(&self, path: &str, document: &Stored) -> Result<(), Diagnostics> {
        let file = self.file(path)?;
        if let Some(folder) = file.parent() {
            tokio::fs::create_dir_all(folder)
                .await
                .map_err(|error| remote("write", path, &error))?;
        }
        let bytes = serde_json::to_vec_pretty(document).map_err(|error| remote("write", path, &error))?;
        tokio::fs::write(&file, bytes)
            .await
            .map_err(|error| remote("write", path, &error))
    }

    /// Removes the document at `path`; one that is gone already is fine.
    pub(crate) async fn remove(&self, path: &str) -> Result<(), Diagnostics> {
        match tokio::fs::remove_file(self.file(path)?).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(remote("remove", path, &error)),
            _ => Ok(()),
        }
    }

    fn file(&self, path: &str) -> Result<PathBuf, Diagnostics> {
        let Some(directory) = &self.directory else {
            let mut diagnostics = Diagnostics::new();
            let detail = "The provider's `directory` is not known yet. Apply first what it depends on.";
            diagnostics.remote("Directory is unknown", detail);
            return Err(diagnostics);
        };
        Ok(directory.join(path))
    }
}

/// The slowness of a remote: ends early when the host asks to stop, or when the time is up.
pub(crate) async fn wait(context: &Context<Store>, what: &str) -> Result<(), Diagnostics> {
    let reason = tokio::select! {
        () = tokio::time::sleep(context.session.delay) => return Ok(()),
        () = context.cancel.cancelled() => "the host asked to stop".to_owned(),
        () = tokio::time::sleep(context.timeout) => format!("it took longer than {:?}", context.timeout),
    };
    let mut diagnostics = Diagnostics::new();
    diagnostics.remote(
        format!("Interrupted: {what}"),
        format!("{reason}. Run apply again to continue."),
    );
    Err(diagnostics)
}

fn remote(verb: &str, path: &str, error: &dyn std::fmt::Display) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    diagnostics.remote(format!("Can't {verb} the document"), format!("`{path}`: {error}."));
    diagnostics
}

/// The text of a known attribute, or nothing.
pub(crate) fn text(attribute: &Attr<String>) -> String {
    attribute.as_str().unwrap_or_default().to_owned()
}
