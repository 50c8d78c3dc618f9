//! The CA behind an issuer, as AWS Private CA tells of it.

use jiff::Timestamp;
use tfplugin_framework::{AttributePath, Diagnostics};

use super::render::region_of;
use crate::pki::Certificate;
use crate::provider::Session;

/// The longest lifetime that a CA for short-lived certificates gives.
pub const SHORT_LIVED: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 3600);

/// A CA that can issue.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Its ARN.
    pub arn: String,
    /// Its certificate: what it issues is verified to it.
    pub certificate: Certificate,
    /// The root that it chains to; itself for a root.
    pub root: Certificate,
    /// True if it gives certificates of at most seven days.
    pub short_lived: bool,
}

impl Authority {
    /// Checks that a lifetime is possible at all.
    ///
    /// # Errors
    /// At `path`: longer than the CA allows, or than the CA itself has left at `now`.
    pub fn may_issue_for(&self, duration: std::time::Duration, now: Timestamp, path: AttributePath) -> Result<(), Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        if self.short_lived && duration > SHORT_LIVED {
            let detail = format!(
                "{} has the usage mode SHORT_LIVED_CERTIFICATE and gives certificates of at most 168 hours.\n\nGive a duration \
                 of at most `168h` (`144h` leaves a day for renewal), or use a CA of the mode GENERAL_PURPOSE.",
                self.arn
            );
            diagnostics.input(path, "The duration is too long for the CA", detail);
        } else if now.checked_add(duration).is_ok_and(|end| end > self.certificate.not_after) {
            let detail = format!(
                "{} is valid until {}, and a certificate can't outlive its CA.\n\nGive a shorter duration, or a CA with more \
                 time left.",
                self.arn, self.certificate.not_after
            );
            diagnostics.input(path, "The duration is longer than the CA lives", detail);
        }
        if diagnostics.has_errors() { Err(diagnostics) } else { Ok(()) }
    }
}

/// Looks the CA up, and checks that it is ACTIVE. `path` is where the user wrote the ARN.
///
/// # Errors
/// At `path`: no such CA, one that can't issue, a permission that is missing (by name).
pub async fn look(session: &Session, arn: &str, path: AttributePath) -> Result<Authority, Diagnostics> {
    let _ = (session, arn, region_of(arn));
    let mut diagnostics = Diagnostics::new();
    diagnostics.input(path, "Can't look up the CA", "There is no client of AWS Private CA.");
    Err(diagnostics)
}
