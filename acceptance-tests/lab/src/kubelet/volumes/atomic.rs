//! Kubelet's atomic writer: `x → ..data/x`, `..data → ..<timestamp>`; an update swaps the one symlink `..data`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::{Component, Path};

const DATA: &str = "..data";
const NEXT: &str = "..data_tmp";

/// One file of a volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) content: Vec<u8>,
    pub(crate) mode: u32,
}

/// The files of a volume by relative path.
pub(crate) type Payload = BTreeMap<String, File>;

/// Writes the payload into `target`; returns whether anything changed.
pub(crate) fn write(target: &Path, payload: &Payload) -> io::Result<bool> {
    if let Some(bad) = payload.keys().find(|path| !is_legal(path)) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("illegal path {bad:?} in a volume"),
        ));
    }
    fs::create_dir_all(target)?;
    let old = fs::read_link(target.join(DATA)).ok();
    if old.as_ref().is_some_and(|name| holds(&target.join(name), payload)) {
        return Ok(false);
    }
    let name = jiff::Timestamp::now().strftime("..%Y_%m_%d_%H_%M_%S.%N").to_string();
    write_files(&target.join(&name), payload)?;
    let next = target.join(NEXT);
    remove_if_there(&next)?;
    symlink(&name, &next)?;
    fs::rename(&next, target.join(DATA))?;
    link_names(target, payload)?;
    if let Some(old) = old {
        fs::remove_dir_all(target.join(old))?;
    }
    Ok(true)
}

/// A relative path without `..`, whose first component is not one of the writer's own names.
fn is_legal(path: &str) -> bool {
    !path.is_empty()
        && !path.starts_with("..")
        && Path::new(path).components().all(|c| matches!(c, Component::Normal(_)))
}

fn write_files(dir: &Path, payload: &Payload) -> io::Result<()> {
    fs::create_dir(dir)?;
    for (path, file) in payload {
        let path = dir.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let mut out = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        out.write_all(&file.content)?;
        out.set_permissions(fs::Permissions::from_mode(file.mode))?;
    }
    Ok(())
}

/// The visible names: one symlink for each first component, and none for those that are gone.
fn link_names(target: &Path, payload: &Payload) -> io::Result<()> {
    let names: BTreeSet<&str> = payload
        .keys()
        .map(|path| path.split('/').next().unwrap_or(path))
        .collect();
    for name in &names {
        let link = target.join(name);
        if fs::symlink_metadata(&link).is_err() {
            symlink(Path::new(DATA).join(name), link)?;
        }
    }
    for entry in fs::read_dir(target)? {
        let entry = entry?;
        let name = entry.file_name();
        let own = fs::read_link(entry.path()).is_ok_and(|to| to.starts_with(DATA));
        if own && name.to_str().is_none_or(|name| !names.contains(name)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Whether `dir` holds exactly this payload.
fn holds(dir: &Path, payload: &Payload) -> bool {
    let same = |(path, file): (&String, &File)| {
        let path = dir.join(path);
        let mode = fs::metadata(&path).map(|m| m.permissions().mode() & 0o7777);
        mode.is_ok_and(|mode| mode == file.mode) && fs::read(&path).is_ok_and(|content| content == file.content)
    };
    payload.iter().all(same) && count(dir).is_ok_and(|n| n == payload.len())
}

fn count(dir: &Path) -> io::Result<usize> {
    let mut files = 0;
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        files += if entry.file_type()?.is_dir() {
            count(&entry.path())?
        } else {
            1
        };
    }
    Ok(files)
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(files: &[(&str, &str)]) -> Payload {
        files
            .iter()
            .map(|(path, text)| {
                (
                    (*path).to_owned(),
                    File {
                        content: text.as_bytes().to_vec(),
                        mode: 0o640,
                    },
                )
            })
            .collect()
    }

    #[test]
    fn layout_is_kubelets() {
        let dir = tempfile::tempdir().unwrap();
        assert!(write(dir.path(), &payload(&[("tls.crt", "a"), ("d/x", "b")])).unwrap());
        assert_eq!(
            fs::read_link(dir.path().join("tls.crt")).unwrap(),
            Path::new("..data/tls.crt")
        );
        assert_eq!(fs::read_link(dir.path().join("d")).unwrap(), Path::new("..data/d"));
        assert_eq!(fs::read_to_string(dir.path().join("d/x")).unwrap(), "b");
        let mode = fs::metadata(dir.path().join("tls.crt")).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o640);
        assert!(
            fs::read_link(dir.path().join("..data"))
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("..20")
        );
    }

    #[test]
    fn equal_content_is_left_alone_and_other_content_swaps() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &payload(&[("a", "1"), ("gone", "1")])).unwrap();
        let first = fs::read_link(dir.path().join("..data")).unwrap();
        assert!(!write(dir.path(), &payload(&[("a", "1"), ("gone", "1")])).unwrap());
        assert!(write(dir.path(), &payload(&[("a", "2"), ("new", "3")])).unwrap());
        assert_ne!(fs::read_link(dir.path().join("..data")).unwrap(), first);
        assert!(!dir.path().join(first).exists());
        assert!(fs::symlink_metadata(dir.path().join("gone")).is_err());
        assert_eq!(fs::read_to_string(dir.path().join("new")).unwrap(), "3");
    }

    #[test]
    fn a_reader_of_one_directory_never_sees_a_mixed_pair() {
        let dir = tempfile::tempdir().unwrap();
        let pair = |n: usize| payload(&[("crt", &n.to_string()), ("key", &n.to_string())]);
        write(dir.path(), &pair(0)).unwrap();
        let path = dir.path().to_owned();
        let reader = std::thread::spawn(move || {
            for _ in 0..2000 {
                let now = path.join(fs::read_link(path.join(DATA)).expect("..data is always there"));
                let (crt, key) = (fs::read(now.join("crt")), fs::read(now.join("key")));
                if let (Ok(crt), Ok(key)) = (crt, key) {
                    assert_eq!(crt, key);
                }
            }
        });
        for n in 1..300 {
            write(dir.path(), &pair(n)).unwrap();
        }
        reader.join().unwrap();
    }

    #[test]
    fn paths_that_leave_the_volume_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        for path in ["../x", "/x", "..data", "a/../../x", ""] {
            assert!(write(dir.path(), &payload(&[(path, "x")])).is_err(), "{path}");
        }
    }
}
