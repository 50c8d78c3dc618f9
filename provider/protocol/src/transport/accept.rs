//! Accepts connections. Handshakes run in tasks of their own, so a peer that is silent or hangs up blocks nobody.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use futures::channel::mpsc;
use tokio::net::{UnixListener, UnixStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::either::Either;

use super::Connection;

/// How long a peer may take to shake hands.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(10);
/// Pause after a failed accept, whose usual cause is a lack of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The connections of `listener`, each with what `session` makes for it. The stream never ends and never fails.
pub(crate) fn accept<S: Send + 'static>(
    listener: UnixListener,
    tls: Option<rustls::ServerConfig>,
    session: impl Fn() -> S + Send + Sync + 'static,
) -> impl Stream<Item = io::Result<Connection<S>>> {
    let (ready, connections) = mpsc::unbounded();
    let acceptor = tls.map(|config| TlsAcceptor::from(Arc::new(config)));
    tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    let (ready, acceptor, session) = (ready.clone(), acceptor.clone(), session());
                    tokio::spawn(async move {
                        if let Some(stream) = shake_hands(stream, acceptor).await {
                            let _ = ready.unbounded_send(Ok(Connection { stream, session }));
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
            if ready.is_closed() {
                return;
            }
        }
    });
    connections
}

async fn shake_hands(
    stream: UnixStream,
    acceptor: Option<TlsAcceptor>,
) -> Option<Either<UnixStream, tokio_rustls::server::TlsStream<UnixStream>>> {
    let Some(acceptor) = acceptor else {
        return Some(Either::Left(stream));
    };
    match tokio::time::timeout(HANDSHAKE_LIMIT, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => Some(Either::Right(stream)),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a connection was refused");
            None
        }
        Err(_) => {
            tracing::debug!("a connection was dropped: no handshake in time");
            None
        }
    }
}
