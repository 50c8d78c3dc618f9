//! The arguments and attributes of `e2etls_stack`.

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, Model};

use crate::cert_manager::issuer::Verify;
use crate::cert_manager::reference::IssuerRef;
use crate::edge::model::Settings;
use crate::lifecycle::attributes::{InCluster, OnPlatform};
use crate::proxy::model::{Hop, Http, Isolation, Mode, Pod, Tls};
use crate::syntax;

/// An app with everything that encrypts the way to it.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Stack {
    /// Attributes of every resource in a cluster.
    #[tf(flatten)]
    pub head: InCluster,
    /// The order of resources that Terraform can't see.
    #[tf(flatten)]
    pub on_platform: OnPlatform,
    /// Name of the stack, and prefix of the names of its objects: lowercase letters, digits and hyphens, starting and
    /// ending with a letter or digit, at most 40 characters.
    #[tf(required, replace, check = syntax::object_name)]
    pub name: Attr<String>,
    /// Namespace of the stack. It must exist, unless `create_namespace` is true.
    #[tf(required, replace, check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// Create the namespace, and delete it with the stack. If it contains anything that does not belong to the stack,
    /// the whole destroy is refused, and the error names it; to keep such a namespace, apply `false` first.
    #[tf(optional, default = false)]
    pub create_namespace: Attr<bool>,
    /// DNS names of the application, which the certificate covers: at least one, without duplicates, in lowercase. The
    /// first label may be `*`.
    #[tf(required, check = syntax::dns_names)]
    pub hostnames: Attr<Vec<String>>,
    /// The application: existing Pods (`selector`), or Pods that the stack runs (`image` or `pod_template_json`).
    #[tf(required)]
    pub app: Attr<App>,
    /// An existing issuer: `e2etls_issuer.x.ref`, or any cert-manager issuer. Exactly one of `issuer` and `ca_arn` is
    /// required.
    #[tf(optional)]
    pub issuer: Attr<IssuerRef>,
    /// ARN of a CA in AWS Private CA; the stack then creates an issuer for it. Exactly one of `issuer` and `ca_arn` is
    /// required.
    #[tf(optional, check = syntax::ca_arn)]
    pub ca_arn: Attr<String>,
    /// ARN of the IAM role that aws-privateca-issuer assumes to issue certificates, only with `ca_arn`. If omitted,
    /// aws-privateca-issuer uses its own identity.
    #[tf(optional, check = syntax::role_arn)]
    pub role_arn: Attr<String>,
    /// AWS Private CA template for all requests, only with `ca_arn`. A CA that another account shares allows only
    /// `EndEntityCertificate/V1` by default. If omitted, the usages of each request select the template.
    #[tf(optional, check = syntax::ca_template)]
    pub template: Attr<String>,
    /// How the issuer that the stack creates for `ca_arn` is checked. `issue` requests a certificate for a throwaway
    /// key and verifies it against the CA. `ready` trusts the issuer's own condition `Ready`; use it, for example,
    /// if a policy approves only requests for certain names. `none` does not wait.
    #[tf(default = "issue")]
    pub verify: Attr<Verify>,
    /// The proxy in front of the application: the arguments of `e2etls_proxy`, except those that the stack sets itself.
    #[tf(required)]
    pub proxy: Attr<StackProxy>,
    /// The load balancer in front of the proxy, as in `e2etls_edge`; none if omitted. It receives the requests for `hostnames`.
    /// With `alb` and `nlb_tls`, if `certificate_arns` is omitted, the stack requests a public ACM certificate for `hostnames`,
    /// which requires `dns`. If a change requires another load balancer, such as another `scheme`, the new one is created first;
    /// then the records of `dns` point to it, and the old one is deleted. With an `alb`, `idle_timeout` follows the proxy's
    /// longest timeout if omitted.
    #[tf(optional)]
    pub edge: Attr<Settings>,
    /// DNS records in Route 53: alias records that point `hostnames` to the load balancer of `edge`, and the validation records of
    /// the public certificate that the stack requests; none if omitted.
    #[tf(optional)]
    pub dns: Attr<Dns>,
    /// CloudWatch alarms, one for each ACM certificate that the load balancer serves, that start before it expires; none if
    /// omitted. They are created in the account and Region of the cluster, where the certificates must be.
    #[tf(optional)]
    pub alarm: Attr<Alarm>,
    /// Refuse plans that destroy or replace the stack. To turn it off, apply `false` first, without any other change.
    #[tf(optional, default = true, local)]
    pub deletion_protection: Attr<bool>,
    /// Other names for individual objects, by address. The addresses, with their default names: `proxy/config`
    /// (`NAME-proxy-config`); `proxy/certificate`, `proxy/deployment`, `proxy/service` and `proxy/pdb` (`NAME-proxy`);
    /// `proxy/secret` (`NAME-proxy-tls`); `proxy/upstream` (`NAME-upstream`); `isolation/app` (`NAME-app-isolation`);
    /// `isolation/proxy` (`NAME-proxy-isolation`); `app/deployment` (`NAME-app`).
    #[tf(optional, check = syntax::object_names)]
    pub object_names: Attr<BTreeMap<String, String>>,
    /// First of the `hostnames`.
    #[tf(computed)]
    pub hostname: Attr<String>,
    /// Image of the proxy's Pods: `proxy.pod.image`, or the one that the provider chooses, from its `image_registry`. If
    /// it changes, the Pods are replaced one after the other.
    #[tf(computed)]
    pub proxy_image: Attr<String>,
    /// ARN of the load balancer of `edge`.
    #[tf(computed)]
    pub lb_arn: Attr<String>,
    /// DNS name of the load balancer of `edge`.
    #[tf(computed)]
    pub lb_hostname: Attr<String>,
    /// ID of the hosted zone of `lb_hostname`, for other alias records.
    #[tf(computed)]
    pub lb_zone_id: Attr<String>,
    /// Security policy of the load balancer's listener on port 443, as Elastic Load Balancing reports it.
    #[tf(computed)]
    pub effective_ssl_policy: Attr<String>,
    /// Hops of this configuration, from the client to the load balancer, the proxy and the application; known in the plan.
    #[tf(computed)]
    pub expected_hops: Attr<Vec<Hop>>,
    /// Weakest verdict of all hops: `authenticated`, `encrypted`, `confined`, `unknown` or `plaintext`; known in the
    /// plan.
    #[tf(computed)]
    pub expected_verdict: Attr<String>,
}

/// Records in Route 53.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Dns {
    /// ID of the hosted zone in which each of `hostnames` gets an alias record of type A. The zone must be that of a parent
    /// domain of all of them. With `scheme = "internet-facing"`, it should be the public one.
    #[tf(required, check = syntax::zone_id)]
    pub zone_id: Attr<String>,
    /// Replace an existing record of type A that has the name, whatever it points to; it is deleted with the stack. Also replace
    /// an existing CNAME record that has the name of a validation record but another value; it is not deleted with the stack. If
    /// false, such records are errors.
    #[tf(optional, default = false, local)]
    pub allow_overwrite: Attr<bool>,
}

/// Alarms before certificates expire.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Alarm {
    /// Number of days before a certificate expires, 1 to 397, from which its alarm is in the state `ALARM`; 14 if omitted. ACM
    /// renews a public certificate 45 days before it expires: an alarm at 14 days means that renewal has failed for weeks.
    #[tf(optional, default = 14, check = syntax::alarm_days)]
    pub days: Attr<i64>,
    /// ARNs of what an alarm notifies or starts, such as SNS topics in the Region of the cluster: 1 to 5, without duplicates.
    #[tf(required, check = syntax::alarm_actions)]
    pub actions: Attr<Vec<String>>,
}

/// The app: Pods that exist, or an image or Pod template that the stack runs.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct App {
    /// Labels of the application's Pods in the namespace, at least one. Exactly one of `selector`, `image` and
    /// `pod_template_json` is required.
    #[tf(optional, check = syntax::labels)]
    pub selector: Attr<BTreeMap<String, String>>,
    /// Image that the stack runs unmodified. Exactly one of `selector`, `image` and `pod_template_json` is required.
    #[tf(optional, check = syntax::app_image)]
    pub image: Attr<String>,
    /// Pods that the stack runs, as JSON in the format of a Deployment's `spec.template`, such as
    /// `jsonencode(yamldecode(file("deployment.yaml")).spec.template)`. The stack adds the labels that select the Pods, a
    /// `preStop` hook and, with `proxy.mode = "sidecar"`, the proxy. The template is stored in the state in plain text: do not
    /// include secrets. Exactly one of `selector`, `image` and `pod_template_json` is required.
    #[tf(optional, check = syntax::pod_template)]
    pub pod_template_json: Attr<String>,
    /// Port (1 to 65535) on which the Pods serve plain HTTP.
    #[tf(required, check = syntax::port)]
    pub port: Attr<i64>,
    /// Number of Pods of the application, 1 to 1000, only if the stack runs it; 2 if omitted. Omit it with `autoscaled`.
    #[tf(optional, check = syntax::replicas)]
    pub replicas: Attr<i64>,
    /// How long a new Pod of the application must be ready before an old one is stopped, such as `2m`, at most `15m`. Only if
    /// the stack runs the application. If omitted, there is no waiting time; in a sidecar with `edge`, the default is that of
    /// `proxy.min_ready`.
    #[tf(optional, check = syntax::pod_time)]
    pub min_ready: Attr<String>,
    /// True if an autoscaler sets the number of Pods: the stack then never sets it, and leaves it as it is when
    /// `autoscaled` becomes true. Only if the stack runs the application; false if omitted.
    #[tf(optional)]
    pub autoscaled: Attr<bool>,
    /// Settings for the Pods of the application, only with `image`.
    #[tf(optional)]
    pub pod: Attr<AppPod>,
    /// Environment variables of the application's container, only with `image`. They are stored in the state in plain
    /// text: do not include secrets.
    #[tf(optional, check = syntax::env_names)]
    pub env: Attr<BTreeMap<String, String>>,
}

/// Settings for the Pods of an app that the stack runs.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct AppPod {
    /// How long a stopping Pod has before it is killed, such as `10m`. If omitted: 30 seconds; in a sidecar, the sum of
    /// `proxy.pod.pre_stop`, the proxy's longest timeout and 40 seconds, but at least `proxy.pod.pre_stop` plus 100 seconds.
    #[tf(optional, check = syntax::nginx_timeout)]
    pub termination_grace: Attr<String>,
    /// Names of Secrets for pulling the application's image and, in a sidecar, the proxy's.
    #[tf(optional, check = syntax::subdomain_names)]
    pub pull_secrets: Attr<Vec<String>>,
    /// Requests and limits of the application's container as JSON, in the format of a container's `resources`; none if
    /// omitted.
    #[tf(optional, check = syntax::container_resources)]
    pub resources_json: Attr<String>,
    /// Tolerations as a JSON list: `jsonencode([…])`.
    #[tf(optional, check = syntax::tolerations)]
    pub tolerations_json: Attr<String>,
    /// Labels that nodes must have, in addition to `kubernetes.io/os = "linux"`.
    #[tf(optional, check = syntax::pod_labels)]
    pub node_selector: Attr<BTreeMap<String, String>>,
    /// Topology spread constraints as a JSON list. If omitted, there are none; in a sidecar, Pods are spread over
    /// zones and nodes, if possible.
    #[tf(optional, check = syntax::topology_spread)]
    pub topology_spread_json: Attr<String>,
    /// Name of a PriorityClass.
    #[tf(optional, check = syntax::subdomain_name)]
    pub priority_class: Attr<String>,
    /// Name of a ServiceAccount, whose token is not mounted; the namespace's `default` if omitted.
    #[tf(optional, check = syntax::subdomain_name)]
    pub service_account: Attr<String>,
    /// Additional labels for the Pods of the application. Those of the provider (`e2etls.dev/…`) are refused.
    #[tf(optional, check = syntax::pod_labels)]
    pub labels: Attr<BTreeMap<String, String>>,
    /// Additional annotations for the Pods of the application. Those of the provider (`e2etls.dev/…`) are refused.
    #[tf(optional, check = syntax::pod_annotations)]
    pub annotations: Attr<BTreeMap<String, String>>,
}

impl App {
    /// The settings of the Pods in the terms of the proxy's, without an image.
    pub(super) fn settings(&self) -> Attr<Pod> {
        self.pod.clone().map(|pod| Pod {
            image: Attr::Null,
            image_updates: Attr::Null,
            pre_stop: Attr::Null,
            termination_grace: pod.termination_grace,
            pull_secrets: pod.pull_secrets,
            resources_json: pod.resources_json,
            tolerations_json: pod.tolerations_json,
            node_selector: pod.node_selector,
            topology_spread_json: pod.topology_spread_json,
            priority_class: pod.priority_class,
            service_account: pod.service_account,
            labels: pod.labels,
            annotations: pod.annotations,
        })
    }
}

/// The proxy of a stack: as `e2etls_proxy`, without what the stack knows.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct StackProxy {
    /// Where the proxy runs. `gateway`: in Pods of its own, in front of the application. `sidecar`, only with
    /// `app.image` or `app.pod_template_json`: in the application's Pods, so that plain text never leaves a Pod.
    #[tf(required)]
    pub mode: Attr<Mode>,
    /// Certificate of the proxy; valid for 144 hours if omitted.
    #[tf(optional)]
    pub certificate: Attr<StackCertificate>,
    /// Which TLS clients are accepted; the profile `intermediate` if omitted.
    #[tf(optional)]
    pub tls: Attr<Tls>,
    /// HTTP limits and headers, each with its own default.
    #[tf(optional)]
    pub http: Attr<Http>,
    /// Who may reach the application and the proxy.
    #[tf(required)]
    pub isolation: Attr<Isolation>,
    /// Number of Pods of the proxy, 1 to 1000; 2 if omitted. Omit it with `autoscaled`, and in a sidecar.
    #[tf(optional, check = syntax::replicas)]
    pub replicas: Attr<i64>,
    /// How long a new Pod of the proxy must be ready before an old one is stopped, such as `2m`, at most `15m`. Set it to the
    /// time that a load balancer needs to register a Pod: Kubernetes does not wait for that on its own. If omitted, 30 seconds
    /// with an Application Load Balancer in `edge`, 3 minutes with a Network Load Balancer, and no waiting time without `edge`. In
    /// a sidecar, use `app.min_ready`.
    #[tf(optional, check = syntax::pod_time)]
    pub min_ready: Attr<String>,
    /// True if an autoscaler sets the number of Pods: the stack then never sets it. False if omitted.
    #[tf(optional)]
    pub autoscaled: Attr<bool>,
    /// Settings for the Pods of the proxy beyond what it needs to work, such as tolerations. With `edge`, `pre_stop` is 30
    /// seconds if omitted. In a sidecar, only `image`, `image_updates`, `pre_stop` and `resources_json` are allowed: set the rest
    /// in `app.pod` or `app.pod_template_json`.
    #[tf(optional)]
    pub pod: Attr<Pod>,
}

/// The certificate of a stack's proxy.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct StackCertificate {
    /// Lifetime of each certificate, as a Go duration of at least `1h`; `144h` if omitted. A CA for short-lived
    /// certificates allows at most `168h`.
    #[tf(optional, check = syntax::certificate_duration)]
    pub duration: Attr<String>,
}
