//! The arguments and attributes of `e2etls_edge`.

mod choices;

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, AttributePath, Choice as _, Model};

pub use choices::{AlpnPolicy, ClientAuthMode, Kind, LoadBalancerClass, ProtocolVersion, Scheme};

use super::values;
use crate::lifecycle::attributes::{InCluster, OnPlatform};
use crate::proxy::model::Hop;
use crate::syntax;

/// A load balancer in front of proxies.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Edge {
    /// Attributes of every resource in a cluster.
    #[tf(flatten)]
    pub head: InCluster,
    /// The order of resources that Terraform can't see.
    #[tf(flatten)]
    pub on_platform: OnPlatform,
    /// Name of the Ingress (`alb`) or Service: lowercase letters, digits and hyphens, starting and ending with a letter or
    /// digit, at most 40 characters.
    #[tf(required, replace, check = syntax::object_name)]
    pub name: Attr<String>,
    /// Namespace of the Ingress or Service, and of what it leads to. It must exist.
    #[tf(required, replace, check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// What the load balancer is like.
    #[tf(flatten)]
    pub settings: Settings,
    /// Services in the namespace, by the DNS name for which they get requests; only with `alb`, and required there. The
    /// first label of a name may be `*`. Requests for other names are answered with 404.
    #[tf(optional, check = values::routes)]
    pub routes: Attr<BTreeMap<String, Route>>,
    /// Pods that get all connections, not with `alb`, and required without it.
    #[tf(optional)]
    pub target: Attr<Target>,
    /// Refuse plans that destroy or replace the edge. To turn it off, apply `false` first, without any other change.
    #[tf(optional, default = true, local)]
    pub deletion_protection: Attr<bool>,
    /// ARN of the load balancer.
    #[tf(computed)]
    pub lb_arn: Attr<String>,
    /// DNS name of the load balancer.
    #[tf(computed)]
    pub hostname: Attr<String>,
    /// ID of the hosted zone of `hostname`, for alias records.
    #[tf(computed)]
    pub lb_zone_id: Attr<String>,
    /// Security policy of the listener on port 443, as Elastic Load Balancing reports it; empty with `nlb_passthrough`.
    #[tf(computed)]
    pub effective_ssl_policy: Attr<String>,
    /// Hops of this configuration, from the client to what the load balancer leads to; known in the plan.
    #[tf(computed)]
    pub expected_hops: Attr<Vec<Hop>>,
}

/// What a load balancer is like, whatever it leads to.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Settings {
    /// `alb`: an Application Load Balancer, which terminates TLS and encrypts again. `nlb_tls`: a Network Load Balancer that
    /// does the same. `nlb_passthrough`: a Network Load Balancer that passes connections on as they are, so that clients see
    /// the proxy's certificate.
    #[tf(required)]
    pub kind: Attr<Kind>,
    /// `internal`, or `internet-facing`.
    #[tf(optional, default = "internal")]
    pub scheme: Attr<Scheme>,
    /// Name of the IngressClass, only with `alb`; `alb` if omitted. The class must belong to a load balancer controller of AWS:
    /// that of EKS Auto Mode, or the AWS Load Balancer Controller.
    #[tf(optional, check = syntax::subdomain_name)]
    pub ingress_class: Attr<String>,
    /// `loadBalancerClass` of the Service, not with `alb`: `service.k8s.aws/nlb` (if omitted) for the AWS Load Balancer
    /// Controller, `eks.amazonaws.com/nlb` on EKS Auto Mode.
    #[tf(optional)]
    pub load_balancer_class: Attr<LoadBalancerClass>,
    /// ARNs of certificates in ACM or IAM in the load balancer's Region, at least one; not with `nlb_passthrough`. Clients that
    /// name no host get the first. They must be issued.
    #[tf(optional, check = values::certificate_arns)]
    pub certificate_arns: Attr<Vec<String>>,
    /// Which TLS clients are accepted: the name of a security policy of Elastic Load Balancing. If omitted,
    /// `ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09`: TLS 1.2 and 1.3, with hybrid post-quantum key exchange.
    #[tf(optional, check = values::ssl_policy)]
    pub ssl_policy: Attr<String>,
    /// Allow an `ssl_policy` that accepts TLS 1.0 or 1.1.
    #[tf(optional, default = false, local)]
    pub allow_legacy_tls: Attr<bool>,
    /// Listen on port 80 as well, and redirect all requests there to HTTPS; only with `alb`, true if omitted.
    #[tf(optional)]
    pub redirect_http: Attr<bool>,
    /// Protocol version between load balancer and proxy, only with `alb`: `HTTP1` if omitted.
    #[tf(optional)]
    pub protocol_version: Attr<ProtocolVersion>,
    /// What an `nlb_tls` negotiates by ALPN, such as `HTTP2Preferred`; nothing if omitted, so that clients use HTTP/1.1.
    #[tf(optional)]
    pub alpn_policy: Attr<AlpnPolicy>,
    /// Send a PROXY protocol v2 header with the client's address, not with `alb`; false if omitted. The proxy needs
    /// `http.proxy_protocol = true`.
    #[tf(optional)]
    pub proxy_protocol: Attr<bool>,
    /// Share the load balancer with the other Ingresses of a group, also of other namespaces; only with `alb`. Everybody who
    /// may create an Ingress can join a group. On EKS Auto Mode, the group is that of the IngressClassParams, and must be given
    /// here too.
    #[tf(optional)]
    pub group: Attr<Group>,
    /// Networks that may connect to the load balancer; all if omitted.
    #[tf(optional, check = values::networks)]
    pub inbound_cidrs: Attr<Vec<String>>,
    /// IDs or names of the load balancer's subnets, in at least two zones with `alb`; chosen by their tags if omitted.
    #[tf(optional, check = values::words)]
    pub subnets: Attr<Vec<String>>,
    /// IDs or names of the load balancer's security groups; one is made for it if omitted. Conflicts with `inbound_cidrs`.
    #[tf(optional, check = values::words)]
    pub security_group_ids: Attr<Vec<String>>,
    /// ARN of a regional web ACL of AWS WAF, only with `alb`.
    #[tf(optional, check = values::waf_acl_arn)]
    pub waf_acl_arn: Attr<String>,
    /// Where access logs are written; they are off if omitted.
    #[tf(optional)]
    pub access_logs: Attr<AccessLogs>,
    /// How long a connection may be idle, in whole seconds such as `120s`, from `1s` to `4000s`; 60 seconds if omitted, as
    /// AWS does. Only with `alb`. Set it to more than the longest time that the application may take to answer.
    #[tf(optional, check = values::idle_timeout)]
    pub idle_timeout: Attr<String>,
    /// Other attributes of the load balancer, such as `{ "routing.http.drop_invalid_header_fields.enabled" = "true" }`.
    #[tf(optional, check = values::attributes)]
    pub attributes: Attr<BTreeMap<String, String>>,
    /// Tags of the load balancer, in addition to those of its controller.
    #[tf(optional, check = values::tags)]
    pub tags: Attr<BTreeMap<String, String>>,
    /// Whether clients have to present a certificate, only with `alb`; they need none if omitted. To stop asking for
    /// certificates, apply `mode = "off"` first: a controller may keep what an Ingress no longer mentions.
    #[tf(optional)]
    pub client_auth: Attr<ClientAuth>,
    /// How the load balancer checks its targets. If omitted: by HTTPS, on the path that every proxy of this provider answers.
    #[tf(optional)]
    pub healthcheck: Attr<Healthcheck>,
    /// How long a target that goes may finish what it has begun, in whole seconds such as `60s`, at most `3600s`; 300 seconds
    /// if omitted, as AWS does. A Pod needs a longer `termination_grace` for it to have an effect.
    #[tf(optional, check = values::deregistration_delay)]
    pub deregistration_delay: Attr<String>,
}

impl Settings {
    /// What makes another load balancer if it changes, as text by path.
    #[must_use]
    pub fn identity(&self) -> [(AttributePath, Attr<String>); 5] {
        let root = AttributePath::root;
        let or = |attr: &Attr<String>, default: &str| match attr {
            Attr::Null => Attr::Known(default.to_owned()),
            given => given.clone(),
        };
        let word = |word: &'static str| word.to_owned();
        let class = self.load_balancer_class.clone().map(|class| word(class.word()));
        let group = match &self.group {
            Attr::Known(group) => group.name.clone(),
            Attr::Unknown => Attr::Unknown,
            Attr::Null => Attr::Null,
        };
        [
            (root("kind"), self.kind.clone().map(|kind| word(kind.word()))),
            (root("scheme"), self.scheme.clone().map(|scheme| word(scheme.word()))),
            (root("ingress_class"), or(&self.ingress_class, INGRESS_CLASS)),
            (
                root("load_balancer_class"),
                or(&class, LoadBalancerClass::Service.word()),
            ),
            (root("group").attribute("name"), group),
        ]
    }
}

/// The IngressClass where none is named: the chart of the AWS Load Balancer Controller creates it.
pub const INGRESS_CLASS: &str = "alb";

/// A Service that serves TLS.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Route {
    /// Name of the Service, such as `e2etls_proxy.shop.service.name`.
    #[tf(required, check = syntax::service_name)]
    pub service: Attr<String>,
    /// Port (1 to 65535) of the Service that serves TLS; 443 if omitted.
    #[tf(optional, check = syntax::port)]
    pub port: Attr<i64>,
}

/// Pods that serve TLS.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Target {
    /// Labels of the Pods, at least one: `e2etls_proxy.shop.pods.labels`.
    #[tf(required, check = syntax::labels)]
    pub selector: Attr<BTreeMap<String, String>>,
    /// Port (1 to 65535) of the Pods that serves TLS: `e2etls_proxy.shop.pods.port`.
    #[tf(required, check = syntax::port)]
    pub port: Attr<i64>,
}

/// Ingresses that share a load balancer.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Group {
    /// Name of the group: lowercase letters, digits, `-` and `.`, at most 63 characters.
    #[tf(required, check = values::group_name)]
    pub name: Attr<String>,
    /// Position of this Ingress among the rules of the group, from -1000 to 1000; 0 if omitted.
    #[tf(optional, check = values::group_order)]
    pub order: Attr<i64>,
}

/// A bucket for access logs.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct AccessLogs {
    /// Name of an S3 bucket that lets Elastic Load Balancing write.
    #[tf(required, check = values::word)]
    pub bucket: Attr<String>,
    /// Prefix of the objects' names; none if omitted.
    #[tf(optional, check = values::word)]
    pub prefix: Attr<String>,
}

/// Certificates of clients.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct ClientAuth {
    /// `verify`: the load balancer refuses clients whose certificate does not come from the trust store. `passthrough`: it
    /// passes the certificate on in a header, unverified. `off`: it asks for none.
    #[tf(required)]
    pub mode: Attr<ClientAuthMode>,
    /// ARN of a trust store of Elastic Load Balancing; required with `verify`, and only there.
    #[tf(optional, check = values::trust_store_arn)]
    pub trust_store_arn: Attr<String>,
}

/// Checks of targets.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Healthcheck {
    /// Path that is asked for by HTTPS, such as `/ready`.
    #[tf(optional, check = values::path)]
    pub path: Attr<String>,
    /// Time between two checks of a target in whole seconds, from `5s` to `300s`; 15 seconds with `alb` and 10 seconds
    /// without it if omitted, as the controllers do. A check may take 5 seconds with `alb` and 10 seconds without it, but always
    /// less than this.
    #[tf(optional, check = values::interval)]
    pub interval: Attr<String>,
    /// Number of good checks, 2 to 10, after which a target is healthy; 2 with `alb` and 3 without it if omitted.
    #[tf(optional, check = values::threshold)]
    pub healthy_threshold: Attr<i64>,
    /// Number of bad checks, 2 to 10, after which a target is unhealthy; 2 with `alb` and 3 without it if omitted.
    #[tf(optional, check = values::threshold)]
    pub unhealthy_threshold: Attr<i64>,
    /// Status codes of a good check, such as `200` or `200-299`; `200` if omitted.
    #[tf(optional, check = values::success_codes)]
    pub success_codes: Attr<String>,
}
