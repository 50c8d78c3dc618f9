//! Whether a chain leads to a CA.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage};

use super::{Certificate, PkiError};

/// How far the clock of a CA may be ahead of ours.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// What a certificate is verified for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To serve TLS.
    Server,
    /// To authenticate a client.
    Client,
    /// Anything.
    Any,
}

impl Purpose {
    /// The purpose of cert-manager's usages.
    #[must_use]
    pub fn of(usages: &[String]) -> Self {
        let has = |usage: &str| usages.iter().any(|other| other == usage);
        match (has("server auth"), has("client auth")) {
            (true, _) => Self::Server,
            (false, true) => Self::Client,
            (false, false) => Self::Any,
        }
    }
}

struct AnyPurpose;

impl ExtendedKeyUsageValidator for AnyPurpose {
    fn validate(&self, _purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Verifies that `chain` (the leaf first) leads to `authority`, each link valid at `at` and fit for `purpose`.
///
/// The authority is trusted as it is, so it may be a subordinate CA; its own validity matters too. A leaf whose
/// validity begins within the next five minutes is evaluated at its beginning: clocks differ.
///
/// # Errors
/// Why it does not verify.
pub fn verify(chain: &[Certificate], authority: &Certificate, purpose: Purpose, at: Timestamp) -> Result<(), PkiError> {
    let leaf = chain.first().ok_or(PkiError::NoPem("certificate"))?;
    let at = if leaf.not_before > at && leaf.not_before.duration_since(at) < SKEW {
        leaf.not_before
    } else {
        at
    };
    if at > authority.not_after || at < authority.not_before {
        let (from, to) = (authority.not_before, authority.not_after);
        return Err(PkiError::Untrusted(format!(
            "the CA `{}` is valid only from {from} to {to}",
            authority.subject
        )));
    }
    let untrusted = |error: Error| PkiError::Untrusted(words(&error, leaf, authority));
    let anchors = [webpki::anchor_from_trusted_cert(&authority.der).map_err(untrusted)?];
    let between: Vec<CertificateDer<'_>> = chain[1..].iter().map(|certificate| certificate.der.clone()).collect();
    let time = UnixTime::since_unix_epoch(Duration::from_secs(at.as_second().try_into().unwrap_or(0)));
    let leaf = EndEntityCert::try_from(&leaf.der).map_err(untrusted)?;
    let verified = match purpose {
        Purpose::Server => leaf.verify_for_usage(
            ALL_VERIFICATION_ALGS,
            &anchors,
            &between,
            time,
            KeyUsage::server_auth(),
            None,
            None,
        ),
        Purpose::Client => leaf.verify_for_usage(
            ALL_VERIFICATION_ALGS,
            &anchors,
            &between,
            time,
            KeyUsage::client_auth(),
            None,
            None,
        ),
        Purpose::Any => leaf.verify_for_usage(ALL_VERIFICATION_ALGS, &anchors, &between, time, AnyPurpose, None, None),
    };
    verified.map(|_| ()).map_err(untrusted)
}

/// Verifies that `chain` leads to one of these CAs, as [`verify`] does for one.
///
/// # Errors
/// Why it does not verify, for the last of them.
pub fn verify_any(
    chain: &[Certificate],
    authorities: &[Certificate],
    purpose: Purpose,
    at: Timestamp,
) -> Result<(), PkiError> {
    let mut found = Err(PkiError::Untrusted("no CA is given".to_owned()));
    for authority in authorities {
        found = verify(chain, authority, purpose, at);
        if found.is_ok() {
            break;
        }
    }
    found
}

/// Checks that a certificate is for a DNS name or an IP address, as clients do (RFC 9525).
///
/// # Errors
/// For which names it is instead.
pub fn is_valid_for(leaf: &Certificate, name: &str) -> Result<(), PkiError> {
    let other = || {
        let names = if leaf.dns_names.is_empty() {
            "no DNS name".to_owned()
        } else {
            format!("`{}`", leaf.dns_names.join("`, `"))
        };
        PkiError::Untrusted(format!("the certificate is not for `{name}`; it is for {names}"))
    };
    let subject = ServerName::try_from(name).map_err(|_| other())?;
    let parsed = EndEntityCert::try_from(&leaf.der).map_err(|_| other())?;
    parsed.verify_is_valid_for_subject_name(&subject).map_err(|_| other())
}

fn words(error: &Error, leaf: &Certificate, authority: &Certificate) -> String {
    match error {
        Error::UnknownIssuer => format!(
            "the certificate was issued by `{}`, and no chain leads from there to the CA `{}` (SHA-256 {})",
            leaf.issuer,
            authority.subject,
            authority.fingerprint()
        ),
        Error::CertExpired { .. } => format!(
            "a certificate in the chain has expired (the leaf is valid until {})",
            leaf.not_after
        ),
        Error::CaUsedAsEndEntity => {
            "the server shows the certificate of a CA as its own, which is not accepted even if that CA is trusted"
                .to_owned()
        }
        Error::InvalidCertValidity => format!(
            "a certificate in the chain begins after it ends (the leaf is valid from {} to {})",
            leaf.not_before, leaf.not_after
        ),
        Error::CertNotValidYet { .. } => format!(
            "a certificate in the chain is not valid yet (the leaf is valid from {})",
            leaf.not_before
        ),
        Error::RequiredEkuNotFoundContext(_) => {
            "the certificate is not valid for this purpose (extended key usage)".to_owned()
        }
        other => format!("the chain does not verify: {other}"),
    }
}
