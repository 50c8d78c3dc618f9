//! The one table of everything the provider offers.

use tfplugin_framework::Registry;

use crate::certificate::CertificateResource;
use crate::certificate_status::CertificateStatusSource;
use crate::issuer::IssuerResource;
use crate::provider::Session;

/// All resources and data sources, sorted by name.
#[must_use]
pub fn registry() -> Registry<Session> {
    Registry::new()
        .resource(CertificateResource)
        .resource(IssuerResource)
        .data_source(CertificateStatusSource)
}
