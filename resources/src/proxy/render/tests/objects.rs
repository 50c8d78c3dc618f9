//! Single facts of the objects, each for its own reason.
//!
//! This file is long because each fact is a test.

use serde_json::{Value, json};

use super::super::spec::{Input, IsolationMode, Labels, ProxySpec};
use super::super::{ADDRESSES, CONFIG_ANNOTATION, PROXY_LABEL, addresses_known, config_sha256, expected_hops, render};
use super::cases::{bare, everyday, everything, labels, pods, prometheus, unknowns};
use e2etls_engine::value::{UNKNOWN, is_unknown};
use e2etls_report::facet::{Facet, Verdict, verdict};
use e2etls_report::hop::{Hop, overall};

pub(super) fn object(spec: &ProxySpec, address: &str) -> Value {
    render(spec)
        .into_iter()
        .find(|part| part.address == address)
        .map(|part| part.object)
        .unwrap_or_default()
}

pub(super) fn config(spec: &ProxySpec) -> String {
    object(spec, "proxy/config")["data"]["nginx.conf"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn parts_come_after_what_they_wait_for() {
    for spec in [everyday(), everything(), bare()] {
        let parts = render(&spec);
        for (position, part) in parts.iter().enumerate() {
            for needed in &part.after {
                assert!(
                    parts[..position].iter().any(|earlier| earlier.address == *needed),
                    "{needed}"
                );
            }
            assert!(
                ADDRESSES.iter().any(|(address, _)| *address == part.address),
                "{}",
                part.address
            );
        }
    }
}

#[test]
fn optional_parts_are_there_when_their_arguments_are() {
    let addresses = |spec: &ProxySpec| -> Vec<&str> { render(spec).iter().map(|part| part.address).collect() };
    assert_eq!(
        addresses(&bare()),
        ["proxy/service", "proxy/config", "proxy/deployment"]
    );
    assert_eq!(addresses(&everyday()).len(), 8);
    assert!(
        !addresses(&everything()).contains(&"proxy/upstream"),
        "the Service was named"
    );
    let mut spec = bare();
    spec.replicas = None;
    assert!(addresses(&spec).contains(&"proxy/pdb"), "an autoscaler may make it two");
    assert!(object(&spec, "proxy/deployment")["spec"].get("replicas").is_none());
}

#[test]
fn an_unknown_input_spoils_its_own_objects_only() {
    for ((input, forget), expected) in unknowns() {
        let mut spec = everyday();
        forget(&mut spec);
        let mut unknown: Vec<&str> = render(&spec)
            .iter()
            .filter(|part| is_unknown(&part.object))
            .map(|part| part.address)
            .collect();
        unknown.sort_unstable();
        assert_eq!(unknown, expected, "{input}");
        assert_eq!(
            config_sha256(&spec) == UNKNOWN,
            expected.contains(&"proxy/config"),
            "{input}"
        );
        assert_eq!(addresses_known(&spec), input != "replicas", "{input}");
    }
    let mut spec = everyday();
    spec.isolation.mode = Input::Unknown;
    assert!(!addresses_known(&spec));
}

#[test]
fn a_change_of_configuration_is_a_rollout_and_a_new_ca_is_none() {
    let hash = |spec: &ProxySpec| {
        let deployment = object(spec, "proxy/deployment");
        deployment["spec"]["template"]["metadata"]["annotations"][CONFIG_ANNOTATION].clone()
    };
    let mut spec = everyday();
    let before = hash(&spec);
    spec.certificate.duration = "24h".to_owned();
    assert_eq!(hash(&spec), before);
    spec.http.max_body_size = "2m".to_owned();
    assert_ne!(hash(&spec), before);
    assert_eq!(hash(&spec), json!(config_sha256(&spec)));
}

#[test]
fn policies_without_sources_let_nobody_in() {
    let mut spec = everyday();
    spec.isolation.lb_cidrs = Vec::new();
    spec.isolation.allow_from = vec![pods(Labels::new())];
    assert_eq!(object(&spec, "isolation/proxy")["spec"]["ingress"], json!([]));
    let app = object(&spec, "isolation/app");
    assert_eq!(app["spec"]["podSelector"]["matchLabels"], json!({"app": "shop"}));
    assert_eq!(
        app["spec"]["ingress"],
        json!([{"from": [{"podSelector": {"matchLabels": {PROXY_LABEL: "shop"}}}], "ports": [{"protocol": "TCP", "port": 80}]}])
    );
    spec.upstream.service = Some("app".to_owned());
    assert!(
        object(&spec, "isolation/app")["spec"]["ingress"][0]
            .get("ports")
            .is_none(),
        "the Pods' port is not known"
    );
}

#[test]
fn labels_and_annotations_of_users_never_replace_ours() {
    let mut spec = everyday();
    spec.pod.labels = labels(PROXY_LABEL, "other");
    spec.pod.annotations = labels(CONFIG_ANNOTATION, "other");
    let metadata = object(&spec, "proxy/deployment")["spec"]["template"]["metadata"].clone();
    assert_eq!(metadata["labels"][PROXY_LABEL], "shop");
    assert_ne!(metadata["annotations"][CONFIG_ANNOTATION], "other");
}

#[test]
fn nginx_conf_says_what_the_knobs_say() {
    let text = config(&everyday());
    for line in [
        "    listen 8443 ssl default_server;",
        "  ssl_protocols TLSv1.2 TLSv1.3;",
        "    listen 8443 ssl;",
        "    server shop-upstream.web.svc.cluster.local:80 resolve max_fails=0;",
        "      proxy_pass http://e2etls_app;",
        "  http2 on;",
        "worker_shutdown_timeout 12h;",
        "    proxy_set_header Upgrade \"\";",
        "    set_real_ip_from 10.0.16.0/20;",
        "    10.0.16.0/20 1;",
        "    proxy_set_header X-Forwarded-For $e2etls_for;",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}");
    }
    assert!(!text.contains("proxy_ssl") && !text.contains("listen 80"));
    let text = config(&everything());
    for line in [
        "    listen 8443 ssl default_server proxy_protocol;",
        "  ssl_protocols TLSv1.3;",
        "    server app.web.svc.cluster.local:8080 resolve max_fails=0;",
        "      proxy_pass https://e2etls_app;",
        "    proxy_ssl_verify on;",
        "    proxy_ssl_name shop.internal;",
        "    proxy_ssl_certificate /etc/e2etls/client/tls.crt;",
        "  http2 off;",
        "worker_shutdown_timeout 1h;",
        "    real_ip_header proxy_protocol;",
        "    proxy_set_header Upgrade $e2etls_upgrade;",
        "    proxy_set_header X-Forwarded-For $remote_addr;",
        "    proxy_set_header X-Team \"edge\";",
        "    add_header X-Frame-Options \"DENY\" always;",
        "    limit_req zone=e2etls_clients burst=100 nodelay;",
        "    location /upload/ {",
        "      client_max_body_size 5g;",
        "      return 200 \"{{name}}\";",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}");
    }
    assert!(!text.contains("ssl_ciphers"));
    for text in [config(&everyday()), config(&bare())] {
        assert!(!text.contains("{{"), "every placeholder is filled");
    }
}

#[test]
fn a_pod_has_time_for_its_last_requests() {
    let grace = |spec: &ProxySpec| {
        object(spec, "proxy/deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"].clone()
    };
    assert_eq!(grace(&everyday()), 110);
    assert_eq!(grace(&everything()), 600);
    let mut spec = everything();
    spec.pod.termination_grace = None;
    assert_eq!(
        grace(&spec),
        670,
        "the longest path counts, and how long it serves as before"
    );
}

#[test]
fn a_new_pod_counts_once_it_was_ready_for_long_enough() {
    let of = |spec: &ProxySpec| {
        let content = &object(spec, "proxy/deployment")["spec"];
        (
            content["minReadySeconds"].clone(),
            content["progressDeadlineSeconds"].clone(),
        )
    };
    assert_eq!(of(&everyday()), (json!(null), json!(null)));
    assert_eq!(of(&everything()), (json!(120), json!(720)));
}

#[test]
fn probes_avoid_the_port_that_expects_a_proxy_header() {
    let port = |spec: &ProxySpec| {
        object(spec, "proxy/deployment")["spec"]["template"]["spec"]["containers"][0]["env"][2]["value"].clone()
    };
    assert_eq!(port(&everyday()), "8443");
    assert_eq!(port(&everything()), "8444");
    for part in render(&everything())
        .iter()
        .filter(|part| part.address != "proxy/deployment")
    {
        assert!(
            part.address == "proxy/config" || !part.object.to_string().contains("8444"),
            "{}",
            part.address
        );
    }
}

#[test]
fn verdicts_follow_from_facets() {
    use Facet::{No, Unknown, Yes};
    for (facets, expected) in [
        ([Yes, Yes, No, Unknown], Verdict::Authenticated),
        ([Yes, No, No, No], Verdict::Encrypted),
        ([Yes, Unknown, Yes, Unknown], Verdict::Encrypted),
        ([No, No, Yes, Yes], Verdict::Encrypted),
        ([No, No, Yes, Unknown], Verdict::Confined),
        ([No, No, No, Unknown], Verdict::Plaintext),
        ([No, No, Unknown, Unknown], Verdict::Unknown),
        ([Unknown, Unknown, No, No], Verdict::Unknown),
        ([Unknown, Unknown, Yes, No], Verdict::Confined),
    ] {
        assert_eq!(
            verdict(facets[0], facets[1], facets[2], facets[3]),
            expected,
            "{facets:?}"
        );
    }
    assert!(
        Verdict::Authenticated > Verdict::Encrypted
            && Verdict::Confined > Verdict::Unknown
            && Verdict::Unknown > Verdict::Plaintext
    );
}

pub(super) fn verdicts(spec: &ProxySpec) -> [Verdict; 3] {
    let hops: Vec<Hop> = expected_hops(spec).unwrap();
    [hops[0].verdict, hops[1].verdict, overall(&hops)]
}

#[test]
fn hops_of_configurations() {
    use Verdict::{Authenticated, Confined, Encrypted, Plaintext};
    assert_eq!(verdicts(&everyday()), [Encrypted, Confined, Confined]);
    assert_eq!(verdicts(&everything()), [Encrypted, Authenticated, Encrypted]);
    assert_eq!(verdicts(&bare()), [Encrypted, Plaintext, Plaintext]);
    let mut spec = everyday();
    spec.isolation.allow_from = vec![pods(labels("app", "prometheus"))];
    assert_eq!(verdicts(&spec)[1], Plaintext, "another Pod reaches the app without TLS");
    spec.isolation.allow_from = vec![prometheus()];
    assert_eq!(verdicts(&spec)[1], Confined, "another port of the app's Pods");
    spec.isolation.allow_from[0].ports = vec![json!(80), json!(9090)];
    assert_eq!(verdicts(&spec)[1], Plaintext, "the app's port too");
    spec.isolation.allow_from = vec![prometheus()];
    spec.upstream.service = Some("app".to_owned());
    assert_eq!(
        verdicts(&spec)[1],
        Verdict::Unknown,
        "nobody says which port the Service leads to"
    );
    let mut spec = everyday();
    spec.isolation.lb_cidrs = vec!["0.0.0.0/0".to_owned()];
    assert_eq!(expected_hops(&spec).unwrap()[0].confined, Facet::No);
    assert!(
        expected_hops(&spec)
            .unwrap()
            .iter()
            .flat_map(|hop| &hop.evidence)
            .all(|item| item.starts_with("declared: "))
    );
}

#[test]
fn hops_are_unknown_while_what_decides_them_is() {
    let forget: [fn(&mut ProxySpec); 4] = [
        |spec| spec.upstream.protocol = Input::Unknown,
        |spec| spec.isolation.mode = Input::Unknown,
        |spec| spec.isolation.allow_from = vec![pods(labels(UNKNOWN, UNKNOWN))],
        |spec| spec.isolation.lb_cidrs = vec![UNKNOWN.to_owned()],
    ];
    for forget in forget {
        let mut spec = everyday();
        forget(&mut spec);
        assert_eq!(expected_hops(&spec), None);
    }
    let mut spec = everyday();
    spec.isolation.mode = IsolationMode::Off.into();
    spec.http.real_ip_cidrs = Some(Vec::new());
    spec.isolation.lb_cidrs = vec![UNKNOWN.to_owned()];
    assert!(
        expected_hops(&spec).is_some(),
        "without policies, and believed by nobody, the networks do not matter"
    );
}

#[test]
fn networks_of_all_addresses_are_believed_only_where_they_are_named_for_it() {
    let mut spec = everyday();
    spec.isolation.lb_cidrs = vec!["0.0.0.0/0".to_owned()];
    assert!(!config(&spec).contains("set_real_ip_from"));
    spec.http.real_ip_cidrs = Some(vec!["0.0.0.0/0".to_owned()]);
    assert!(config(&spec).contains("set_real_ip_from 0.0.0.0/0;"));
}
