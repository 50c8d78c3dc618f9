//! Configurations that Pods have mounted, and whether they are what NGINX runs with there.

use jiff::SignedDuration;

use crate::nginx::MAIN;
use crate::objects::{Configuration, Container, Pod};
use crate::world::World;

/// Where NGINX, as it is packaged, reads its configuration.
const FOLDERS: &[&str] = &[
    "/etc/nginx",
    "/usr/local/nginx/conf",
    "/usr/local/openresty/nginx/conf",
    "/opt/bitnami/nginx/conf",
];

/// Configurations that are mounted where NGINX reads them, or where a command says. One that lies elsewhere is not what runs.
///
/// With the container that reads it.
pub(crate) fn mounted<'a>(world: &World<'a>, pod: &'a Pod) -> impl Iterator<Item = (&'a Configuration, &'a Container)> {
    let reader = |volume: &String| {
        pod.containers.iter().find(|container| {
            let mut mounts = container.mounts.iter().filter(|(name, _)| name == volume);
            mounts.any(|(_, path)| is_read_by(container, path))
        })
    };
    pod.config_maps.iter().filter_map(move |(volume, name)| {
        let configuration = world.configurations.get(&(pod.namespace.as_str(), name.as_str()))?;
        Some((*configuration, reader(volume)?))
    })
}

/// Why a configuration that a container has mounted may not be what answers at the port.
pub(crate) fn doubtful(configuration: &Configuration, container: &Container, pod: &Pod, port: u16) -> Option<String> {
    if container.post_start {
        return Some(format!(
            "container {} has a postStart hook, which may change what NGINX reads",
            container.name
        ));
    }
    let declares = |other: &Container| other.ports.iter().any(|declared| declared.number == port);
    let mut others = pod.containers.iter().filter(|other| other.name != container.name);
    if let Some(other) = others.find(|other| declares(other)) {
        return Some(format!("container {} declares port {port}", other.name));
    }
    let holds = |(volume, config_map): &(String, String)| {
        let path = container.mounts.iter().find(|(name, _)| name == volume);
        path.filter(|_| *config_map == configuration.name).map(|(_, path)| path)
    };
    let folders: Vec<&String> = pod.config_maps.iter().filter_map(holds).collect();
    let covers = |path: &String| {
        let name = folders
            .iter()
            .find_map(|folder| path.strip_prefix(folder.as_str())?.strip_prefix('/'));
        name.is_some_and(|name| configuration.files.contains_key(name))
    };
    if let Some((_, path)) = container.mounts.iter().find(|(_, path)| covers(path)) {
        return Some(format!("something else is mounted at {path}"));
    }
    let beside = container.mounts.iter().find(|(volume, path)| {
        let is_own = pod
            .config_maps
            .iter()
            .any(|(name, config_map)| name == volume && *config_map == configuration.name);
        !is_own
            && READ.contains(
                &path
                    .trim_end_matches('/')
                    .rsplit_once(".conf")
                    .map_or(path.as_str(), |_| parent(path)),
            )
    });
    if let Some((_, path)) = beside {
        return Some(format!("NGINX may also read what is mounted at {path}"));
    }
    let is_whole = configuration.files.contains_key(MAIN);
    let is_named = container
        .command
        .iter()
        .any(|word| folders.iter().any(|folder| word.contains(folder.as_str())));
    let fits = |folder: &&String| match is_whole {
        true => FOLDERS.contains(&folder.as_str()) || folder.ends_with(&format!("/{MAIN}")),
        false => [folder.as_str(), parent(folder)].contains(&"/etc/nginx/conf.d"),
    };
    if !is_named && !folders.iter().any(fits) {
        return Some("NGINX does not read it where it is mounted".to_owned());
    }
    (!is_whole && !is_named && !is_official(&container.image)).then(|| {
        format!(
            "it has no {MAIN}, and that of the image {} was not read",
            container.image
        )
    })
}

/// Folders of which NGINX, as it is packaged, reads all files, or its main one.
const READ: &[&str] = &["/etc/nginx", "/etc/nginx/conf.d", "/etc/nginx/templates"];

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Images whose own `nginx.conf` includes `conf.d/*.conf` within `http`, and holds no server.
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

/// Whether an image is NGINX as its makers publish it, by the name of its repository.
fn is_official(image: &str) -> bool {
    let image = image.split('@').next().unwrap_or(image);
    let repository = match image.rsplit_once(':') {
        // A colon before the last slash is that of the registry's port.
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    };
    OFFICIAL.contains(&repository)
}

/// NGINX, started as its image starts it from one of its folders, or by a command that names the path.
fn is_read_by(container: &Container, path: &str) -> bool {
    let is_nginx = ["nginx", "openresty"].iter().any(|name| container.image.contains(name));
    let is_named = container.command.iter().any(|word| word.contains(path));
    let usual = ["nginx", "openresty", "-g", "daemon off;", "/docker-entrypoint.sh"];
    let is_usual = container.command.iter().all(|word| usual.contains(&word.as_str()));
    is_nginx && (is_named || (is_usual && FOLDERS.iter().any(|folder| is_within(path, folder))))
}

fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// How long a change of a ConfigMap takes to come to the volumes of running Pods, at most: "as long as the kubelet sync period +
/// cache propagation delay", a minute each, of which the kubelet stretches the first by up to a half.
const KUBELET: SignedDuration = SignedDuration::from_secs(150);

/// Whether the Pod's processes have started with this content.
pub(crate) fn is_loaded(configuration: &Configuration, pod: &Pod) -> bool {
    if pod.configured.as_ref() == Some(&configuration.digest) {
        return true;
    }
    let Some(written) = configuration.written else {
        return false;
    };
    let holds = |volume: &String| {
        let mut volumes = pod.config_maps.iter();
        volumes.any(|(name, config_map)| name == volume && *config_map == configuration.name)
    };
    let mounting = pod
        .containers
        .iter()
        .filter(|container| container.mounts.iter().any(|(volume, _)| holds(volume)));
    // A new Pod gets what is there. A container that starts again gets what the kubelet has written to the volume by then.
    let shown = match pod.created {
        Some(created) if created > written => written,
        _ => match written.checked_add(KUBELET) {
            Ok(shown) => shown,
            Err(_) => return false,
        },
    };
    let mut mounting = mounting.peekable();
    // The API tells seconds: what happened in the same second may have been before or after.
    mounting.peek().is_some() && mounting.all(|container| container.started.is_some_and(|started| started > shown))
}
