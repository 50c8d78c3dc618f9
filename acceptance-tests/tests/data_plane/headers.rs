//! Large headers, odd names.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;

use crate::app::App;
use crate::bench::Bench;
use crate::client::{Client, get};

/// An app that sets as many cookies of as many bytes as its path says: `/COUNT/BYTES`.
fn cookies() -> App {
    App::new(|seen| {
        let mut numbers = seen
            .head
            .uri
            .path()
            .split('/')
            .filter_map(|part| part.parse::<usize>().ok());
        let (count, size) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        let mut answer = Response::new(Full::<Bytes>::from("yes"));
        for number in 0..count {
            let cookie = format!("c{number}={}", "x".repeat(size));
            answer
                .headers_mut()
                .append("set-cookie", cookie.parse().expect("it works"));
        }
        answer
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn apps_answer_with_large_headers() {
    for buffering in [true, false] {
        let bench = Bench::with_app(cookies(), |spec| spec.http.buffering = buffering.into()).await;
        for path in ["/1/6000", "/1/20000", "/10/1024", "/1/10"] {
            let answer = get(&bench, path).await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (200, "yes"),
                "{path}: {}",
                bench.pod.log()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_ask_with_large_headers() {
    let bench = Bench::with_app(App::polite(), |_| {}).await;
    let cookie = format!("Cookie: a={}\nX-More: {}\n", "x".repeat(15_000), "y".repeat(15_000));
    assert_eq!(Client::default().get(&bench, "/", &cookie).await.status, 200);
    assert_eq!(bench.app.last().one("x-more").len(), 15_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_names_arrive() {
    let bench = Bench::with_app(App::polite(), |_| {}).await;
    let more = "api_key: k\nx.dot: d\nX-Ordinary: o\nx~tilde: t\n";
    assert_eq!(Client::default().get(&bench, "/", more).await.status, 200);
    let seen = bench.app.last();
    for (name, value) in [("api_key", "k"), ("x.dot", "d"), ("x-ordinary", "o"), ("x~tilde", "t")] {
        assert_eq!(seen.one(name), value, "{name}");
    }
}
