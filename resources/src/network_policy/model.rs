//! The arguments and attributes of `e2etls_network_policy`.

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, Choice, Model};

use crate::lifecycle::attributes::{InCluster, OnPlatform};
use crate::syntax;

/// Who may reach an application that has no proxy of this provider, and what a namespace may do besides.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct NetworkPolicy {
    /// Attributes of every resource in a cluster.
    #[tf(flatten)]
    pub head: InCluster,
    /// The order of resources that Terraform can't see.
    #[tf(flatten)]
    pub on_platform: OnPlatform,
    /// Name, and prefix of the names of the objects: lowercase letters, digits and hyphens, starting and ending with a
    /// letter or digit, at most 40 characters.
    #[tf(required, replace, check = syntax::object_name)]
    pub name: Attr<String>,
    /// Namespace of the application. It must exist.
    #[tf(required, replace, check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// `enforce`: the policies are created. `audit`: no policy is created; the plan shows them in the ConfigMap
    /// `NAME-network-policy`, and the apply warns about what they would cut.
    #[tf(required)]
    pub mode: Attr<Mode>,
    /// The application.
    #[tf(required)]
    pub app: Attr<App>,
    /// Networks that may reach `app.port`, such as the subnets of a load balancer: `10.0.16.0/20`.
    #[tf(optional, check = syntax::cidrs)]
    pub lb_cidrs: Attr<Vec<String>>,
    /// Who else may reach the application. Without `lb_cidrs` and `allow_from`, nobody may.
    #[tf(optional)]
    pub allow_from: Attr<Vec<Peer>>,
    /// What the application may connect to. If omitted, this resource does not restrict its connections, unless
    /// `default_deny` is `all`; with `[]`, only name servers are left, if `dns` is true.
    #[tf(optional)]
    pub allow_to: Attr<Vec<Peer>>,
    /// Allow the application to ask name servers, over UDP and TCP on port 53, where its connections are restricted; with
    /// `default_deny` set to `all`, every Pod of the namespace. The name servers are the Pods `k8s-app: kube-dns` in
    /// `kube-system`, and `dns_cidrs`.
    #[tf(optional, default = true)]
    pub dns: Attr<bool>,
    /// Networks of name servers that are not Pods of the cluster. On EKS Auto Mode, the address of the cluster's DNS service:
    /// `["${data.e2etls_cluster.this.dns_ip}/32"]`; with NodeLocal DNSCache, `["169.254.20.10/32"]`.
    #[tf(optional, check = syntax::cidrs)]
    pub dns_cidrs: Attr<Vec<String>>,
    /// What is denied to all Pods of the namespace unless a policy allows it. `none`: nothing. `ingress`: whatever reaches
    /// them. `all`: that, and their own connections.
    #[tf(optional, default = "none")]
    pub default_deny: Attr<DefaultDeny>,
}

/// The Pods that are confined.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct App {
    /// Labels of the application's Pods, at least one.
    #[tf(required, check = syntax::labels)]
    pub selector: Attr<BTreeMap<String, String>>,
    /// Port (1 to 65535) of the Pods that `lb_cidrs` may reach.
    #[tf(required, check = syntax::port)]
    pub port: Attr<i64>,
}

/// Pods, networks, or both: at least one of `pods`, `namespaces` and `cidrs`.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Peer {
    /// Labels of Pods, all of which a Pod must have. With `namespaces`, Pods in those namespaces; otherwise, in the same one.
    #[tf(optional, check = syntax::labels)]
    pub pods: Attr<BTreeMap<String, String>>,
    /// Labels of namespaces, such as `{ "kubernetes.io/metadata.name" = "monitoring" }`: with `pods`, only the Pods there that
    /// have those labels too; otherwise, all Pods there.
    #[tf(optional, check = syntax::labels)]
    pub namespaces: Attr<BTreeMap<String, String>>,
    /// Networks, such as `10.0.48.0/20`, in addition to the Pods.
    #[tf(optional, check = syntax::cidrs)]
    pub cidrs: Attr<Vec<String>>,
    /// TCP ports, such as `[5432]`, at the receiving end; all ports and protocols if omitted.
    #[tf(optional, check = syntax::ports)]
    pub ports: Attr<Vec<i64>>,
}

/// Whether policies are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum Mode {
    /// No: they are only shown.
    #[tf(rename = "audit")]
    Audit,
    /// Yes.
    #[tf(rename = "enforce")]
    Enforce,
}

/// What all Pods of the namespace are denied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum DefaultDeny {
    /// Nothing.
    #[tf(rename = "none")]
    None,
    /// Incoming connections.
    #[tf(rename = "ingress")]
    Ingress,
    /// Connections in both directions.
    #[tf(rename = "all")]
    All,
}
