//! The network's way out: proxies on the way to the API server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::ground::Ground;

/// A proxy for `CONNECT`; counts what it was asked for.
async fn proxy() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("it works");
    let port = listener.local_addr().expect("it works").port();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let count = Arc::clone(&count);
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await?);
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let Some(to) = head.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()) else {
                    return client.write_all(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n").await;
                };
                count.fetch_add(1, Ordering::Relaxed);
                let mut server = TcpStream::connect(to).await?;
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
                tokio::io::copy_bidirectional(&mut client, &mut server).await.map(drop)
            });
        }
    });
    (port, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_of_the_environment_is_used_unless_no_proxy_names_the_server() {
    let (port, asked) = proxy().await;
    let ground = Ground::new("network-proxy").await;
    let url = format!("http://127.0.0.1:{port}");
    let ground = Ground {
        terraform: ground.terraform.env("HTTPS_PROXY", &url),
        ..ground
    };
    ground.write(&(ground.ca("") + &ground.issuer()));
    drop(ground.terraform.apply(&[]).await.expect("it works").success());
    assert!(asked.load(Ordering::Relaxed) > 0, "the proxy was asked");
    let ground = Ground {
        terraform: ground.terraform.env("NO_PROXY", "127.0.0.1"),
        ..ground
    };
    asked.store(0, Ordering::Relaxed);
    drop(ground.terraform.plan(&[]).await.expect("it works").empty());
    drop(ground.terraform.destroy(&[]).await.expect("it works").success());
    assert_eq!(asked.load(Ordering::Relaxed), 0, "the server is reached directly");
}
