//! Checks of references to container images.

use super::{Checked, refuse};

/// What a reference to an image consists of.
struct Reference<'a> {
    name: &'a str,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

impl<'a> Reference<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let last = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match rest[last..].find(':') {
            Some(colon) => (&rest[..last + colon], Some(&rest[last + colon + 1..])),
            None => (rest, None),
        };
        let sound = is_name(name) && tag.is_none_or(is_tag) && digest.is_none_or(is_digest);
        sound.then_some(Self { name, tag, digest })
    }
}

/// An image that can't become another one unseen: with a tag other than `latest`, or a digest.
pub fn image(text: &str) -> Checked {
    let Some(Reference { name, tag, digest }) = Reference::parse(text) else {
        return refuse(format!(
            "`{text}` is not a valid image: use `NAME:TAG`, `NAME@sha256:DIGEST` or `NAME:TAG@sha256:DIGEST`, such as \
             `registry.example.com/nginx:1.30.4`"
        ));
    };
    if digest.is_none() && tag.is_none_or(|tag| tag == "latest") {
        return refuse(format!(
            "`{text}` may be another image at every start of a Pod: use the tag of one version, such as \
             `{name}:1.30.4`, or a digest (`{name}@sha256:…`)"
        ));
    }
    match tag.filter(|tag| is_old(name, tag)) {
        Some(tag) => refuse(format!(
            "`{text}` contains NGINX {tag}, but the proxy's configuration needs {OLDEST} or later: use `{name}:1.30.4`, or \
             omit the image"
        )),
        None => Ok(()),
    }
}

/// The oldest NGINX that takes the proxy's configuration.
const OLDEST: &str = "1.29.3";

/// The images whose tags are versions of NGINX.
const OFFICIAL: [&str; 4] = ["nginx", "library/nginx", "docker.io/nginx", "docker.io/library/nginx"];

/// True if the tag of an official image, perhaps from a mirror, says that its NGINX is too old. `1.29` is the newest of its
/// patch releases.
fn is_old(name: &str, tag: &str) -> bool {
    if !OFFICIAL.contains(&name) && !name.ends_with("nginxinc/nginx-unprivileged") {
        return false;
    }
    let version = tag.split('-').next().unwrap_or_default();
    let numbers =
        |version: &str| -> Option<Vec<u32>> { version.split('.').map(|number| number.parse().ok()).collect() };
    let (Some(version), Some(oldest)) = (numbers(version), numbers(OLDEST)) else {
        return false;
    };
    version
        .iter()
        .zip(&oldest)
        .find(|(one, other)| one != other)
        .is_some_and(|(one, other)| one < other)
}

/// The image of an app: whatever a container runtime understands.
pub fn app_image(text: &str) -> Checked {
    if Reference::parse(text).is_some() {
        return Ok(());
    }
    refuse(format!(
        "`{text}` is not a valid image: use `NAME`, `NAME:TAG`, `NAME@sha256:DIGEST` or `NAME:TAG@sha256:DIGEST`, such as \
         `registry.example.com/shop:7`"
    ))
}

/// Where images come from in place of their own registry: `HOST[:PORT][/PATH]`.
pub fn image_registry(text: &str) -> Checked {
    if text.contains("://") {
        return refuse(format!(
            "`{text}` has a scheme: remove it, as in `registry.example.com`"
        ));
    }
    let (host, path) = match text.split_once('/') {
        Some((host, path)) => (host, Some(path)),
        None => (text, None),
    };
    if !names_a_host(host) || !is_host(host) || !path.is_none_or(is_path) {
        return refuse(format!(
            "`{text}` is not a valid registry: use `HOST`, `HOST:PORT` or `HOST[:PORT]/PATH` without a tag and without a \
             slash at the end, such as `111122223333.dkr.ecr.eu-central-1.amazonaws.com/docker-hub`"
        ));
    }
    Ok(())
}

/// `[HOST[:PORT]/]PATH`.
fn is_name(name: &str) -> bool {
    match name.split_once('/') {
        Some((host, path)) if names_a_host(host) => is_host(host) && is_path(path),
        _ => is_path(name),
    }
}

/// Without a dot or a port, container runtimes take the first step for a user of Docker Hub.
fn names_a_host(step: &str) -> bool {
    step == "localhost" || step.contains(['.', ':'])
}

fn is_host(text: &str) -> bool {
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let label = |label: &str| {
        let inner = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !label.is_empty() && label.chars().all(inner) && !label.starts_with('-') && !label.ends_with('-')
    };
    let digits =
        |port: &str| port.chars().all(|c| c.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    host.len() <= 253 && host.split('.').all(label) && port.is_none_or(digits)
}

/// Steps of lowercase letters and digits, between which stands one dot, one or two underscores, or any number of hyphens.
fn is_path(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let joint = |joint: &str| matches!(joint, "" | "." | "_" | "__") || joint.chars().all(|c| c == '-');
    let step = |step: &str| step.starts_with(plain) && step.ends_with(plain) && step.split(plain).all(joint);
    path.len() <= 255 && path.split('/').all(step)
}

fn is_tag(tag: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    !tag.is_empty() && tag.len() <= 128 && tag.chars().all(inner) && !tag.starts_with(['.', '-'])
}

/// `sha256:` and 64 hex digits.
fn is_digest(digest: &str) -> bool {
    let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    digest
        .strip_prefix("sha256:")
        .is_some_and(|digits| digits.len() == 64 && digits.chars().all(hex))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest() -> String {
        format!("sha256:{}", "0a".repeat(32))
    }

    #[test]
    fn images_say_which_one_they_mean() {
        let digest = digest();
        for good in [
            "nginx:1.30.4",
            "docker.io/nginxinc/nginx-unprivileged:1.30.4",
            "registry.example.com:5000/team/nginx:1.30.4-r1",
            "localhost/nginx:1",
            &format!("nginx@{digest}"),
            &format!("registry.example.com/team/nginx:latest@{digest}"),
        ] {
            assert!(image(good).is_ok(), "{good}");
        }
        let message = |text: &str| image(text).map_err(|invalid| invalid.message).unwrap_err();
        for moving in ["nginx", "nginx:latest", "registry.example.com:5000/team/nginx"] {
            assert!(message(moving).contains("another image"), "{moving}");
            assert!(app_image(moving).is_ok(), "{moving}");
        }
        for old in [
            "nginx:1.25",
            "docker.io/nginxinc/nginx-unprivileged:1.29.2-alpine",
            &format!("registry.example.com/hub/nginxinc/nginx-unprivileged:1.28@{digest}"),
        ] {
            assert!(message(old).contains("1.29.3 or later"), "{old}");
        }
        // Nobody knows how others count.
        for other in [
            "nginx:1",
            "nginx:1.29",
            "nginx:stable",
            "nginx:2.0",
            "registry.example.com/team/nginx:1.0",
        ] {
            assert!(image(other).is_ok(), "{other}");
        }
        for bad in [
            "",
            ":1",
            "nginx:",
            "nginx:1 ",
            "Nginx:1",
            "https://registry.example.com/nginx:1",
            "nginx@sha256:00",
            "nginx:1@",
            "a//b:1",
            "registry.example.com:x/nginx:1",
            &format!("nginx@{digest}@{digest}"),
        ] {
            assert!(message(bad).contains("not a valid image"), "{bad}");
            assert!(app_image(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_registry_is_a_host_and_perhaps_a_path() {
        for good in [
            "registry.example.com",
            "registry.example.com:5000",
            "localhost:5000/mirror",
            "111122223333.dkr.ecr.eu-central-1.amazonaws.com/docker-hub",
            "registry.example.com/a/b__c",
        ] {
            assert!(image_registry(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "docker-hub",
            "https://registry.example.com",
            "registry.example.com/",
            "registry.example.com/docker-hub/",
            "registry.example.com/docker-hub:1",
            "registry.example.com:0",
            "registry.example.com:70000",
            "registry.example.com/Hub",
            "-a.example.com",
            "registry.example.com/a___b",
            "registry.example.com/a..b",
            "registry.example.com/docker-hub@sha256:00",
        ] {
            assert!(image_registry(bad).is_err(), "{bad}");
        }
    }
}
