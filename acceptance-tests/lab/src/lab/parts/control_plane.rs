//! etcd, the API server, the controller manager and the scheduler.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Ground, Parts};
use crate::lab::cache::Cache;
use crate::lab::error::{Context as _, Result};
use crate::lab::pki::Pki;
use crate::lab::process::{Spec, free_ports};

/// Those who have a token of their own: kubeconfig name, user, groups.
const IDENTITIES: [(&str, &str, &str); 3] = [
    ("admin", "lab:admin", "system:masters"),
    (
        "cert-manager",
        "system:serviceaccount:cert-manager:cert-manager",
        "system:serviceaccounts",
    ),
    (
        "aws-privateca-issuer",
        "system:serviceaccount:cert-manager:aws-privateca-issuer",
        "system:serviceaccounts",
    ),
];

/// A running control plane.
#[derive(Debug, Clone)]
pub(crate) struct ControlPlane {
    pub(crate) server: String,
    pub(crate) port: u16,
    pub(crate) kubeconfigs: PathBuf,
    pub(crate) admin_token: String,
}

impl ControlPlane {
    /// Starts etcd and the API server, and waits until it is ready.
    pub(crate) async fn start(ground: &Ground, token_review: &Path) -> Result<Self> {
        let Ground { parts, cache, .. } = ground;
        let [client, peer, port] = free_ports()?;
        let plane = Self {
            server: format!("https://127.0.0.1:{port}"),
            port,
            kubeconfigs: parts.dir.join("kubeconfigs"),
            admin_token: random_token()?,
        };
        plane.write_identities(&parts.dir, &ground.pki)?;
        parts.run(etcd(cache, &parts.dir, client, peer)).await?;
        parts.wait_port("etcd", client).await?;
        parts.run(plane.api_server(ground, client, token_review)).await?;
        plane.wait_ready(parts).await?;
        Ok(plane)
    }

    /// The kubeconfig of one identity.
    pub(crate) fn kubeconfig(&self, name: &str) -> PathBuf {
        self.kubeconfigs.join(name)
    }

    /// Waits until the API server says that it is ready.
    pub(crate) async fn wait_ready(&self, parts: &Parts) -> Result<()> {
        let client = crate::lab::client(&self.kubeconfig("admin")).await?;
        parts
            .wait("kube-apiserver", || {
                let client = client.clone();
                async move { ready(&client).await }
            })
            .await
    }

    /// Starts the controller manager and the scheduler.
    pub(crate) async fn start_controllers(&self, ground: &Ground) -> Result<()> {
        let Ground { parts, cache, pki, .. } = ground;
        let admin = self.kubeconfig("admin");
        let manager = Spec::new("kube-controller-manager", cache.program("kube-controller-manager"))
            .path("--kubeconfig", &admin)
            .path("--service-account-private-key-file", &pki.service_account_key)
            .path("--root-ca-file", &pki.ca)
            .args([
                "--leader-elect=false",
                "--secure-port=0",
                "--kube-api-qps=200",
                "--kube-api-burst=400",
            ]);
        let scheduler = Spec::new("kube-scheduler", cache.program("kube-scheduler"))
            .path("--kubeconfig", &admin)
            .args(["--leader-elect=false", "--secure-port=0"]);
        parts.run(manager).await?;
        parts.run(scheduler).await
    }

    fn api_server(&self, ground: &Ground, etcd: u16, token_review: &Path) -> Spec {
        let Ground {
            parts,
            cache,
            pki,
            network,
        } = ground;
        Spec::new("kube-apiserver", cache.program("kube-apiserver"))
            .arg(format!("--etcd-servers=http://127.0.0.1:{etcd}"))
            .arg(format!("--secure-port={}", self.port))
            .args([
                "--bind-address=127.0.0.1",
                "--endpoint-reconciler-type=none",
                "--authorization-mode=RBAC",
            ])
            .path("--cert-dir", &parts.dir.join("apiserver"))
            .path("--tls-cert-file", &pki.cert)
            .path("--tls-private-key-file", &pki.key)
            .path("--service-account-key-file", &pki.service_account_public)
            .path("--service-account-signing-key-file", &pki.service_account_key)
            .arg("--service-account-issuer=https://kubernetes.default.svc")
            .path("--token-auth-file", &parts.dir.join("tokens.csv"))
            .path("--authentication-token-webhook-config-file", token_review)
            .args([
                "--authentication-token-webhook-version=v1",
                "--authentication-token-webhook-cache-ttl=10s",
            ])
            .arg(format!("--service-cluster-ip-range={}", network.services()))
            .args(["--allow-privileged=true", "--enable-priority-and-fairness=false"])
            .args(["--max-requests-inflight=2000", "--max-mutating-requests-inflight=1000"])
    }

    fn write_identities(&self, dir: &Path, pki: &Pki) -> Result<()> {
        std::fs::create_dir_all(&self.kubeconfigs).context(self.kubeconfigs.display())?;
        let mut lines = String::new();
        for (name, user, groups) in IDENTITIES {
            let token = if name == "admin" {
                self.admin_token.clone()
            } else {
                random_token()?
            };
            lines.push_str(&format!("{token},{user},{name},\"{groups}\"\n"));
            write_kubeconfig(&self.kubeconfig(name), &self.server, &pki.ca, &token)?;
        }
        let path = dir.join("tokens.csv");
        std::fs::write(&path, lines).context(path.display())
    }
}

/// Whether the API server answers its readiness probe.
async fn ready(client: &kube::Client) -> bool {
    let Ok(request) = http::Request::get("/readyz").body(Vec::new()) else {
        return false;
    };
    client.request_text(request).await.is_ok_and(|text| text == "ok")
}

fn etcd(cache: &Cache, dir: &Path, client: u16, peer: u16) -> Spec {
    Spec::new("etcd", cache.program("etcd"))
        .path("--data-dir", &dir.join("etcd"))
        .args(["--unsafe-no-fsync", "--log-level=warn", "--name=lab"])
        .arg(format!("--listen-client-urls=http://127.0.0.1:{client}"))
        .arg(format!("--advertise-client-urls=http://127.0.0.1:{client}"))
        .arg(format!("--listen-peer-urls=http://127.0.0.1:{peer}"))
        .arg(format!("--initial-advertise-peer-urls=http://127.0.0.1:{peer}"))
        .arg(format!("--initial-cluster=lab=http://127.0.0.1:{peer}"))
}

/// Writes a kubeconfig (JSON is YAML) for a bearer token.
pub(crate) fn write_kubeconfig(path: &Path, server: &str, ca: &Path, token: &str) -> Result<()> {
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "lab",
        "clusters": [{ "name": "lab", "cluster": { "server": server, "certificate-authority": ca } }],
        "users": [{ "name": "lab", "user": { "token": token } }],
        "contexts": [{ "name": "lab", "context": { "cluster": "lab", "user": "lab" } }],
    });
    std::fs::write(path, config.to_string()).context(path.display())
}

/// A token that nobody guesses.
fn random_token() -> Result<String> {
    let mut bytes = [0; 16];
    let mut source = std::fs::File::open("/dev/urandom").context("/dev/urandom")?;
    std::io::Read::read_exact(&mut source, &mut bytes).context("/dev/urandom")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
