//! Single arguments, and the app over TLS and gRPC.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use e2etls_resources::proxy::render::spec::{PathSettings, Protocol, ProxySpec, RateLimit};
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use tokio_rustls::TlsAcceptor;

use crate::app::App;
use crate::bench::{Authority, Bench, HOST, pair};
use crate::client::{Client, get};

#[tokio::test(flavor = "multi_thread")]
async fn headers_paths_and_limits_have_an_effect() {
    let bench = Bench::with_app(App::polite(), |spec| {
        let http = &mut spec.http;
        http.request_headers = BTreeMap::from([("X-Team".to_owned(), "a \"b\" \\c".to_owned())]);
        http.response_headers = BTreeMap::from([("X-Frame-Options".to_owned(), "DENY".to_owned())]);
        http.hsts = Some("max-age=60; includeSubDomains".to_owned());
        let upload = PathSettings {
            max_body_size: Some("3m".to_owned()),
            ..PathSettings::default()
        };
        let plain = PathSettings {
            max_body_size: Some("5m".to_owned()),
            ..PathSettings::default()
        };
        http.paths = BTreeMap::from([("/upload/".to_owned(), upload), ("/up".to_owned(), plain)]);
        http.extra_config = Some(
            "location = /version { add_header X-Version 7; return 200 \"7\"; }\nlocation /admin/ { deny all; proxy_pass \
            http://e2etls_app; }"
                .to_owned(),
        );
    })
    .await;
    let answer = Client::default().get(&bench, "/", "X-Team: mine\n").await;
    assert_eq!(bench.app.last().one("x-team"), "a \"b\" \\c");
    assert_eq!(answer.header("x-frame-options"), Some("DENY"));
    assert_eq!(
        answer.header("strict-transport-security"),
        Some("max-age=60; includeSubDomains")
    );
    let version = get(&bench, "/version").await;
    assert_eq!(version.body, "7");
    for (name, value) in [
        ("x-version", "7"),
        ("x-frame-options", "DENY"),
        ("strict-transport-security", "max-age=60; includeSubDomains"),
    ] {
        assert_eq!(
            version.header(name),
            Some(value),
            "a location with headers of its own keeps the others"
        );
    }
    let redirect = get(&bench, "/admin").await;
    assert_eq!((redirect.status, redirect.header("location")), (301, Some("/admin/")));
    assert_eq!(get(&bench, "/admin/x").await.status, 403);
    let post = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\nHost: {HOST}\nConnection: close\nContent-Length: 2000000\n\n{}",
            "x".repeat(2_000_000)
        )
    };
    assert_eq!(Client::default().send(&bench, &post("/")).await.status, 413);
    assert_eq!(Client::default().send(&bench, &post("/upload/x")).await.status, 200);
    assert_eq!(bench.app.last().body.len(), 2_000_000);
    for path in ["/upload", "/upload?x=1", "/uploads"] {
        let answer = Client::default().send(&bench, &post(path)).await;
        assert_eq!((answer.status, bench.app.last().body.len()), (200, 2_000_000), "{path}");
        assert_eq!(bench.app.last().head.uri, path, "it reaches the app as it is");
    }
    assert_eq!(
        bench.app.last().one("x-forwarded-proto"),
        "https",
        "locations inherit the headers"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_answers_429() {
    let bench = Bench::with_app(App::polite(), |spec| {
        spec.http.rate_limit = Some(RateLimit {
            requests_per_second: json!(1),
            burst: json!(2),
        });
    })
    .await;
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(get(&bench, "/").await.status);
    }
    assert!(
        statuses.contains(&429) && statuses.starts_with(&[200, 200]),
        "{statuses:?}"
    );
}

/// What an app that speaks TLS accepts: with a CA it asks for a certificate of that CA.
fn acceptor(authority: &Authority, name: &str, asks: bool, protocols: &[&[u8]]) -> TlsAcceptor {
    let (certificate, key) = authority.leaf(&[name]);
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).expect("it works");
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("it works");
    let builder = rustls::ServerConfig::builder();
    let builder = if asks {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).expect("it works"))
            .expect("it works");
        let verifier = rustls::server::WebPkiClientVerifier::builder(Arc::new(roots))
            .build()
            .expect("it works");
        builder.with_client_cert_verifier(verifier)
    } else {
        builder.with_no_client_auth()
    };
    let mut config = builder.with_single_cert(vec![certificate], key).expect("it works");
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_over_tls_is_verified_under_its_own_name() {
    let (trusted, other) = (Authority::new(), Authority::new());
    let ca = trusted.pem();
    for (issuer, name, asks, status) in [
        (&trusted, "shop.internal", false, 200),
        (&trusted, "shop.internal", true, 200),
        (&trusted, "other.internal", false, 502),
        (&other, "shop.internal", false, 502),
    ] {
        let client = trusted.leaf(&["proxy"]);
        let change = |spec: &mut ProxySpec| {
            spec.upstream.protocol = Protocol::Https.into();
            spec.upstream.ca_pem = Some(ca.clone());
            spec.upstream.server_name = Some("shop.internal".to_owned());
            spec.upstream.client_certificate_secret = asks.then(|| "client".to_owned());
        };
        let files = |files: &mut e2etls_lab::kubelet::Files, _: &Authority| {
            files.insert("client".to_owned(), pair(&client));
        };
        let bench = Bench::start(App::polite(), change, files, true)
            .await
            .expect("it works");
        let tls = acceptor(issuer, name, asks, &[b"http/1.1"]);
        bench.app.serve(bench.app_address, Some(tls)).await;
        assert_eq!(
            get(&bench, "/").await.status,
            status,
            "{name}, asks: {asks}: {}",
            bench.pod.log()
        );
        if status == 200 {
            for _ in 0..20 {
                assert_eq!(get(&bench, "/").await.status, 200);
            }
            assert!(
                bench.app.connections() < 8,
                "TLS connections are reused too: {}",
                bench.app.connections()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn grpc_passes_with_its_trailers() {
    for tls in [false, true] {
        let authority = Authority::new();
        let app = App::new(|_| {
            let mut answer = hyper::Response::new(Full::<Bytes>::from("message"));
            answer
                .headers_mut()
                .insert("content-type", "application/grpc".parse().expect("it works"));
            answer
                .headers_mut()
                .insert("grpc-status", "0".parse().expect("it works"));
            answer
        });
        let bench = Bench::new(app, |spec| {
            spec.upstream.protocol = if tls { Protocol::Grpcs } else { Protocol::Grpc }.into();
            spec.upstream.ca_pem = tls.then(|| authority.pem());
            spec.http.max_body_size = "0".to_owned();
        })
        .await;
        let name = "shop-upstream.web.svc.cluster.local";
        let acceptor = tls.then(|| acceptor(&authority, name, false, &[b"h2"]));
        bench.app.serve(bench.app_address, acceptor).await;
        let client = Client {
            http2: true,
            ..Client::default()
        };
        let stream = client.connect(&bench).await.expect("it works");
        let (mut sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
                .await
                .expect("it works");
        tokio::spawn(connection);
        let request = Request::post(format!("https://{HOST}/shop.Cart/Add"))
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(Full::<Bytes>::from("x".repeat(2_000_000)))
            .expect("it works");
        let answer = sender.send_request(request).await.expect("it works");
        assert_eq!(answer.status(), 200, "{}", bench.pod.log());
        assert_eq!(answer.headers()["grpc-status"], "0");
        assert_eq!(
            answer.into_body().collect().await.expect("it works").to_bytes(),
            "message"
        );
        let seen = bench.app.last();
        assert_eq!(
            (seen.body.len(), seen.one("x-forwarded-proto")),
            (2_000_000, "https".to_owned())
        );
    }
}
