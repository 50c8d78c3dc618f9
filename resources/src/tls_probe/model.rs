//! The arguments and attributes of the data source `e2etls_tls_probe`.

use tfplugin_framework::{Attr, Model};

use crate::syntax;

/// What a TLS handshake with a server shows right now.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct TlsProbe {
    /// DNS name or IP address to connect to, directly: `HTTPS_PROXY` is not used.
    #[tf(required, check = syntax::server)]
    pub host: Attr<String>,
    /// TCP port, 1 to 65535; 443 if omitted.
    #[tf(optional, check = syntax::port)]
    pub port: Attr<i64>,
    /// Name that is sent in the handshake (SNI) and that the certificate has to be for; `host` if omitted. Set it to ask a
    /// server by its address.
    #[tf(optional, check = syntax::server)]
    pub server_name: Attr<String>,
    /// CA certificates in PEM form, such as `e2etls_private_ca.x.certificate_pem`. The server is `verified` if its chain
    /// leads to one of them. If omitted, nothing is verified: what a server shows is no reason to trust it.
    #[tf(optional)]
    pub ca_pem: Attr<String>,
    /// How long the handshake may take, and the request in plain text again, such as `10s`; 5 s if omitted.
    #[tf(optional, check = syntax::answer_timeout)]
    pub timeout: Attr<String>,
    /// Whether to ask in plain HTTP on the same port, too; true if omitted.
    #[tf(optional)]
    pub check_plaintext: Attr<bool>,
    /// ID of the probe: `HOST:PORT/SERVER_NAME`.
    #[tf(computed)]
    pub id: Attr<String>,
    /// Where the probe was made from: `runner`, the machine that runs the provider. It shows nothing of what others reach.
    #[tf(computed)]
    pub vantage: Attr<String>,
    /// Negotiated version: `TLSv1.3` or `TLSv1.2`. With older versions, there is no handshake.
    #[tf(computed)]
    pub protocol: Attr<String>,
    /// Negotiated group of the key exchange, such as `X25519MLKEM768` or `X25519`.
    #[tf(computed)]
    pub group: Attr<String>,
    /// True if the group is a hybrid one that resists quantum computers. The probe offers `X25519MLKEM768` first.
    #[tf(computed)]
    pub post_quantum: Attr<bool>,
    /// Negotiated cipher suite, such as `TLS_AES_128_GCM_SHA256`.
    #[tf(computed)]
    pub cipher: Attr<String>,
    /// True if the certificate is valid now, for `server_name`, to serve TLS, and its chain leads to `ca_pem`; null without
    /// `ca_pem`. Revocation is not checked.
    #[tf(computed)]
    pub verified: Attr<bool>,
    /// Why it is not `verified`; null if it is, and without `ca_pem`.
    #[tf(computed)]
    pub verify_error: Attr<String>,
    /// What the port does with a request in plain HTTP: `refused`, `answered`, or `unknown` if nothing was answered in
    /// time; null if it was not asked.
    #[tf(computed)]
    pub plaintext: Attr<String>,
    /// DNS names of the certificate.
    #[tf(computed)]
    pub dns_names: Attr<Vec<String>>,
    /// Subject of the CA that issued the certificate, as the certificate names it.
    #[tf(computed)]
    pub issuer: Attr<String>,
    /// End of validity of the certificate, in RFC 3339 format. It changes with each renewal.
    #[tf(computed)]
    pub not_after: Attr<String>,
    /// What the server sent, its own certificate first, in PEM form. It changes with each renewal.
    #[tf(computed)]
    pub chain_pem: Attr<String>,
}
