//! No private key in what Terraform wrote: states and their backups, plan files, trace logs, whatever else lies there.
//!
//! Every workspace is scanned when it goes, so every test of the suite, the demo and the figures are.

use std::borrow::Cow;
use std::fs;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What stands in every PEM of a private key (RFC 7468 §10 and 11, RFC 5915, PKCS #1).
const MARK: &str = "PRIVATE KEY";
/// Folders of a workspace that hold programs, not what they wrote.
const PROGRAMS: [&str; 2] = ["mirror", "data"];

/// Scans a folder when it is dropped.
#[derive(Debug)]
pub(super) struct Scan(pub(super) PathBuf);

impl Drop for Scan {
    #[expect(clippy::panic, reason = "a leaked key must end the run, wherever it is seen")]
    fn drop(&mut self) {
        let found = found_in(&self.0);
        if !found.is_empty() && !std::thread::panicking() {
            panic!("a private key was written to {found:?}");
        }
    }
}

/// The files below `folder` that hold a private key, as PEM or as base64 of PEM; a member of a plan file as `FILE!MEMBER`.
pub(super) fn found_in(folder: &Path) -> Vec<String> {
    let marks = marks();
    let mut found = Vec::new();
    for path in files(folder) {
        let Ok(bytes) = fs::read(&path) else { continue };
        if holds(&bytes, &marks) {
            found.push(path.display().to_string());
        }
        let members = members(&bytes, &marks);
        found.extend(members.iter().map(|member| format!("{}!{member}", path.display())));
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_program = || PROGRAMS.iter().any(|name| path.ends_with(name));
        match entry.file_type() {
            Ok(kind) if kind.is_dir() && !is_program() => files.extend(self::files(&path)),
            Ok(kind) if kind.is_file() => files.push(path),
            _ => {}
        }
    }
    files
}

/// The names of the members of a zip archive, such as a plan file, that hold a mark.
fn members(bytes: &[u8], marks: &[Vec<u8>]) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) {
        for index in 0..archive.len() {
            let Ok(mut member) = archive.by_index(index) else {
                continue;
            };
            let mut content = Vec::new();
            if member.read_to_end(&mut content).is_err() || holds(&content, marks) {
                found.push(member.name().map(Cow::into_owned).unwrap_or_default());
            }
        }
    }
    found
}

/// The mark itself, and how it shows in base64 at each of the three places where it may begin.
fn marks() -> Vec<Vec<u8>> {
    let mut marks = vec![MARK.into()];
    for before in 0..3 {
        let encoded = STANDARD.encode([vec![0; before], MARK.into()].concat());
        // The characters at both ends depend on what stands beside the mark.
        let (from, to) = ((before * 8).div_ceil(6), (before + MARK.len()) * 8 / 6);
        marks.push(encoded.as_bytes()[from..to].to_vec());
    }
    marks
}

fn holds(bytes: &[u8], marks: &[Vec<u8>]) -> bool {
    marks.iter().any(|mark| memchr::memmem::find(bytes, mark).is_some())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const KEY: &str = "-----BEGIN EC PRIVATE KEY-----\nMHcC\n";

    #[test]
    fn finds_keys_as_they_are_and_encoded_at_any_place() {
        let folder = tempfile::tempdir().expect("tempdir");
        let write = |text: &str| fs::write(folder.path().join("state"), text).expect("write");
        write("PUBLIC KEY CERTIFICATE REQUEST");
        assert_eq!(found_in(folder.path()), [""; 0]);
        for before in ["", "x", "xx", "xxx"] {
            let text = format!("{before}{KEY}");
            for text in [&text, &STANDARD.encode(&text)] {
                write(text);
                assert_eq!(found_in(folder.path()).len(), 1, "{text}");
            }
        }
    }

    #[test]
    fn looks_into_plan_files_and_folders() {
        let folder = tempfile::tempdir().expect("tempdir");
        fs::create_dir_all(folder.path().join("logs/deep")).expect("mkdir");
        let file = fs::File::create(folder.path().join("logs/deep/plan.bin")).expect("create");
        let mut archive = zip::ZipWriter::new(file);
        for (name, text) in [("tfplan", "nothing"), ("tfstate", KEY)] {
            archive
                .start_file(name, zip::write::SimpleFileOptions::default())
                .expect("a member");
            archive.write_all(text.repeat(99).as_bytes()).expect("write");
        }
        drop(archive.finish().expect("an archive"));
        let found = found_in(folder.path());
        assert!(found.len() == 1 && found[0].ends_with("plan.bin!tfstate"), "{found:?}");
    }

    #[test]
    fn a_scan_that_finds_something_panics() {
        let folder = tempfile::tempdir().expect("tempdir");
        fs::write(folder.path().join("log"), KEY).expect("write");
        let path = folder.path().to_owned();
        assert!(std::panic::catch_unwind(|| drop(Scan(path))).is_err());
    }
}
