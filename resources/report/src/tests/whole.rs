use serde_json::json;

use super::set_up::{BALANCER, object, service, shown, whole};
use crate::Scope;
use crate::aws::Answer;
use crate::facet::Verdict;
use crate::objects::Objects;

pub(super) const GOOD: [&str; 3] = [
    "client→edge yun encrypted",
    "edge→proxy yny encrypted",
    "proxy→app nny confined",
];

#[test]
fn the_reference_architecture_is_what_it_is() {
    let report = whole().report(&Scope::All);
    assert_eq!(shown(&report), GOOD, "{report:#?}");
    assert_eq!(report.verdict, Verdict::Confined);
    assert_eq!(report.findings, [""; 0]);
    assert_eq!(report.chains[0].listener.as_deref(), Some("HTTPS:443"));
    assert!(
        report.chains[0].hops[2]
            .except
            .iter()
            .any(|text| text.contains("hostNetwork"))
    );
}

#[test]
fn every_scope_finds_it() {
    let own = |text: &str| text.to_owned();
    for scope in [
        Scope::Hostname(own("shop.example.com")),
        Scope::Ingress(own("shop"), own("shop")),
        Scope::Service(own("shop"), own("shop-proxy")),
        Scope::Namespace(own("shop")),
    ] {
        assert_eq!(shown(&whole().report(&scope)), GOOD, "{scope:?}");
    }
    for scope in [
        Scope::Hostname(own("x.example.com")),
        Scope::Namespace(own("other")),
        Scope::Ingress(own("other"), own("shop")),
    ] {
        let report = whole().report(&scope);
        assert_eq!(report.verdict, Verdict::Unknown, "{scope:?}");
        assert_eq!(
            report.findings,
            ["nothing in the cluster leads to what was asked about"],
            "{scope:?}"
        );
    }
}

/// The Service of a Network Load Balancer stands beside the one that a stack serves at, and leads to the same Pods.
#[test]
fn a_network_load_balancer_beside_the_service_is_found() {
    let mut set_up = whole();
    set_up.objects.ingresses.clear();
    let mut balanced = service(
        "shop-nlb",
        &json!({"type": "LoadBalancer", "selector": {"e2etls.dev/proxy": "shop"}, "ports": [{"port": 443, "targetPort": 8443}]}),
    );
    balanced.status = Some(object(json!({"loadBalancer": {"ingress": [{"hostname": BALANCER}]}})));
    set_up.objects.services.push(balanced);
    set_up.passes_through();
    let report = set_up.report(&Scope::Service("shop".to_owned(), "shop-proxy".to_owned()));
    assert_eq!(shown(&report), ["client→proxy yuu encrypted", "proxy→app nny confined"]);
    assert_eq!(report.chains[0].object, "Service shop/shop-nlb");
    assert_eq!(report.chains[0].listener.as_deref(), Some("TCP:443"));
    assert_eq!(report.findings, [""; 0]);
}

/// A Service that no load balancer leads to begins with its clients.
#[test]
fn a_service_by_itself() {
    let mut set_up = whole();
    set_up.objects.ingresses.clear();
    let report = set_up.report(&Scope::Service("shop".to_owned(), "shop-proxy".to_owned()));
    assert_eq!(shown(&report), ["client→proxy yuu encrypted", "proxy→app nny confined"]);
}

/// What was not read is unknown, whatever it is, and never better than what is there.
#[test]
fn less_that_is_read_is_never_more_that_is_known() {
    let best = whole().report(&Scope::All);
    let mut without_balancer = whole();
    without_balancer
        .aws
        .balancers
        .insert(BALANCER.to_owned(), Answer::Unread("AccessDenied".to_owned()));
    let hops = shown(&without_balancer.report(&Scope::All));
    assert_eq!(
        hops,
        [
            "client→edge uuu unknown",
            "edge→proxy unu unknown",
            "proxy→app nny confined"
        ]
    );
    for plural in [
        "nodes",
        "networkpolicies",
        "configmaps",
        "ingresses",
        "endpointslices",
        "namespaces",
    ] {
        let mut set_up = whole();
        set_up.objects.unread = vec![plural.to_owned()];
        match plural {
            "nodes" => set_up.objects.nodes.clear(),
            "networkpolicies" => set_up.objects.policies.clear(),
            "ingresses" => set_up.objects.ingresses.clear(),
            "namespaces" => set_up.objects.namespaces.clear(),
            "configmaps" => {
                set_up.objects.configurations.clear();
                set_up.vpc_cni = None;
            }
            _ => {}
        }
        let report = set_up.report(&Scope::All);
        assert!(report.verdict <= best.verdict, "{plural}: {report:#?}");
        if matches!(plural, "nodes" | "networkpolicies" | "configmaps") {
            assert_eq!(report.verdict, Verdict::Unknown, "{plural}: {:?}", shown(&report));
        }
    }
}

/// 500 ways in, with 5,000 Pods: what a report costs grows with their number, not with its square.
#[test]
fn a_large_cluster_is_reported_in_seconds() {
    let mut set_up = whole();
    let mut objects = Objects {
        namespaces: set_up.objects.namespaces.clone(),
        nodes: set_up.objects.nodes.clone(),
        ..Objects::default()
    };
    for number in 0..500 {
        let names = Renamed::new(number);
        objects
            .services
            .extend(set_up.objects.services.iter().map(|service| names.of(service)));
        objects
            .policies
            .extend(set_up.objects.policies.iter().map(|policy| names.of(policy)));
        objects
            .ingresses
            .extend(set_up.objects.ingresses.iter().map(|ingress| names.of(ingress)));
        let mut configuration = set_up.objects.configurations[0].clone();
        configuration.namespace = names.namespace();
        configuration.files = configuration
            .files
            .into_iter()
            .map(|(file, text)| (file, text.replace(".shop.svc", &format!(".{}.svc", names.namespace()))))
            .collect();
        objects.configurations.push(configuration);
        for (index, pod) in set_up.objects.pods.iter().cycle().take(10).enumerate() {
            let mut pod = pod.clone();
            pod.namespace = names.namespace();
            pod.name = format!("{}-{index}", pod.name);
            objects.pods.push(pod);
        }
    }
    assert_eq!((objects.services.len(), objects.pods.len()), (1_000, 5_000));
    set_up.objects = objects;
    let began = std::time::Instant::now();
    let report = set_up.report(&Scope::All);
    assert_eq!(report.chains.len(), 500);
    let hops = shown(&report);
    assert!(hops.chunks(3).all(|chain| chain == GOOD), "{:?}", &hops[..3]);
    // It takes 4 s on an idle machine, without optimisation. The limit is for a busy one.
    assert!(began.elapsed().as_secs() < 300, "{:?}", began.elapsed());
}

/// The same objects in a namespace of their own.
struct Renamed(usize);

impl Renamed {
    fn new(number: usize) -> Self {
        Self(number)
    }

    fn namespace(&self) -> String {
        format!("shop-{}", self.0)
    }

    fn of<T: serde::Serialize + serde::de::DeserializeOwned>(&self, of: &T) -> T {
        let mut found = serde_json::to_value(of).expect("JSON");
        found["metadata"]["namespace"] = self.namespace().into();
        object(found)
    }
}
