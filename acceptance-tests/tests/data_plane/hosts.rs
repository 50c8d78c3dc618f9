//! Which names are served.

use crate::app::App;
use crate::bench::{Bench, HOST};
use crate::client::{Client, get};

async fn ask(bench: &Bench, server_name: Option<&'static str>, host: &str) -> u16 {
    let client = Client {
        server_name,
        ..Client::default()
    };
    let text = format!("GET / HTTP/1.1\nHost: {host}\nConnection: close\n\n");
    client.send(bench, &text).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn only_names_that_are_configured_reach_the_app() {
    let bench = Bench::with_app(App::polite(), |_| {}).await;
    for (server_name, host, status) in [
        (Some(HOST), HOST, 200),
        (Some(HOST), "SHOP.example.com:443", 200),
        (Some("eu.shop.example.com"), "eu.shop.example.com", 200),
        (None, HOST, 200),
        (Some(HOST), "eu.shop.example.com", 200),
        (Some(HOST), "evil.example", 421),
        (Some(HOST), "10.0.0.1", 421),
        (None, "10.0.0.1:8443", 421),
    ] {
        assert_eq!(ask(&bench, server_name, host).await, status, "{server_name:?} {host}");
    }
    assert_eq!(bench.app.seen().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_checks_of_load_balancers_need_no_name() {
    let bench = Bench::with_app(App::polite(), |_| {}).await;
    let by_address = "GET /e2etls-healthz HTTP/1.1\nHost: 10.0.0.1:8443\nConnection: close\n\n";
    for client in [
        Client::default(),
        Client {
            server_name: None,
            ..Client::default()
        },
    ] {
        assert_eq!(client.send(&bench, by_address).await.status, 200);
    }
    assert_eq!(get(&bench, "/e2etls-healthz").await.status, 200);
    assert!(bench.app.seen().is_empty(), "the app is not asked");
    std::fs::remove_file(bench.pod.path("/run/e2etls/serving")).expect("it works");
    assert_eq!(get(&bench, "/e2etls-healthz").await.status, 503);
}
