//! Usages of a certificate, in cert-manager's words, and what they select at AWS Private CA.

use tfplugin_framework::{AttributePath, Choice, Invalid};

/// What a certificate may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Choice)]
pub enum Usage {
    /// Serve TLS.
    #[tf(rename = "server auth")]
    ServerAuth,
    /// Authenticate a client.
    #[tf(rename = "client auth")]
    ClientAuth,
    /// Sign data.
    #[tf(rename = "digital signature")]
    DigitalSignature,
    /// Encrypt keys.
    #[tf(rename = "key encipherment")]
    KeyEncipherment,
    /// Agree on keys.
    #[tf(rename = "key agreement")]
    KeyAgreement,
    /// Encrypt data.
    #[tf(rename = "data encipherment")]
    DataEncipherment,
    /// Commit to content.
    #[tf(rename = "content commitment")]
    ContentCommitment,
    /// Sign code.
    #[tf(rename = "code signing")]
    CodeSigning,
    /// Protect mail.
    #[tf(rename = "email protection")]
    EmailProtection,
    /// Sign time stamps.
    #[tf(rename = "timestamping")]
    Timestamping,
    /// Sign OCSP answers.
    #[tf(rename = "ocsp signing")]
    OcspSigning,
    /// Anything.
    #[tf(rename = "any")]
    Any,
}

/// The default: a server.
#[must_use]
pub fn server_auth() -> Vec<Usage> {
    vec![Usage::ServerAuth]
}

/// At least one usage, each once.
pub(crate) fn usages(usages: &[Usage]) -> Result<(), Invalid> {
    if usages.is_empty() {
        return Err(Invalid::new("at least one usage is required, such as `server auth`"));
    }
    let twice = (1..usages.len()).find(|position| usages[..*position].contains(&usages[*position]));
    match twice {
        None => Ok(()),
        Some(position) => Err(Invalid::at(
            AttributePath::default().index(position),
            format!("`{}` is listed twice", usages[position]),
        )),
    }
}

/// The usages as cert-manager writes them.
#[must_use]
pub fn words(usages: &[Usage]) -> Vec<String> {
    usages.iter().map(|usage| usage.word().to_owned()).collect()
}

/// The template of AWS Private CA that aws-privateca-issuer selects for `usages` where the issuer names none.
///
/// Source: `buildTemplateArn` in `pkg/aws/pca.go` of aws-privateca-issuer 1.10.
#[must_use]
pub fn template_of(usages: &[String]) -> &'static str {
    let usages: Vec<&str> = usages.iter().map(String::as_str).collect();
    match usages.as_slice() {
        ["code signing"] => "CodeSigningCertificate/V1",
        ["client auth"] => "EndEntityClientAuthCertificate/V1",
        ["server auth"] => "EndEntityServerAuthCertificate/V1",
        ["ocsp signing"] => "OCSPSigningCertificate/V1",
        ["client auth", "server auth"] | ["server auth", "client auth"] => "EndEntityCertificate/V1",
        _ => "BlankEndEntityCertificate_APICSRPassthrough/V1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usages_select_templates() {
        assert_eq!(template_of(&words(&server_auth())), "EndEntityServerAuthCertificate/V1");
        assert_eq!(
            template_of(&words(&[Usage::ClientAuth, Usage::ServerAuth])),
            "EndEntityCertificate/V1"
        );
        let blank = words(&[Usage::DigitalSignature, Usage::KeyEncipherment, Usage::ServerAuth]);
        assert_eq!(template_of(&blank), "BlankEndEntityCertificate_APICSRPassthrough/V1");
    }

    #[test]
    fn a_usage_is_listed_once() {
        assert!(usages(&server_auth()).is_ok());
        assert!(usages(&[]).is_err());
        assert_eq!(
            usages(&[Usage::Any, Usage::Any]).map_err(|invalid| invalid.at.to_string()),
            Err("[1]".to_owned())
        );
    }
}
