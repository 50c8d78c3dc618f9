//! One rendered Pod without a cluster: its commands run as they do under the kubelet stand-in, its volumes are given.
//!
//! For tests of what a Pod does: there is no scheduler, no probe and no restart.

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use k8s_openapi::api::core::v1::{Container, PodSpec, Volume, VolumeMount};
use rustix::process::Signal;
use serde_json::Value;

use super::address::Ports;
use super::pod::env::{Launch, PATH};
use super::pod::place::{Place, is_projected};
use super::pod::process::{Process, Said, exec, last_lines};
use super::volumes::atomic::{File, Payload, write};
use super::volumes::replace_link;

/// What a Pod's volumes hold, by the volume's name.
pub type Files = BTreeMap<String, BTreeMap<String, Vec<u8>>>;

/// Where a lone Pod runs.
#[derive(Clone, Debug)]
pub struct At {
    /// A directory of its own.
    pub dir: PathBuf,
    /// Its address, of 127/8.
    pub address: Ipv4Addr,
    /// The NGINX binary.
    pub nginx: PathBuf,
    /// The address of its name server, such as `127.0.0.1:5353`.
    pub name_server: String,
}

/// A Pod that runs.
#[derive(Debug)]
pub struct LonePod {
    place: Place,
    spec: PodSpec,
    process: Process,
}

impl LonePod {
    /// Runs the init containers one after the other, then starts the first container.
    ///
    /// `template` is the Pod template of a workload. Texts of volumes that are ConfigMaps are substituted.
    ///
    /// # Errors
    ///
    /// If the template can't be read, or an init container fails: with what it said.
    pub async fn start(template: &Value, files: &Files, at: At) -> io::Result<Self> {
        let spec: PodSpec = serde_json::from_value(template["spec"].clone()).map_err(io::Error::other)?;
        let place = Place {
            dir: at.dir,
            address: at.address,
            ports: Ports::detect(),
            tokens: BTreeMap::new(),
            nginx: at.nginx,
            resolv_conf: format!("nameserver {}\n", at.name_server),
        };
        for container in spec.init_containers.iter().flatten() {
            let mut process = start(&place, &spec, container, files).await?;
            if process.wait().await != 0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
                return Err(io::Error::other(last_lines(&place.log(&container.name), 0)));
            }
        }
        let container = spec
            .containers
            .first()
            .ok_or_else(|| io::Error::other("no container"))?;
        let process = start(&place, &spec, container, files).await?;
        Ok(Self { place, spec, process })
    }

    /// Replaces the files of its volumes, as a change of their sources does.
    ///
    /// # Errors
    ///
    /// If the files can't be written.
    pub fn update(&self, files: &Files) -> io::Result<()> {
        project(&self.place, &self.spec, self.container(), files)
    }

    /// Waits until a file of the container exists; false after the time limit.
    pub async fn wait_for(&self, path: &str, limit: Duration) -> bool {
        let file = self.place.in_root(self.container(), path);
        let end = Instant::now() + limit;
        while Instant::now() < end {
            if file.exists() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }

    /// Where a path of the container is on the machine.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        self.place.in_root(self.container(), path)
    }

    /// What the container wrote.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.place.log(&self.container().name)).unwrap_or_default()
    }

    /// Process id of the container's main process.
    #[must_use]
    pub fn id(&self) -> i32 {
        self.process.id()
    }

    /// Runs a command in the container; its exit code and what it said.
    ///
    /// # Errors
    ///
    /// If it can't be started, or has not ended within half a minute.
    pub async fn exec(&self, command: &[&str]) -> io::Result<(i32, String)> {
        let words: Vec<String> = command.iter().map(|word| (*word).to_owned()).collect();
        let launch = launch(&self.place, self.container(), &words);
        match exec(&launch, self.process.id(), Duration::from_secs(30)).await? {
            Some(Said { code, text }) => Ok((code, text)),
            None => Err(io::Error::other("the command has not ended")),
        }
    }

    /// Asks the main process to end as the image's stop signal does, and waits for it.
    pub async fn stop(mut self, limit: Duration) {
        self.process.signal(Signal::QUIT);
        let _ = tokio::time::timeout(limit, self.process.wait()).await;
    }

    fn container(&self) -> &Container {
        &self.spec.containers[0]
    }
}

async fn start(place: &Place, spec: &PodSpec, container: &Container, files: &Files) -> io::Result<Process> {
    place.prepare(container)?;
    project(place, spec, container, files)?;
    link(place, spec, container)?;
    let command = container.command.clone().unwrap_or_default();
    let launch = launch(place, container, &command);
    Process::start(&launch, &place.log(&container.name), &place.pid_file(&container.name)).await
}

/// Writes the files of the container's volumes.
fn project(place: &Place, spec: &PodSpec, container: &Container, files: &Files) -> io::Result<()> {
    let rewriter = place.rewriter(container);
    for (mount, volume) in mounts(spec, container)? {
        let target = place.volume(container, volume);
        if !is_projected(volume) {
            std::fs::create_dir_all(&target)?;
            continue;
        }
        let given = files.get(&mount.name).cloned().unwrap_or_default();
        let text = |content: Vec<u8>| match String::from_utf8(content) {
            Ok(text) if volume.config_map.is_some() => rewriter.text(&text).into_bytes(),
            Ok(text) => text.into_bytes(),
            Err(error) => error.into_bytes(),
        };
        let file = |content| File {
            content: text(content),
            mode: 0o644,
        };
        let payload: Payload = given.into_iter().map(|(name, content)| (name, file(content))).collect();
        write(&target, &payload)?;
    }
    Ok(())
}

/// Links the volumes at their mount paths.
fn link(place: &Place, spec: &PodSpec, container: &Container) -> io::Result<()> {
    for (mount, volume) in mounts(spec, container)? {
        let at = place.in_root(container, &mount.mount_path);
        if let Some(parent) = at.parent() {
            std::fs::create_dir_all(parent)?;
        }
        replace_link(&place.volume(container, volume), &at)?;
    }
    Ok(())
}

/// What the container mounts, of the Pod's volumes.
fn mounts<'a>(spec: &'a PodSpec, container: &'a Container) -> io::Result<Vec<(&'a VolumeMount, &'a Volume)>> {
    let find = |mount: &'a VolumeMount| {
        let mut volumes = spec.volumes.iter().flatten();
        let volume = volumes.find(|volume| volume.name == mount.name);
        let missing = || io::Error::other(format!("no volume {}", mount.name));
        volume.map(|volume| (mount, volume)).ok_or_else(missing)
    };
    container.volume_mounts.iter().flatten().map(find).collect()
}

fn launch(place: &Place, container: &Container, command: &[String]) -> Launch {
    let rewriter = place.rewriter(container);
    let root = place.root(container);
    let path = format!("{}:{PATH}", place.bin(container).display());
    let mut env = vec![
        ("PATH".to_owned(), path),
        ("HOME".to_owned(), root.to_string_lossy().into_owned()),
        ("TMPDIR".to_owned(), format!("{}/tmp", root.to_string_lossy())),
    ];
    for variable in container.env.iter().flatten() {
        let value = match &variable.value {
            Some(value) => rewriter.text(value),
            // The only field that a rendered Pod asks for.
            None => place.address.to_string(),
        };
        env.push((variable.name.clone(), value));
    }
    Launch {
        argv: command.iter().map(|word| rewriter.text(word)).collect(),
        env,
        cwd: root,
    }
}
