//! Independent judges of what is served: OpenSSL and webpki.

use std::io::Write;
use std::process::Command;

/// What OpenSSL saw.
pub(crate) struct Handshake {
    pub(crate) verified: bool,
    pub(crate) text: String,
}

/// A handshake of OpenSSL's client that verifies to `ca_pem` for `name`.
pub(crate) fn openssl(address: &str, port: u16, name: &str, ca_pem: &str, more: &[&str]) -> Handshake {
    let mut ca = tempfile::NamedTempFile::new().expect("a file");
    ca.write_all(ca_pem.as_bytes()).expect("written");
    let output = Command::new("openssl")
        .args(["s_client", "-connect", &format!("{address}:{port}"), "-servername", name, "-verify_hostname", name])
        .args(["-verify_return_error", "-showcerts", "-CAfile"])
        .arg(ca.path())
        .args(more)
        .stdin(std::process::Stdio::null())
        .output()
        .expect("openssl runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Handshake { verified: output.status.success() && text.contains("Verify return code: 0 (ok)"), text }
}
