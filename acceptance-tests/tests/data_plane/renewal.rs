//! What is under way lives through renewals.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::app::{App, PORT};
use crate::bench::{Bench, HOST};
use crate::client::{Client, get};

/// An app that upgrades and then echoes, or sends one byte each 100 ms for the path `/slow`.
async fn slow_app(bench: &Bench) {
    let listener = TcpListener::bind((bench.app_address, PORT)).await.expect("it works");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await?);
                }
                if head.starts_with(b"GET /slow") {
                    stream
                        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 80\r\n\r\n")
                        .await?;
                    for _ in 0..80 {
                        stream.write_all(b"x").await?;
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                    return Ok::<_, std::io::Error>(());
                }
                stream
                    .write_all(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
                    .await?;
                let mut buffer = [0; 64];
                loop {
                    let count = stream.read(&mut buffer).await?;
                    if count == 0 {
                        return Ok(());
                    }
                    stream.write_all(&buffer[..count]).await?;
                }
            });
        }
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn downloads_and_websockets_live_through_renewals() {
    let mut bench = Bench::new(App::polite(), |spec| {
        spec.http.websocket = true.into();
        spec.http.buffering = false.into();
    })
    .await;
    slow_app(&bench).await;
    let mut socket = Client::default().connect(&bench).await.expect("it works");
    let hello = format!("GET /ws HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    socket.write_all(hello.as_bytes()).await.expect("it works");
    let mut buffer = [0; 1024];
    let count = socket.read(&mut buffer).await.expect("it works");
    assert!(
        String::from_utf8_lossy(&buffer[..count]).contains("101"),
        "{}",
        bench.pod.log()
    );
    let mut download = Client::default().connect(&bench).await.expect("it works");
    let ask = format!("GET /slow HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
    download.write_all(ask.as_bytes()).await.expect("it works");
    for _ in 0..2 {
        bench.renew().await;
        socket.write_all(b"ping").await.expect("it works");
        let count = socket.read(&mut buffer).await.expect("it works");
        assert_eq!(&buffer[..count], b"ping", "the old worker still serves");
    }
    let mut read = Vec::new();
    download.read_to_end(&mut read).await.expect("it works");
    assert!(
        String::from_utf8_lossy(&read).ends_with(&"x".repeat(80)),
        "{}",
        bench.pod.log()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_secret_is_not_loaded() {
    let mut bench = Bench::with_app(App::polite(), |_| {}).await;
    let other = bench.authority.leaf(&[HOST]);
    let broken = (bench.authority.leaf(&[HOST]).0, other.1);
    bench.mount(&broken);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(get(&bench, "/").await.status, 200);
    assert!(
        bench.pod.log().contains("kept the old certificate"),
        "{}",
        bench.pod.log()
    );
    assert_eq!(get(&bench, "/e2etls-healthz").await.status, 200);
    bench.renew().await;
    assert_eq!(get(&bench, "/").await.status, 200);
}
