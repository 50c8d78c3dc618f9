//! What must hold before the first write: it is this cluster, and nobody else has installed what is to be installed.

use e2etls_clients::aws::eks::EksApi;
use e2etls_clients::kube::kinds::DEPLOYMENT;
use e2etls_engine::operation::Operation;
use tfplugin_framework::{AttributePath, Diagnostic, Diagnostics};

use super::model::Platform;
use super::parts::{AGENT_ADDON, CERT_MANAGER_ADDON, CONNECTOR_ADDON, versions};
use crate::kinds::Clients;
use crate::kinds::kube::deployer::{deployer, is_of_eks};
use crate::session::wording::refused;

/// Checks all of it.
pub(super) async fn fits(platform: &Platform, op: &Operation<Clients>) -> Result<(), Diagnostics> {
    let cluster = platform.eks_cluster.as_str().unwrap_or_default();
    let eks = op.remotes.eks().await.map_err(|refusal| refused("EKS", &refusal))?;
    let auto_mode = is_this(op, eks.as_ref(), cluster).await?;
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
        if version.is_some() && !is_installed(op, eks.as_ref(), cluster, addon).await? {
            nobody_elses(op, argument, app).await?;
        }
    }
    if agent.is_none() && !auto_mode && !is_installed(op, eks.as_ref(), cluster, AGENT_ADDON).await? {
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

/// That the cluster which EKS knows by this name is the one that is reached; gives whether it is in Auto Mode.
async fn is_this(op: &Operation<Clients>, eks: &dyn EksApi, name: &str) -> Result<bool, Diagnostics> {
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
        return Ok(found.auto_mode == Some(true));
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

async fn is_installed(
    op: &Operation<Clients>,
    eks: &dyn EksApi,
    cluster: &str,
    addon: &str,
) -> Result<bool, Diagnostics> {
    let found = op.bounded(eks.addon(cluster, addon)).await;
    let found = found.map_err(|refusal| refused(&format!("EKS add-on {cluster}/{addon}"), &refusal))?;
    Ok(found.is_some())
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
    Err(Diagnostic::error(format!("{app} is already installed"))
        .at(AttributePath::root("addons").attribute(argument))
        .because(format!("The cluster has {place}{by}. It was not changed."))
        .advice(format!(
            "Set `addons.{argument} = \"existing\"` to use it as it is, or remove it first, to have EKS install it."
        ))
        .into())
}
