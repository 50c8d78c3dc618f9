//! The arguments and attributes of the data source `e2etls_tls_probe`.

use tfplugin_framework::{Attr, Model};

use crate::syntax;

/// What a TLS handshake with a server shows right now.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct TlsProbe {
    /// DNS name or IP address to connect to. The connection is direct: `HTTPS_PROXY` is not used.
    #[tf(required, check = syntax::server)]
    pub host: Attr<String>,
    /// TCP port, 1 to 65535; 443 if omitted.
    #[tf(optional, check = syntax::port)]
    pub port: Attr<i64>,
    /// Name that is sent in the handshake (SNI) and that the certificate must be valid for; `host` if omitted. Set it to
    /// probe a server by its IP address: an IP address is not sent as SNI.
    #[tf(optional, check = syntax::server)]
    pub server_name: Attr<String>,
    /// CA certificates in PEM form, such as `e2etls_private_ca.x.certificate_pem`. `verified` is true only if the
    /// server's chain leads to one of them. If omitted, nothing is verified: what a server sends is no reason to trust it.
    #[tf(optional, check = syntax::certificates_pem)]
    pub ca_pem: Attr<String>,
    /// Time limit for the handshake and, separately, for the plain HTTP request, such as `10s`: `100ms` to `60s`; `5s` if
    /// omitted.
    #[tf(optional, check = syntax::answer_timeout)]
    pub timeout: Attr<String>,
    /// Whether to send a plain HTTP request to the same port, too; true if omitted.
    #[tf(optional)]
    pub check_plaintext: Attr<bool>,
    /// ID of the probe: `HOST:PORT/SERVER_NAME`.
    #[tf(computed)]
    pub id: Attr<String>,
    /// Where the probe ran: `runner`, the machine that runs the provider. It says nothing about what others can reach.
    #[tf(computed)]
    pub vantage: Attr<String>,
    /// Negotiated protocol version: `TLSv1.3` or `TLSv1.2`. The probe does not offer older versions.
    #[tf(computed)]
    pub protocol: Attr<String>,
    /// Negotiated key exchange group, such as `X25519MLKEM768` or `X25519`.
    #[tf(computed)]
    pub group: Attr<String>,
    /// True if the group is a post-quantum hybrid. The probe offers `X25519MLKEM768` first.
    #[tf(computed)]
    pub post_quantum: Attr<bool>,
    /// Negotiated cipher suite, such as `TLS_AES_128_GCM_SHA256`.
    #[tf(computed)]
    pub cipher: Attr<String>,
    /// True if the certificate is valid now, for `server_name` and for TLS servers, and its chain leads to a CA in `ca_pem`;
    /// null without `ca_pem`. Revocation is not checked.
    #[tf(computed)]
    pub verified: Attr<bool>,
    /// Why `verified` is false; null if it is true or null.
    #[tf(computed)]
    pub verify_error: Attr<String>,
    /// What the port does with a plain HTTP request: `refused`, `answered`, or `unknown` if it could not be reached or did
    /// not answer in time; null if `check_plaintext` is false.
    #[tf(computed)]
    pub plaintext: Attr<String>,
    /// DNS names in the certificate.
    #[tf(computed)]
    pub dns_names: Attr<Vec<String>>,
    /// Subject of the CA that issued the certificate, as stated in the certificate.
    #[tf(computed)]
    pub issuer: Attr<String>,
    /// End of the certificate's validity, in RFC 3339 format. It changes with each renewal.
    #[tf(computed)]
    pub not_after: Attr<String>,
    /// Certificates that the server sent, its own first, in PEM form. They change with each renewal.
    #[tf(computed)]
    pub chain_pem: Attr<String>,
}
