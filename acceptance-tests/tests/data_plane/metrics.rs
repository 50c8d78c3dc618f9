//! The port that serves NGINX's counters, which is the only one without TLS.

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::app::App;
use crate::bench::{Bench, HOST};
use crate::client::{Answer, get, parse};

const PORT: u16 = 9113;

/// A request in plain HTTP.
async fn plain(bench: &Bench, request: &str) -> Answer {
    let mut stream = TcpStream::connect((bench.address, PORT)).await.expect("a connection");
    let text = format!("{request} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).await.expect("sent");
    let mut read = Vec::new();
    stream.read_to_end(&mut read).await.expect("read");
    parse(&read)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metrics_port_serves_counters_and_nothing_of_the_app() {
    let bench = Bench::with_app(App::polite(), |spec| {
        spec.http.metrics_port = Some(json!(PORT));
        spec.http.extra_config = Some("location = /version { return 200 \"7\"; }".to_owned());
    })
    .await;
    assert_eq!(get(&bench, "/").await.body, "yes");
    assert_eq!(get(&bench, "/version").await.body, "7");
    let asked = bench.app.seen().len();

    let counters = plain(&bench, "GET /stub_status").await;
    assert_eq!(counters.status, 200);
    assert!(counters.body.starts_with("Active connections: "), "{}", counters.body);
    for request in [
        "GET /",
        "POST /",
        "GET /stub_status/",
        "GET /stub_status/../",
        "GET /version",
        "GET /e2etls-healthz",
        "GET http://shop.example.com/",
    ] {
        assert_eq!(plain(&bench, request).await.status, 404, "{request}");
    }
    assert_eq!(bench.app.seen().len(), asked, "the app was asked for none of it");
    assert_eq!(
        get(&bench, "/stub_status").await.body,
        "yes",
        "over TLS, the path is the app's"
    );
}
