//! How a host that did not start the provider finds it.

use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::handshake::PROTOCOL;
use crate::options::Options;

/// How a host finds a running provider.
#[derive(Clone, Debug)]
pub struct Reattach {
    address: String,
    socket: PathBuf,
}

impl Reattach {
    pub(crate) fn new(options: &Options, socket: &Path) -> Self {
        Self {
            address: options.address().to_owned(),
            socket: socket.to_owned(),
        }
    }

    /// The value of `TF_REATTACH_PROVIDERS` (and of `PULUMI_BRIDGE_REATTACH_PROVIDERS`): an object by address.
    #[must_use]
    pub fn json(&self) -> Json {
        let provider = json!({
            "Protocol": "grpc",
            "ProtocolVersion": PROTOCOL,
            "Pid": std::process::id(),
            // The host must not end this process.
            "Test": true,
            "Addr": { "Network": "unix", "String": self.socket },
        });
        Json::Object([(self.address.clone(), provider)].into_iter().collect())
    }

    /// The Unix socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }
}
