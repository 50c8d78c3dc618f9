//! Connections to the app, and names that stop being answered.

use std::time::Duration;

use crate::app::App;
use crate::bench::{Bench, HOST};
use crate::client::{Client, get};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Sends requests over one connection, one after the other; returns how many were answered with 200.
async fn many(bench: &Bench, count: usize) -> usize {
    let mut stream = Client::default().connect(bench).await.expect("it works");
    let mut good = 0;
    let mut buffer = vec![0; 8192];
    for _ in 0..count {
        let text = format!("GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
        stream.write_all(text.as_bytes()).await.expect("it works");
        let mut read = Vec::new();
        while !String::from_utf8_lossy(&read).ends_with("yes") && read.len() < 4096 {
            let count = stream.read(&mut buffer).await.expect("it works");
            assert!(count > 0, "the proxy closed: {}", bench.pod.log());
            read.extend_from_slice(&buffer[..count]);
            if String::from_utf8_lossy(&read).contains("</html>") {
                break;
            }
        }
        good += usize::from(read.starts_with(b"HTTP/1.1 200"));
    }
    good
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_to_the_app_are_reused() {
    let bench = Bench::with_app(App::polite(), |_| {}).await;
    assert_eq!(many(&bench, 500).await, 500);
    assert!(bench.app.connections() <= 4, "{} connections", bench.app.connections());
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_name_servers_lose_no_request() {
    let bench = Bench::with_app(App::polite(), |_| {}).await;
    assert_eq!(get(&bench, "/").await.status, 200);
    for one_of in [1, 2] {
        bench.names.silence(one_of);
        for _ in 0..25 {
            tokio::time::sleep(Duration::from_millis(700)).await;
            assert_eq!(get(&bench, "/").await.status, 200, "{}", bench.pod.log());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_starts_before_the_app_exists() {
    let bench = Bench::start(App::polite(), |_| {}, |_, _| {}, false)
        .await
        .expect("it works");
    assert_eq!(get(&bench, "/").await.status, 502);
    bench.app.serve(bench.app_address, None).await;
    bench.names.set("shop-upstream.web", &[bench.app_address]);
    for _ in 0..40 {
        if get(&bench, "/").await.status == 200 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("the app is never found: {}", bench.pod.log());
}

/// An app that sends an event and then has nothing to say, as a source of server-sent events does.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_app_says_arrives_at_once() {
    let bench = Bench::new(App::polite(), |_| {}).await;
    let app = TcpListener::bind((bench.app_address, crate::app::PORT))
        .await
        .expect("the app listens");
    tokio::spawn(async move {
        let (mut stream, _) = app.accept().await.expect("a connection");
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        let event = format!("{head}9\r\ndata: x\n\n\r\n");
        stream.write_all(event.as_bytes()).await.expect("sent");
        std::future::pending::<()>().await;
    });
    let mut stream = Client::default().connect(&bench).await.expect("a connection");
    let ask = format!("GET /events HTTP/1.1\r\nHost: {HOST}\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.expect("sent");
    let mut read = Vec::new();
    let event = async {
        while !read.ends_with(b"data: x\n\n\r\n") {
            stream.read_buf(&mut read).await.expect("it works");
        }
    };
    let arrived = tokio::time::timeout(Duration::from_secs(5), event).await;
    assert!(arrived.is_ok(), "{}", String::from_utf8_lossy(&read));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_moves_is_followed() {
    let bench = Bench::with_app(App::polite(), |_| {}).await;
    assert_eq!(get(&bench, "/").await.status, 200);
    let (other, elsewhere) = (App::polite(), crate::bench::address());
    other.serve(elsewhere, None).await;
    bench.names.set("shop-upstream.web", &[elsewhere]);
    for _ in 0..40 {
        assert_eq!(get(&bench, "/").await.status, 200);
        if other.connections() > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    panic!("the old address is used for ever");
}
