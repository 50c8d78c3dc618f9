//! What runs in a Pod, as far as its mounted configuration tells.

use crate::mounted::{doubtful, is_loaded, mounted};
use crate::nginx::{Forwarding, read};
use crate::objects::Pod;
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
    for (configuration, container) in mounted(world, pod) {
        let name = format!("ConfigMap {}/{}", configuration.namespace, configuration.name);
        if let Some(why) = doubtful(configuration, container, pod, port) {
            others = Some(format!("the configuration in {name} may not be what runs: {why}"));
            continue;
        }
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
            "a configuration of NGINX is mounted, but neither image and path nor the command show that NGINX reads it"
                .to_owned(),
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
