//! What can be said of settings before anything is connected. Pure.

use http::Uri;

use super::proxy;
use crate::url::of_server;

/// The URL of an API server.
///
/// # Errors
/// What is wrong with it, and what is valid.
pub fn server_url(text: &str) -> Result<Uri, String> {
    of_server(text)
        .ok_or_else(|| format!("`{text}` is not the URL of an API server: use `https://HOST` or `https://HOST:PORT`"))
}

/// The URL of a proxy.
///
/// # Errors
/// What is wrong with it, and what is valid; without a password in it.
pub fn proxy_url(text: &str) -> Result<(), String> {
    proxy::parse(text).map(|_| ())
}

/// Certificates in PEM form.
///
/// # Errors
/// What is wrong with them.
pub fn ca_pem(text: &str) -> Result<(), String> {
    certificates(text).map(|_| ())
}

/// The DER of each certificate.
pub(super) fn certificates(pem: &str) -> Result<Vec<Vec<u8>>, String> {
    use rustls_pki_types::{CertificateDer, pem::PemObject};
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match read {
        Ok(found) if !found.is_empty() => Ok(found.into_iter().map(|der| der.to_vec()).collect()),
        Ok(_) => Err("`ca_pem` contains no certificate".to_owned()),
        Err(error) => Err(format!("`ca_pem` can't be read: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_has_a_scheme_and_a_host() {
        for (url, good) in [
            ("https://10.0.0.1:6443", true),
            ("http://localhost:8080/prefix", true),
            ("10.0.0.1:6443", false),
            ("api.example.com", false),
            ("ftp://api.example.com", false),
            ("https://", false),
            ("", false),
        ] {
            assert_eq!(server_url(url).is_ok(), good, "{url}");
        }
    }
}
