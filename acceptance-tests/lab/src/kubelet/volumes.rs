//! The volumes of a pod, on the machine's file system.

use std::io;

use k8s_openapi::api::core::v1::{Container, Pod, PodSpec, Volume, VolumeMount};

use super::pod::place::{Place, is_projected};
use super::rewrite::Rewriter;
use super::store::Cluster;

pub(crate) mod atomic;
mod source;

/// Why a volume can't be mounted; the text of a FailedMount event.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MountError {
    #[error("MountVolume.SetUp failed for volume {volume:?} : {reason}")]
    Missing { volume: String, reason: String },
    #[error("volume {0:?} is of a kind that the lab does not serve")]
    Kind(String),
    #[error("volume {0:?} is mounted but not declared")]
    Undeclared(String),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What a pod's volumes are made from.
pub(crate) struct Volumes<'a> {
    pub(crate) pod: &'a Pod,
    pub(crate) spec: &'a PodSpec,
    pub(crate) place: &'a Place,
    pub(crate) cluster: &'a Cluster,
}

impl Volumes<'_> {
    /// Writes every volume that the container mounts and links it at its mount path.
    pub(crate) fn mount(&self, container: &Container, rewriter: &Rewriter) -> Result<(), MountError> {
        let mut mounts: Vec<_> = container.volume_mounts.iter().flatten().collect();
        mounts.sort_by_key(|mount| mount.mount_path.len());
        for mount in &mounts {
            self.project(container, &mount.name, rewriter)?;
        }
        for mount in mounts {
            self.link(container, mount)?;
        }
        Ok(())
    }

    /// Brings the projected volumes of a running container up to date; what is missing now is left as it was.
    pub(crate) fn refresh(&self, container: &Container, rewriter: &Rewriter) {
        for mount in container.volume_mounts.iter().flatten() {
            if let Err(error) = self.project(container, &mount.name, rewriter) {
                tracing::debug!(%error, volume = mount.name, "not refreshed");
            }
        }
    }

    /// Writes one volume of the container.
    fn project(&self, container: &Container, name: &str, rewriter: &Rewriter) -> Result<(), MountError> {
        let volume = self.declared(name)?;
        let target = self.place.volume(container, volume);
        match source::payload(self, volume, rewriter)? {
            Some(payload) => drop(atomic::write(&target, &payload)?),
            None => std::fs::create_dir_all(&target)?,
        }
        Ok(())
    }

    fn declared(&self, name: &str) -> Result<&Volume, MountError> {
        let mut volumes = self.spec.volumes.iter().flatten();
        volumes
            .find(|volume| volume.name == name)
            .ok_or_else(|| MountError::Undeclared(name.to_owned()))
    }

    /// Makes the mount path a symlink to the volume, or a copy of one of its files for a `subPath`.
    fn link(&self, container: &Container, mount: &VolumeMount) -> Result<(), MountError> {
        let volume = self.declared(&mount.name)?;
        let target = self.place.volume(container, volume);
        let at = self.place.in_root(container, &mount.mount_path);
        if let Some(parent) = at.parent() {
            std::fs::create_dir_all(parent)?;
        }
        match mount.sub_path.as_deref().filter(|path| !path.is_empty()) {
            None => replace_link(&target, &at)?,
            Some(path) if target.join(path).is_file() && is_projected(volume) => {
                std::fs::copy(target.join(path), &at)?;
            }
            Some(path) => {
                if !target.join(path).exists() {
                    std::fs::create_dir_all(target.join(path))?;
                }
                replace_link(&target.join(path), &at)?;
            }
        }
        Ok(())
    }
}

/// Points a symlink at the target, whatever it pointed at.
pub(crate) fn replace_link(target: &std::path::Path, at: &std::path::Path) -> io::Result<()> {
    if std::fs::symlink_metadata(at).is_ok_and(|m| m.is_symlink()) {
        std::fs::remove_file(at)?;
    }
    std::os::unix::fs::symlink(target, at)
}
