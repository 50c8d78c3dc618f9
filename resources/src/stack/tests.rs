use serde_json::{Value as Json, json};

use tfplugin_framework::Model as _;

use super::*;
use crate::testkit;

const ARN: &str =
    "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";

/// The paths of all mistakes, with these arguments in place of those of a good configuration.
fn mistakes(changes: Json) -> Vec<String> {
    let mut config = json!({
        "name": "shop", "namespace": "shop", "hostnames": ["shop.example.com"], "ca_arn": ARN,
        "app": {"selector": {"app": "shop"}, "port": 8080},
        "proxy": {"mode": "gateway", "isolation": {"mode": "enforce", "lb_cidrs": ["10.0.0.0/20"]}},
    });
    for (name, value) in changes.as_object().expect("arguments") {
        config[name.as_str()] = value.clone();
    }
    testkit::mistakes::<Stack>(&testkit::config::<Stack>(&config))
}

/// The arguments of a stack whose app has its proxy beside it.
fn sidecar(proxy: Json, app: Json) -> Json {
    let merged = |mut all: Json, more: Json| {
        for (name, value) in more.as_object().expect("arguments") {
            all[name.as_str()] = value.clone();
        }
        all
    };
    let isolation = json!({"mode": "enforce", "lb_cidrs": ["10.0.0.0/20"]});
    json!({
        "app": merged(json!({"image": "registry.example.com/shop:7", "port": 80}), app),
        "proxy": merged(json!({"mode": "sidecar", "isolation": isolation}), proxy),
    })
}

/// The same with a Pod template, to whose `spec` something is added.
fn template(app: Json, pod: Json) -> Json {
    let mut spec = json!({
        "terminationGracePeriodSeconds": 60,
        "containers": [
            {"name": "nginx", "image": "registry.example.com/shop:7", "ports": [{"containerPort": 80}]},
            {"name": "logs", "image": "registry.example.com/logs:1", "lifecycle": {"preStop": {"sleep": {"seconds": 3}}}},
        ],
        "initContainers": [{"name": "migrate", "image": "registry.example.com/shop:7"}],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
        "securityContext": {"fsGroup": 2000},
    });
    for (name, value) in pod.as_object().expect("fields") {
        spec[name.as_str()] = value.clone();
    }
    let text = json!({"metadata": {"labels": {"app": "shop"}}, "spec": spec}).to_string();
    let mut all = json!({"image": null, "pod_template_json": text});
    for (name, value) in app.as_object().expect("arguments") {
        all[name.as_str()] = value.clone();
    }
    sidecar(json!({}), all)
}

#[test]
fn each_mistake_is_reported_at_its_argument() {
    assert!(mistakes(json!({})).is_empty());
    let isolation = |more: Json| {
        let mut isolation = json!({"mode": "enforce", "lb_cidrs": []});
        for (name, value) in more.as_object().expect("arguments") {
            isolation[name.as_str()] = value.clone();
        }
        json!({"proxy": {"mode": "gateway", "isolation": isolation}})
    };
    let issuer = json!({"name": "corp", "kind": "ClusterIssuer", "group": "cert-manager.io"});
    for (changes, path) in [
        (json!({"ca_arn": null}), "issuer"),
        (json!({"issuer": issuer}), "ca_arn"),
        (
            json!({"ca_arn": null, "issuer": issuer, "template": "EndEntityCertificate/V1"}),
            "template",
        ),
        (json!({"ca_arn": null, "issuer": issuer, "verify": "ready"}), "verify"),
        (json!({"role_arn": "me"}), "role_arn"),
        (json!({"hostnames": ["a.*.example.com"]}), "hostnames[0]"),
        (json!({"app": {"port": 8080}}), "app.selector"),
        (
            json!({"app": {"selector": {"a": "b"}, "image": "x", "port": 8080}}),
            "app.image",
        ),
        (
            json!({"app": {"selector": {"a": "b"}, "port": 8080, "replicas": 2}}),
            "app.replicas",
        ),
        (
            json!({"app": {"selector": {"e2etls.dev/proxy": "shop"}, "port": 8080}}),
            "app.selector",
        ),
        (isolation(json!({"lb_cidrs": null})), "proxy.isolation.lb_cidrs"),
        (isolation(json!({"allow_from": [{}]})), "proxy.isolation.allow_from[0]"),
        (json!({"object_names": {"app": "x"}}), "object_names[\"app\"]"),
        (json!({"template_version": 0}), "template_version"),
        (
            json!({"proxy": {"mode": "gateway", "isolation": {"mode": "off"}, "http": {"metrics": {"port": 8080}}}}),
            "proxy.http.metrics.port",
        ),
        (
            json!({"app": {"image": "x", "port": 8080, "pod": {"labels": {"e2etls.dev/app": "y"}}}}),
            "app.pod.labels[\"e2etls.dev/app\"]",
        ),
        (
            json!({"proxy": {"mode": "gateway", "isolation": {"mode": "off"},
                "pod": {"image": "nginx:1.30.4", "image_updates": "patch"}}}),
            "proxy.pod.image_updates",
        ),
        (
            sidecar(json!({}), json!({"image": null, "selector": {"a": "b"}})),
            "proxy.mode",
        ),
        (sidecar(json!({"replicas": 2}), json!({})), "proxy.replicas"),
        (sidecar(json!({"autoscaled": true}), json!({})), "proxy.autoscaled"),
        (
            sidecar(json!({"pod": {"tolerations_json": "[]"}}), json!({})),
            "proxy.pod.tolerations_json",
        ),
        (
            sidecar(json!({}), json!({"pod": {"resources_json": "{\"limit\":{}}"}})),
            "app.pod.resources_json",
        ),
        (sidecar(json!({}), json!({"image": ""})), "app.image"),
        (sidecar(json!({}), json!({"image": " foo"})), "app.image"),
        (sidecar(json!({}), json!({"env": {"": "x"}})), "app.env[\"\"]"),
        (sidecar(json!({"pod": {"image": ""}}), json!({})), "proxy.pod.image"),
        (sidecar(json!({}), json!({"port": 8443})), "app.port"),
        (
            template(json!({}), json!({"hostNetwork": true})),
            "app.pod_template_json",
        ),
        (
            template(
                json!({}),
                json!({"containers": [{"name": "a", "ports": [{"containerPort": 80, "hostPort": 80}]}]}),
            ),
            "app.pod_template_json",
        ),
        (
            template(
                json!({}),
                json!({"containers": [{"name": "a", "volumeMounts": [{"name": "e2etls-tls", "mountPath": "/k"}]}]}),
            ),
            "app.pod_template_json",
        ),
        (template(json!({"env": {"a": "b"}}), json!({})), "app.env"),
        (template(json!({"pod": {"labels": {}}}), json!({})), "app.pod"),
        (template(json!({"image": "x"}), json!({})), "app.pod_template_json"),
        (template(json!({}), json!({"containers": []})), "app.pod_template_json"),
        (
            template(json!({}), json!({"shareProcessNamespace": true})),
            "app.pod_template_json",
        ),
        (
            template(json!({}), json!({"volumes": [{"name": "e2etls-tls"}]})),
            "app.pod_template_json",
        ),
        (
            template(
                json!({}),
                json!({"containers": [{"name": "a", "ports": [{"containerPort": 8443}]}]}),
            ),
            "app.pod_template_json",
        ),
        (
            json!({"app": {"port": 8080, "replicas": 2, "selector": {"a": "b"}}}),
            "app.replicas",
        ),
        (
            sidecar(json!({}), json!({"pod": {"labels": {"e2etls.dev/x": "y"}}})),
            "app.pod.labels[\"e2etls.dev/x\"]",
        ),
    ] {
        let found = mistakes(changes.clone());
        assert!(found.iter().any(|found| found == path), "{changes}: {found:?}");
    }
    assert_eq!(mistakes(isolation(json!({"allow_from": [{}]}))).len(), 1);
    assert!(mistakes(json!({"object_names": {"app/deployment": "shop-v2"}})).is_empty());
    let pod = json!({"image": "nginx:1.30.4", "resources_json": "{}"});
    assert!(
        mistakes(sidecar(
            json!({"pod": pod}),
            json!({"replicas": 3, "pod": {"priority_class": "high"}})
        ))
        .is_empty()
    );
}

/// The stack of a configuration, without what a plan fills in.
fn stack(changes: &Json) -> Stack {
    let mut config = json!({
        "name": "shop", "namespace": "shop", "hostnames": ["shop.example.com"], "ca_arn": ARN,
        "create_namespace": false, "template_version": 1, "verify": "issue",
        "app": {"selector": {"app": "shop"}, "port": 8080},
        "proxy": {"mode": "gateway", "isolation": {"mode": "enforce", "lb_cidrs": ["10.0.0.0/20"]}},
    });
    for (name, value) in changes.as_object().expect("arguments") {
        config[name.as_str()] = value.clone();
    }
    Stack::from_value(&testkit::config::<Stack>(&config)).expect("a stack")
}

#[test]
fn a_sidecar_is_in_the_pods_of_the_app_and_only_it_has_the_key() {
    let allow_from = json!([{"pods": {"app": "scraper"}, "ports": [9090]}]);
    let isolation = json!({"mode": "enforce", "lb_cidrs": ["10.0.0.0/20"], "allow_from": allow_from});
    let proxy = json!({"isolation": isolation, "pod": {"image": "nginx:1.30.4"}});
    let app = json!({"replicas": 3, "env": {"A": "b"}, "pod": {"priority_class": "high", "resources_json": "{}"}});
    let stack = stack(&sidecar(proxy, app));
    let parts = parts::parts(&stack).expect("everything is known");
    let part = |address: &str| parts.iter().find(|part| part.address == address);
    for absent in ["proxy/deployment", "proxy/upstream", "isolation/app"] {
        assert!(part(absent).is_none(), "{absent}");
    }
    let deployment = part("app/deployment").expect("a part");
    assert_eq!(
        deployment.after,
        ["proxy/config", "proxy/certificate", "isolation/proxy"],
        "nothing serves before it is confined"
    );
    let content = &deployment.content["spec"];
    assert_eq!(
        (&content["replicas"], &content["selector"]),
        (&json!(3), &json!({"matchLabels": {"e2etls.dev/app": "shop"}}))
    );
    let template = &content["template"];
    assert_eq!(
        template["metadata"]["labels"],
        json!({"e2etls.dev/app": "shop", "e2etls.dev/proxy": "shop"})
    );
    let pod = &template["spec"];
    assert_eq!(pod["priorityClassName"], "high");
    let [app, nginx] = &pod["containers"].as_array().expect("containers")[..] else {
        panic!("two containers: {pod}");
    };
    assert_eq!(
        (&app["name"], &app["image"]),
        (&json!("app"), &json!("registry.example.com/shop:7"))
    );
    assert_eq!(
        app.get("volumeMounts"),
        None,
        "the app has neither the key nor the configuration"
    );
    assert_eq!(app["lifecycle"]["preStop"]["sleep"]["seconds"], 100);
    assert_eq!(
        pod["terminationGracePeriodSeconds"], 110,
        "the app stops after NGINX, and before it is killed"
    );
    assert_eq!(
        (&nginx["name"], &nginx["image"]),
        (&json!("e2etls-nginx"), &json!("nginx:1.30.4"))
    );
    assert_eq!(
        nginx["securityContext"]["runAsUser"], 101,
        "the app may run as another user"
    );
    assert_eq!(pod["securityContext"], json!({"fsGroup": 101}));
    let ingress = &part("isolation/proxy").expect("a part").content["spec"]["ingress"];
    assert_eq!(ingress[0]["ports"][0]["port"], 8443);
    assert_eq!(
        ingress[1]["ports"][0]["port"], 9090,
        "what allow_from admits to the app"
    );
    assert_eq!(ingress.as_array().map(Vec::len), Some(2), "nobody else gets to the app");
    let config = &part("proxy/config").expect("a part").content["data"]["nginx.conf"];
    assert!(
        config
            .as_str()
            .is_some_and(|text| text.contains("server 127.0.0.1:80 max_fails=0;"))
    );
}

#[test]
fn a_sidecar_stands_beside_whatever_a_template_has() {
    let names = |list: &Json| -> Vec<String> {
        let names = list.as_array().into_iter().flatten();
        names
            .map(|item| item["name"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let rendered = |arguments: Json| {
        assert_eq!(mistakes(arguments.clone()), Vec::<String>::new());
        let parts = parts::parts(&stack(&arguments)).expect("everything is known");
        let part = parts
            .iter()
            .find(|part| part.address == "app/deployment")
            .expect("a part");
        part.content["spec"]["template"].clone()
    };
    let beside = rendered(template(json!({"replicas": 3}), json!({})));
    let pod = &beside["spec"];
    assert_eq!(names(&pod["containers"]), ["nginx", "logs", "e2etls-nginx"]);
    assert_eq!(names(&pod["initContainers"]), ["migrate", "e2etls-check"]);
    assert_eq!(names(&pod["volumes"])[..2], ["tmp", "e2etls-config"]);
    let stops = |index: usize| pod["containers"][index]["lifecycle"]["preStop"]["sleep"]["seconds"].clone();
    assert_eq!(
        (stops(0), stops(1)),
        (json!(50), json!(3)),
        "what the template says stays"
    );
    assert_eq!(pod["terminationGracePeriodSeconds"], 60);
    assert_eq!(pod["securityContext"], json!({"fsGroup": 2000}));
    assert_eq!(
        beside["metadata"]["labels"],
        json!({"app": "shop", "e2etls.dev/app": "shop", "e2etls.dev/proxy": "shop"})
    );
    let mut alone = template(json!({}), json!({"hostname": "shop"}));
    alone["proxy"]["mode"] = json!("gateway");
    let alone = rendered(alone);
    assert_eq!(names(&alone["spec"]["containers"]), ["nginx", "logs"]);
    assert_eq!(
        alone["metadata"]["labels"],
        json!({"app": "shop", "e2etls.dev/app": "shop"})
    );
}

#[test]
fn the_hop_in_a_pod_is_confined_only_if_nobody_else_gets_to_the_app() {
    for (isolation, verdict, evidence) in [
        (
            json!({"mode": "enforce", "lb_cidrs": []}),
            "confined",
            "never leaves the Pod",
        ),
        (json!({"mode": "off"}), "plaintext", "isolation is off"),
        (
            json!({"mode": "enforce", "lb_cidrs": [], "allow_from": [{"cidrs": ["10.1.0.0/16"]}]}),
            "plaintext",
            "isolation.allow_from admits others",
        ),
    ] {
        let proxy = json!({"isolation": isolation});
        let mut stack = stack(&sidecar(proxy, json!({})));
        stack.derive();
        assert_eq!(stack.expected_verdict.as_str(), Some(verdict));
        let hops = stack.expected_hops.known().expect("they are known");
        let said = hops[1].evidence.known().expect("it is known").join(" ");
        assert!(said.contains(evidence), "{said}");
    }
}

#[test]
fn the_issuer_of_a_stack_is_as_its_arguments_say() {
    let rendered = |more: Json| {
        let parts = parts::parts(&stack(&more)).expect("everything is known");
        let content = |address: &str| {
            let part = parts.iter().find(|part| part.address == address).expect("a part");
            part.content.clone()
        };
        (content("issuer"), content("issuer/check"))
    };
    let (issuer, check) = rendered(json!({}));
    assert_eq!(
        (&issuer["spec"]["role"], &check["verify"]),
        (&Json::Null, &json!("issue"))
    );
    let role = "arn:aws:iam::111122223333:role/issuer";
    let (issuer, check) = rendered(json!({"role_arn": role, "template": "EndEntityCertificate/V1", "verify": "none"}));
    assert_eq!(issuer["spec"]["role"], role);
    assert_eq!(
        issuer["spec"]["pcaTemplate"]["defaultTemplateName"],
        "EndEntityCertificate/V1"
    );
    assert_eq!(check["verify"], "none");
}
