//! moto for AWS, ministack for EKS.

use std::path::Path;

use super::{Ground, Parts};
use crate::lab::cache::Cache;
use crate::lab::endpoints::{ACCESS_KEY, ACCOUNT, REGION, SECRET_KEY};
use crate::lab::error::Result;
use crate::lab::process::{Spec, free_ports};

/// The AWS stand-ins' own addresses.
#[derive(Debug, Clone)]
pub(crate) struct Aws {
    pub(crate) moto: String,
    pub(crate) ministack: Option<String>,
    moto_port: u16,
    ministack_port: u16,
}

impl Aws {
    /// Starts the stand-ins; [`Aws::ready`] waits for them.
    pub(crate) async fn start(ground: &Ground, eks: bool) -> Result<Self> {
        let Ground { parts, cache, .. } = ground;
        let [moto_port, ministack_port] = free_ports()?;
        parts.run(moto(cache, moto_port)).await?;
        if eks {
            parts.run(ministack(cache, &parts.dir, ministack_port)).await?;
        }
        Ok(Self {
            moto: format!("http://127.0.0.1:{moto_port}"),
            ministack: eks.then(|| format!("http://127.0.0.1:{ministack_port}")),
            moto_port,
            ministack_port,
        })
    }

    /// Waits until the stand-ins listen.
    pub(crate) async fn ready(&self, parts: &Parts) -> Result<()> {
        parts.wait_port("moto", self.moto_port).await?;
        if self.ministack.is_some() {
            parts.wait_port("ministack", self.ministack_port).await?;
        }
        Ok(())
    }
}

/// moto through the lab's start-up package, which fills what moto lacks.
fn moto(cache: &Cache, port: u16) -> Spec {
    let package = cache.sources.join("moto");
    let own = package.join("e2etls_moto/server.py").is_file();
    let spec = Spec::new("moto", cache.python("python"));
    let spec = if own {
        spec.args(["-m", "e2etls_moto.server"])
    } else {
        spec.args(["-m", "moto.server"])
    };
    spec.args(["-H", "127.0.0.1", "-p"])
        .arg(port.to_string())
        .env("PYTHONPATH", package.display().to_string())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("MOTO_ACCOUNT_ID", ACCOUNT)
}

/// ministack through the lab's start-up package, which fills what its EKS lacks.
fn ministack(cache: &Cache, dir: &Path, port: u16) -> Spec {
    let package = cache.sources.join("ministack");
    let own = package.join("e2etls_ministack/server.py").is_file();
    let spec = if own {
        Spec::new("ministack", cache.python("python")).args(["-m", "e2etls_ministack.server"])
    } else {
        Spec::new("ministack", cache.python("ministack"))
    };
    let spec = spec
        .env("PYTHONPATH", package.display().to_string())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("GATEWAY_PORT", port.to_string())
        .env("BIND_HOST", "127.0.0.1")
        .env("MINISTACK_ACCOUNT_ID", ACCOUNT)
        .env("MINISTACK_REGION", REGION)
        .env("DOCKER_HOST", "unix:///nonexistent")
        .env("HOME", dir.display().to_string());
    credentials(spec)
}

/// The lab's credentials and Region for a part.
pub(crate) fn credentials(spec: Spec) -> Spec {
    spec.env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("AWS_REGION", REGION)
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_EC2_METADATA_DISABLED", "true")
}
