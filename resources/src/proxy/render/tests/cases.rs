//! Proxies that tests render.
//!
//! This file is long because one case sets every argument that there is.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::spec::{
    Certificate, CertificateSource, Http, Isolation, IsolationMode, Labels, Mode, PathSettings, Pod, Profile, Protocol,
    ProxySpec, RateLimit, Reference, Source, Upstream,
};
use e2etls_engine::value::UNKNOWN;

/// Labels of one pair.
pub(in crate::proxy::render) fn labels(key: &str, value: &str) -> Labels {
    Labels::from([(key.to_owned(), value.to_owned())])
}

/// What most people write.
pub(in crate::proxy::render) fn everyday() -> ProxySpec {
    let issuer = Reference {
        name: "shop-1a2b3c4d".to_owned(),
        kind: "AWSPCAIssuer".to_owned(),
        group: "awspca.cert-manager.io".to_owned(),
        ca_arn: Some("arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344".to_owned()),
    };
    ProxySpec {
        template_version: 1,
        name: "shop".to_owned(),
        namespace: "web".to_owned(),
        mode: Mode::Gateway,
        server_names: vec!["shop.example.com".to_owned(), "*.shop.example.com".to_owned()],
        upstream: Upstream {
            service: None,
            selector: Some(labels("app", "shop")),
            port: json!(80),
            protocol: Protocol::Http.into(),
            ca_pem: None,
            server_name: None,
            client_certificate_secret: None,
        },
        certificate: Certificate::new(CertificateSource::Issuer(issuer)),
        profile: Profile::Intermediate.into(),
        http: Http::default(),
        isolation: Isolation {
            mode: IsolationMode::Enforce.into(),
            allow_from: Vec::new(),
            lb_cidrs: vec!["10.0.16.0/20".to_owned()],
        },
        replicas: Some(json!(2)),
        min_ready: None,
        pod: Pod::default(),
        object_names: Labels::new(),
    }
}

/// Every knob turned.
pub(in crate::proxy::render) fn everything() -> ProxySpec {
    let mut spec = everyday();
    spec.server_names = vec!["*.shop.example.com".to_owned()];
    spec.min_ready = Some("2m".to_owned());
    spec.upstream.service = Some("app".to_owned());
    spec.upstream.port = json!(8080);
    spec.upstream.protocol = Protocol::Https.into();
    spec.upstream.ca_pem = Some("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".to_owned());
    spec.certificate.duration = "24h".to_owned();
    spec.certificate.usages.push("client auth".to_owned());
    spec.certificate.key_algorithm = "Ed25519".to_owned();
    spec.profile = Profile::Modern.into();
    spec.http = Http {
        max_body_size: "100m".to_owned(),
        read_timeout: "5m".to_owned(),
        send_timeout: "90s".to_owned(),
        connect_timeout: "500ms".to_owned(),
        buffering: true.into(),
        request_buffering: false.into(),
        websocket: true.into(),
        http2: false.into(),
        hsts: Some("max-age=63072000; includeSubDomains".to_owned()),
        real_ip_cidrs: Some(vec!["10.0.0.0/8".to_owned(), "fd00::/8".to_owned()]),
        proxy_protocol: true.into(),
        renewal_drain_timeout: "1h".to_owned(),
        log_query: true.into(),
        request_headers: labels("X-Team", "edge"),
        response_headers: labels("X-Frame-Options", "DENY"),
        paths: BTreeMap::from([("/upload/".to_owned(), upload())]),
        rate_limit: Some(RateLimit {
            requests_per_second: json!(50),
            burst: json!(100),
        }),
        metrics_port: Some(json!(9113)),
        extra_config: Some("location = /version {\n  return 200 \"{{name}}\";\n}".to_owned()),
    };
    spec.upstream.server_name = Some("shop.internal".to_owned());
    spec.upstream.client_certificate_secret = Some("shop-client".to_owned());
    spec.isolation.allow_from = vec![prometheus()];
    spec.replicas = None;
    spec.pod = pod();
    spec.object_names = labels("proxy/deployment", "legacy-nginx");
    spec
}

/// Pods of another namespace that read metrics.
pub(in crate::proxy::render) fn prometheus() -> Source {
    Source {
        pods: Some(labels("app", "prometheus")),
        namespaces: Some(labels("kubernetes.io/metadata.name", "monitoring")),
        cidrs: vec!["10.9.0.0/16".to_owned()],
        ports: vec![json!(9090), json!(9113)],
    }
}

/// Pods of the namespace.
pub(in crate::proxy::render) fn pods(labels: Labels) -> Source {
    Source {
        pods: Some(labels),
        ..Source::default()
    }
}

fn upload() -> PathSettings {
    PathSettings {
        read_timeout: Some("10m".to_owned()),
        max_body_size: Some("5g".to_owned()),
        buffering: Some(false.into()),
        request_buffering: Some(true.into()),
    }
}

fn pod() -> Pod {
    Pod {
        pre_stop: Some("30s".to_owned()),
        termination_grace: Some("10m".to_owned()),
        image: Some("registry.example.com/nginx@sha256:00".to_owned()),
        pull_secrets: vec!["registry".to_owned()],
        resources: Some(json!({"limits": {"memory": "1Gi"}})),
        tolerations: Some(json!([{"key": "edge", "operator": "Exists"}])),
        node_selector: labels("kubernetes.io/arch", "arm64"),
        topology_spread: Some(json!([])),
        priority_class: Some("edge".to_owned()),
        service_account: Some("shop".to_owned()),
        labels: labels("team", "shop"),
        annotations: labels("example.com/note", "x"),
    }
}

/// Somebody else's Secret, one Pod, no policies.
pub(in crate::proxy::render) fn bare() -> ProxySpec {
    let mut spec = everyday();
    spec.certificate = Certificate::new(CertificateSource::Secret("shop-tls".to_owned()));
    spec.upstream.selector = None;
    spec.upstream.service = Some("app".to_owned());
    spec.isolation.mode = IsolationMode::Audit.into();
    spec.isolation.lb_cidrs = Vec::new();
    spec.replicas = Some(json!(1));
    spec
}

/// Each golden file and what it is rendered from.
pub(in crate::proxy::render) fn golden() -> Vec<(&'static str, ProxySpec)> {
    vec![
        ("v1-everyday", everyday()),
        ("v1-everything", everything()),
        ("v1-bare", bare()),
    ]
}

/// A name, and what makes one input unknown.
pub(in crate::proxy::render) type Forget = (&'static str, fn(&mut ProxySpec));

fn unknown() -> String {
    UNKNOWN.to_owned()
}

fn unknown_labels() -> Labels {
    labels(UNKNOWN, UNKNOWN)
}

/// Every input that a plan may not know, with the addresses of the objects that it goes into.
pub(in crate::proxy::render) fn unknowns() -> Vec<(Forget, &'static [&'static str])> {
    use super::super::spec::Input::Unknown;
    const CONFIG: &[&str] = &["proxy/config", "proxy/deployment"];
    const POD: &[&str] = &["proxy/deployment"];
    vec![
        (
            ("server_names", |spec| spec.server_names = vec![unknown()]),
            &["proxy/certificate", "proxy/config", "proxy/deployment"],
        ),
        (
            ("port", |spec| spec.upstream.port = Value::from(UNKNOWN)),
            &["isolation/app", "proxy/config", "proxy/deployment", "proxy/upstream"],
        ),
        (("protocol", |spec| spec.upstream.protocol = Unknown), CONFIG),
        (
            ("selector", |spec| spec.upstream.selector = Some(unknown_labels())),
            &["isolation/app", "proxy/upstream"],
        ),
        (("issuer", |spec| forget_issuer(spec)), &["proxy/certificate"]),
        (
            ("duration", |spec| spec.certificate.duration = unknown()),
            &["proxy/certificate"],
        ),
        (("profile", |spec| spec.profile = Unknown), CONFIG),
        (("max_body_size", |spec| spec.http.max_body_size = unknown()), CONFIG),
        (("read_timeout", |spec| spec.http.read_timeout = unknown()), CONFIG),
        (
            ("connect_timeout", |spec| spec.http.connect_timeout = unknown()),
            CONFIG,
        ),
        (("buffering", |spec| spec.http.buffering = Unknown), CONFIG),
        (
            ("request_buffering", |spec| spec.http.request_buffering = Unknown),
            CONFIG,
        ),
        (("websocket", |spec| spec.http.websocket = Unknown), CONFIG),
        (("http2", |spec| spec.http.http2 = Unknown), CONFIG),
        (("hsts", |spec| spec.http.hsts = Some(unknown())), CONFIG),
        (
            ("real_ip_cidrs", |spec| spec.http.real_ip_cidrs = Some(vec![unknown()])),
            CONFIG,
        ),
        (("proxy_protocol", |spec| spec.http.proxy_protocol = Unknown), CONFIG),
        (
            ("renewal_drain_timeout", |spec| {
                spec.http.renewal_drain_timeout = unknown()
            }),
            CONFIG,
        ),
        (("log_query", |spec| spec.http.log_query = Unknown), CONFIG),
        (
            ("request_headers", |spec| spec.http.request_headers = unknown_labels()),
            CONFIG,
        ),
        (
            ("response_headers", |spec| spec.http.response_headers = unknown_labels()),
            CONFIG,
        ),
        (
            ("paths", |spec| {
                spec.http.paths = BTreeMap::from([(unknown(), PathSettings::default())])
            }),
            CONFIG,
        ),
        (
            ("metrics", |spec| spec.http.metrics_port = Some(Value::from(UNKNOWN))),
            CONFIG,
        ),
        (
            ("ports", |spec| {
                spec.isolation.allow_from = vec![prometheus()];
                spec.isolation.allow_from[0].ports = vec![Value::from(UNKNOWN)];
            }),
            &["isolation/app", "isolation/proxy"],
        ),
        (
            ("server_name", |spec| {
                spec.upstream.protocol = Protocol::Https.into();
                spec.upstream.server_name = Some(unknown());
            }),
            CONFIG,
        ),
        (
            ("client_certificate_secret", |spec| {
                spec.upstream.client_certificate_secret = Some(unknown())
            }),
            POD,
        ),
        (
            ("termination_grace", |spec| spec.pod.termination_grace = Some(unknown())),
            POD,
        ),
        (("pre_stop", |spec| spec.pod.pre_stop = Some(unknown())), POD),
        (("min_ready", |spec| spec.min_ready = Some(unknown())), POD),
        (
            ("extra_config", |spec| spec.http.extra_config = Some(unknown())),
            CONFIG,
        ),
        (
            ("allow_from", |spec| {
                spec.isolation.allow_from = vec![pods(unknown_labels())]
            }),
            &["isolation/app", "isolation/proxy"],
        ),
        (
            ("lb_cidrs", |spec| spec.isolation.lb_cidrs = vec![unknown()]),
            &["isolation/proxy", "proxy/config", "proxy/deployment"],
        ),
        (("replicas", |spec| spec.replicas = Some(Value::from(UNKNOWN))), POD),
        (("image", |spec| spec.pod.image = Some(unknown())), POD),
        (
            ("resources", |spec| spec.pod.resources = Some(Value::from(UNKNOWN))),
            POD,
        ),
        (
            ("tolerations", |spec| spec.pod.tolerations = Some(Value::from(UNKNOWN))),
            POD,
        ),
        (("node_selector", |spec| spec.pod.node_selector = unknown_labels()), POD),
        (("labels", |spec| spec.pod.labels = unknown_labels()), POD),
        (("annotations", |spec| spec.pod.annotations = unknown_labels()), POD),
    ]
}

fn forget_issuer(spec: &mut ProxySpec) {
    let issuer = Reference {
        name: unknown(),
        kind: unknown(),
        group: unknown(),
        ca_arn: Some(unknown()),
    };
    spec.certificate.source = CertificateSource::Issuer(issuer);
}
