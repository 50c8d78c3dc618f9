//! What must hold before the first write: it is this cluster, nobody else has installed what is to be installed, and nobody
//! needs what is to be destroyed.

use e2etls_clients::aws::eks::{Addon, Description, EksApi};
use e2etls_clients::kube::kinds::{AWS_PCA_CLUSTER_ISSUER, AWS_PCA_ISSUER, DEPLOYMENT};
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::Answer;
use tfplugin_framework::{AttributePath, Diagnostic, Diagnostics};

use super::model::Platform;
use super::parts::{AGENT_ADDON, CERT_MANAGER_ADDON, CONNECTOR_ADDON, versions};
use crate::kinds::Clients;
use crate::kinds::aws::marks::OWNER;
use crate::kinds::kube::deployer::{deployer, is_of_eks};
use crate::session::OWNER_LABEL;
use crate::session::wording::refused;
use crate::syntax::oidc_issuer;

/// Checks all of it.
pub(super) async fn fits(platform: &Platform, op: &Operation<Clients>) -> Result<(), Diagnostics> {
    let cluster = platform.eks_cluster.as_str().unwrap_or_default();
    let eks = op.remotes.eks().await.map_err(|refusal| refused("EKS", &refusal))?;
    let found = this(op, eks.as_ref(), cluster).await?;
    let Some([cert_manager, connector, agent]) = versions(platform) else {
        return Ok(());
    };
    let installs = [
        (&cert_manager, CERT_MANAGER_ADDON, "cert_manager", "cert-manager"),
        (
            &connector,
            CONNECTOR_ADDON,
            "private_ca_connector",
            "aws-privateca-issuer",
        ),
    ];
    for (version, addon, argument, app) in installs {
        if version.is_none() {
            continue;
        }
        match installed(op, eks.as_ref(), cluster, addon).await? {
            None => nobody_elses(op, argument, app).await?,
            Some(found) if !found.tags.contains_key(OWNER) => {
                return Err(there(argument, app, &format!("the add-on {addon}, {}", found.version)));
            }
            Some(_) => {}
        }
    }
    if let Some(arn) = platform.oidc_provider_arn.as_str() {
        return is_of_cluster(arn, found.oidc_issuer.as_deref());
    }
    let auto_mode = found.auto_mode == Some(true);
    if agent.is_none() && !auto_mode && installed(op, eks.as_ref(), cluster, AGENT_ADDON).await?.is_none() {
        return Err(Diagnostic::error("EKS Pod Identity has no agent")
            .at(AttributePath::root("addons").attribute("pod_identity_agent"))
            .because(format!(
                "The cluster is not in Auto Mode and does not have the add-on {AGENT_ADDON}, so that no Pod would get the \
                 role. Nothing was created."
            ))
            .advice("Set `addons.pod_identity_agent` to a version of the add-on.")
            .into());
    }
    Ok(())
}

/// That the OpenID Connect provider is for the tokens of this cluster.
fn is_of_cluster(arn: &str, issuer: Option<&str>) -> Result<(), Diagnostics> {
    let own = issuer.map(|issuer| issuer.split_once("://").map_or(issuer, |(_, rest)| rest));
    if own.is_none() || own == oidc_issuer(arn) {
        return Ok(());
    }
    Err(Diagnostic::error("The OpenID Connect provider is for another cluster")
        .at(AttributePath::root("oidc_provider_arn"))
        .because(format!(
            "The cluster's tokens are issued by {}. Nothing was created.",
            issuer.unwrap_or_default()
        ))
        .advice("Use the provider whose URL is that issuer.")
        .into())
}

/// The cluster that EKS knows by this name, if it is the one that is reached.
async fn this(op: &Operation<Clients>, eks: &dyn EksApi, name: &str) -> Result<Description, Diagnostics> {
    let path = || AttributePath::root("cluster_name");
    let found = op.bounded(eks.cluster(name)).await;
    let Some(found) = found.map_err(|refusal| refused(&format!("EKS cluster {name}"), &refusal))? else {
        return Err(Diagnostic::error("There is no such cluster")
            .at(path())
            .because(format!(
                "EKS has no cluster `{name}` in {}. Nothing was created.",
                eks.region()
            ))
            .advice("Check the name, and the provider's Region and account.")
            .into());
    };
    let reached = op.remotes.cluster();
    let same = match (&reached.eks_arn, &reached.server.ca_pem) {
        (Some(arn), _) => found.arn.as_ref() == Some(arn),
        (None, Some(pem)) => found.ca_pem.as_deref().map(letters) == Some(letters(pem)),
        // How the API server proves itself is not known here.
        (None, None) => found.endpoint.as_ref() == Some(&reached.server.url),
    };
    if same {
        return Ok(found);
    }
    Err(Diagnostic::error("It is another cluster")
        .at(path())
        .because(format!(
            "The provider reaches {}, which is not the EKS cluster `{name}`. Nothing was created.",
            reached.server.url
        ))
        .advice("Use the EKS name of the cluster that the provider is configured for.")
        .into())
}

/// A PEM file, however its lines end.
fn letters(pem: &str) -> String {
    pem.split_whitespace().collect()
}

async fn installed(
    op: &Operation<Clients>,
    eks: &dyn EksApi,
    cluster: &str,
    addon: &str,
) -> Result<Option<Addon>, Diagnostics> {
    let found = op.bounded(eks.addon(cluster, addon)).await;
    found.map_err(|refusal| refused(&format!("EKS add-on {cluster}/{addon}"), &refusal))
}

/// An installation by other means is left alone.
async fn nobody_elses(op: &Operation<Clients>, argument: &str, app: &str) -> Result<(), Diagnostics> {
    let objects = &op.remotes.cluster().objects;
    let label = format!("app.kubernetes.io/name={app}");
    let found = op.bounded(objects.list(DEPLOYMENT, None, &label)).await;
    let found = found.map_err(|refusal| refused(&format!("Deployments of {app}"), &refusal))?;
    // What an add-on has left with `preserve` is EKS's own: the next add-on takes it over.
    let Some(theirs) = found.iter().find(|deployment| !is_of_eks(deployment)) else {
        return Ok(());
    };
    let metadata = &theirs["metadata"];
    let place = format!(
        "Deployment {}/{}",
        metadata["namespace"].as_str().unwrap_or_default(),
        metadata["name"].as_str().unwrap_or_default()
    );
    let by = deployer(theirs).map_or_else(String::new, |deployer| format!(", installed by {deployer}"));
    Err(there(argument, app, &format!("{place}{by}")))
}

fn there(argument: &str, app: &str, what: &str) -> Diagnostics {
    Diagnostic::error(format!("{app} is already installed"))
        .at(AttributePath::root("addons").attribute(argument))
        .because(format!("The cluster has {what}. It was not changed."))
        .advice(format!(
            "Set `addons.{argument} = \"existing\"` to use it as it is. Do not delete it to have it installed again: every \
             certificate in the cluster would go with it."
        ))
        .into()
}

/// That no issuer of this provider needs the platform, whichever resource or state made it.
pub(super) async fn is_free(op: &Operation<Clients>) -> Result<(), Diagnostics> {
    let objects = &op.remotes.cluster().objects;
    let mut issuers = Vec::new();
    for kind in [AWS_PCA_ISSUER, AWS_PCA_CLUSTER_ISSUER] {
        let found = match op.bounded(objects.list(kind, None, OWNER_LABEL)).await {
            Err(refusal) if refusal.answer == Answer::KindMissing => continue,
            found => found.map_err(|refusal| refused(kind.kind, &refusal))?,
        };
        issuers.extend(found.iter().map(|issuer| {
            let metadata = &issuer["metadata"];
            kind.reference(
                metadata["namespace"].as_str(),
                metadata["name"].as_str().unwrap_or_default(),
            )
        }));
    }
    if issuers.is_empty() {
        return Ok(());
    }
    Err(Diagnostic::error("The platform is in use")
        .because(format!("Issuers of this provider need it: {}. Nothing was deleted.", issuers.join(", ")))
        .advice(
            "Destroy them first. With `platform = e2etls_platform.NAME.id` in the resources that need it, they are destroyed \
             before it.",
        )
        .into())
}
