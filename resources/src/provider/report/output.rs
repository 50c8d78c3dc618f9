//! Where a report goes. A file is there whole, or as it was before.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// Where a report goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// The standard output.
    StandardOutput,
    /// A file, which is replaced if there is one.
    File(PathBuf),
}

impl Destination {
    /// The argument of `--json`.
    pub(super) fn of(argument: &str) -> Self {
        match argument {
            "-" => Self::StandardOutput,
            path => Self::File(path.into()),
        }
    }

    /// Finds a wrong path before a report is made in vain.
    pub(super) fn check(&self) -> Result<(), String> {
        let Self::File(path) = self else { return Ok(()) };
        if path.is_dir() {
            return Err(format!("{} is a directory: specify a file", path.display()));
        }
        let folder = folder(path);
        if folder.is_dir() {
            return Ok(());
        }
        Err(format!(
            "{} can't be written: there is no directory {}",
            path.display(),
            folder.display()
        ))
    }

    /// Writes a report.
    pub(super) fn write(&self, report: &str) -> Result<(), String> {
        match self {
            Self::StandardOutput => print(report).map_err(|why| format!("The report was not written: {why}")),
            Self::File(path) => {
                replace(path, report).map_err(|why| format!("{} was not written: {why}", path.display()))
            }
        }
    }
}

fn print(report: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let written = out.write_all(report.as_bytes()).and_then(|()| out.flush());
    // A reader that is gone has read enough.
    written.or_else(|error| {
        if error.kind() == ErrorKind::BrokenPipe {
            Ok(())
        } else {
            Err(error)
        }
    })
}

fn folder(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Writes a file beside the one that is replaced, and renames it. A link stays one: what it leads to is replaced.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let before = fs::metadata(&path).ok();
    if before.as_ref().is_some_and(|before| !before.is_file()) {
        // A pipe or a device can't be renamed to.
        return fs::write(&path, text);
    }
    let name = path.file_name().ok_or(ErrorKind::InvalidFilename)?.to_string_lossy();
    let temporary = folder(&path).join(format!(".{name}.{}.tmp", std::process::id()));
    let mut file = File::create_new(&temporary)?;
    let mut replaced = || {
        file.write_all(text.as_bytes())?;
        if let Some(before) = &before {
            file.set_permissions(before.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&temporary, &path)
    };
    replaced().inspect_err(|_| drop(fs::remove_file(&temporary)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.json");
        let destination = Destination::of(path.to_str().expect("a path"));
        for text in ["one", "another"] {
            destination.check().expect("it can be written");
            destination.write(text).expect("it is written");
            assert_eq!(fs::read_to_string(&path).expect("a file"), text);
        }
        assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_leads_to_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        let (path, link) = (folder.path().join("report.json"), folder.path().join("latest"));
        fs::write(&path, "before").expect("a file");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        Destination::File(link.clone()).write("after").expect("it is written");
        assert_eq!(fs::read_to_string(&path).expect("a file"), "after");
        assert!(link.is_symlink());
    }

    #[test]
    fn what_cannot_be_written_is_said_with_path_and_reason() {
        let folder = tempfile::tempdir().expect("a folder");
        let nowhere = Destination::File(folder.path().join("none/report.json"));
        let why = nowhere.check().expect_err("no folder");
        assert!(
            why.contains("none/report.json can't be written: there is no directory"),
            "{why}"
        );
        let why = nowhere.write("text").expect_err("no folder");
        assert!(why.contains("none/report.json was not written: No such file"), "{why}");
        let why = Destination::File(folder.path().to_owned())
            .check()
            .expect_err("a folder");
        assert!(why.contains("is a directory"), "{why}");
        assert_eq!(Destination::of("-"), Destination::StandardOutput);
    }
}
