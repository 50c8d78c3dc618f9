//! One connection, encrypted or not, and what belongs to it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;
use tonic::transport::server::Connected;

/// A connection of a host. `S` is passed to every call that arrives on it.
pub(crate) struct Connection<S> {
    pub(super) stream: Either<UnixStream, TlsStream<UnixStream>>,
    pub(super) session: S,
}

impl<S: Clone + Send + Sync + 'static> Connected for Connection<S> {
    type ConnectInfo = S;

    fn connect_info(&self) -> S {
        self.session.clone()
    }
}

impl<S: Unpin> AsyncRead for Connection<S> {
    fn poll_read(mut self: Pin<&mut Self>, task: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(task, into)
    }
}

impl<S: Unpin> AsyncWrite for Connection<S> {
    fn poll_write(mut self: Pin<&mut Self>, task: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(task, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(task)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(task)
    }
}
