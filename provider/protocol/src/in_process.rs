//! A provider served to attached hosts, by this very process: for tests that drive a real host.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value as Json, json};
use tfplugin_framework::Provider;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::Options;
use crate::handshake::PROTOCOL;
use crate::serve::serve;
use crate::sessions::Sessions;
use crate::transport::Socket;

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

/// A provider that runs until it is stopped or dropped. Each connection is a session of its own.
pub struct InProcess {
    reattach: Reattach,
    shutdown: CancellationToken,
    serving: JoinHandle<io::Result<()>>,
}

impl InProcess {
    /// Serves the provider that `make` returns. Needs a running tokio runtime with more than one worker.
    ///
    /// # Errors
    /// The socket could not be bound.
    pub fn start<P: Provider>(make: impl Fn() -> P + Send + Sync + 'static, options: &Options) -> io::Result<Self> {
        let mut socket = Socket::bind()?;
        let reattach = Reattach::new(options, socket.path());
        let shutdown = CancellationToken::new();
        let sessions = Arc::new(Sessions::per_connection(Arc::new(make)));
        let served = serve(socket.listener()?, None, sessions, shutdown.clone(), false);
        let serving = tokio::spawn(async move {
            let ended = served.await;
            drop(socket);
            ended
        });
        Ok(Self {
            reattach,
            shutdown,
            serving,
        })
    }

    /// How a host finds it.
    #[must_use]
    pub fn reattach(&self) -> &Reattach {
        &self.reattach
    }

    /// Cancels the calls in progress and waits until serving has ended.
    ///
    /// # Errors
    /// Why serving failed.
    pub async fn stop(mut self) -> io::Result<()> {
        self.shutdown.cancel();
        (&mut self.serving).await.map_err(io::Error::other)?
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}
