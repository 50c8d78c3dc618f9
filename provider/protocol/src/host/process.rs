//! A running provider.

use std::path::Path;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tfplugin_proto::plugin::Empty;
use tfplugin_proto::plugin::grpc_controller_client::GrpcControllerClient;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Child;
use tonic::transport::Channel;

use super::identity::client_config;
use super::{ClientIdentity, HandshakeLine, HostError, Launch, Provider, TlsVersion, channel};

/// Terraform waits a minute; no test should.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(20);
const EXIT_LIMIT: Duration = Duration::from_secs(10);

/// A provider process that was started and has shaken hands. Killed when dropped.
pub struct Host {
    child: Child,
    line: HandshakeLine,
    identity: Option<ClientIdentity>,
    printed: Arc<Mutex<Vec<String>>>,
    logged: Arc<Mutex<Vec<String>>>,
}

impl Host {
    /// Starts the provider and reads its line.
    ///
    /// # Errors
    /// The process ended, or printed something else.
    pub async fn start(launch: &Launch) -> Result<Self, HostError> {
        let identity = if launch.encrypted {
            Some(ClientIdentity::new()?)
        } else {
            None
        };
        let mut child = launch.command(identity.as_ref()).spawn()?;
        let logged = Arc::default();
        let printed = Arc::default();
        if let Some(stderr) = child.stderr.take() {
            collect(BufReader::new(stderr), &logged);
        }
        let stdout = child
            .stdout
            .take()
            .ok_or_else(|| HostError::Handshake("stdout is closed".to_owned()))?;
        let mut stdout = BufReader::new(stdout);
        let mut first = String::new();
        let read = tokio::time::timeout(HANDSHAKE_LIMIT, stdout.read_line(&mut first)).await;
        read.map_err(|_| HostError::Handshake("no handshake line in time".to_owned()))??;
        let line = HandshakeLine::parse(first.trim_end_matches('\n'))?;
        collect(stdout, &printed);
        Ok(Self {
            child,
            line,
            identity,
            printed,
            logged,
        })
    }

    /// The handshake line.
    #[must_use]
    pub fn line(&self) -> &HandshakeLine {
        &self.line
    }

    /// What was printed after the line.
    #[must_use]
    pub fn printed(&self) -> Vec<String> {
        self.printed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was logged so far, by line.
    #[must_use]
    pub fn logged(&self) -> Vec<String> {
        self.logged.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The process id, while it runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// A connection as this host.
    ///
    /// # Errors
    /// The connection could not be made.
    pub async fn channel(&self) -> Result<Channel, HostError> {
        self.channel_as(self.identity.as_ref(), None).await
    }

    /// A connection with this host's certificate and one version of TLS.
    ///
    /// # Errors
    /// The connection could not be made.
    pub async fn channel_over(&self, version: TlsVersion) -> Result<Channel, HostError> {
        self.channel_as(self.identity.as_ref(), Some(version)).await
    }

    /// A connection as somebody else, or without a certificate.
    ///
    /// # Errors
    /// The connection could not be made.
    pub async fn channel_as(
        &self,
        identity: Option<&ClientIdentity>,
        version: Option<TlsVersion>,
    ) -> Result<Channel, HostError> {
        let tls = if self.line.certificate.is_empty() {
            None
        } else {
            let config = client_config(&self.line.certificate, identity, version);
            Some(config.map_err(|error| HostError::Connection(error.to_string()))?)
        };
        channel::connect(&self.line.socket, tls).await
    }

    /// The provider, over a new connection.
    ///
    /// # Errors
    /// The connection could not be made, or the schema could not be read.
    pub async fn provider(&self) -> Result<Provider, HostError> {
        Provider::over(self.channel().await?).await
    }

    /// Asks the process to end, and waits for it.
    ///
    /// # Errors
    /// The request failed, or the process did not end.
    pub async fn shutdown(mut self) -> Result<(ExitStatus, Duration), HostError> {
        let mut controller = GrpcControllerClient::new(self.channel().await?);
        let asked = Instant::now();
        controller.shutdown(Empty {}).await?;
        let status = self.wait().await?;
        Ok((status, asked.elapsed()))
    }

    /// Waits for the process to end by itself.
    ///
    /// # Errors
    /// It did not end in time.
    pub async fn wait(&mut self) -> Result<ExitStatus, HostError> {
        let ended = tokio::time::timeout(EXIT_LIMIT, self.child.wait()).await;
        Ok(ended.map_err(|_| std::io::Error::other("the provider did not end in time"))??)
    }
}

impl Provider {
    /// A provider that waits for hosts to attach at `socket`.
    ///
    /// # Errors
    /// The connection could not be made, or the schema could not be read.
    pub async fn attach(socket: &Path) -> Result<Self, HostError> {
        Self::over(channel::connect(socket, None).await?).await
    }
}

fn collect(reader: impl AsyncBufReadExt + AsyncRead + Unpin + Send + 'static, lines: &Arc<Mutex<Vec<String>>>) {
    let lines = lines.clone();
    tokio::spawn(async move {
        let mut reader = reader.lines();
        while let Ok(Some(line)) = reader.next_line().await {
            lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    });
}
