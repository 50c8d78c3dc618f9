//! How a provider is started.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::ClientIdentity;
use crate::handshake::{COOKIE_NAME, COOKIE_VALUE};

/// A provider's binary and how a host would start it: with the cookie, mutual TLS, and protocols 5 and 6.
#[derive(Clone, Debug)]
pub struct Launch {
    binary: PathBuf,
    arguments: Vec<OsString>,
    variables: Vec<(OsString, Option<OsString>)>,
    pub(super) encrypted: bool,
}

impl Launch {
    /// Starts `binary` as Terraform does.
    pub fn new(binary: impl AsRef<Path>) -> Self {
        let launch = Self {
            binary: binary.as_ref().to_owned(),
            arguments: Vec::new(),
            variables: Vec::new(),
            encrypted: true,
        };
        launch
            .variable(COOKIE_NAME, COOKIE_VALUE)
            .variable("PLUGIN_PROTOCOL_VERSIONS", "5,6")
    }

    /// The same with an environment variable.
    #[must_use]
    pub fn variable(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.variables
            .push((name.as_ref().to_owned(), Some(value.as_ref().to_owned())));
        self
    }

    /// The same without an environment variable.
    #[must_use]
    pub fn without(mut self, name: impl AsRef<OsStr>) -> Self {
        self.variables.push((name.as_ref().to_owned(), None));
        self
    }

    /// The same with an argument.
    #[must_use]
    pub fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// The same without TLS.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.encrypted = false;
        self
    }

    /// The command, for tests that look at the bare process.
    #[must_use]
    pub fn command(&self, identity: Option<&ClientIdentity>) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(&self.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // Variables that the environment of the test may have.
        for name in [
            "PLUGIN_CLIENT_CERT",
            "PLUGIN_UNIX_SOCKET_DIR",
            "PLUGIN_UNIX_SOCKET_GROUP",
            "PLUGIN_MULTIPLEX_GRPC",
        ] {
            command.env_remove(name);
        }
        for (name, value) in &self.variables {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(identity) = identity {
            command.env("PLUGIN_CLIENT_CERT", identity.pem());
        }
        command
    }
}
