//! Where a pod lives on the machine.

use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use k8s_openapi::api::core::v1::{Container, Volume};

use crate::kubelet::address::Ports;
use crate::kubelet::rewrite::Rewriter;

/// Paths that exist in an NGINX image and that a rendered configuration may name without a mount.
const NGINX_DIRS: [&str; 3] = ["/etc/nginx", "/var/cache/nginx", "/var/log/nginx"];
const MIME_TYPES: &str = include_str!("mime.types");

/// The directories, address and tokens of one pod.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// `<dir>/pods/<uid>`.
    pub(crate) dir: PathBuf,
    /// The address that its processes bind.
    pub(crate) address: Ipv4Addr,
    pub(crate) ports: Ports,
    /// Service account tokens by the path that they are projected to.
    pub(crate) tokens: BTreeMap<String, String>,
    /// The NGINX binary.
    pub(crate) nginx: PathBuf,
    /// Text of `/etc/resolv.conf`.
    pub(crate) resolv_conf: String,
}

impl Place {
    /// The container's root directory.
    pub(crate) fn root(&self, container: &Container) -> PathBuf {
        self.dir.join(&container.name)
    }

    /// Where a path of the container is on the machine.
    pub(crate) fn in_root(&self, container: &Container, path: &str) -> PathBuf {
        self.root(container).join(path.trim_start_matches('/'))
    }

    /// A directory that comes first on the container's PATH.
    pub(crate) fn bin(&self, container: &Container) -> PathBuf {
        self.dir.join(".bin").join(&container.name)
    }

    /// The container's log.
    pub(crate) fn log(&self, container: &str) -> PathBuf {
        self.dir.join(format!("{container}.log"))
    }

    /// The file that holds the process id of the container's main process.
    pub(crate) fn pid_file(&self, container: &str) -> PathBuf {
        self.dir.join(format!("{container}.pid"))
    }

    /// A volume's directory. One with substituted text is written once for each container.
    pub(crate) fn volume(&self, container: &Container, volume: &Volume) -> PathBuf {
        let volumes = self.dir.join(".volumes");
        if is_projected(volume) {
            volumes.join("projected").join(&container.name).join(&volume.name)
        } else {
            volumes.join("empty-dir").join(&volume.name)
        }
    }

    /// The substitutions of a container.
    pub(crate) fn rewriter(&self, container: &Container) -> Rewriter {
        let mounts = container
            .volume_mounts
            .iter()
            .flatten()
            .map(|mount| mount.mount_path.clone());
        let own = ["/tmp", "/etc/resolv.conf", "/dev/termination-log"].map(str::to_owned);
        let image = image_dirs(container).into_iter().map(str::to_owned);
        let root = self.root(container).to_string_lossy().into_owned();
        Rewriter::new(&root, mounts.chain(own).chain(image), self.address, self.ports)
    }

    /// Makes what the image would hold: resolver, writable `/tmp`, the `nginx` command.
    pub(crate) fn prepare(&self, container: &Container) -> io::Result<()> {
        let root = self.root(container);
        for dir in ["etc", "dev"] {
            std::fs::create_dir_all(root.join(dir))?;
        }
        std::fs::write(root.join("etc/resolv.conf"), &self.resolv_conf)?;
        std::fs::write(root.join("dev/termination-log"), "")?;
        if !is_read_only(container) && !is_mounted(container, "/tmp") {
            std::fs::create_dir_all(root.join("tmp"))?;
        }
        for dir in image_dirs(container)
            .into_iter()
            .filter(|dir| !is_mounted(container, dir))
        {
            let dir = self.in_root(container, dir);
            std::fs::create_dir_all(&dir)?;
            if dir.ends_with("etc/nginx") {
                std::fs::write(dir.join("mime.types"), MIME_TYPES)?;
            }
        }
        self.nginx_command(container)
    }

    /// `nginx`, with the defaults of the image in place of those of the static binary.
    fn nginx_command(&self, container: &Container) -> io::Result<()> {
        let bin = self.bin(container);
        let prefix = bin.join(".nginx");
        std::fs::create_dir_all(&prefix)?;
        let script = format!(
            "#!/bin/sh\nfor a in \"$@\"; do\n  [ \"$a\" = -c ] && exec {nginx} -p {prefix}/ \"$@\"\ndone\nexec {nginx} -p {prefix}/ -c {conf} \"$@\"\n",
            nginx = quoted(&self.nginx),
            prefix = quoted(&prefix),
            conf = quoted(&self.in_root(container, "/etc/nginx/nginx.conf")),
        );
        let command = bin.join("nginx");
        std::fs::write(&command, script)?;
        std::fs::set_permissions(command, std::fs::Permissions::from_mode(0o755))
    }
}

/// Whether the volume's files are written by the atomic writer.
pub(crate) const fn is_projected(volume: &Volume) -> bool {
    volume.config_map.is_some()
        || volume.secret.is_some()
        || volume.projected.is_some()
        || volume.downward_api.is_some()
}

/// A path in single quotes.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.to_string_lossy().replace('\'', r"'\''"))
}

fn is_mounted(container: &Container, path: &str) -> bool {
    container
        .volume_mounts
        .iter()
        .flatten()
        .any(|mount| mount.mount_path.trim_end_matches('/') == path)
}

fn is_read_only(container: &Container) -> bool {
    container
        .security_context
        .as_ref()
        .and_then(|c| c.read_only_root_filesystem)
        .unwrap_or_default()
}

/// Whether the image is one of NGINX.
pub(crate) fn is_nginx(container: &Container) -> bool {
    let image = container.image.as_deref().unwrap_or_default();
    image
        .split('@')
        .next()
        .and_then(|name| name.rsplit('/').next())
        .is_some_and(|name| name.contains("nginx"))
        || image.contains("nginx/")
}

fn image_dirs(container: &Container) -> Vec<&'static str> {
    if is_nginx(container) {
        NGINX_DIRS.to_vec()
    } else {
        Vec::new()
    }
}
