//! Redirects of apps that do not know where they are.

use bytes::Bytes;
use http_body_util::Full;
use hyper::Response;

use crate::app::App;
use crate::bench::Bench;
use crate::client::Client;

/// An app that redirects to what the header `x-to` says.
fn redirecting() -> App {
    App::new(|seen| {
        let to = seen.one("x-to");
        let mut answer = Response::new(Full::<Bytes>::default());
        *answer.status_mut() = hyper::StatusCode::FOUND;
        let refresh = format!("0; url={to}");
        answer.headers_mut().insert("location", to.parse().expect("it works"));
        answer
            .headers_mut()
            .insert("refresh", refresh.parse().expect("it works"));
        answer
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn redirects_lead_back_to_where_the_client_was() {
    let bench = Bench::with_app(redirecting(), |_| {}).await;
    let inside = "shop-upstream.web.svc.cluster.local";
    for (given, expected) in [
        ("http://shop.example.com:8080/docs/", "https://shop.example.com/docs/"),
        ("http://shop.example.com/docs", "https://shop.example.com/docs"),
        ("http://shop.example.com", "https://shop.example.com"),
        ("http://shop.example.com:8080", "https://shop.example.com"),
        ("HTTP://Shop.Example.com:80/A?b=c#d", "https://Shop.Example.com/A?b=c#d"),
        ("http://shop.example.com?x=1", "https://shop.example.com?x=1"),
        ("https://shop.example.com:8080/x", "https://shop.example.com/x"),
        ("http://eu.shop.example.com/x", "https://eu.shop.example.com/x"),
        (&format!("http://{inside}:8080/x"), "https://shop.example.com/x"),
        (&format!("http://{inside}/x?y"), "https://shop.example.com/x?y"),
        ("http://shop-upstream/x", "https://shop.example.com/x"),
        ("http://shop-upstream.web:8080", "https://shop.example.com"),
        ("/docs/", "/docs/"),
        ("https://shop.example.com/x", "https://shop.example.com/x"),
        ("https://shop.example.com:9443/x", "https://shop.example.com:9443/x"),
        ("http://elsewhere.example/x", "http://elsewhere.example/x"),
        ("https://elsewhere.example:8080/x", "https://elsewhere.example:8080/x"),
        ("http://shop.example.com.evil/x", "http://shop.example.com.evil/x"),
        ("http://notshop.example.com/x", "http://notshop.example.com/x"),
    ] {
        let answer = Client::default().get(&bench, "/", &format!("x-to: {given}\n")).await;
        assert_eq!(answer.header("location"), Some(expected), "{given}");
        assert_eq!(
            answer.header("refresh"),
            Some(format!("0; url={expected}").as_str()),
            "{given}"
        );
    }
}
