#![doc = include_str!("README.md")]

pub mod model;
mod observe;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use jiff::Timestamp;
use tfplugin_framework::schema::Schema;
use tfplugin_framework::{Attr, AttributePath, Config, Context, DataSource, Diagnostic, Diagnostics, Model, State};

use crate::pki::Certificate;
use crate::session::Session;
use crate::session::unknown::not_read;
use crate::session::wording::{told, unidentified};
use e2etls_clients::kube::cluster::Cluster;
use e2etls_clients::kube::kinds::{CERTIFICATE, CERTIFICATE_REQUEST};
use e2etls_engine::refusal::{Answer, Refusal};
use model::CertificateStatus;

/// `e2etls_certificate_status`.
pub struct CertificateStatusSource;

#[async_trait]
impl DataSource for CertificateStatusSource {
    type Model = CertificateStatus;
    type Session = Session;

    fn name(&self) -> &'static str {
        "certificate_status"
    }

    fn schema(&self) -> Schema {
        CertificateStatus::schema(include_str!("README.md"))
    }

    fn validate(&self, config: &Config<CertificateStatus>, diagnostics: &mut Diagnostics) {
        if let Err(found) = trusted(config) {
            diagnostics.extend(found);
        }
    }

    fn waits(&self, session: &Session, config: &Config<CertificateStatus>) -> bool {
        session.unknown_cluster_argument(config.cluster.as_str()).is_some()
    }

    async fn read(
        &self,
        context: &Context<Session>,
        config: Config<CertificateStatus>,
    ) -> Result<(State<CertificateStatus>, Diagnostics), Diagnostics> {
        let trusted = trusted(&config)?;
        let mut status = config.0;
        if let Some(argument) = context.session.unknown_cluster_argument(status.cluster.as_str()) {
            return Err(not_read(&argument));
        }
        let cluster = context.session.cluster(status.cluster.as_str()).await?;
        let read = tokio::time::timeout(context.timeout, look(&cluster, &mut status, trusted.as_ref()));
        let outcome = tokio::select! {
            () = context.cancel.cancelled() => None,
            outcome = read => outcome.ok(),
        };
        let mut diagnostics = Diagnostics::new();
        match outcome {
            Some(Ok(true)) => return Ok((State(status), diagnostics)),
            Some(Ok(false)) => {
                let (namespace, name) = (status.namespace.as_str(), status.name.as_str());
                let detail = format!(
                    "The cluster has no Certificate {}/{}. Check the names. If a resource creates the Certificate in \
                     the same run, take the names from that resource, so that the Certificate is read afterward.",
                    namespace.unwrap_or_default(),
                    name.unwrap_or_default()
                );
                diagnostics.input(AttributePath::root("name"), "The Certificate does not exist", detail);
            }
            Some(Err(found)) => return Err(found),
            None => diagnostics.remote(
                "The read was interrupted",
                "The read was stopped or timed out. Try again.",
            ),
        }
        Err(diagnostics)
    }
}

/// Fills in what is seen; false if there is no such Certificate. Secrets are not read.
async fn look(
    cluster: &Cluster,
    status: &mut CertificateStatus,
    trusted: Option<&Certificate>,
) -> Result<bool, Diagnostics> {
    let uid = cluster.uid().await.map_err(|why| unidentified(&why, cluster))?;
    let (namespace, name) = (status.namespace.as_str(), status.name.as_str().unwrap_or_default());
    let Some(object) = cluster
        .objects
        .get(CERTIFICATE, namespace, name)
        .await
        .map_err(unreadable)?
    else {
        return Ok(false);
    };
    let requests = cluster.objects.list(CERTIFICATE_REQUEST, namespace, "").await;
    let requests = requests.map_err(unreadable)?;
    status.id = format!("{uid}/{}/{name}", namespace.unwrap_or_default()).into();
    observe::fill(status, &object, &requests, trusted, Timestamp::now());
    Ok(true)
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of `map_err`")]
fn unreadable(refusal: Refusal) -> Diagnostics {
    let words = told(&refusal);
    let mut diagnostics = Diagnostics::new();
    match refusal.answer {
        Answer::KindMissing => diagnostics.remote(
            "The cluster has no cert-manager",
            format!("{words}\n\nInstall cert-manager, for example as the EKS add-on `cert-manager`."),
        ),
        _ => diagnostics.remote(
            "Can't read the certificate",
            format!(
                "{words}\n\nThe provider needs the verbs `get` on certificates and `list` on certificaterequests \
                (cert-manager.io)."
            ),
        ),
    }
    diagnostics
}

/// The CA that the user configured.
fn trusted(config: &CertificateStatus) -> Result<Option<Certificate>, Diagnostics> {
    let Attr::Known(pem) = &config.ca_pem else {
        return Ok(None);
    };
    Certificate::first(pem).map(Some).map_err(|error| {
        Diagnostic::error("Invalid `ca_pem`")
            .at(AttributePath::root("ca_pem"))
            .because(format!("{error}. Set `ca_pem` to one CA certificate in PEM form."))
            .into()
    })
}
