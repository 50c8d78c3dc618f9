//! A provider served to attached hosts, by this very process: for tests that drive a real host.

use std::io;
use std::sync::Arc;

use tfplugin_framework::Provider;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::options::Options;
use crate::reattach::Reattach;
use crate::serve::serve;
use crate::sessions::Sessions;
use crate::transport::Socket;

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
