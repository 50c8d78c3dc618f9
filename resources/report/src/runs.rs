//! What runs in a Pod, as far as its mounted configuration tells.

use crate::mounted::{Mounted, named};
use crate::nginx::{Forwarding, read};
use crate::objects::{Container, Pod};
use crate::started::is_nginx;
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
    let unknown = |text: &str, may_pass_on| {
        let text = format!("Pod {}/{}: {text}", pod.namespace, pod.name);
        Runs::Unknown(Unknown { text, may_pass_on })
    };
    let Some(port) = port else {
        return unknown(
            "it does not declare the named port, so what listens there is not known",
            true,
        );
    };
    let mut why = None;
    for container in pod.containers.iter().filter(|container| is_nginx(&container.image)) {
        match nginx(world, pod, container, port) {
            Ok(nginx) => return Runs::Nginx(nginx),
            Err(reason) => why = why.or(reason),
        }
    }
    if let Some(why) = why {
        return unknown(&why, true);
    }
    if !world.objects.is_read("configmaps") {
        return unknown("configmaps were not listed, so what listens there is not known", true);
    }
    let is_configuration = |name: &str| world.configurations.contains_key(&(pod.namespace.as_str(), name));
    if pod
        .config_maps
        .iter()
        .any(|volume| is_configuration(&volume.config_map))
    {
        return unknown(
            "a configuration of NGINX is mounted, but neither the image nor the command shows that NGINX reads it",
            true,
        );
    }
    let is_proxy = |image: &str| PROXIES.iter().any(|word| image.contains(word));
    unknown(
        "no NGINX configuration from a ConfigMap is mounted, so what listens there is not known",
        pod.containers.iter().any(|container| is_proxy(&container.image)),
    )
}

/// NGINX in a container of the Pod; or why it is not known whether it listens at the port, if the container has mounted a
/// configuration.
fn nginx(world: &World<'_>, pod: &Pod, container: &Container, port: u16) -> Result<Nginx, Option<String>> {
    let mounted = Mounted::of(world, pod, container);
    let Some(names) = mounted.names() else { return Err(None) };
    let doubt = |why: &str| Some(format!("the configuration in {names} may not be what runs: {why}"));
    let start = mounted
        .start()
        .ok_or_else(|| doubt("the command does not show which file NGINX starts with"))?;
    let files = mounted.files(start.is_usual);
    if files.get(&start.main).is_none() {
        return Err(doubt(&format!("NGINX starts with {}, which was not read", start.main)));
    }
    let forwarding = read(&files, &start.main)
        .map_err(|error| Some(format!("the configuration in {names} can't be read: {error}")))?;
    let configurations = mounted.configurations(forwarding.files.iter());
    if configurations.is_empty() {
        return Err(doubt("NGINX does not read it where it is mounted"));
    }
    if !forwarding
        .listens
        .iter()
        .any(|listen| listen.port == port && listen.address.is_empty())
    {
        return Err(Some(format!(
            "the configuration in {names} does not listen on port {port} of all addresses"
        )));
    }
    if let Some(why) = doubtful(container, pod, port) {
        return Err(doubt(&why));
    }
    Ok(Nginx {
        name: named(&configurations),
        is_loaded: mounted.are_loaded(),
        forwarding,
    })
}

/// Why NGINX may not be what answers at the port, or not with what is mounted.
fn doubtful(container: &Container, pod: &Pod, port: u16) -> Option<String> {
    let name = &container.name;
    if container.post_start {
        return Some(format!(
            "container {name} has a postStart hook, which may change what NGINX reads"
        ));
    }
    let declares = |other: &&Container| other.ports.iter().any(|declared| declared.number == port);
    let mut others = pod.containers.iter().filter(|other| other.name != *name);
    let other = others.find(declares)?;
    Some(format!("container {} declares port {port}", other.name))
}
