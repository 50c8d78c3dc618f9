//! What a handshake shows, as attributes.

use e2etls_clients::tls::{Handshake, Plaintext};
use jiff::Timestamp;

use super::model::TlsProbe;
use crate::pki::{Certificate, Purpose, is_valid_for, verify_any};

/// Fills in everything but the answer to plain text.
pub(super) fn fill(
    probe: &mut TlsProbe,
    handshake: &Handshake,
    server_name: &str,
    trusted: Option<&[Certificate]>,
    now: Timestamp,
) {
    let chain: Result<Vec<_>, _> = handshake.chain.iter().cloned().map(Certificate::from_der).collect();
    probe.vantage = "runner".to_owned().into();
    probe.protocol = handshake.protocol.to_owned().into();
    probe.group = handshake.group.clone().into();
    probe.post_quantum = handshake.group.contains("MLKEM").into();
    probe.cipher = handshake.cipher.clone().into();
    let verified = trusted.map(|trusted| match &chain {
        Ok(chain) => leads(chain, server_name, trusted, now),
        Err(error) => Err(error.to_string()),
    });
    probe.verified = verified.as_ref().map(Result::is_ok).into();
    probe.verify_error = verified.and_then(Result::err).into();
    let chain = chain.unwrap_or_default();
    let leaf = chain.first();
    probe.dns_names = leaf.map(|leaf| leaf.dns_names.clone()).into();
    probe.issuer = leaf.map(|leaf| leaf.issuer.clone()).into();
    probe.not_after = leaf.map(|leaf| leaf.not_after.to_string()).into();
    probe.chain_pem = leaf
        .map(|_| chain.iter().map(Certificate::pem).collect::<String>())
        .into();
}

/// Whether a chain leads to one of these CAs and is for the name; or why not, for the last of them.
fn leads(chain: &[Certificate], server_name: &str, trusted: &[Certificate], now: Timestamp) -> Result<(), String> {
    let leaf = chain.first().ok_or("the server sent no certificate")?;
    verify_any(chain, trusted, Purpose::Server, now)
        .and_then(|()| is_valid_for(leaf, server_name))
        .map_err(|error| error.to_string())
}

/// How the attribute says it.
pub(super) fn word(plaintext: Plaintext) -> String {
    match plaintext {
        Plaintext::Refused => "refused",
        Plaintext::Answered => "answered",
        Plaintext::Unknown => "unknown",
    }
    .to_owned()
}
