//! One NGINX for each load balancer, kept at what moto says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;
use tokio::sync::watch;

use super::conf::{self, Files, Ground, Route};
use super::relay::Relay;
use super::snapshot::{Balancer, Certificate, Moto, Snapshot};
use super::{Listed, Listening};
use crate::lab::load_balancer::{Options, sources};
use crate::lab::process::{Spec, free_ports};
use crate::lab::{Context as _, Result};

const INTERVAL: Duration = Duration::from_millis(200);

/// Serves until the process ends.
pub(super) async fn run(moto: Moto, options: Options, listing: watch::Sender<Arc<Vec<Listed>>>) {
    let mut plane = Plane {
        moto,
        options,
        servers: BTreeMap::new(),
        relays: BTreeMap::new(),
        certificates: BTreeMap::new(),
    };
    loop {
        if let Ok(snapshot) = plane.moto.snapshot().await {
            match plane.follow(&snapshot).await {
                Ok(listed) => drop(listing.send_replace(Arc::new(listed))),
                Err(error) => eprintln!("lab: load balancers: {error}"),
            }
        }
        tokio::time::sleep(INTERVAL).await;
    }
}

struct Plane {
    moto: Moto,
    options: Options,
    servers: BTreeMap<String, Server>,
    relays: BTreeMap<String, Relay>,
    certificates: BTreeMap<String, Files>,
}

struct Server {
    dir: PathBuf,
    ports: BTreeMap<String, u16>,
    conf: String,
    child: Option<Child>,
}

impl Plane {
    async fn follow(&mut self, snapshot: &Snapshot) -> Result<Vec<Listed>> {
        let active: Vec<&Balancer> = snapshot
            .load_balancers
            .iter()
            .filter(|it| it.state == "active")
            .collect();
        let arns: BTreeSet<&str> = active.iter().map(|it| it.arn.as_str()).collect();
        self.servers.retain(|arn, _| arns.contains(arn.as_str()));
        let groups = self.groups(snapshot, &active).await?;
        let used = active
            .iter()
            .flat_map(|it| &it.listeners)
            .flat_map(|it| &it.certificates);
        let used: BTreeSet<&Certificate> = used.filter(|it| !it.digest.is_empty()).collect();
        self.keep_certificates(&used).await?;
        let mut listed = Vec::new();
        for balancer in active {
            listed.push(self.serve(balancer, &groups).await?);
        }
        Ok(listed)
    }

    /// The relays of the target groups that active load balancers use.
    async fn groups(&mut self, snapshot: &Snapshot, active: &[&Balancer]) -> Result<BTreeMap<String, Route>> {
        let mut routes = BTreeMap::new();
        let mut kept = BTreeMap::new();
        for group in &snapshot.target_groups {
            let is_user = |balancer: &&&Balancer| group.load_balancer_arns.contains(&balancer.arn);
            let Some(balancer) = active.iter().find(is_user) else {
                continue;
            };
            let mut relay = match self.relays.remove(&group.arn) {
                Some(relay) => relay,
                None => Relay::start().await.context("a relay")?,
            };
            let from = sources(self.options.octet, &balancer.arn);
            relay.update(group, from, balancer.kind == "network");
            let route = Route {
                port: relay.port,
                is_tls: matches!(group.protocol.as_str(), "HTTPS" | "TLS"),
                is_empty: group.targets.is_empty(),
            };
            routes.insert(group.arn.clone(), route);
            kept.insert(group.arn.clone(), relay);
        }
        self.relays = kept;
        Ok(routes)
    }

    async fn keep_certificates(&mut self, used: &BTreeSet<&Certificate>) -> Result<()> {
        for certificate in used {
            let known = self.certificates.get(&certificate.arn);
            if known.is_some_and(|known| known.digest == certificate.digest) {
                continue;
            }
            let exported = self.moto.export(&certificate.arn).await?;
            let name = format!(
                "{}-{}",
                certificate.arn.rsplit('/').next().unwrap_or_default(),
                certificate.digest
            );
            let files = Files {
                certificate: self.options.dir.join(format!("{name}.crt")),
                key: self.options.dir.join(format!("{name}.key")),
                names: exported.names,
                digest: certificate.digest.clone(),
            };
            let chain = format!("{}\n{}", exported.certificate.trim_end(), exported.chain);
            write(&files.certificate, &chain)?;
            write(&files.key, &exported.private_key)?;
            self.certificates.insert(certificate.arn.clone(), files);
        }
        Ok(())
    }

    async fn serve(&mut self, balancer: &Balancer, groups: &BTreeMap<String, Route>) -> Result<Listed> {
        let dir = self.options.dir.join(&balancer.name);
        let server = self.servers.entry(balancer.arn.clone()).or_insert_with(|| Server {
            dir,
            ports: BTreeMap::new(),
            conf: String::new(),
            child: None,
        });
        server
            .ports
            .retain(|arn, _| balancer.listeners.iter().any(|it| it.arn == *arn));
        for listener in &balancer.listeners {
            if !server.ports.contains_key(&listener.arn) {
                let [port] = free_ports()?;
                server.ports.insert(listener.arn.clone(), port);
            }
        }
        let ground = Ground {
            ports: &server.ports,
            groups,
            certificates: &self.certificates,
        };
        let conf = conf::write(balancer, &ground);
        server.load(conf, &balancer.name, &self.options)?;
        Ok(server.listed(balancer))
    }
}

impl Server {
    /// Has NGINX run with this configuration.
    fn load(&mut self, conf: String, name: &str, options: &Options) -> Result<()> {
        let runs = self
            .child
            .as_mut()
            .is_some_and(|child| matches!(child.try_wait(), Ok(None)));
        if runs && conf == self.conf {
            return Ok(());
        }
        std::fs::create_dir_all(&self.dir).context(self.dir.display())?;
        let path = self.dir.join("nginx.conf");
        write(&path, &conf)?;
        self.conf = conf;
        if runs {
            let id = self
                .child
                .as_ref()
                .and_then(Child::id)
                .and_then(|id| i32::try_from(id).ok());
            let id = id.and_then(Pid::from_raw).context("NGINX without a process id")?;
            return kill_process(id, Signal::HUP).context("reloading NGINX");
        }
        let spec = Spec::new(name, &options.nginx)
            .args(["-e", "stderr", "-p"])
            .arg(self.dir.display().to_string())
            .arg("-c")
            .arg(path.display().to_string());
        let lab = options.dir.parent().context("the lab's directory")?;
        self.child = Some(spec.spawn(lab)?);
        Ok(())
    }

    fn listed(&self, balancer: &Balancer) -> Listed {
        let listening = balancer.listeners.iter().filter_map(|listener| {
            Some(Listening {
                port: listener.port,
                protocol: listener.protocol.clone(),
                address: format!("127.0.0.1:{}", self.ports.get(&listener.arn)?),
            })
        });
        Listed {
            arn: balancer.arn.clone(),
            name: balancer.name.clone(),
            dns_name: balancer.dns_name.clone(),
            kind: balancer.kind.clone(),
            listeners: listening.collect(),
        }
    }
}

/// NGINX ends its workers itself, if it is asked to.
impl Drop for Server {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let id = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if id.is_some_and(|id| kill_process(id, Signal::TERM).is_ok()) {
            tokio::spawn(async move { child.wait().await });
        }
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).context(path.display())
}
