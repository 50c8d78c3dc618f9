//! The files of a container, as far as ConfigMaps that were read give them, and whether its processes have started with them.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::nginx::{Files, normal};
use crate::objects::{Configuration, Container, Mount, Pod, Projected};
use crate::started::{Start, default_port, start};
use crate::world::World;

/// What a container has mounted.
pub(crate) struct Mounted<'a> {
    pod: &'a Pod,
    container: &'a Container,
    /// Volumes with the ConfigMaps in them; `None` for one that was not read, or that holds no configuration.
    volumes: Vec<(&'a Projected, Option<&'a Configuration>)>,
}

/// The `nginx.conf` of images as NGINX's makers publish them, as far as it matters here.
const MAIN: &str = "http { include /etc/nginx/conf.d/*.conf; }";
const CONF_D: &str = "/etc/nginx/conf.d";
/// What the entrypoint of these images reads, and then changes files in `conf.d`.
const ENTRYPOINT: &[&str] = &["/etc/nginx/templates", "/docker-entrypoint.d", "/docker-entrypoint.sh"];

impl<'a> Mounted<'a> {
    pub(crate) fn of(world: &World<'a>, pod: &'a Pod, container: &'a Container) -> Self {
        let configuration = |name: &'a str| world.configurations.get(&(pod.namespace.as_str(), name)).copied();
        let volumes = pod.config_maps.iter();
        Self {
            pod,
            container,
            volumes: volumes
                .map(|volume| (volume, configuration(&volume.config_map)))
                .collect(),
        }
    }

    /// The configurations that the container has mounted, in words; `None` if there are none.
    pub(crate) fn names(&self) -> Option<String> {
        let found: Vec<&Configuration> = self.mounted().collect();
        (!found.is_empty()).then(|| named(&found))
    }

    /// How NGINX is started.
    pub(crate) fn start(&self) -> Option<Start> {
        start(self.container, |path| {
            let (folder, file) = path.rsplit_once('/')?;
            let is_there = self.files(false).get(path).is_some();
            let configuration = self.placed().remove(path).filter(|_| is_there)?;
            (configuration.script == Some(file)).then(|| format!("{folder}/nginx.conf"))
        })
    }

    /// The files that NGINX may read; those of the image only if nothing changes them before NGINX starts.
    pub(crate) fn files(&self, is_usual: bool) -> Files<'a> {
        let mut files = Files::default();
        if let Some(port) = default_port(&self.container.image).filter(|_| is_usual) {
            files.cover(CONF_D, true);
            files.add("/etc/nginx/nginx.conf", MAIN);
            files.add("/etc/nginx/conf.d/default.conf", default_server(port));
        }
        for mount in self.mounts() {
            self.mount(mount, &mut files);
        }
        let within = |mount: &Mount| ENTRYPOINT.iter().any(|path| normal(&mount.path).starts_with(path));
        if self.container.mounts.iter().any(within) {
            files.cover(&format!("{CONF_D}/rendered"), false);
        }
        files
    }

    /// The ConfigMaps that these files are of, by name. Those of the image are of none.
    pub(crate) fn configurations<'f>(&self, files: impl Iterator<Item = &'f String>) -> Vec<&'a Configuration> {
        let placed = self.placed();
        let mut found: Vec<&Configuration> = files.filter_map(|file| placed.get(file).copied()).collect();
        found.sort_unstable_by_key(|configuration| &configuration.name);
        found.dedup_by_key(|configuration| &configuration.name);
        found
    }

    /// Whether the container's process has started with what is in its ConfigMaps now. A file that is read no more may have been
    /// one: all of them count.
    pub(crate) fn are_loaded(&self) -> bool {
        self.mounted().all(|configuration| self.is_loaded(configuration))
    }

    /// The configurations in the volumes that the container has mounted.
    fn mounted(&self) -> impl Iterator<Item = &'a Configuration> {
        let is_mounted = |volume: &str| self.container.mounts.iter().any(|mount| mount.volume == volume);
        let volumes = self
            .volumes
            .iter()
            .filter(move |(volume, _)| is_mounted(&volume.volume));
        volumes.filter_map(|(_, configuration)| *configuration)
    }

    fn is_loaded(&self, configuration: &Configuration) -> bool {
        let configured = self.pod.configured.as_ref();
        let is_other = configured.is_some_and(|digest| *digest != configuration.digest);
        let (Some(written), Some(started), false) = (configuration.written, self.container.started, is_other) else {
            return false;
        };
        // The API tells seconds: what happened in the same one may have been before or after. A Pod that was made for this
        // content was made after it was written.
        let is_new = |created| created > written || (created == written && configured.is_some());
        if self.pod.created.is_some_and(is_new) {
            return true;
        }
        // A new Pod gets what is there. A container that starts again gets what the kubelet has written to the volume by then.
        written.checked_add(KUBELET).is_ok_and(|shown| started > shown)
    }

    /// Those that are nearer to the root first: others cover them in part.
    fn mounts(&self) -> Vec<&'a Mount> {
        let mut mounts: Vec<&Mount> = self.container.mounts.iter().collect();
        mounts.sort_by_key(|mount| normal(&mount.path).matches('/').count());
        mounts
    }

    fn mount(&self, mount: &Mount, files: &mut Files<'a>) {
        // Of two sources with the same path, the later one is what is seen: one that was not read may hide all others.
        let whole = self.sources(mount).all(|(_, configuration)| configuration.is_some());
        let is_known = whole && mount.sub_path.is_some() && self.sources(mount).next().is_some();
        files.cover(&mount.path, is_known);
        for (path, (_, text)) in self.within(mount).into_iter().filter(|_| is_known) {
            files.add(&path, text);
        }
    }

    /// What is in the volume that is mounted.
    fn sources(&self, mount: &Mount) -> impl Iterator<Item = &(&'a Projected, Option<&'a Configuration>)> {
        self.volumes
            .iter()
            .filter(move |(volume, _)| volume.volume == mount.volume)
    }

    /// The files of one mount, by their paths in the container.
    fn within(&self, mount: &Mount) -> Vec<(String, (&'a Configuration, &'a str))> {
        let mut found = Vec::new();
        let Some(sub_path) = mount.sub_path.as_deref().map(normal) else {
            return found;
        };
        for (volume, configuration) in self.sources(mount) {
            let Some(configuration) = configuration else { continue };
            for (key, path) in keys(volume, configuration) {
                let path = normal(path);
                let Some(rest) = path
                    .strip_prefix(&sub_path)
                    .filter(|rest| rest.is_empty() || rest.starts_with('/'))
                else {
                    continue;
                };
                if let Some(text) = configuration.files.get(key) {
                    found.push((
                        normal(&format!("{}{rest}", mount.path)),
                        (*configuration, text.as_str()),
                    ));
                }
            }
        }
        found
    }

    /// The ConfigMaps of all files, by their paths.
    fn placed(&self) -> BTreeMap<String, &'a Configuration> {
        let mounts = self.mounts();
        let all = mounts.iter().flat_map(|mount| self.within(mount));
        all.map(|(path, (configuration, _))| (path, configuration)).collect()
    }
}

/// `ConfigMap shop/proxy and ConfigMap shop/more`.
pub(crate) fn named(configurations: &[&Configuration]) -> String {
    let names = configurations.iter();
    let names: Vec<String> = names
        .map(|found| format!("ConfigMap {}/{}", found.namespace, found.name))
        .collect();
    names.join(" and ")
}

fn keys<'a>(volume: &'a Projected, configuration: &'a Configuration) -> Vec<(&'a str, &'a str)> {
    if volume.items.is_empty() {
        let own = configuration.files.keys();
        return own.map(|key| (key.as_str(), key.as_str())).collect();
    }
    let items = volume.items.iter();
    items.map(|(key, path)| (key.as_str(), path.as_str())).collect()
}

fn default_server(port: u16) -> &'static str {
    match port {
        8080 => "server { listen 8080; }",
        _ => "server { listen 80; }",
    }
}

/// How long a change of a ConfigMap takes to come to the volumes of running Pods, at most: "as long as the kubelet sync period +
/// cache propagation delay", a minute each, of which the kubelet stretches the first by up to a half.
const KUBELET: SignedDuration = SignedDuration::from_secs(150);
