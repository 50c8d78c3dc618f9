//! The steps of the demo, in their order.

mod app;
mod change;
mod crash;
mod edge;
mod end;
mod keep;
mod load;
mod plan;
mod renewal;
mod stage;
mod tap;
mod verify;

use e2etls_lab::lab::{Error, Result};

use self::stage::{Stage, say};

/// All of it; with `keep` only until TLS is served.
pub(crate) async fn run(keep: bool) -> Result<()> {
    let stage = Stage::build().await?;
    app::readable(&stage).await?;
    let before = stage.listing().await?;
    plan::shown(&stage).await?;
    crash::survived(&stage, &before).await?;
    let served = verify::served(&stage).await?;
    if keep {
        return keep::running(&stage, &served).await;
    }
    renewal::loses_nothing(&stage, &served).await?;
    renewal::broken_reload(&stage, &served).await?;
    change::healed(&stage).await?;
    edge::led(&stage).await?;
    end::destroyed(&stage, &before).await?;
    say(&format!(
        "\nAll as promised, in {} s. Simulated here: AWS (moto, no access control), the kubelet (Pods are processes of this \
         machine, images are substituted), the load balancer and its controller; NetworkPolicies are stored and enforced by \
         nothing. Real: Terraform, the API server, cert-manager, the Private CA connector, NGINX, OpenSSL, curl.",
        stage.seconds()
    ));
    Ok(())
}

/// Fails with this text unless `holds`.
fn check(holds: bool, otherwise: impl FnOnce() -> String) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::new(otherwise())) }
}
