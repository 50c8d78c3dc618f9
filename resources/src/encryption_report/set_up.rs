//! A set-up in memory that is not of this provider: a load balancer, NGINX, an application, policies, and EKS Auto Mode.

use std::sync::Arc;

use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::ec2::{self, fake::FakeEc2};
use e2etls_clients::aws::elbv2::fake::{FakeElbV2, Kept};
use e2etls_clients::aws::elbv2::{Listener, LoadBalancer, Rule, Target, TargetGroup};
use e2etls_clients::kube::fake::FakeCluster;
use e2etls_clients::kube::kinds;
use serde_json::{Value, json};

/// DNS name of the load balancer.
pub(crate) const BALANCER: &str = "k8s-shop-0a1b2c3d4e.eu-central-1.elb.amazonaws.com";
const ARN: &str = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/k8s-shop/1";
const NGINX: &str = "server { listen 8443 ssl; location / { proxy_pass http://shop.shop.svc.cluster.local; } }";

fn pod(name: &str, labels: &Value, address: &str, config: Option<&str>) -> Value {
    let volumes = config.map(|name| json!([{"name": "config", "configMap": {"name": name}}]));
    json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"namespace": "shop", "name": name, "labels": labels,
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "u", "controller": true}]},
        "spec": {"nodeName": "node", "volumes": volumes, "containers": [{"name": "main", "image": if config.is_some() { "nginx:1.29" } else { "shop:1" },
            "volumeMounts": [{"name": "config", "mountPath": "/etc/nginx/conf.d"}]}]},
        "status": {"phase": "Running", "podIPs": [{"ip": address}], "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [{"name": "main", "ready": true, "image": "x", "imageID": "", "restartCount": 0,
                "state": {"running": {"startedAt": "2030-01-01T00:00:00Z"}}}]}})
}

fn policy(name: &str, selects: &Value, from: &Value) -> Value {
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"namespace": "shop", "name": name},
        "spec": {"podSelector": {"matchLabels": selects}, "policyTypes": ["Ingress"], "ingress": [{"from": [from]}]}})
}

fn service(name: &str, selector: &Value, port: i32, target: i32) -> Value {
    json!({"apiVersion": "v1", "kind": "Service", "metadata": {"namespace": "shop", "name": name},
        "spec": {"clusterIP": "172.20.0.9", "selector": selector, "ports": [{"port": port, "targetPort": target}]}})
}

/// A cluster with what somebody set up by hand.
pub(crate) fn cluster() -> FakeCluster {
    let cluster = FakeCluster::default();
    let (app, web) = (json!({"app": "shop"}), json!({"app": "web"}));
    let node = json!({"apiVersion": "v1", "kind": "Node",
        "metadata": {"name": "node", "labels": {"eks.amazonaws.com/compute-type": "auto"}}});
    let vpc_cni = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "kube-system", "name": "amazon-vpc-cni"},
        "data": {"enable-network-policy-controller": "true"}});
    let nginx = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "shop", "name": "nginx",
        "managedFields": [{"time": "2026-01-01T00:00:00Z"}]}, "data": {"default.conf": NGINX}});
    let other = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "shop", "name": "other"}, "data": {"a": "b"}});
    let ingress = json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"namespace": "shop", "name": "web"},
        "spec": {"rules": [{"host": "shop.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix",
            "backend": {"service": {"name": "web", "port": {"number": 443}}}}]}}]},
        "status": {"loadBalancer": {"ingress": [{"hostname": BALANCER}]}}});
    for (kind, object) in [
        (kinds::NODE, node),
        (kinds::CONFIG_MAP, vpc_cni),
        (kinds::CONFIG_MAP, other),
        (kinds::POD, pod("web", &web, "10.0.1.1", Some("nginx"))),
        (kinds::POD, pod("shop", &app, "10.0.1.2", None)),
        (kinds::SERVICE, service("web", &web, 443, 8443)),
        (kinds::SERVICE, service("shop", &app, 80, 8080)),
        (
            kinds::NETWORK_POLICY,
            policy("web", &web, &json!({"ipBlock": {"cidr": "10.9.0.0/16"}})),
        ),
        (
            kinds::NETWORK_POLICY,
            policy("shop", &app, &json!({"podSelector": {"matchLabels": web}})),
        ),
        (kinds::INGRESS, ingress),
    ] {
        cluster.put(kind, &object);
    }
    cluster.put_as_it_is(kinds::CONFIG_MAP, &nginx);
    cluster
}

/// AWS with its load balancer.
pub(crate) fn aws() -> (FakeAws, Arc<FakeElbV2>) {
    let aws = FakeAws::default();
    let elbv2 = Arc::new(aws.elbv2("eu-central-1"));
    let listener = Listener {
        arn: "listener".to_owned(),
        port: 443,
        protocol: "HTTPS".to_owned(),
        ssl_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned(),
        ..Listener::default()
    };
    let rule = Rule {
        hosts: vec!["shop.example.com".to_owned()],
        target_groups: vec!["tg".to_owned()],
    };
    let target = Target {
        id: "10.0.1.1".to_owned(),
        port: 8443,
        state: "healthy".to_owned(),
        ..Target::default()
    };
    let group = TargetGroup {
        arn: "tg".to_owned(),
        protocol: "HTTPS".to_owned(),
        load_balancers: vec![ARN.to_owned()],
    };
    elbv2.all().push(Kept {
        load_balancer: LoadBalancer {
            arn: ARN.to_owned(),
            vpc: "vpc-1".to_owned(),
            dns_name: BALANCER.to_owned(),
            scheme: "internal".to_owned(),
            ..LoadBalancer::default()
        },
        name: "k8s-shop".to_owned(),
        listeners: vec![(listener, Vec::new(), vec![rule])],
        target_groups: vec![(group, vec![target])],
    });
    (aws, elbv2)
}

/// The VPC of that load balancer, with nothing else in the range that the policies admit.
pub(crate) fn ec2(aws: &FakeAws) -> FakeEc2 {
    let ec2 = aws.ec2("eu-central-1");
    ec2.all().push(ec2::fake::Kept {
        vpc: "vpc-1".to_owned(),
        subnets: vec![ec2::Subnet {
            id: "subnet-1".to_owned(),
            owner: "111122223333".to_owned(),
            cidrs: vec!["10.9.0.0/16".to_owned()],
        }],
        interfaces: vec![ec2::Interface {
            id: "eni-1".to_owned(),
            description: "ELB app/k8s-shop/1".to_owned(),
            requester: "amazon-elb".to_owned(),
            addresses: vec!["10.9.0.5".to_owned()],
            ..ec2::Interface::default()
        }],
    });
    ec2
}
