//! The files that NGINX reads, as far as they are known.

use std::collections::BTreeMap;

/// Files by absolute path.
#[derive(Clone, Debug, Default)]
pub struct Files<'a> {
    known: BTreeMap<String, &'a str>,
    /// Folders of which all files are known, and paths of which nothing is, but for what was added later.
    folders: BTreeMap<String, bool>,
}

impl<'a> Files<'a> {
    /// Something else is at a path from here on: nothing is known of it, or that what is added is all there is.
    pub fn cover(&mut self, path: &str, is_whole: bool) {
        let path = normal(path);
        self.known.retain(|file, _| !is_within(file, &path));
        self.folders.retain(|folder, _| !is_within(folder, &path));
        self.folders.insert(path, is_whole);
    }

    /// Adds a file.
    pub fn add(&mut self, path: &str, text: &'a str) {
        self.known.insert(normal(path), text);
    }

    /// A file, if it is known.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&'a str> {
        self.known.get(&normal(path)).copied()
    }

    /// The known files that a pattern stands for, and whether these are all. Only the last name of a path may be a pattern, with
    /// one `*`.
    pub(super) fn like(&self, pattern: &str) -> (Vec<(&str, &'a str)>, bool) {
        let pattern = normal(pattern);
        let (folder, name) = pattern.rsplit_once('/').unwrap_or(("", &pattern));
        let parts = name
            .split_once('*')
            .filter(|(start, end)| ![folder, start, end].iter().any(|text| is_glob(text)));
        let Some((start, end)) = parts else {
            return (Vec::new(), false);
        };
        let known = self.known.iter().filter(|(path, _)| {
            let file = path.rsplit_once('/').filter(|(parent, _)| *parent == folder);
            // A pattern does not stand for hidden files.
            file.is_some_and(|(_, file)| is_like(file, start, end) && !(start.is_empty() && file.starts_with('.')))
        });
        (
            known.map(|(path, text)| (path.as_str(), *text)).collect(),
            self.is_whole(folder),
        )
    }

    /// All files of a folder are known.
    fn is_whole(&self, folder: &str) -> bool {
        let around = self.folders.iter().filter(|(path, _)| is_within(folder, path));
        let deepest = around.max_by_key(|(path, _)| path.len());
        let within = |path: &String| path.rsplit_once('/').is_some_and(|(parent, _)| parent == folder);
        deepest.is_some_and(|(_, is_whole)| *is_whole)
            && !self.folders.iter().any(|(path, is_whole)| !is_whole && within(path))
    }
}

fn is_glob(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

fn is_like(file: &str, start: &str, end: &str) -> bool {
    file.len() >= start.len() + end.len() && file.starts_with(start) && file.ends_with(end)
}

/// A path is a folder, or in it.
pub(crate) fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || folder.is_empty() || rest.starts_with('/'))
}

/// Without empty parts, `.` and `..`.
pub(crate) fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.iter().flat_map(|part| ["/", part]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(files: &Files<'_>, pattern: &str) -> (Vec<String>, bool) {
        let (found, is_all) = files.like(pattern);
        (found.into_iter().map(|(path, _)| path.to_owned()).collect(), is_all)
    }

    #[test]
    fn what_is_mounted_later_covers_what_was_there() {
        let mut files = Files::default();
        files.cover("/etc/nginx/conf.d", true);
        files.add("/etc/nginx/conf.d/default.conf", "image");
        assert_eq!(
            all(&files, "/etc/nginx/conf.d/*.conf"),
            (vec!["/etc/nginx/conf.d/default.conf".to_owned()], true)
        );
        files.cover("/etc/nginx/conf.d/extra.conf", false);
        assert!(!all(&files, "/etc/nginx/conf.d/*.conf").1);
        files.cover("/etc/nginx/", true);
        files.add("/etc//nginx/./conf.d/../nginx.conf", "own");
        assert_eq!(files.get("/etc/nginx/nginx.conf"), Some("own"));
        assert_eq!(files.get("/etc/nginx/conf.d/default.conf"), None);
        assert_eq!(all(&files, "/etc/nginx/conf.d/*.conf"), (Vec::new(), true));
        files.cover("/etc/nginx/conf.d", false);
        assert_eq!(all(&files, "/etc/nginx/conf.d/*.conf"), (Vec::new(), false));
    }

    #[test]
    fn patterns_stand_for_files_of_one_folder() {
        let mut files = Files::default();
        files.cover("/c", true);
        for path in [
            "/c/a.conf",
            "/c/b.conf",
            "/c/.c.conf",
            "/c/d/a.conf",
            "/cc/a.conf",
            "/c/a.txt",
        ] {
            files.add(path, "");
        }
        for (pattern, found, is_all) in [
            ("/c/*.conf", &["/c/a.conf", "/c/b.conf"][..], true),
            ("/c/a*", &["/c/a.conf", "/c/a.txt"], true),
            ("/c/d/*", &["/c/d/a.conf"], true),
            ("/cc/*", &["/cc/a.conf"], false),
            ("/c/*/a.conf", &[], false),
            ("/c/?.conf", &[], false),
            ("/c/*.[ct]*", &[], false),
        ] {
            assert_eq!(
                all(&files, pattern),
                (found.iter().map(|path| (*path).to_owned()).collect(), is_all),
                "{pattern}"
            );
        }
    }
}
