use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

const LIMIT: Duration = Duration::from_secs(5);

/// A server with a certificate of its own, of these versions and groups; its port and certificate.
async fn server(
    versions: &[&'static rustls::SupportedProtocolVersion],
    groups: Vec<&'static dyn rustls::crypto::SupportedKxGroup>,
) -> (u16, CertificateDer<'static>) {
    let signed = rcgen::generate_simple_self_signed(["shop.example.com".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(signed.signing_key.serialize_der()).expect("a key");
    let provider = CryptoProvider {
        kx_groups: groups,
        ..default_provider()
    };
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(versions)
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key)
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                drop(stream.read(&mut [0; 1]).await);
            }
        }
    });
    (port, signed.cert.der().clone())
}

/// A server that reads and then answers this; it waits before it closes.
async fn says(answer: &'static [u8], waits: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            drop(stream.read(&mut [0; 512]).await);
            drop(stream.write_all(answer).await);
            tokio::time::sleep(waits).await;
        }
    });
    port
}

fn at(port: u16) -> Target<'static> {
    Target {
        host: "127.0.0.1",
        port,
        server_name: "shop.example.com",
    }
}

#[tokio::test]
async fn what_was_negotiated_is_what_both_have() {
    let all = default_provider().kx_groups;
    for (versions, groups, protocol, group) in [
        (rustls::ALL_VERSIONS, all.clone(), "TLSv1.3", "X25519MLKEM768"),
        (
            &[&rustls::version::TLS13][..],
            vec![kx_group::X25519],
            "TLSv1.3",
            "X25519",
        ),
        (
            &[&rustls::version::TLS12][..],
            vec![kx_group::SECP256R1],
            "TLSv1.2",
            "secp256r1",
        ),
    ] {
        let (port, certificate) = server(versions, groups).await;
        let found = handshake(at(port), LIMIT).await.expect("a handshake");
        assert_eq!((found.protocol, found.group.as_str()), (protocol, group));
        assert!(
            found.cipher.starts_with("TLS_") && found.cipher.contains("AES"),
            "{}",
            found.cipher
        );
        assert_eq!(found.chain, [certificate], "trusted or not");
    }
}

#[tokio::test]
async fn why_there_was_no_handshake_is_told() {
    let target = |host, server_name| Target {
        host,
        port: 1,
        server_name,
    };
    let name = handshake(target("127.0.0.1", "not a name"), LIMIT).await;
    assert!(matches!(name, Err(ProbeError::NoName(_))), "{name:?}");
    let nobody = handshake(target("127.0.0.1", "shop.example.com"), LIMIT).await;
    assert!(matches!(nobody, Err(ProbeError::Connect(_))), "{nobody:?}");
    let no_tls = handshake(
        at(says(b"HTTP/1.1 400 Bad Request\r\n\r\n", Duration::ZERO).await),
        LIMIT,
    )
    .await;
    assert!(matches!(no_tls, Err(ProbeError::Handshake(_))), "{no_tls:?}");
    let silent = says(b"", Duration::from_secs(60)).await;
    let late = handshake(at(silent), Duration::from_millis(100)).await;
    assert!(matches!(late, Err(ProbeError::Timeout(_))), "{late:?}");
}

#[tokio::test]
async fn only_who_says_so_refuses_plain_text() {
    let now = Duration::ZERO;
    for (answer, waits, judged) in [
        (&b""[..], now, Plaintext::Refused),
        (&[21, 3, 3, 0, 2, 2, 10], now, Plaintext::Refused),
        (
            b"HTTP/1.1 400 Bad Request\r\n\r\n<center>The plain HTTP request was sent to HTTPS port</center>",
            now,
            Plaintext::Refused,
        ),
        (
            b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
            now,
            Plaintext::Refused,
        ),
        (b"HTTP/1.1 400 Bad Request\r\n\r\nno cart", now, Plaintext::Answered),
        (
            b"HTTP/1.1 200 OK\r\n\r\nThe plain HTTP request was sent to HTTPS port",
            now,
            Plaintext::Answered,
        ),
        (b"HTTP/1.1 301 Moved Permanently\r\n\r\n", now, Plaintext::Answered),
        (b"220 mail.example.com\r\n", now, Plaintext::Answered),
        (b"HTTP/1.1 200 OK\r\n\r\n", Duration::from_secs(60), Plaintext::Answered),
        (b"", Duration::from_secs(60), Plaintext::Unknown),
    ] {
        let port = says(answer, waits).await;
        let seen = plaintext(at(port), Duration::from_millis(300)).await;
        assert_eq!(seen, judged, "{}", String::from_utf8_lossy(answer));
    }
    assert_eq!(plaintext(at(1), LIMIT).await, Plaintext::Unknown, "nobody is there");
    let (port, _) = server(rustls::ALL_VERSIONS, default_provider().kx_groups).await;
    assert_eq!(
        plaintext(at(port), LIMIT).await,
        Plaintext::Refused,
        "rustls sends an alert"
    );
}
