//! What the app is told about its client, by whom.

use crate::app::App;
use crate::bench::{BALANCER, Bench, STRANGER};
use crate::client::Client;

const FORGED: &str = "X-Forwarded-For: 6.6.6.6\nX-Forwarded-Proto: gopher\nX-Forwarded-Port: 1\nX-Forwarded-Host: evil\n\
    X-Real-IP: 6.6.6.6\nForwarded: for=6.6.6.6\nX-Forwarded-Ssl: off\nProxy: http://evil\n";

/// Every spelling that an app could fold into the header's own: CGI, WSGI and PHP turn hyphens and dots into underscores.
fn spellings(header: &str) -> Vec<String> {
    let mut spelled = vec![String::new()];
    for part in header.split('-') {
        spelled = spelled
            .iter()
            .flat_map(|head| {
                let joints: &[&str] = if head.is_empty() { &[""] } else { &["-", "_", "."] };
                joints.iter().map(move |joint| format!("{head}{joint}{part}"))
            })
            .collect();
    }
    spelled.retain(|name| name != header);
    spelled
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_says_nothing_about_itself() {
    let bench = Bench::with_app(App::polite(), |_| {}).await;
    assert_eq!(Client::default().get(&bench, "/", FORGED).await.status, 200);
    let seen = bench.app.last();
    for (name, value) in [
        ("x-forwarded-for", STRANGER.to_string().as_str()),
        ("x-real-ip", &STRANGER.to_string()),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-port", "443"),
        ("x-forwarded-host", crate::bench::HOST),
        ("forwarded", ""),
        ("x-forwarded-ssl", ""),
        ("proxy", ""),
    ] {
        assert_eq!(seen.one(name), value, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_of_an_identity_passes() {
    let bench = Bench::with_app(App::polite(), |_| {}).await;
    let headers = [
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "X-Real-IP",
        "X-Amzn-Mtls-Clientcert-Subject",
        "X-Amzn-Mtls-Clientcert-Serial-Number",
    ];
    for from in [STRANGER, BALANCER] {
        for header in headers {
            let mut spelled = spellings(header);
            spelled.retain(|name| !header.starts_with("X-Amzn-") || !name.contains('.'));
            for spelled in spelled.chunks(60) {
                let more: String = spelled.iter().map(|name| format!("{name}: forged\n")).collect();
                let status = Client::from(from).get(&bench, "/", &more).await.status;
                // An underscore reads like the header itself to NGINX: refused is as good as removed.
                assert!(status == 200 || status == 400, "{header}: {status}");
                if status == 200 {
                    let head = format!("{:?}", bench.app.last().head.headers);
                    assert!(!head.contains("forged"), "{header} from {from}: {head}");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_balancer_is_believed_and_chains_are_kept() {
    let bench = Bench::with_app(App::polite(), |_| {}).await;
    let balancer = Client::from(BALANCER);
    let more = "X-Forwarded-For: 203.0.113.9, 198.51.100.7\nX-Forwarded-Proto: http\nX-Forwarded-Port: 80\n\
        Forwarded: for=203.0.113.9\nX-Amzn-Mtls-Clientcert-Subject: CN=alice\n";
    assert_eq!(balancer.get(&bench, "/", more).await.status, 200);
    let seen = bench.app.last();
    for (name, value) in [
        ("x-forwarded-for", "203.0.113.9, 198.51.100.7"),
        ("x-real-ip", "198.51.100.7"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-port", "80"),
        ("forwarded", "for=203.0.113.9"),
        ("x-amzn-mtls-clientcert-subject", "CN=alice"),
    ] {
        assert_eq!(seen.one(name), value, "{name}");
    }
    // Without headers of its own, as a Network Load Balancer.
    balancer.get(&bench, "/", "").await;
    assert_eq!(bench.app.last().one("x-forwarded-for"), BALANCER.to_string());
    assert_eq!(bench.app.last().one("x-forwarded-proto"), "https");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_states_an_identity() {
    let bench = Bench::with_app(App::polite(), |_| {}).await;
    let more = "X-Amzn-Mtls-Clientcert-Subject: CN=alice\n";
    assert_eq!(Client::default().get(&bench, "/", more).await.status, 400);
    assert!(bench.app.seen().is_empty());
    // Where no network is believed, the header is removed.
    let bench = Bench::with_app(App::polite(), |spec| spec.http.real_ip_cidrs = Some(Vec::new())).await;
    assert_eq!(Client::from(BALANCER).get(&bench, "/", more).await.status, 200);
    assert_eq!(bench.app.last().one("x-amzn-mtls-clientcert-subject"), "");
    assert_eq!(bench.app.last().one("x-forwarded-for"), BALANCER.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_a_proxy_header_is_used() {
    let bench = Bench::with_app(App::polite(), |spec| spec.http.proxy_protocol = true.into()).await;
    let preamble = format!("PROXY TCP4 203.0.113.9 {BALANCER} 4000 8443\r\n");
    let balancer = Client {
        preamble: preamble.clone(),
        ..Client::from(BALANCER)
    };
    assert_eq!(balancer.get(&bench, "/", FORGED).await.status, 200);
    assert_eq!(bench.app.last().one("x-forwarded-for"), "203.0.113.9");
    assert_eq!(bench.app.last().one("x-real-ip"), "203.0.113.9");
    let stranger = Client {
        preamble,
        ..Client::default()
    };
    assert_eq!(stranger.get(&bench, "/", "").await.status, 200);
    assert_eq!(
        bench.app.last().one("x-real-ip"),
        STRANGER.to_string(),
        "only the balancer is believed"
    );
    assert_eq!(
        Client {
            port: 8444,
            ..Client::default()
        }
        .get(&bench, "/e2etls-healthz", "")
        .await
        .status,
        200,
        "probes send no PROXY header"
    );
    assert_eq!(
        Client {
            port: 8444,
            ..Client::default()
        }
        .get(&bench, "/", "")
        .await
        .status,
        421
    );
}
