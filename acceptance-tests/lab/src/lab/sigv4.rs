//! Signature version 4 of presigned URLs, for the one key that the lab hands out.

use hmac::{Hmac, Mac as _};
use http::Uri;
use sha2::{Digest as _, Sha256};

use super::endpoints::{ACCESS_KEY, REGION, SECRET_KEY};
use super::error::{Context as _, Error, Result};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The hash of no body.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A presigned GET, taken apart.
#[derive(Debug)]
pub(crate) struct Presigned {
    host: String,
    path: String,
    /// Name and value, still percent-encoded.
    query: Vec<(String, String)>,
}

impl Presigned {
    pub(crate) fn parse(url: &Uri) -> Result<Self> {
        let host = url.authority().context("a presigned URL without host")?.to_string();
        let query = url.query().context("a presigned URL without query")?;
        let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let path = if url.path().is_empty() { "/" } else { url.path() };
        Ok(Self {
            host,
            path: path.to_owned(),
            query: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        })
    }

    /// A parameter, decoded.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        self.query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| decode(value))
    }

    /// The names of the signed headers.
    pub(crate) fn signed_headers(&self) -> impl Iterator<Item = String> {
        let names = self.parameter("X-Amz-SignedHeaders").unwrap_or_default();
        names.split(';').map(str::to_owned).collect::<Vec<_>>().into_iter()
    }

    /// The same signature as the header `authorization`.
    pub(crate) fn as_header(&self) -> String {
        let parameter = |name: &str| self.parameter(name).unwrap_or_default();
        format!(
            "{ALGORITHM} Credential={}, SignedHeaders={}, Signature={}",
            parameter("X-Amz-Credential"),
            parameter("X-Amz-SignedHeaders"),
            parameter("X-Amz-Signature"),
        )
    }

    /// When it was signed.
    pub(crate) fn signed_at(&self) -> Result<jiff::Timestamp> {
        let date = self.parameter("X-Amz-Date").context("a presigned URL without date")?;
        let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", &date).context("X-Amz-Date")?;
        Ok(civil
            .to_zoned(jiff::tz::TimeZone::UTC)
            .context("X-Amz-Date")?
            .timestamp())
    }

    /// Whether the lab's own key signed it, with these headers beside `host`.
    pub(crate) fn verify(&self, headers: &[(&str, &str)]) -> Result<bool> {
        let given = self
            .parameter("X-Amz-Signature")
            .context("a presigned URL without signature")?;
        let credential = self
            .parameter("X-Amz-Credential")
            .context("a presigned URL without credential")?;
        let (key, scope) = credential.split_once('/').context("a presigned URL without scope")?;
        if key != ACCESS_KEY {
            return Err(Error::new(format!("the lab does not know the access key {key}")));
        }
        Ok([EMPTY, "UNSIGNED-PAYLOAD"]
            .iter()
            .any(|payload| self.sign(scope, headers, payload) == given))
    }

    fn sign(&self, scope: &str, headers: &[(&str, &str)], payload: &str) -> String {
        let date = self.parameter("X-Amz-Date").unwrap_or_default();
        let mut query: Vec<String> = self
            .query
            .iter()
            .filter(|(name, _)| name != "X-Amz-Signature")
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        query.sort();
        let mut lines = String::new();
        for name in self.signed_headers() {
            let given = headers
                .iter()
                .find(|(header, _)| *header == name)
                .map(|(_, value)| *value);
            let value = if name == "host" {
                self.host.as_str()
            } else {
                given.unwrap_or_default()
            };
            lines.push_str(&format!("{name}:{value}\n"));
        }
        let names = self.signed_headers().collect::<Vec<_>>().join(";");
        let canonical = format!("GET\n{}\n{}\n{lines}\n{names}\n{payload}", self.path, query.join("&"));
        let text = format!("{ALGORITHM}\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
        let key = scope
            .split('/')
            .fold(format!("AWS4{SECRET_KEY}").into_bytes(), |key, part| mac(&key, part));
        hex(&mac(&key, &text))
    }
}

/// Presigns a GET with the lab's key for 60 seconds.
///
/// # Errors
/// The URL isn't one.
pub(crate) fn presign(url: &str, headers: &[(&str, &str)], at: jiff::Timestamp) -> Result<String> {
    let at = at.to_zoned(jiff::tz::TimeZone::UTC);
    let (day, time) = (
        at.strftime("%Y%m%d").to_string(),
        at.strftime("%Y%m%dT%H%M%SZ").to_string(),
    );
    let scope = format!("{day}/{REGION}/sts/aws4_request");
    let mut names: Vec<&str> = headers.iter().map(|(name, _)| *name).chain(["host"]).collect();
    names.sort_unstable();
    let unsigned = format!(
        "{url}&X-Amz-Algorithm={ALGORITHM}&X-Amz-Credential={ACCESS_KEY}%2F{}&X-Amz-Date={time}&X-Amz-Expires=60\
         &X-Amz-SignedHeaders={}",
        scope.replace('/', "%2F"),
        names.join("%3B"),
    );
    let presigned = Presigned::parse(&unsigned.parse().context(url)?)?;
    Ok(format!(
        "{unsigned}&X-Amz-Signature={}",
        presigned.sign(&scope, headers, EMPTY)
    ))
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // A key of any length is legal, so this arm is never empty in practice.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Percent-decoding.
pub(crate) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let value = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (first, value) {
            (b'%', Some(value)) => {
                bytes.push(value);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Presigned, decode, presign};

    #[test]
    fn what_it_signs_it_verifies() {
        let at = "2026-01-01T00:00:00Z".parse().expect("time");
        let url = presign("https://sts.amazonaws.com/?Action=X", &[("x-k8s-aws-id", "a")], at).expect("presign");
        let presigned = Presigned::parse(&url.parse().expect("URL")).expect("parse");
        assert!(presigned.verify(&[("x-k8s-aws-id", "a")]).expect("verify"));
        assert!(!presigned.verify(&[("x-k8s-aws-id", "b")]).expect("verify"));
        assert_eq!(presigned.signed_at().expect("date"), at);
    }

    #[test]
    fn decodes_percents() {
        assert_eq!(decode("a%2Fb%3bc%"), "a/b;c%");
    }
}
