//! The CA behind an issuer, as AWS Private CA describes it.

use jiff::Timestamp;
use tfplugin_framework::{AttributePath, Diagnostic, Diagnostics};

use super::issuer::region_of;
use crate::pki::{Certificate, PkiError};
use crate::session::Session;
use crate::session::wording::Worded as _;
use e2etls_clients::aws::acm_pca::{self, Issued};

/// The longest lifetime that a CA for short-lived certificates issues.
pub const SHORT_LIVED: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 3600);

/// A CA that can issue.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Its ARN.
    pub arn: String,
    /// Its certificate: what it issues is verified against it.
    pub certificate: Certificate,
    /// The root that it chains to; itself for a root.
    pub root: Certificate,
    /// True if it issues certificates of at most seven days.
    pub short_lived: bool,
}

impl Authority {
    /// Checks that a lifetime is possible at all.
    ///
    /// # Errors
    /// At `path`: the lifetime is longer than the CA allows, or than the CA itself has left at `now`.
    pub fn may_issue_for(
        &self,
        duration: std::time::Duration,
        now: Timestamp,
        path: AttributePath,
    ) -> Result<(), Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        if self.short_lived && duration > SHORT_LIVED {
            let detail = format!(
                "{} has the usage mode SHORT_LIVED_CERTIFICATE and issues certificates for at most 168 hours.\n\nUse a \
                 duration of at most `168h` (`144h` leaves a day for renewal), or a CA with the usage mode \
                 GENERAL_PURPOSE.",
                self.arn
            );
            diagnostics.input(path, "Duration too long for the CA", detail);
        } else if now
            .checked_add(duration)
            .is_ok_and(|end| end > self.certificate.not_after)
        {
            let detail = format!(
                "{} is valid until {}, and a certificate can't outlive its CA.\n\nUse a shorter duration or a CA that \
                 is valid longer, or renew the CA first.",
                self.arn, self.certificate.not_after
            );
            diagnostics.input(path, "Duration exceeds the CA's validity", detail);
        }
        if diagnostics.has_errors() {
            Err(diagnostics)
        } else {
            Ok(())
        }
    }
}

/// Looks the CA up, and checks that it is ACTIVE. `path` is where the user wrote the ARN.
///
/// # Errors
/// At `path`: the CA does not exist or can't issue, or a permission, which is named, is missing.
pub async fn look(session: &Session, arn: &str, path: AttributePath) -> Result<Authority, Diagnostics> {
    let asked = async {
        session
            .private_ca(Some(region_of(arn)))
            .await?
            .issuer(arn)
            .await
            .worded()
    };
    let issuer = match asked.await.map_err(|found| at(found, &path))? {
        Ok(issuer) => issuer,
        Err(described) => return Err(not_active(described.as_ref(), arn, path)),
    };
    let short_lived = issuer.authority.usage_mode == "SHORT_LIVED_CERTIFICATE";
    read(arn, &issuer.own, short_lived).map_err(|error| {
        Diagnostic::error("Can't read the CA's certificate")
            .at(path)
            .because(format!(
                "{arn}: {error}. Check the CA's certificate, for example in the AWS console."
            ))
            .into()
    })
}

/// The CA as its own certificate and chain show it.
fn read(arn: &str, own: &Issued, short_lived: bool) -> Result<Authority, PkiError> {
    let certificate = Certificate::first(&own.certificate_pem)?;
    let chain = if own.chain_pem.is_empty() {
        Vec::new()
    } else {
        Certificate::chain(&own.chain_pem)?
    };
    let root = chain.into_iter().next_back().unwrap_or_else(|| certificate.clone());
    Ok(Authority {
        arn: arn.to_owned(),
        certificate,
        root,
        short_lived,
    })
}

/// Why nothing can be issued from a CA that is not ACTIVE.
fn not_active(described: Option<&acm_pca::Authority>, arn: &str, path: AttributePath) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    match described {
        Some(authority) => {
            let next = match authority.status.as_str() {
                "PENDING_CERTIFICATE" => "Have its certificate signed and installed first",
                "DISABLED" => "Enable it again",
                "DELETED" => "Restore it, or use another CA",
                _ => "Use an ACTIVE CA",
            };
            let detail = format!(
                "{arn} has the status {} and can't issue certificates. Nothing was \
                written.\n\n{next}.",
                authority.status
            );
            diagnostics.input(path, "The CA is not active", detail);
        }
        None => diagnostics.input(
            path,
            "The CA does not exist",
            format!(
                "AWS Private CA has no CA {arn} in this Region, or this account has no access to it. Nothing was \
                 written.\n\nCheck the ARN. A CA of another account must be shared with this account through AWS \
                 RAM."
            ),
        ),
    }
    diagnostics
}

/// The messages, at the path of the argument that they are about.
fn at(found: Diagnostics, path: &AttributePath) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for mut diagnostic in found {
        diagnostic.path.get_or_insert_with(|| path.clone());
        diagnostics.add(diagnostic);
    }
    diagnostics
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::sample;

    fn authority(short_lived: bool) -> Authority {
        let root = sample::root("root");
        let sub = root.subordinate("sub");
        read(
            "arn",
            &Issued {
                certificate_pem: sub.pem,
                chain_pem: root.pem,
            },
            short_lived,
        )
        .expect("a CA")
    }

    #[test]
    fn the_root_is_the_end_of_the_chain() {
        assert_eq!(
            (authority(false).certificate.subject, authority(false).root.subject),
            ("CN=sub".to_owned(), "CN=root".to_owned())
        );
        let root = sample::root("root");
        let alone = read(
            "arn",
            &Issued {
                certificate_pem: root.pem,
                chain_pem: String::new(),
            },
            false,
        )
        .expect("a CA");
        assert_eq!(alone.root, alone.certificate);
    }

    #[test]
    fn a_lifetime_must_fit_the_ca() {
        let now = "2026-11-21T00:00:00Z".parse().expect("a time");
        let judge = |short_lived, hours: u64| {
            let duration = std::time::Duration::from_secs(hours * 3600);
            authority(short_lived)
                .may_issue_for(duration, now, AttributePath::root("duration"))
                .is_ok()
        };
        assert!(judge(true, 168) && !judge(true, 169));
        assert!(judge(false, 8760) && !judge(false, 8760 * 120));
    }
}
