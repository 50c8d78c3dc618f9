//! What becomes of a request whose answer is late, lost or refused.

use std::sync::Arc;
use std::time::Instant;

use e2etls_engine::refusal::{Answer, Refusal};
use serde_json::{Value, json};

use super::connect::connect;
use super::kinds::CONFIG_MAP;
use super::objects::Objects;
use super::settings::{ClusterSettings, Host, Way};
use crate::server::{Reply, Server};

async fn objects(url: &str) -> Objects {
    let settings = ClusterSettings::from(Way::Host(Host {
        url: url.to_owned(),
        ..Host::default()
    }));
    Objects::new(connect(&settings).await.expect("a client").client)
}

async fn read(objects: &Objects) -> Refusal {
    objects
        .get(CONFIG_MAP, Some("shop"), "web")
        .await
        .expect_err("a refusal")
}

async fn write(objects: &Objects) -> Refusal {
    let manifest = manifest();
    let applied = objects.apply(CONFIG_MAP, &manifest, "me", Default::default()).await;
    applied.expect_err("a refusal")
}

fn manifest() -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web", "namespace": "shop"}})
}

/// What a read and a write are answered, and how many requests each of them was.
async fn asked(reply: Reply) -> [(Answer, usize); 2] {
    let server = Server::start(reply).await;
    let objects = objects(&server.url).await;
    let read = (read(&objects).await.answer, server.requests());
    let write = write(&objects).await.answer;
    [read.clone(), (write, server.requests() - read.1)]
}

#[tokio::test(start_paused = true)]
async fn a_request_ends_though_nobody_answers() {
    let began = Instant::now();
    let [read, write] = asked(Reply::Silence).await;
    assert_eq!(read, (Answer::Unreachable, 1));
    assert_eq!(write, (Answer::OutcomeUnknown, 1));
    assert!(began.elapsed().as_secs() < 10, "the clock of the test is paused");
}

#[tokio::test]
async fn a_write_is_not_repeated_after_its_answer_was_lost() {
    assert_eq!(asked(Reply::Closed).await[1], (Answer::OutcomeUnknown, 1));
    let [read, write] = asked(Reply::Status(504, "")).await;
    assert_eq!(read.0, Answer::Throttled);
    assert!(read.1 > 1, "a read is repeated");
    assert_eq!(write, (Answer::OutcomeUnknown, 1));
}

#[tokio::test(start_paused = true)]
async fn what_was_throttled_is_repeated() {
    let [_, write] = asked(Reply::Status(429, "")).await;
    assert_eq!(write.0, Answer::Throttled);
    assert!(write.1 > 1);
    // Not executed either, but only the caller knows how long it can wait.
    assert_eq!(asked(Reply::Status(503, "")).await[1], (Answer::Throttled, 1));
}

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_where_the_server_failed_or_the_connection_broke() {
    for code in [500, 502, 503, 504] {
        let [read, _] = asked(Reply::Status(code, "")).await;
        assert_eq!(read.0, Answer::Throttled, "{code}");
        assert!(read.1 > 1, "{code}");
    }
    assert_eq!(asked(Reply::Closed).await[0], (Answer::Unreachable, 3));
}

#[tokio::test]
async fn nobody_there_is_unreachable_for_reads_and_writes() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let objects = objects(&url).await;
    assert_eq!(read(&objects).await.answer, Answer::Unreachable);
    assert_eq!(write(&objects).await.answer, Answer::Unreachable);
}

#[tokio::test]
async fn a_server_that_is_not_trusted_is_not_unreachable() {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let chain = vec![key.cert.der().clone()];
    let private = rustls_pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .expect("a configuration");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(acceptor.accept(stream).await);
        }
    });
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let settings = ClusterSettings::from(Way::Host(Host {
        url: format!("https://localhost:{port}"),
        ca_pem: Some(other.cert.pem()),
        ..Host::default()
    }));
    let objects = Objects::new(connect(&settings).await.expect("a client").client);
    let refusal = read(&objects).await;
    assert_eq!(refusal.answer, Answer::Unauthenticated, "{refusal}");
}
