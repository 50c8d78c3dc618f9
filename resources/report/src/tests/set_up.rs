//! The reference architecture as the APIs list it: a load balancer, two Pods of NGINX, two of an application, policies, and
//! EKS Auto Mode.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::aws::{Answer, Aws, Described, Interface, Listener, LoadBalancer, ServerCertificate, TargetGroup, Vpc};
use crate::objects::{Certificate, Configuration, Container, Mount, Objects, Pod, Route, ServicePortRef};
use crate::{Report, Scope, World, report};

/// DNS name of the load balancer.
pub(crate) const BALANCER: &str = "k8s-shop-1.eu-central-1.elb.amazonaws.com";
/// The proxy's configuration.
pub(crate) const NGINX: &str = "http { upstream app { server shop-upstream.shop.svc.cluster.local:8080 resolve; }
    server { listen 8443 ssl default_server; location / { return 421; } }
    server { listen 8443 ssl; server_name shop.example.com; location / { proxy_pass http://app; } } }";

/// ARN of the load balancer's certificate.
pub(crate) const ARN: &str = "arn:aws:acm:eu-central-1:111122223333:certificate/a";

/// When everything was read.
pub(crate) fn now() -> Timestamp {
    "2026-11-28T00:00:00Z".parse().expect("a time")
}

/// Everything that was read, open for tests to break.
#[derive(Clone)]
pub(crate) struct SetUp {
    pub(crate) objects: Objects,
    pub(crate) vpc_cni: Option<BTreeMap<String, String>>,
    pub(crate) aws: Aws,
}

impl SetUp {
    pub(crate) fn report(&self, scope: &Scope) -> Report {
        let world = World::new(&self.objects, self.vpc_cni.as_ref(), &self.aws, now());
        report(&world, scope)
    }

    pub(crate) fn balancer(&mut self) -> &mut LoadBalancer {
        match self.aws.balancers.get_mut(BALANCER) {
            Some(Answer::Seen(balancer)) => balancer,
            _ => panic!("a load balancer"),
        }
    }

    /// The Pods whose names begin like this.
    pub(crate) fn pods(&mut self, start: &'static str) -> impl Iterator<Item = &mut Pod> {
        self.objects
            .pods
            .iter_mut()
            .filter(move |pod| pod.name.starts_with(start))
    }

    pub(crate) fn vpc(&mut self) -> &mut Vpc {
        match self.aws.vpcs.get_mut("vpc-1") {
            Some(Answer::Seen(vpc)) => vpc,
            _ => panic!("a VPC"),
        }
    }

    /// The policy of the proxy admits these addresses.
    pub(crate) fn admits(&mut self, cidr: &str) {
        let from = json!([{"from": [{"ipBlock": {"cidr": cidr}}], "ports": [{"port": 8443}]}]);
        self.objects.policies[1] = policy("shop-proxy", &json!({"e2etls.dev/proxy": "shop"}), &from);
    }

    /// A Network Load Balancer that passes on what clients send.
    pub(crate) fn passes_through(&mut self) {
        self.balancer().groups.get_mut("tg").expect("tg").protocol = "TCP".to_owned();
        self.balancer().listeners = vec![Listener {
            port: 443,
            protocol: "TCP".to_owned(),
            groups: vec!["tg".to_owned()],
            ..Listener::default()
        }];
    }

    /// The proxies' container.
    pub(crate) fn container(&mut self, change: impl Fn(&mut Container)) {
        self.pods("shop-proxy").for_each(|pod| change(&mut pod.containers[0]));
    }

    /// The same configuration without `http`, for the `conf.d` of an image.
    pub(crate) fn fragment(&mut self) {
        let files = &mut self.objects.configurations[0].files;
        let text = files.remove("nginx.conf").expect("nginx.conf");
        let inner = text
            .trim()
            .strip_prefix("http {")
            .and_then(|text| text.strip_suffix('}'));
        files.insert("default.conf".to_owned(), inner.expect("http").to_owned());
        self.container(|container| container.mounts[0].path = "/etc/nginx/conf.d".to_owned());
    }

    pub(crate) fn nginx(&mut self, text: &str) {
        self.objects.configurations[0]
            .files
            .insert("nginx.conf".to_owned(), text.to_owned());
    }
}

/// An object of the API.
pub(crate) fn object<T: DeserializeOwned>(object: Value) -> T {
    serde_json::from_value(object).expect("an object")
}

/// A volume that is mounted.
pub(crate) fn mount(volume: &str, path: &str) -> Mount {
    Mount {
        volume: volume.to_owned(),
        path: path.to_owned(),
        sub_path: Some(String::new()),
    }
}

/// A Pod that runs on the first Node.
pub(crate) fn pod(name: &str, labels: &Value, address: &str, port: u16) -> Value {
    json!({
        "metadata": {"namespace": "shop", "name": name, "labels": labels,
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "x", "uid": "u", "controller": true}]},
        "spec": {"nodeName": "node-1", "containers": [{"name": "main", "image": "nginx:1.29", "ports": [{"name": "web", "containerPort": port}],
            "volumeMounts": [{"name": "config", "mountPath": "/etc/nginx"}]}]},
        "status": {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}],
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "main", "ready": true, "image": "x", "imageID": "", "restartCount": 0,
                "state": {"running": {"startedAt": "2026-11-02T00:00:00Z"}}}]},
    })
}

pub(crate) fn proxy(name: &str, address: &str) -> Pod {
    let mut found = pod(name, &json!({"e2etls.dev/proxy": "shop"}), address, 8443);
    found["spec"]["volumes"] = json!([{"name": "config", "configMap": {"name": "shop-proxy-config"}},
        {"name": "tls", "secret": {"secretName": "shop-proxy-tls"}}]);
    Pod::from(object::<k8s_openapi::api::core::v1::Pod>(found))
}

pub(crate) fn app(name: &str, address: &str) -> Pod {
    let mut found = pod(name, &json!({"app": "shop"}), address, 8080);
    found["spec"]["containers"][0]["image"] = json!("shop:1");
    Pod::from(object::<k8s_openapi::api::core::v1::Pod>(found))
}

pub(crate) fn service(name: &str, spec: &Value) -> k8s_openapi::api::core::v1::Service {
    object(json!({"metadata": {"namespace": "shop", "name": name}, "spec": spec}))
}

pub(crate) fn policy(name: &str, selector: &Value, ingress: &Value) -> k8s_openapi::api::networking::v1::NetworkPolicy {
    object(json!({"metadata": {"namespace": "shop", "name": name},
        "spec": {"podSelector": {"matchLabels": selector}, "policyTypes": ["Ingress"], "ingress": ingress}}))
}

pub(crate) fn ingress(
    name: &str,
    host: Option<&str>,
    service: &str,
    port: i32,
) -> k8s_openapi::api::networking::v1::Ingress {
    object(json!({"metadata": {"namespace": "shop", "name": name},
        "spec": {"rules": [{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix",
            "backend": {"service": {"name": service, "port": {"number": port}}}}]}}]},
        "status": {"loadBalancer": {"ingress": [{"hostname": BALANCER}]}}}))
}

/// A route to a Service, through the load balancer.
pub(crate) fn route(object: &str, service: &str, port: i32) -> Route {
    Route {
        object: object.to_owned(),
        hosts: Vec::new(),
        service: ("shop".to_owned(), service.to_owned()),
        port: ServicePortRef::Number(port),
        balancers: Ok(vec![BALANCER.to_owned()]),
    }
}

/// A network interface.
pub(crate) fn interface(id: &str, description: &str, address: &str) -> Interface {
    Interface {
        id: id.to_owned(),
        description: description.to_owned(),
        requester: if description.starts_with("ELB ") {
            "amazon-elb"
        } else {
            "111122223333"
        }
        .to_owned(),
        addresses: vec![address.parse().expect("an address")],
        prefixes: Vec::new(),
    }
}

/// The whole set-up.
pub(crate) fn whole() -> SetUp {
    let objects = Objects {
        namespaces: vec![
            object(json!({"metadata": {"name": "shop"}})),
            object(json!({"metadata": {"name": "other"}})),
        ],
        nodes: vec![
            object::<k8s_openapi::api::core::v1::Node>(json!({
                "metadata": {"name": "node-1", "labels": {"eks.amazonaws.com/compute-type": "auto"}},
                "status": {"addresses": [{"type": "InternalIP", "address": "10.0.200.1"}]},
            }))
            .into(),
        ],
        pods: vec![
            proxy("shop-proxy-a", "10.0.1.1"),
            proxy("shop-proxy-b", "10.0.1.2"),
            app("shop-a", "10.0.1.3"),
            app("shop-b", "10.0.1.4"),
        ],
        services: vec![
            service(
                "shop-proxy",
                &json!({"clusterIP": "172.20.0.1", "selector": {"e2etls.dev/proxy": "shop"},
                "ports": [{"port": 443, "targetPort": 8443}]}),
            ),
            service(
                "shop-upstream",
                &json!({"clusterIP": "None", "selector": {"app": "shop"}, "ports": [{"port": 8080, "targetPort": 8080}]}),
            ),
        ],
        slices: Vec::new(),
        ingresses: vec![ingress("shop", Some("shop.example.com"), "shop-proxy", 443)],
        policies: vec![
            policy(
                "shop-app",
                &json!({"app": "shop"}),
                &json!([{
                "from": [{"podSelector": {"matchLabels": {"e2etls.dev/proxy": "shop"}}}], "ports": [{"port": 8080}]}]),
            ),
            policy(
                "shop-proxy",
                &json!({"e2etls.dev/proxy": "shop"}),
                &json!([{
                "from": [{"ipBlock": {"cidr": "10.0.100.0/24"}}], "ports": [{"port": 8443}]}]),
            ),
        ],
        configurations: vec![Configuration {
            namespace: "shop".to_owned(),
            name: "shop-proxy-config".to_owned(),
            written: "2026-11-01T00:00:00Z".parse().ok(),
            digest: "d".to_owned(),
            files: BTreeMap::from([("nginx.conf".to_owned(), NGINX.to_owned())]),
            script: None,
        }],
        certificates: vec![Certificate {
            namespace: "shop".to_owned(),
            name: "shop-proxy".to_owned(),
            secret: "shop-proxy-tls".to_owned(),
            dns_names: vec!["shop.example.com".to_owned()],
            issuer: "AWSPCAIssuer shop".to_owned(),
            not_after: "2026-12-02T12:00:00Z".parse().ok(),
            not_ready: None,
        }],
        admitting: Vec::new(),
        routes: Vec::new(),
        unread: Vec::new(),
    };
    let targets = ["10.0.1.1", "10.0.1.2"].map(|address| (address.to_owned(), 8443, "healthy".to_owned()));
    let balancer = LoadBalancer {
        name: "k8s-shop".to_owned(),
        id: "app/k8s-shop/1".to_owned(),
        account: "111122223333".to_owned(),
        vpc: "vpc-1".to_owned(),
        scheme: "internet-facing".to_owned(),
        listeners: vec![
            Listener {
                port: 443,
                protocol: "HTTPS".to_owned(),
                ssl_policy: "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09".to_owned(),
                client_auth: "off".to_owned(),
                rules: vec![(vec!["shop.example.com".to_owned()], vec!["tg".to_owned()])],
                certificates: vec![ServerCertificate {
                    arn: ARN.to_owned(),
                    described: Answer::Seen(Described {
                        names: vec!["*.example.com".to_owned()],
                        status: "ISSUED".to_owned(),
                        not_after: "2027-05-01T00:00:00Z".parse().ok(),
                        certificate_type: "AMAZON_ISSUED".to_owned(),
                    }),
                }],
                ..Listener::default()
            },
            Listener {
                port: 80,
                protocol: "HTTP".to_owned(),
                redirects: true,
                ..Listener::default()
            },
        ],
        groups: BTreeMap::from([(
            "tg".to_owned(),
            TargetGroup {
                protocol: "HTTPS".to_owned(),
                targets: targets.into(),
            },
        )]),
    };
    let vpc = Vpc {
        owners: BTreeSet::from(["111122223333".to_owned()]),
        subnets: ["10.0.0.0/20", "10.0.100.0/24", "10.0.200.0/24"]
            .map(|cidr| cidr.parse().expect("a CIDR"))
            .into(),
        interfaces: vec![
            interface("eni-1", "ELB app/k8s-shop/1", "10.0.100.5"),
            interface("eni-2", "aws-K8S-i-0", "10.0.200.1"),
        ],
    };
    SetUp {
        objects,
        vpc_cni: Some(BTreeMap::from([(
            "enable-network-policy-controller".to_owned(),
            "true".to_owned(),
        )])),
        aws: Aws {
            balancers: BTreeMap::from([(BALANCER.to_owned(), Answer::Seen(balancer))]),
            vpcs: BTreeMap::from([("vpc-1".to_owned(), Answer::Seen(vpc))]),
        },
    }
}

/// `FROM→TO tls peer_verified confined VERDICT` for each hop, with the first letters of the facets.
pub(crate) fn shown(report: &Report) -> Vec<String> {
    let letter = |facet: crate::facet::Facet| facet.to_string()[..1].to_owned();
    let hops = report.chains.iter().flat_map(|chain| &chain.hops);
    hops.map(|hop| {
        format!(
            "{}→{} {}{}{} {}",
            hop.from,
            hop.to,
            letter(hop.tls),
            letter(hop.peer_verified),
            letter(hop.confined),
            hop.verdict
        )
    })
    .collect()
}

/// `NAME days_left used_by` for each certificate.
pub(crate) fn certificates(report: &Report) -> Vec<String> {
    let items = report.inventory.iter();
    items
        .map(|item| {
            let days = item.days_left.map_or("?".to_owned(), |days| days.to_string());
            format!("{} {} {days} {}", item.managed_by, item.name, item.used_by.join(", "))
        })
        .collect()
}
