//! What the proxy does with requests.

use k8s_openapi::api::discovery::v1::EndpointSlice;
use serde_json::json;

use super::super::set_up::{NGINX, mount, object, policy};
use super::{OPEN, Row, TO_APP, TO_EDGE, TO_PROXY};

/// An address by hand, for a Service that selects Pods.
fn slice(service: &str, address: &str, port: i32) -> EndpointSlice {
    object(
        json!({"metadata": {"namespace": "shop", "name": "by-hand", "labels": {"kubernetes.io/service-name": service}},
        "addressType": "IPv4", "endpoints": [{"addresses": [address]}], "ports": [{"port": port}]}),
    )
}

/// What is broken, and the hops that show it.
pub(super) const ROWS: &[Row] = &[
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
        "somebody adds an address to the Service of the application",
        |it| it.objects.slices.push(slice("shop-upstream", "192.0.2.1", 8080)),
        &[TO_EDGE, TO_PROXY, "proxy→proxy nnn plaintext", "proxy→app uuu unknown"],
    ),
    (
        "somebody adds an address to the Service of the proxy",
        |it| it.objects.slices.push(slice("shop-proxy", "192.0.2.1", 8443)),
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
        "Endpoints without a selector lead out of the cluster",
        |it| {
            it.objects.services[1].spec.as_mut().expect("spec").selector = None;
            it.objects.slices.push(slice("shop-upstream", "192.0.2.1", 8080));
        },
        &[TO_EDGE, TO_PROXY, "proxy→app nnu unknown"],
    ),
    (
        "somebody leads the Service of the application to another port of its Pods",
        |it| it.objects.slices.push(slice("shop-upstream", "10.0.1.3", 9090)),
        &[TO_EDGE, TO_PROXY, TO_APP],
    ),
    (
        "somebody leads the Service of the proxy to another port of its Pods",
        |it| it.objects.slices.push(slice("shop-proxy", "10.0.1.1", 9090)),
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown", TO_APP],
    ),
    (
        "the port of a headless Service is that of its Pods",
        |it| it.nginx(&NGINX.replace("cluster.local:8080", "cluster.local:9090")),
        &[TO_EDGE, TO_PROXY, TO_APP],
    ),
    (
        "the Pods are asked at a port of their own, which a policy opens",
        |it| {
            it.nginx(&NGINX.replace("cluster.local:8080", "cluster.local:9090"));
            let from = json!([{"ports": [{"port": 9090}]}]);
            it.objects.policies.push(policy("wide", &json!({"app": "shop"}), &from));
        },
        &[TO_EDGE, TO_PROXY, OPEN],
    ),
    (
        "a Unix socket is on a volume of others",
        |it| {
            it.nginx(&NGINX.replace("proxy_pass http://app", "proxy_pass http://unix:/run/app/s:"));
            it.pods("shop-proxy").for_each(|pod| {
                pod.containers[0].mounts.push(mount("run", "/var/run/app"));
                pod.shared.insert("run".to_owned());
            });
        },
        &[TO_EDGE, TO_PROXY, "proxy→app nnu unknown"],
    ),
    (
        "a Unix socket is in a folder of the Pod",
        |it| it.nginx(&NGINX.replace("proxy_pass http://app", "proxy_pass http://unix:/run/app/s:")),
        &[TO_EDGE, TO_PROXY, TO_APP],
    ),
    (
        "the name of an upstream has other letters",
        |it| {
            it.nginx(&NGINX.replace(
                "upstream app { server shop-upstream.shop.svc.cluster.local",
                "upstream App { server evil.example.com",
            ))
        },
        &[TO_EDGE, TO_PROXY, "proxy→app nnu unknown"],
    ),
    (
        "a record says which port it is",
        |it| it.nginx(&NGINX.replace("cluster.local:8080 resolve", "cluster.local service=web resolve")),
        &[TO_EDGE, TO_PROXY, "proxy→app nnu unknown"],
    ),
    (
        "the proxy listens for its own Pod only",
        |it| {
            it.nginx(&NGINX.replace("listen 8443 ssl", "listen 127.0.0.1:8443 ssl"));
            it.passes_through();
        },
        &["client→proxy uuu unknown", "proxy→app uuu unknown"],
    ),
    (
        "EndpointSlices were not listed",
        |it| it.objects.unread.push("endpointslices".to_owned()),
        &[TO_EDGE, "edge→proxy ynu encrypted", "proxy→app nnu unknown"],
    ),
    (
        "what was not read may keep the proxy from verifying",
        |it| {
            it.nginx(&NGINX.replace(
                "location / { proxy_pass http://app",
                "location / { include /etc/nginx/more.conf; proxy_ssl_verify on; proxy_ssl_trusted_certificate ca.pem; proxy_pass https://app",
            ))
        },
        &[TO_EDGE, TO_PROXY, "proxy→app uuu unknown", "proxy→app uuy confined"],
    ),
];
