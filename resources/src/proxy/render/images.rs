//! The images that template versions run: one table, `images.txt`.

const TABLE: &str = include_str!("images.txt");

/// One line of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Image<'a> {
    template_version: u32,
    registry: &'a str,
    repository: &'a str,
    tag: &'a str,
    digest: Option<&'a str>,
}

/// Which of a template version's images Pods run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updates {
    /// The one that it had when it was released.
    Pinned,
    /// The newest patch release.
    Patch,
}

/// The image of a template version, from `registry` in place of its own.
#[must_use]
pub fn image(template_version: u32, updates: Updates, registry: Option<&str>) -> String {
    reference(choose(TABLE, template_version, updates), registry)
}

/// The first line of the template version is what it pins, the last one the newest.
fn choose(table: &str, template_version: u32, updates: Updates) -> Image<'_> {
    let mut images = images(table).filter(|image| image.template_version == template_version);
    match updates {
        Updates::Pinned => images.next(),
        Updates::Patch => images.last(),
    }
    .unwrap_or_default()
}

fn images(table: &str) -> impl Iterator<Item = Image<'_>> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(read)
}

fn read(line: &str) -> Option<Image<'_>> {
    let mut words = line.split_whitespace();
    let image = Image {
        template_version: words.next()?.parse().ok()?,
        registry: words.next()?,
        repository: words.next()?,
        tag: words.next()?,
        digest: words.next().filter(|digest| *digest != "-"),
    };
    words.next().is_none().then_some(image)
}

fn reference(image: Image<'_>, registry: Option<&str>) -> String {
    let Image { repository, tag, .. } = image;
    let digest = image.digest.map(|digest| format!("@{digest}")).unwrap_or_default();
    format!("{}/{repository}:{tag}{digest}", registry.unwrap_or(image.registry))
}

#[cfg(test)]
mod tests {
    use super::super::TEMPLATE_VERSIONS;
    use super::*;
    use crate::syntax;

    #[test]
    fn every_line_is_an_exact_image() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(lines.count(), images(TABLE).count(), "a line can't be read");
        for image in images(TABLE) {
            assert!(syntax::image(&reference(image, None)).is_ok(), "{image:?}");
        }
    }

    /// `1.30.4` as numbers.
    fn numbers(tag: &str) -> Vec<u32> {
        tag.split('.').map(|number| number.parse().expect("a number")).collect()
    }

    #[test]
    fn every_template_version_has_patch_releases_of_one_minor_version_in_order() {
        for version in TEMPLATE_VERSIONS {
            let images = images(TABLE).filter(|image| image.template_version == version);
            let tags: Vec<Vec<u32>> = images.map(|image| numbers(image.tag)).collect();
            assert!(!tags.is_empty(), "{version}");
            for pair in tags.windows(2) {
                assert_eq!(pair[0][..2], pair[1][..2], "{version}");
                assert!(pair[0][2] < pair[1][2], "{version}");
            }
        }
    }

    #[test]
    fn what_is_pinned_stays_and_patches_move() {
        let released = "1 docker.io nginx 1.30.4 -\n";
        let later = format!("# more\n{released}1 docker.io nginx 1.30.5 -\n2 docker.io nginx 1.32.1 -\n");
        for (table, version, pinned, patch) in [
            (released, 1, "1.30.4", "1.30.4"),
            (&*later, 1, "1.30.4", "1.30.5"),
            (&*later, 2, "1.32.1", "1.32.1"),
        ] {
            assert_eq!(choose(table, version, Updates::Pinned).tag, pinned);
            assert_eq!(choose(table, version, Updates::Patch).tag, patch);
        }
    }

    #[test]
    fn a_mirror_takes_the_place_of_the_registry_and_keeps_the_digest() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        let line = format!("1 docker.io nginxinc/nginx-unprivileged 1.30.4 {digest}");
        let image = read(&line).unwrap();
        for (registry, expected) in [
            (None, "docker.io/nginxinc/nginx-unprivileged:1.30.4"),
            (
                Some("registry.example.com:5000/hub"),
                "registry.example.com:5000/hub/nginxinc/nginx-unprivileged:1.30.4",
            ),
        ] {
            assert_eq!(reference(image, registry), format!("{expected}@{digest}"));
            assert_eq!(reference(Image { digest: None, ..image }, registry), expected);
        }
    }
}
