//! What runs in a Pod, as far as its mounted configuration tells.

use crate::nginx::{Forwarding, read};
use crate::objects::{Configuration, Container, Pod};
use crate::world::World;

/// What listens at a port of a Pod.
#[derive(Clone, Debug)]
pub(crate) enum Runs {
    /// NGINX, by a configuration that it has mounted.
    Nginx(Nginx),
    /// Something else, or NGINX with a configuration that can't be read here.
    Unknown(Unknown),
}

/// What is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    /// Why.
    pub(crate) text: String,
    /// It may well be a proxy, so that the way does not end there.
    pub(crate) may_pass_on: bool,
}

/// Words in the names of images whose purpose is to pass requests on.
const PROXIES: &[&str] = &[
    "nginx",
    "openresty",
    "envoy",
    "proxyv2",
    "haproxy",
    "traefik",
    "caddy",
    "httpd",
    "apache",
    "kong",
    "varnish",
    "proxy",
    "gateway",
];

/// NGINX with a configuration.
#[derive(Clone, Debug)]
pub(crate) struct Nginx {
    /// Namespace and name of the ConfigMap.
    pub(crate) name: String,
    /// What it does.
    pub(crate) forwarding: Forwarding,
    /// The Pod was started for this content, or its processes have started after the ConfigMap was last written. A
    /// configuration that was changed since may not have been loaded.
    pub(crate) is_loaded: bool,
}

/// What listens at this port of the Pod; `None` if the port is named and the Pod does not declare it.
pub(crate) fn runs(world: &World<'_>, pod: &Pod, port: Option<u16>) -> Runs {
    let unknown = |text: String, may_pass_on| {
        let text = format!("Pod {}/{}: {text}", pod.namespace, pod.name);
        Runs::Unknown(Unknown { text, may_pass_on })
    };
    let Some(port) = port else {
        return unknown(
            "it does not declare the named port, so what listens there is not known".to_owned(),
            true,
        );
    };
    let mut others = None;
    for configuration in mounted(world, pod) {
        let name = format!("ConfigMap {}/{}", configuration.namespace, configuration.name);
        match read(&configuration.files) {
            Ok(forwarding) if forwarding.listens.iter().any(|listen| listen.port == port) => {
                return Runs::Nginx(Nginx {
                    is_loaded: is_loaded(configuration, pod),
                    name,
                    forwarding,
                });
            }
            Ok(_) => others = Some(format!("the configuration in {name} listens on other ports")),
            Err(error) => others = Some(format!("the configuration in {name} can't be read: {error}")),
        }
    }
    if let Some(why) = others {
        return unknown(why, true);
    }
    if !world.objects.is_read("configmaps") {
        return unknown(
            "configmaps were not listed, so what listens there is not known".to_owned(),
            true,
        );
    }
    let elsewhere = |(_, name): &(String, String)| {
        world
            .configurations
            .contains_key(&(pod.namespace.as_str(), name.as_str()))
    };
    if pod.config_maps.iter().any(elsewhere) {
        return unknown(
            "a configuration of NGINX is mounted where NGINX does not read it".to_owned(),
            true,
        );
    }
    let is_proxy = |image: &str| PROXIES.iter().any(|word| image.contains(word));
    let may_pass_on = pod.containers.iter().any(|container| is_proxy(&container.image));
    unknown(
        "no NGINX configuration from a ConfigMap is mounted, so what listens there is not known".to_owned(),
        may_pass_on,
    )
}

/// Where NGINX, as it is packaged, reads its configuration.
const FOLDERS: &[&str] = &[
    "/etc/nginx",
    "/usr/local/nginx/conf",
    "/usr/local/openresty/nginx/conf",
    "/opt/bitnami/nginx/conf",
];

/// Configurations that are mounted where NGINX reads them, or where a command says. One that lies elsewhere is not what runs.
fn mounted<'a>(world: &World<'a>, pod: &'a Pod) -> impl Iterator<Item = &'a Configuration> {
    let is_read = |volume: &String| {
        pod.containers.iter().any(|container| {
            let mut mounts = container.mounts.iter().filter(|(name, _)| name == volume);
            mounts.any(|(_, path)| is_read_by(container, path))
        })
    };
    let volumes = pod.config_maps.iter().filter(move |(volume, _)| is_read(volume));
    volumes.filter_map(|(_, name)| {
        world
            .configurations
            .get(&(pod.namespace.as_str(), name.as_str()))
            .copied()
    })
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

fn is_loaded(configuration: &Configuration, pod: &Pod) -> bool {
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
    let mut mounting = mounting.peekable();
    // The API tells seconds: what happened in the same second may have been before or after.
    mounting.peek().is_some() && mounting.all(|container| container.started.is_some_and(|started| started > written))
}
