//! The argument `ca_pem` of those who are asked to verify what a server shows.

use tfplugin_framework::{Attr, AttributePath, Diagnostic, Diagnostics};

use super::Certificate;

/// The CAs that the user configured; `None` if that is not known, or there are none.
///
/// # Errors
/// Text that is not PEM, or holds no certificate.
pub(crate) fn trusted(ca_pem: &Attr<String>) -> Result<Option<Vec<Certificate>>, Diagnostics> {
    let trusted = ca_pem.as_str().map(Certificate::chain).transpose();
    trusted.map_err(|error| {
        Diagnostic::error("Invalid `ca_pem`")
            .at(AttributePath::root("ca_pem"))
            .because(format!("{error}."))
            .advice("Set `ca_pem` to CA certificates in PEM form.")
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn something_else_than_certificates_is_no_ca() {
        let found = trusted(&"no PEM".to_owned().into()).expect_err("a mistake");
        let paths = found
            .iter()
            .filter_map(|one| one.path.as_ref())
            .map(ToString::to_string);
        assert_eq!(paths.collect::<Vec<_>>(), ["ca_pem"]);
        assert_eq!(trusted(&Attr::Null), Ok(None));
    }
}
