//! Masks what must not be seen: private keys in PEM, and EKS tokens.

use std::borrow::Cow;
use std::ops::Range;

const MASK: &str = "(redacted)";

/// Where a PEM block of a private key ends its first line.
const KEY_HEADER: &str = "PRIVATE KEY-----";
/// Longest thing between `-----BEGIN ` and [`KEY_HEADER`]: `ENCRYPTED `, `RSA `, `OPENSSH `.
const LONGEST_KIND: usize = 24;
/// EKS tokens: this, then base64url.
const TOKEN: &str = "k8s-aws-v1.";
/// How base64 of a PEM private key begins: what Kubernetes Secrets hold.
const ENCODED_KEYS: [&str; 4] = [
    "LS0tLS1CRUdJTiBQUklWQVRFIEtFW",
    "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRV",
    "LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFW",
    "LS0tLS1CRUdJTiBFTkNSWVBURUQgUFJJVkFURSBLRV",
];

/// `text` without private keys and tokens. Borrowed where there is nothing to mask.
#[must_use]
pub fn redact(text: &str) -> Cow<'_, str> {
    let mut clean = String::new();
    let mut rest = text;
    while let Some(secret) = first_secret(rest) {
        clean.push_str(&rest[..secret.start]);
        clean.push_str(MASK);
        rest = &rest[secret.end..];
    }
    if clean.is_empty() && rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    clean.push_str(rest);
    Cow::Owned(clean)
}

fn first_secret(text: &str) -> Option<Range<usize>> {
    let words = ENCODED_KEYS
        .iter()
        .chain([&TOKEN])
        .filter_map(|start| word(text, start));
    words.chain(pem_key(text)).min_by_key(|secret| secret.start)
}

/// From `-----BEGIN … PRIVATE KEY-----` to the end of the block, or of the text where the block is cut.
fn pem_key(text: &str) -> Option<Range<usize>> {
    const BEGIN: &str = "-----BEGIN ";
    let starts = text.match_indices(BEGIN).filter(|(start, _)| {
        let kind = &text[start + BEGIN.len()..];
        kind.find(KEY_HEADER).is_some_and(|length| length <= LONGEST_KIND)
    });
    let (start, _) = { starts }.next()?;
    let body = start + BEGIN.len() + text[start + BEGIN.len()..].find(KEY_HEADER)? + KEY_HEADER.len();
    let end = text[body..]
        .find(KEY_HEADER)
        .map_or(text.len(), |length| body + length + KEY_HEADER.len());
    Some(start..end)
}

/// From `start` to the end of the base64 that follows.
fn word(text: &str, start: &str) -> Option<Range<usize>> {
    let at = text.find(start)?;
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '=' | '.' | '%');
    let length = text[at..].find(|c| !inside(c)).unwrap_or(text.len() - at);
    Some(at..at + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_other_text_alone() {
        let text = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE----- k8s-aws LS0tLS1CRUdJTiBDRVJU";
        assert!(matches!(redact(text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn masks_keys_whole_escaped_and_cut() {
        for kind in ["", "RSA ", "EC ", "ENCRYPTED ", "OPENSSH "] {
            let block = format!("-----BEGIN {kind}PRIVATE KEY-----\nMIIE\n-----END {kind}PRIVATE KEY-----");
            assert_eq!(redact(&format!("a {block} b {block}")), "a (redacted) b (redacted)");
            assert_eq!(redact(&format!("{:?}", format!("x{block}"))), "\"x(redacted)\"");
        }
        assert_eq!(redact("a -----BEGIN PRIVATE KEY-----\nMIIEvQ"), "a (redacted)");
    }

    #[test]
    fn masks_a_key_after_a_certificate() {
        let text = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nMIIE";
        assert_eq!(
            redact(text),
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n(redacted)"
        );
    }

    #[test]
    fn masks_tokens_and_encoded_keys() {
        assert_eq!(
            redact("Bearer k8s-aws-v1.aHR0cHM6Ly9zdHM_-, next"),
            "Bearer (redacted), next"
        );
        assert_eq!(
            redact("tls.key: LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1J\nx"),
            "tls.key: (redacted)\nx"
        );
    }
}
