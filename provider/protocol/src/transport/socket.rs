//! The Unix socket: named, bound, owned and removed.

use std::fs::Permissions;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// A listening socket that is removed from the file system when dropped.
pub(crate) struct Socket {
    path: PathBuf,
    listener: Option<UnixListener>,
}

impl Socket {
    /// Binds a socket with a new name in the directory that the host wants: `PLUGIN_UNIX_SOCKET_DIR`, else the temporary directory.
    ///
    /// With `PLUGIN_UNIX_SOCKET_GROUP` (name or number) that group may connect too; else only this user may.
    pub(crate) fn bind() -> io::Result<Self> {
        let folder = std::env::var_os("PLUGIN_UNIX_SOCKET_DIR").filter(|folder| !folder.is_empty());
        let folder = folder.map_or_else(std::env::temp_dir, PathBuf::from);
        let group = std::env::var("PLUGIN_UNIX_SOCKET_GROUP")
            .ok()
            .filter(|group| !group.is_empty());
        Self::bind_in(&folder, group.as_deref())
    }

    fn bind_in(folder: &Path, group: Option<&str>) -> io::Result<Self> {
        let path = folder.join(format!("plugin{}", random()));
        let listener = UnixListener::bind(&path)?;
        let socket = Self {
            path,
            listener: Some(listener),
        };
        let mode = match group {
            Some(group) => {
                chown(&socket.path, None, Some(group_id(group)?))?;
                0o660
            }
            None => 0o600,
        };
        std::fs::set_permissions(&socket.path, Permissions::from_mode(mode))?;
        Ok(socket)
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The listener; can be taken once, inside a runtime.
    pub(crate) fn listener(&mut self) -> io::Result<tokio::net::UnixListener> {
        let listener = self
            .listener
            .take()
            .ok_or_else(|| io::Error::other("the socket is already served"))?;
        listener.set_nonblocking(true)?;
        tokio::net::UnixListener::from_std(listener)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // It may be gone already, and any other error could be reported to nobody.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The standard library seeds its hash maps from the system's random source.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

fn group_id(group: &str) -> io::Result<u32> {
    if let Ok(id) = group.parse() {
        return Ok(id);
    }
    let table = std::fs::read_to_string("/etc/group")?;
    id_in(&table, group).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("there is no group `{group}`")))
}

/// Lines of the table are `name:password:id:members`.
fn id_in(table: &str, group: &str) -> Option<u32> {
    table.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next() == Some(group))
            .then(|| fields.nth(1)?.parse().ok())
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_removed_when_dropped_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let socket = Socket::bind_in(folder.path(), None).unwrap();
        let path = socket.path().to_owned();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        drop(socket);
        assert!(!path.exists());
    }

    #[test]
    fn a_group_may_connect_if_the_host_says_so() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let own = std::fs::metadata(folder.path()).unwrap().gid();
        let socket = Socket::bind_in(folder.path(), Some(&own.to_string())).unwrap();
        let metadata = std::fs::metadata(socket.path()).unwrap();
        assert_eq!((metadata.permissions().mode() & 0o777, metadata.gid()), (0o660, own));
    }

    #[test]
    fn an_unknown_group_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Socket::bind_in(folder.path(), Some("no such group")).is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn reads_the_table_of_groups() {
        let table = "root:x:0:\nstaff:x:50:a,b\nbroken\n";
        assert_eq!(
            (id_in(table, "staff"), id_in(table, "x"), id_in(table, "broken")),
            (Some(50), None, None)
        );
    }
}
