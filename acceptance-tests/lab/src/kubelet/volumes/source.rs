//! From a volume's source to its files.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{
    ConfigMap, DownwardAPIVolumeFile, KeyToPath, Pod, ProjectedVolumeSource, Secret, Volume, VolumeProjection,
};

use super::atomic::{File, Payload};
use super::{MountError, Volumes};
use crate::kubelet::pod::downward;
use crate::kubelet::rewrite::Rewriter;

const DEFAULT_MODE: i32 = 0o644;

/// The files of a projected volume; `None` for an empty directory.
pub(super) fn payload(of: &Volumes<'_>, volume: &Volume, rewriter: &Rewriter) -> Result<Option<Payload>, MountError> {
    let read = Read {
        of,
        volume: &volume.name,
        rewriter,
    };
    if let Some(source) = &volume.config_map {
        let picked = Pick {
            items: source.items.as_deref(),
            mode: source.default_mode,
            optional: source.optional,
        };
        return read.config_map(&source.name, &picked).map(Some);
    }
    if let Some(source) = &volume.secret {
        let picked = Pick {
            items: source.items.as_deref(),
            mode: source.default_mode,
            optional: source.optional,
        };
        return read
            .secret(source.secret_name.as_deref().unwrap_or_default(), &picked)
            .map(Some);
    }
    if let Some(source) = &volume.downward_api {
        return read.downward(source.items.as_deref(), source.default_mode).map(Some);
    }
    if let Some(source) = &volume.projected {
        return read.projected(source).map(Some);
    }
    if volume.empty_dir.is_some() {
        return Ok(None);
    }
    Err(MountError::Kind(volume.name.clone()))
}

/// Which keys of an object become which files.
struct Pick<'a> {
    items: Option<&'a [KeyToPath]>,
    mode: Option<i32>,
    optional: Option<bool>,
}

/// Reads the sources of one volume.
struct Read<'a> {
    of: &'a Volumes<'a>,
    volume: &'a str,
    rewriter: &'a Rewriter,
}

impl Read<'_> {
    fn namespace(&self) -> &str {
        self.of.pod.metadata.namespace.as_deref().unwrap_or_default()
    }

    fn missing(&self, reason: String) -> MountError {
        MountError::Missing {
            volume: self.volume.to_owned(),
            reason,
        }
    }

    fn config_map(&self, name: &str, pick: &Pick<'_>) -> Result<Payload, MountError> {
        match self.of.cluster.config_map(self.namespace(), name) {
            Some(object) => self.pick(
                config_map_data(&object, self.rewriter),
                &format!("configmap {name:?}"),
                pick,
            ),
            None if pick.optional == Some(true) => Ok(Payload::new()),
            None => Err(self.missing(format!("configmap {name:?} not found"))),
        }
    }

    fn secret(&self, name: &str, pick: &Pick<'_>) -> Result<Payload, MountError> {
        match self.of.cluster.secret(self.namespace(), name) {
            Some(object) => self.pick(secret_data(&object), &format!("secret {name:?}"), pick),
            None if pick.optional == Some(true) => Ok(Payload::new()),
            None => Err(self.missing(format!("secret {name:?} not found"))),
        }
    }

    /// Selects the items, or every key.
    fn pick(&self, data: BTreeMap<String, Vec<u8>>, what: &str, pick: &Pick<'_>) -> Result<Payload, MountError> {
        let Some(items) = pick.items.filter(|items| !items.is_empty()) else {
            return Ok(data
                .into_iter()
                .map(|(key, content)| (key, file(content, None, pick.mode)))
                .collect());
        };
        let mut payload = Payload::new();
        for item in items {
            match data.get(&item.key) {
                Some(content) => drop(payload.insert(item.path.clone(), file(content.clone(), item.mode, pick.mode))),
                None if pick.optional == Some(true) => {}
                None => return Err(self.missing(format!("{what} references non-existent key: {}", item.key))),
            }
        }
        Ok(payload)
    }

    fn downward(&self, items: Option<&[DownwardAPIVolumeFile]>, mode: Option<i32>) -> Result<Payload, MountError> {
        let pod: &Pod = self.of.pod;
        let mut payload = Payload::new();
        for item in items.unwrap_or_default() {
            let Some(field) = &item.field_ref else {
                return Err(MountError::Kind(self.volume.to_owned()));
            };
            let value = downward::field(pod, &field.field_path, self.of.place.address).unwrap_or_default();
            payload.insert(item.path.clone(), file(value.into_bytes(), item.mode, mode));
        }
        Ok(payload)
    }

    fn projected(&self, source: &ProjectedVolumeSource) -> Result<Payload, MountError> {
        let mut payload = Payload::new();
        for part in source.sources.iter().flatten() {
            payload.extend(self.projection(part, source.default_mode)?);
        }
        Ok(payload)
    }

    fn projection(&self, part: &VolumeProjection, mode: Option<i32>) -> Result<Payload, MountError> {
        if let Some(source) = &part.config_map {
            let pick = Pick {
                items: source.items.as_deref(),
                mode,
                optional: source.optional,
            };
            return self.config_map(&source.name, &pick);
        }
        if let Some(source) = &part.secret {
            let pick = Pick {
                items: source.items.as_deref(),
                mode,
                optional: source.optional,
            };
            return self.secret(&source.name, &pick);
        }
        if let Some(source) = &part.downward_api {
            return self.downward(source.items.as_deref(), mode);
        }
        if let Some(source) = &part.service_account_token {
            let token = self.of.place.tokens.get(&source.path).cloned().unwrap_or_default();
            return Ok(Payload::from([(
                source.path.clone(),
                file(token.into_bytes(), Some(0o600), mode),
            )]));
        }
        Err(MountError::Kind(self.volume.to_owned()))
    }
}

/// A file with the item's mode, else the volume's, else 0644.
fn file(content: Vec<u8>, item: Option<i32>, volume: Option<i32>) -> File {
    let mode = item.or(volume).unwrap_or(DEFAULT_MODE);
    File {
        content,
        mode: u32::try_from(mode).unwrap_or(0o644) & 0o777,
    }
}

/// Text of a ConfigMap goes through the substitutions; binary data does not.
fn config_map_data(object: &ConfigMap, rewriter: &Rewriter) -> BTreeMap<String, Vec<u8>> {
    let text = object
        .data
        .iter()
        .flatten()
        .map(|(key, text)| (key.clone(), rewriter.text(text).into_bytes()));
    let binary = object
        .binary_data
        .iter()
        .flatten()
        .map(|(key, bytes)| (key.clone(), bytes.0.clone()));
    text.chain(binary).collect()
}

/// The content of a Secret is never changed.
fn secret_data(object: &Secret) -> BTreeMap<String, Vec<u8>> {
    object
        .data
        .iter()
        .flatten()
        .map(|(key, bytes)| (key.clone(), bytes.0.clone()))
        .collect()
}
