//! Connections that are passed on.

use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV4};

use tokio::net::{TcpSocket, TcpStream};

/// Connects from `source`, so that the other end sees the client's address, or from whichever address there is.
pub(crate) async fn connect(source: Option<IpAddr>, to: SocketAddrV4) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    if let Some(source) = source {
        socket.bind(SocketAddr::new(source, 0))?;
    }
    socket.connect(to.into()).await
}

/// Copies in both directions until both have ended.
pub(crate) async fn relay(client: &mut TcpStream, upstream: &mut TcpStream) {
    let _ = client.set_nodelay(true);
    let _ = upstream.set_nodelay(true);
    let _ = tokio::io::copy_bidirectional(client, upstream).await;
}
