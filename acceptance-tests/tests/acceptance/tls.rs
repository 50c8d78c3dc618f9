//! Independent judges of what is served: OpenSSL, webpki, sslyze and curl.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use e2etls_lab::lab::Lab;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

/// What OpenSSL saw.
pub(crate) struct Handshake {
    pub(crate) verified: bool,
    pub(crate) text: String,
}

pub(crate) fn file(pem: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(pem.as_bytes()).expect("written");
    file
}

/// A handshake of OpenSSL's client that verifies against `ca_pem` for `name`.
pub(crate) fn openssl(address: &str, port: u16, name: &str, ca_pem: &str, more: &[&str]) -> Handshake {
    let ca = file(ca_pem);
    let output = Command::new("openssl")
        .args([
            "s_client",
            "-connect",
            &format!("{address}:{port}"),
            "-servername",
            name,
            "-verify_hostname",
            name,
        ])
        .args(["-verify_return_error", "-showcerts", "-CAfile"])
        .arg(ca.path())
        .args(more)
        .stdin(Stdio::null())
        .output()
        .expect("openssl runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Handshake {
        verified: output.status.success() && text.contains("Verify return code: 0 (ok)"),
        text,
    }
}

/// The certificates in what OpenSSL showed, the leaf first.
pub(crate) fn chain(text: &str) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(text.as_bytes())
        .collect::<Result<_, _>>()
        .expect("certificates")
}

/// The second verifier.
pub(crate) fn webpki_verifies(chain: &[CertificateDer<'static>], ca_pem: &str, name: &str) {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let mut roots = rustls::RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(ca_pem.as_bytes()).expect("a CA"))
        .expect("a trust anchor");
    let verifier = rustls::client::WebPkiServerVerifier::builder(roots.into())
        .build()
        .expect("a verifier");
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    use rustls::client::danger::ServerCertVerifier;
    verifier
        .verify_server_cert(&chain[0], &chain[1..], &name, &[], UnixTime::now())
        .expect("webpki verifies the chain");
}

/// SAN, key usage and dates of a leaf, as OpenSSL reads them.
pub(crate) fn is_a_server_certificate(leaf: &CertificateDer<'_>, name: &str, hours: u64) {
    let mut child = Command::new("openssl")
        .args(["x509", "-inform", "DER", "-noout", "-text"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("openssl runs");
    child.stdin.take().expect("stdin").write_all(leaf).expect("written");
    let text = String::from_utf8_lossy(&child.wait_with_output().expect("output").stdout).into_owned();
    for part in [
        &format!("DNS:{name}"),
        "Digital Signature",
        "TLS Web Server Authentication",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("CA:TRUE"), "{text}");
    assert!(!text.contains("TLS Web Client Authentication"), "{text}");
    for (beyond, valid) in [(0, true), (hours * 3600 - 600, true), (hours * 3600 + 7200, false)] {
        let mut child = Command::new("openssl")
            .args(["x509", "-inform", "DER", "-noout", "-checkend", &beyond.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("openssl runs");
        child.stdin.take().expect("stdin").write_all(leaf).expect("written");
        assert_eq!(child.wait().expect("exit").success(), valid, "valid in {beyond} s");
    }
}

/// The judge of TLS configurations. Two findings belong to the lab: the private root is in no public store, and moto
/// signs with SHA-512.
pub(crate) fn sslyze_finds_nothing_of_ours(lab: &Lab, address: &str, port: u16) {
    let output = Command::new(&lab.endpoints().programs.sslyze)
        .args(["--mozilla_config=intermediate", &format!("{address}:{port}")])
        .output()
        .expect("sslyze runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("COMPLIANCE AGAINST"),
        "{text}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let ours: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.contains("COMPLIANCE AGAINST"))
        .filter(|line| line.trim_start().starts_with("* "))
        .filter(|line| !line.contains("certificate_path_validation") && !line.contains("certificate_signatures"))
        .collect();
    assert!(ours.is_empty(), "{ours:?}\n{text}");
}

/// Headers and body that curl gets over verified TLS.
pub(crate) fn get(address: &str, port: u16, name: &str, ca_pem: &str, path: &str) -> String {
    let ca = file(ca_pem);
    for attempt in 0..20 {
        let output = Command::new("curl")
            .args([
                "--silent",
                "--show-error",
                "--include",
                "--http1.1",
                "--max-time",
                "10",
                "--cacert",
            ])
            .arg(ca.path())
            .args([
                "--resolve",
                &format!("{name}:{port}:{address}"),
                &format!("https://{name}:{port}{path}"),
            ])
            .output()
            .expect("curl runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        // The app may still be starting: the proxy then answers 502 itself.
        if output.status.success() && !(text.contains(" 502 ") && attempt < 19) {
            return text;
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    panic!("curl got no answer from {address}:{port}");
}
