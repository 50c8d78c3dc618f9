//! The one table of everything the provider offers.

use tfplugin_framework::Registry;

use crate::certificate::CertificateResource;
use crate::certificate_status::CertificateStatusSource;
use crate::cluster::ClusterSource;
use crate::edge::EdgeResource;
use crate::encryption_report::EncryptionReportSource;
use crate::issuer::IssuerResource;
use crate::network_policy::NetworkPolicyResource;
use crate::platform::PlatformResource;
use crate::private_ca::PrivateCaResource;
use crate::proxy::ProxyResource;
use crate::public_certificate::PublicCertificateResource;
use crate::session::Session;
use crate::stack::StackResource;
use crate::tls_probe::TlsProbeSource;

/// All resources and data sources, sorted by name.
#[must_use]
pub fn registry() -> Registry<Session> {
    Registry::new()
        .resource(CertificateResource::new())
        .resource(EdgeResource::new())
        .resource(IssuerResource::new())
        .resource(NetworkPolicyResource::new())
        .resource(PlatformResource::new())
        .resource(PrivateCaResource::new())
        .resource(ProxyResource::new())
        .resource(PublicCertificateResource::new())
        .resource(StackResource::new())
        .data_source(CertificateStatusSource)
        .data_source(ClusterSource)
        .data_source(EncryptionReportSource)
        .data_source(TlsProbeSource)
}
