//! Apps that the stack runs, beside their proxy or behind it.

use super::*;

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
fn an_app_behind_a_gateway_serves_while_it_stops_and_until_the_gateway_does() {
    for (grace, seconds) in [
        (json!(null), json!(10)),
        (json!(60), json!(10)),
        (json!(5), json!(4)),
        (json!(1), json!(null)),
    ] {
        let mut arguments = template(json!({}), json!({"terminationGracePeriodSeconds": grace}));
        arguments["proxy"]["mode"] = json!("gateway");
        let parts = parts::parts(&stack(&arguments)).expect("everything is known");
        let app = parts
            .iter()
            .find(|part| part.address == "app/deployment")
            .expect("a part");
        assert_eq!(app.after, ["proxy/deployment"]);
        assert_eq!(app.content["spec"].get("minReadySeconds"), None);
        let containers = &app.content["spec"]["template"]["spec"]["containers"];
        let stops = |index: usize| containers[index]["lifecycle"]["preStop"]["sleep"]["seconds"].clone();
        assert_eq!((stops(0), stops(1)), (seconds, json!(3)), "with {grace}");
    }
}

#[test]
fn the_app_of_a_sidecar_goes_on_for_longer_than_its_proxy_serves() {
    for (grace, seconds) in [(12, 11), (15, 12), (30, 20), (60, 50), (600, 590)] {
        let arguments = template(json!({}), json!({"terminationGracePeriodSeconds": grace}));
        let parts = parts::parts(&stack(&arguments)).expect("everything is known");
        let app = parts
            .iter()
            .find(|part| part.address == "app/deployment")
            .expect("a part");
        let containers = &app.content["spec"]["template"]["spec"]["containers"];
        assert_eq!(
            containers[0]["lifecycle"]["preStop"]["sleep"]["seconds"], seconds,
            "with {grace}"
        );
    }
}

#[test]
fn ports_of_others_are_no_ports_of_the_proxy() {
    let elsewhere = json!({"initContainers": [{"name": "a", "image": "b", "ports": [{"containerPort": 8443}]}],
        "containers": [{"name": "c", "image": "b", "ports": [{"containerPort": 8443, "protocol": "UDP"}]}]});
    assert_eq!(mistakes(template(json!({}), elsewhere)), Vec::<String>::new());
}

#[test]
fn an_unknown_field_of_a_template_is_warned_of() {
    assert_eq!(
        mistakes(template(json!({}), json!({"hostUsers": false}))),
        Vec::<String>::new()
    );
    let config = config(template(json!({}), json!({"hostusers": false})));
    let found = Server::new(E2etls).validate_resource(Stack::TYPE_NAME, &config);
    assert!(!found.has_errors());
    let [only] = &found.iter().collect::<Vec<_>>()[..] else {
        panic!("one warning: {found:?}");
    };
    assert!(only.detail().contains("`spec.hostusers`"), "{only:?}");
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
