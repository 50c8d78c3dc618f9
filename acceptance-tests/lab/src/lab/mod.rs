//! The lab: a Kubernetes control plane, cert-manager, the Private CA connector and AWS stand-ins on loopback.
//!
//! [`Lab::start`] spawns the binary `lab` and reads where everything is. The lab ends when this process lets go of
//! it, however that comes about.

pub mod apply;
mod build;
pub mod cache;
mod check;
mod endpoints;
mod error;
pub mod hosts;
pub(crate) mod http;
mod identity;
pub mod kinds;
mod load_balancer;
mod network;
mod opentofu;
mod options;
mod parts;
mod pki;
pub(crate) mod process;
mod progress;
mod proxy;
mod python;
mod recorder;
pub mod serve;
pub mod setup;
mod sigv4;
mod step;
mod supervisor;

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use ::http::Method;
use serde_json::{Value, json};

pub use build::cargo_build;
pub use check::check;
pub use endpoints::{ACCESS_KEY, ACCOUNT, CLUSTER, Endpoints, Programs, REGION, SECRET_KEY, SessionEndpoints};
pub use error::{Context, Error, Result};
pub use identity::eks_token;
pub use load_balancer::{Listed, Listening};
pub use options::{CertManager, Node, Options, Webhook};
pub use process::become_child;
pub use proxy::{Action, Call, Fault, FaultState, Match, Target, When};
pub use recorder::Recorder;
pub use supervisor::run;

use self::http::JsonClient;

/// Names a binary of the lab to use in place of a fresh build.
const BINARY: &str = "E2ETLS_LAB_BIN";

/// A running lab. Dropping it stops every process and removes its directory.
#[derive(Debug)]
pub struct Lab {
    endpoints: Endpoints,
    child: Child,
}

impl Lab {
    /// Starts a lab with the binary that [`binary`] finds. The first lab of a machine builds its parts, which takes
    /// minutes and reports on standard error.
    ///
    /// # Errors
    /// The lab doesn't come up; its reason stands on standard error.
    pub async fn start(options: Options) -> Result<Self> {
        let binary = tokio::task::spawn_blocking(binary)
            .await
            .context("finding the lab's binary")??;
        Self::start_with(&binary, options).await
    }

    /// Starts a lab with this binary.
    ///
    /// # Errors
    /// The lab doesn't come up; its reason stands on standard error.
    pub async fn start_with(binary: &Path, options: Options) -> Result<Self> {
        let binary = binary.to_owned();
        tokio::task::spawn_blocking(move || spawn(&binary, &options))
            .await
            .context("starting the lab")?
    }

    /// Where everything is.
    #[must_use]
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// A Kubernetes client that may do everything, past the recording proxy.
    ///
    /// # Errors
    /// The lab's kubeconfig can't be read.
    pub async fn kube(&self) -> Result<kube::Client> {
        client(&self.endpoints.kube_admin_kubeconfig).await
    }

    /// The recorder of the first session.
    #[must_use]
    pub fn recorder(&self) -> Recorder {
        Recorder::new(&self.endpoints.session.recorder)
    }

    /// Opens another session, with records and faults of its own.
    ///
    /// # Errors
    /// The lab doesn't answer.
    pub async fn session(&self) -> Result<SessionEndpoints> {
        JsonClient::new(&self.endpoints.control)
            .call(Method::POST, "/sessions", &json!({}))
            .await
    }

    /// The load balancers that the lab serves, and where.
    ///
    /// # Errors
    /// The lab doesn't answer.
    pub async fn load_balancers(&self) -> Result<Vec<Listed>> {
        JsonClient::new(&self.endpoints.control)
            .call(Method::GET, "/load-balancers", &json!({}))
            .await
    }

    /// Where on this machine the load balancer with this hostname serves a port. None while nothing does.
    ///
    /// # Errors
    /// The lab doesn't answer.
    pub async fn load_balancer_address(&self, hostname: &str, port: u16) -> Result<Option<SocketAddr>> {
        let balancers = self.load_balancers().await?;
        let balancer = balancers.iter().find(|it| it.dns_name.eq_ignore_ascii_case(hostname));
        let mut listeners = balancer.iter().flat_map(|it| &it.listeners);
        let address = listeners.find(|it| it.port == port);
        Ok(address.and_then(|it| it.address.parse().ok()))
    }

    /// Kills a part (`kube-apiserver`, `cert-manager`, `moto`, …).
    ///
    /// # Errors
    /// There is no such part.
    pub async fn stop_part(&self, name: &str) -> Result<()> {
        self.part(name, "stop").await
    }

    /// Starts a part that was stopped, or that the options left for later.
    ///
    /// # Errors
    /// There is no such part.
    pub async fn start_part(&self, name: &str) -> Result<()> {
        self.part(name, "start").await
    }

    async fn part(&self, name: &str, verb: &str) -> Result<()> {
        let path = format!("/parts/{name}/{verb}");
        JsonClient::new(&self.endpoints.control)
            .call::<Value>(Method::POST, &path, &json!({}))
            .await
            .map(drop)
    }

    /// Clears every AWS object of moto.
    ///
    /// # Errors
    /// moto doesn't answer.
    pub async fn reset_aws(&self) -> Result<()> {
        let path = "/moto-api/reset";
        JsonClient::new(&self.endpoints.moto_direct)
            .call::<Value>(Method::POST, path, &json!({}))
            .await
            .map(drop)
    }

    /// The environment of a process that uses the lab's AWS through a session.
    #[must_use]
    pub fn aws_env(&self, session: &SessionEndpoints) -> Vec<(String, String)> {
        let pairs = [
            ("AWS_ENDPOINT_URL", session.aws_endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
            ("AWS_REGION", REGION),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        for _ in 0..200 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        drop(self.child.kill());
    }
}

fn spawn(binary: &Path, options: &Options) -> Result<Lab> {
    let options = serde_json::to_string(options).context("options")?;
    let mut child = Command::new(binary)
        .args(["run", "--options", &options])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context(binary.display())?;
    let mut line = String::new();
    let output = child.stdout.take().context("the lab has no standard output")?;
    let read = BufReader::new(output)
        .read_line(&mut line)
        .context("reading the lab's endpoints")?;
    if read == 0 {
        drop(child.wait());
        return Err(Error::new(
            "the lab did not come up; see its last lines on standard error",
        ));
    }
    Ok(Lab {
        endpoints: serde_json::from_str(&line).context("the lab's endpoints")?,
        child,
    })
}

/// The lab's binary: the one that `E2ETLS_LAB_BIN` names, or this workspace's own, built if it isn't up to date.
///
/// # Errors
/// It isn't there and can't be built.
pub fn binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(BINARY) {
        return Ok(path.into());
    }
    static BUILT: OnceLock<Result<PathBuf>> = OnceLock::new();
    BUILT
        .get_or_init(|| cargo_build(&["-p", "e2etls-lab", "--bin", "lab"], "lab"))
        .clone()
}

/// A client from a kubeconfig file.
///
/// # Errors
/// The file can't be read or used.
pub async fn client(kubeconfig: &Path) -> Result<kube::Client> {
    drop(rustls::crypto::aws_lc_rs::default_provider().install_default());
    let what = kubeconfig.display();
    let config = kube::config::Kubeconfig::read_from(kubeconfig).context(&what)?;
    let options = kube::config::KubeConfigOptions::default();
    let config = kube::Config::from_custom_kubeconfig(config, &options)
        .await
        .context(&what)?;
    kube::Client::try_from(config).context(&what)
}
