//! Which file NGINX starts with in a container, by its command and its image.

use crate::objects::Container;

/// What starts NGINX with the file of its image, and nothing else.
const USUAL: &[&str] = &[
    "nginx",
    "/usr/sbin/nginx",
    "openresty",
    "/usr/bin/openresty",
    "/docker-entrypoint.sh",
    "-g",
    "daemon off;",
];

/// How NGINX is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    /// Path of its main file.
    pub(crate) main: String,
    /// As the image does it: nothing changes the image's own files before.
    pub(crate) is_usual: bool,
}

/// How NGINX is started in a container; `None` if its image or its command do not show it.
///
/// `script` tells the main file of a script that is known to start NGINX.
pub(crate) fn start(container: &Container, script: impl Fn(&str) -> Option<String>) -> Option<Start> {
    let packaged = packaged(&container.image)?;
    let command = &container.command;
    if command.iter().all(|word| USUAL.contains(&word.as_str())) {
        return Some(Start {
            main: packaged.to_owned(),
            is_usual: true,
        });
    }
    let known = match command.as_slice() {
        [shell, path] if is_named(shell, &["sh"]) => script(path),
        _ => None,
    };
    let main = known.or_else(|| named(command, packaged))?;
    Some(Start { main, is_usual: false })
}

/// Whether an image is one of NGINX, by its name.
pub(crate) fn is_nginx(image: &str) -> bool {
    packaged(image).is_some()
}

/// Where an image has its main file.
fn packaged(image: &str) -> Option<&'static str> {
    let has = |name: &str| image.contains(name);
    match () {
        () if has("openresty") => Some("/usr/local/openresty/nginx/conf/nginx.conf"),
        () if has("nginx") && has("bitnami") => Some("/opt/bitnami/nginx/conf/nginx.conf"),
        () if has("nginx") => Some("/etc/nginx/nginx.conf"),
        () => None,
    }
}

/// Commands that are NGINX, as its packages have it.
const CALLS: &[&str] = &[
    "nginx",
    "nginx-debug",
    "/usr/sbin/nginx",
    "openresty",
    "/usr/bin/openresty",
    "/usr/local/openresty/bin/openresty",
];

/// The file that every start of NGINX in a command names: by `-c`, else that of the image. `None` for a script of which that
/// is not plain to see.
fn named(command: &[String], packaged: &str) -> Option<String> {
    let script = match command {
        [shell, option, script] if option == "-c" && is_named(shell, &["sh", "bash", "ash"]) => {
            script.replace(['\'', '"'], " ")
        }
        [first, ..] if CALLS.contains(&first.as_str()) => command.join(" "),
        _ => return None,
    };
    if script.contains(['$', '#', '`', '(', '\\', '<']) {
        return None;
    }
    let script = script.replace("daemon off;", "daemon off");
    let mut found: Option<String> = None;
    for piece in script.split([';', '&', '|', '\n']) {
        let words: Vec<&str> = piece.split_whitespace().collect();
        let call = words.strip_prefix(&["exec"]).unwrap_or(&words);
        let Some((first, options)) = call.split_first() else {
            continue;
        };
        let is_call = CALLS.contains(first);
        let names_it = || words.iter().any(|word| is_named(word, &["nginx", "openresty"]));
        if !is_call && ((found.is_none() && hides_a_start(&words)) || names_it()) {
            return None;
        }
        if !is_call || options.contains(&"-t") {
            continue;
        }
        let main = main(options, packaged)?;
        if found.as_ref().is_some_and(|other| *other != main) {
            return None;
        }
        found = Some(main);
    }
    found
}

/// Something else is started in place of NGINX, or a condition decides.
fn hides_a_start(words: &[&str]) -> bool {
    let hiding = [
        "exec", "if", "then", "else", "case", "while", "for", "until", "{", "[", "test",
    ];
    words.iter().any(|word| hiding.contains(word))
}

/// The main file by the options of a start; `None` if one of them is not known here: it may add directives or stop NGINX.
fn main(options: &[&str], packaged: &str) -> Option<String> {
    match options {
        [] => Some(packaged.to_owned()),
        ["-g", "daemon", "off", rest @ ..] | ["-e", "stderr", rest @ ..] => main(rest, packaged),
        ["-c", path, rest @ ..] if path.starts_with('/') && main(rest, packaged)? == packaged => {
            Some((*path).to_owned())
        }
        _ => None,
    }
}

/// The last name of a path is one of these.
fn is_named(path: &str, names: &[&str]) -> bool {
    path.rsplit('/').next().is_some_and(|name| names.contains(&name))
}

/// Images as NGINX's makers publish them, by their repositories. Their own `nginx.conf` includes `conf.d/*.conf` within `http`
/// and holds no server.
const OFFICIAL: &[&str] = &[
    "nginx",
    "library/nginx",
    "nginxinc/nginx-unprivileged",
    "docker.io/library/nginx",
    "docker.io/nginxinc/nginx-unprivileged",
    "public.ecr.aws/docker/library/nginx",
    "public.ecr.aws/nginx/nginx",
    "public.ecr.aws/nginx/nginx-unprivileged",
];

/// The port on which the only server of an image as NGINX's makers publish it listens, in `conf.d/default.conf`.
pub(crate) fn default_port(image: &str) -> Option<u16> {
    let image = image.split('@').next().unwrap_or(image);
    let repository = match image.rsplit_once(':') {
        // A colon before the last slash is that of the registry's port.
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    };
    let port = if repository.ends_with("unprivileged") { 8080 } else { 80 };
    OFFICIAL.contains(&repository).then_some(port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(image: &str, command: &[&str]) -> Container {
        Container {
            image: image.to_owned(),
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            ..Container::default()
        }
    }

    #[test]
    fn the_command_says_which_file_it_is_or_that_it_is_not_known() {
        const PACKAGED: &str = "/etc/nginx/nginx.conf";
        for (command, main, is_usual) in [
            (&[][..], Some(PACKAGED), true),
            (&["nginx", "-g", "daemon off;"], Some(PACKAGED), true),
            (&["nginx", "-c", "/a/b.conf"], Some("/a/b.conf"), false),
            (
                &["/usr/sbin/nginx", "-c", "/a/b.conf", "-g", "daemon off;"],
                Some("/a/b.conf"),
                false,
            ),
            (&["nginx", "-c", "b.conf"], None, false),
            (&["nginx", "-c", "/a.conf", "-c", "/b.conf"], None, false),
            (&["nginx", "-qc", "/a.conf"], None, false),
            (&["nginx", "$(ARGS)"], None, false),
            (&["/usr/local/nginx/sbin/nginx"], None, false),
            (&["sh", "-c", "nginx -t && exec /server"], None, false),
            (&["sh", "-c", "mkdir -p /run/nginx && exec /server"], None, false),
            (&["sh", "-c", "echo instead of nginx ; exec /server"], None, false),
            (&["sh", "-c", "nginx; nginx -s stop; exec /server"], None, false),
            (&["su-exec", "nginx", "/server"], None, false),
            (
                &["sh", "-c", "if [ -f /x ]; then exec nginx -c /b.conf; fi; exec nginx"],
                None,
                false,
            ),
            (&["sh", "-c", "exec tini -- nginx -c /b.conf || nginx"], None, false),
            (&["sh", "-c", "test -x /server && exec /server; nginx"], None, false),
            (&["sh", "-c", "nginx -c /a.conf; exec sleep 60"], Some("/a.conf"), false),
            (&["sh", "-c", "chroot /other nginx"], None, false),
            (
                &["sh", "-c", "nginx -t -c /a.conf && exec nginx -c '/a.conf'"],
                Some("/a.conf"),
                false,
            ),
            (
                &["sh", "-c", "sed s/a/b/ /tpl > /etc/nginx/nginx.conf; nginx"],
                Some(PACKAGED),
                false,
            ),
            (&["sh", "-c", "nginx -c /a.conf; nginx -c /b.conf"], None, false),
            (&["sh", "-c", "nginx -t; nginx -c /b.conf"], Some("/b.conf"), false),
            (
                &["sh", "-c", "test -f /etc/nginx/nginx.conf && exec /server"],
                None,
                false,
            ),
            (&["nginx", "-p", "/a", "-c", "/b.conf"], None, false),
            (&["nginx", "-c"], None, false),
            (&["nginx", "-g", "daemon off; include /x;"], None, false),
            (&["nginx", "-c", "/a.conf", "-g", "error_log stderr;"], None, false),
            (&["sh", "/start.sh"], Some("/known.conf"), false),
            (&["bash", "/start.sh"], None, false),
            (&["sh", "/other.sh"], None, false),
            (&["/server"], None, false),
        ] {
            let known = |path: &str| (path == "/start.sh").then(|| "/known.conf".to_owned());
            let found = start(&container("registry.example.com/nginx:1", command), known);
            let expected = main.map(|main| Start {
                main: main.to_owned(),
                is_usual,
            });
            assert_eq!(found, expected, "{command:?}");
        }
    }

    #[test]
    fn images_have_their_file_in_different_places() {
        let none = |_: &str| None;
        for (image, main) in [
            (
                "openresty/openresty:1",
                Some("/usr/local/openresty/nginx/conf/nginx.conf"),
            ),
            ("bitnami/nginx:1", Some("/opt/bitnami/nginx/conf/nginx.conf")),
            ("own/nginx-frontend@sha256:0", Some("/etc/nginx/nginx.conf")),
            ("envoy:1", None),
        ] {
            assert_eq!(
                start(&container(image, &[]), none).map(|start| start.main).as_deref(),
                main,
                "{image}"
            );
        }
        for (image, port) in [
            ("nginx", Some(80)),
            ("public.ecr.aws/nginx/nginx-unprivileged:1.29@sha256:0", Some(8080)),
            ("registry.example.com:5000/nginx", None),
            ("registry.example.com:5000/nginx:1", None),
            ("nginx:1", Some(80)),
        ] {
            assert_eq!(default_port(image), port, "{image}");
        }
    }
}
