//! A gRPC channel over a Unix socket, encrypted or not.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;
use tokio_util::either::Either;
use tonic::transport::{Channel, Endpoint};

use super::HostError;

/// Connects to the provider behind `socket`.
pub(super) async fn connect(socket: &Path, tls: Option<ClientConfig>) -> Result<Channel, HostError> {
    let socket = socket.to_owned();
    let tls = tls.map(|config| TlsConnector::from(Arc::new(config)));
    let connector = tower::service_fn(move |_| open(socket.clone(), tls.clone()));
    Endpoint::from_static("http://localhost")
        .connect_with_connector(connector)
        .await
        .map_err(|error| HostError::Connection(chain(&error)))
}

async fn open(
    socket: PathBuf,
    tls: Option<TlsConnector>,
) -> std::io::Result<TokioIo<Either<UnixStream, tokio_rustls::client::TlsStream<UnixStream>>>> {
    let stream = UnixStream::connect(socket).await?;
    let Some(tls) = tls else {
        return Ok(TokioIo::new(Either::Left(stream)));
    };
    let stream = tls
        .connect(
            ServerName::try_from("localhost").map_err(std::io::Error::other)?,
            stream,
        )
        .await?;
    if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
        return Err(std::io::Error::other("the provider did not choose h2"));
    }
    Ok(TokioIo::new(Either::Right(stream)))
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
