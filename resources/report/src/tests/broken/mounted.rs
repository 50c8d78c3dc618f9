//! Which configuration a proxy runs with.

use super::super::set_up::{NGINX, mount};
use super::{Row, TO_APP, TO_EDGE, TO_PROXY};
use crate::objects::{Mount, Projected};

const NOT_KNOWN: &str = "proxy→app uuu unknown";

/// What is broken, and the hops that show it.
pub(super) const ROWS: &[Row] = &[
    (
        "the proxy's configuration was changed after it started",
        |it| {
            it.nginx(&NGINX.replace("proxy_pass http://app", "proxy_pass https://app"));
            it.objects.configurations[0].written = "2026-11-03T00:00:00Z".parse().ok();
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN, "proxy→app uuy confined"],
    ),
    (
        "a configuration lies where NGINX does not read it",
        |it| {
            it.pods("shop-proxy")
                .for_each(|pod| pod.containers[0].mounts[0].path = "/decoy".to_owned())
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN],
    ),
    (
        "a command reads another configuration",
        |it| {
            let command = ["nginx", "-c", "/other/nginx.conf"].map(str::to_owned);
            it.pods("shop-proxy")
                .for_each(|pod| pod.containers[0].command = command.to_vec());
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN],
    ),
    (
        "a hook runs when the proxy starts",
        |it| {
            it.pods("shop-proxy")
                .for_each(|pod| pod.containers[0].post_start = true)
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN],
    ),
    (
        "another container may listen on the proxy's port",
        |it| {
            it.pods("shop-proxy").for_each(|pod| {
                let mut other = pod.containers[0].clone();
                (other.name, other.image) = ("other".to_owned(), "other:1".to_owned());
                other.mounts.clear();
                pod.containers.insert(0, other);
            });
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN],
    ),
    (
        "something else is mounted over the configuration",
        |it| {
            it.pods("shop-proxy").for_each(|pod| {
                let mounts = &mut pod.containers[0].mounts;
                mounts.push(mount("scratch", "/etc/nginx/nginx.conf"));
            });
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN],
    ),
    (
        "an image of somebody has its own nginx.conf",
        |it| {
            it.fragment();
            it.pods("shop-proxy")
                .for_each(|pod| pod.containers[0].image = "registry.example.com:5000/nginx:1".to_owned());
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN],
    ),
    (
        "the image of NGINX's makers has its own nginx.conf",
        |it| {
            it.fragment();
            let image = "public.ecr.aws/nginx/nginx:1.29@sha256:0";
            it.pods("shop-proxy")
                .for_each(|pod| pod.containers[0].image = image.to_owned());
        },
        &[TO_EDGE, TO_PROXY, TO_APP],
    ),
    (
        "the proxy started again before the kubelet had written what was changed",
        |it| {
            it.objects.configurations[0].written = "2026-11-01T23:58:00Z".parse().ok();
            it.pods("shop-proxy")
                .for_each(|pod| pod.created = "2026-11-01T23:57:00Z".parse().ok());
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN, "proxy→app uuy confined"],
    ),
    (
        "something else is mounted where NGINX reads files",
        |it| {
            it.nginx(&NGINX.replace("http {", "http { include conf.d/*.conf;"));
            it.container(|container| container.mounts.push(mount("more", "/etc/nginx/conf.d")));
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN, TO_APP],
    ),
    (
        "a configuration lies below the folder of NGINX",
        |it| {
            it.pods("shop-proxy")
                .for_each(|pod| pod.containers[0].mounts[0].path = "/etc/nginx/sites-enabled".to_owned())
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN],
    ),
    (
        "the proxy is a new Pod since the change",
        |it| {
            it.objects.configurations[0].written = "2026-11-01T23:58:00Z".parse().ok();
            it.pods("shop-proxy")
                .for_each(|pod| pod.created = "2026-11-01T23:59:00Z".parse().ok());
        },
        &[TO_EDGE, TO_PROXY, TO_APP],
    ),
    (
        "a command names the configuration",
        |it| {
            it.pods("shop-proxy").for_each(|pod| {
                pod.containers[0].mounts[0].path = "/config".to_owned();
                pod.containers[0].command = vec!["nginx".to_owned(), "-c".to_owned(), "/config/nginx.conf".to_owned()];
            });
        },
        &[TO_EDGE, TO_PROXY, TO_APP],
    ),
    (
        "one of two Pods runs something else",
        |it| it.pods("shop-proxy-b").for_each(|pod| pod.config_maps.clear()),
        &[TO_EDGE, TO_PROXY, NOT_KNOWN, TO_APP],
    ),
    (
        "the proxy is one whose configuration is not mounted",
        |it| {
            it.pods("shop-proxy").for_each(|pod| {
                pod.config_maps.clear();
                pod.containers[0].image = "docker.io/envoyproxy/envoy:v1.36".to_owned();
            });
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN],
    ),
    (
        "something unknown takes TLS itself",
        |it| {
            it.pods("shop-proxy").for_each(|pod| {
                pod.config_maps.clear();
                pod.containers[0].image = "frontend:1".to_owned();
            });
        },
        &[TO_EDGE, "edge→app yny encrypted"],
    ),
    (
        "a configuration lies where another NGINX would read it",
        |it| it.container(|container| container.mounts[0].path = "/usr/local/nginx/conf".to_owned()),
        &[TO_EDGE, TO_PROXY, NOT_KNOWN],
    ),
    (
        "a command only mentions the configuration",
        |it| {
            let command = ["sh", "-c", "test -f /etc/nginx/nginx.conf && exec /server"];
            it.container(|container| container.command = command.map(str::to_owned).to_vec());
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN],
    ),
    (
        "a command writes files of the image before NGINX starts",
        |it| {
            it.fragment();
            let command = ["sh", "-c", "cp /x /etc/nginx/nginx.conf; nginx"];
            it.container(|container| container.command = command.map(str::to_owned).to_vec());
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN],
    ),
    (
        "the image's entrypoint writes files before NGINX starts",
        |it| {
            it.fragment();
            it.container(|container| container.mounts.push(mount("more", "/docker-entrypoint.d")));
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN, TO_APP],
    ),
    (
        "the file that NGINX starts with is another one of the ConfigMap",
        |it| {
            let other = NGINX.replace("8443 ssl", "8443");
            it.objects.configurations[0]
                .files
                .insert("other.conf".to_owned(), other);
            let command = ["nginx", "-c", "/etc/nginx/other.conf"];
            it.container(|container| container.command = command.map(str::to_owned).to_vec());
            it.passes_through();
        },
        &["client→proxy nuu unknown", TO_APP],
    ),
    (
        "another file of the ConfigMap is mounted under the name",
        |it| {
            let other = NGINX.replace("8443 ssl", "8443");
            it.objects.configurations[0]
                .files
                .insert("other.conf".to_owned(), other);
            let items = vec![("other.conf".to_owned(), "nginx.conf".to_owned())];
            it.pods("shop-proxy")
                .for_each(|pod| pod.config_maps[0].items = items.clone());
            it.passes_through();
        },
        &["client→proxy nuu unknown", TO_APP],
    ),
    (
        "one file is mounted over that of the image",
        |it| {
            it.container(|container| {
                container.mounts = vec![Mount {
                    sub_path: Some("nginx.conf".to_owned()),
                    ..mount("config", "/etc/nginx/nginx.conf")
                }];
            });
        },
        &[TO_EDGE, TO_PROXY, TO_APP],
    ),
    (
        "a variable decides which file is mounted",
        |it| {
            it.container(|container| {
                container.mounts = vec![Mount {
                    sub_path: None,
                    ..mount("config", "/etc/nginx/nginx.conf")
                }];
            });
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN],
    ),
    (
        "a Secret is in the same folder",
        |it| {
            it.fragment();
            let secret = Projected {
                volume: "config".to_owned(),
                ..Projected::default()
            };
            it.pods("shop-proxy")
                .for_each(|pod| pod.config_maps.push(secret.clone()));
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN],
    ),
    (
        "an included file is none of those that are mounted",
        |it| {
            it.nginx(&NGINX.replace(
                "location / { proxy_pass",
                "include /elsewhere/tls.conf; location / { proxy_pass",
            ));
            it.objects.configurations[0]
                .files
                .insert("tls.conf".to_owned(), String::new());
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN, TO_APP],
    ),
    (
        "the proxy was started for another content",
        |it| {
            it.pods("shop-proxy")
                .for_each(|pod| pod.configured = Some("other".to_owned()))
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN, "proxy→app uuy confined"],
    ),
    (
        "the proxy was started for this content, which was changed and put back since",
        |it| {
            it.objects.configurations[0].written = "2026-11-03T00:00:00Z".parse().ok();
            it.pods("shop-proxy")
                .for_each(|pod| pod.configured = Some("d".to_owned()));
        },
        &[TO_EDGE, TO_PROXY, NOT_KNOWN, "proxy→app uuy confined"],
    ),
    (
        "the proxy was made for this content in the second in which it was written",
        |it| {
            it.objects.configurations[0].written = "2026-11-02T00:00:00Z".parse().ok();
            it.pods("shop-proxy").for_each(|pod| {
                pod.configured = Some("d".to_owned());
                pod.created = "2026-11-02T00:00:00Z".parse().ok();
            });
        },
        &[TO_EDGE, TO_PROXY, TO_APP],
    ),
];
