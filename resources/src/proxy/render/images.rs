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

/// The image that a template version pins, from `registry` in place of its own.
#[must_use]
pub fn image(template_version: u32, registry: Option<&str>) -> String {
    let image = images(TABLE).find(|image| image.template_version == template_version);
    reference(image.unwrap_or_default(), registry)
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
            assert!(image.digest.is_none_or(syntax::is_digest), "{image:?}");
        }
    }

    #[test]
    fn every_template_version_has_an_image() {
        for version in TEMPLATE_VERSIONS {
            assert!(
                images(TABLE).any(|image| image.template_version == version),
                "{version}"
            );
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
