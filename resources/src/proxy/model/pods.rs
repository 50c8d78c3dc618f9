//! Who reaches the Pods, and how they run.

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, Choice, Model};

use crate::syntax;

/// Who may reach the app and the proxy.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Isolation {
    /// `enforce`: network policies let only the proxy (and `allow_from`) reach the application; `audit` and `off`:
    /// there are no policies.
    #[tf(required)]
    pub mode: Attr<IsolationMode>,
    /// Who may reach the application besides the proxy: whoever at least one item admits. The application no longer counts as
    /// confined, unless every item is limited to ports other than the application's.
    #[tf(optional)]
    pub allow_from: Attr<Vec<AllowFrom>>,
    /// Networks of the load balancer that may reach the proxy, such as `10.0.16.0/20`; required with `enforce`, `[]`
    /// for none.
    #[tf(optional, check = syntax::cidrs)]
    pub lb_cidrs: Attr<Vec<String>>,
}

/// Pods or networks that may reach the application: at least one of `pods`, `namespaces` and `cidrs`. An item admits the
/// networks in `cidrs`, and in addition the Pods that have the labels `pods` in the namespaces that have the labels
/// `namespaces`.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct AllowFrom {
    /// Labels of Pods, all of which a Pod must have. With `namespaces`, Pods in those namespaces; otherwise, in the proxy's.
    #[tf(optional, check = syntax::labels)]
    pub pods: Attr<BTreeMap<String, String>>,
    /// Labels of namespaces, such as `{ "kubernetes.io/metadata.name" = "monitoring" }`: with `pods`, only the Pods there that
    /// have those labels too; otherwise, all Pods there.
    #[tf(optional, check = syntax::labels)]
    pub namespaces: Attr<BTreeMap<String, String>>,
    /// Networks, such as `10.0.48.0/20`, in addition to the Pods.
    #[tf(optional, check = syntax::cidrs)]
    pub cidrs: Attr<Vec<String>>,
    /// Ports of the application's Pods, such as `[9090]` for metrics. If omitted, all of their ports, and the proxy's TLS
    /// port. The port of `http.metrics` is one of the proxy's.
    #[tf(optional, check = syntax::ports)]
    pub ports: Attr<Vec<i64>>,
}

/// Whether policies are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum IsolationMode {
    /// None, and no intention.
    #[tf(rename = "off")]
    Off,
    /// None, but the hops say what `enforce` would give.
    #[tf(rename = "audit")]
    Audit,
    /// Policies on the app's and the proxy's Pods.
    #[tf(rename = "enforce")]
    Enforce,
}

/// Which image the provider chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Choice)]
pub enum ImageUpdates {
    /// The template version's.
    #[tf(rename = "pinned")]
    Pinned,
    /// The newest patch release of its minor version.
    #[tf(rename = "patch")]
    Patch,
}

/// Settings for the Pods beyond what the proxy needs to work.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Pod {
    /// Image with NGINX 1.29.3 or later, `sh`, the command `openssl` and the stop signal `SIGQUIT`, as `NAME:TAG`,
    /// `NAME@sha256:…` or `NAME:TAG@sha256:…`; preferably with a digest. Without one, a tag is required, and `latest` is
    /// refused, because a plan would not show what runs. If omitted, the image of the template version.
    #[tf(optional, check = syntax::image)]
    pub image: Attr<String>,
    /// Which image the provider chooses. `pinned` (if omitted): that of the template version, which stays until
    /// `template_version` changes. `patch`: the newest patch release of the same minor version of NGINX that this version of
    /// the provider knows. A later version of the provider may know a newer one: its first plan then shows an update, which
    /// replaces the Pods one after the other. The provider never asks a registry. Conflicts with `image`.
    #[tf(optional)]
    pub image_updates: Attr<ImageUpdates>,
    /// How long a stopping Pod goes on serving as before, such as `30s`, at most `15m`; 10 seconds if omitted. Behind a load
    /// balancer, set it to the time that the load balancer needs until it sends no new requests to the Pod.
    #[tf(optional, check = syntax::pod_time)]
    pub pre_stop: Attr<String>,
    /// How long a stopping Pod has before it is killed, including `pre_stop`, such as `10m`. If omitted: the sum of
    /// `pre_stop`, the longest timeout and 40 seconds, but at least `pre_stop` plus 100 seconds.
    #[tf(optional, check = syntax::nginx_timeout)]
    pub termination_grace: Attr<String>,
    /// Names of Secrets for pulling the image.
    #[tf(optional, check = syntax::subdomain_names)]
    pub pull_secrets: Attr<Vec<String>>,
    /// Requests and limits as JSON, in the format of a container's `resources`. If omitted, the requests are `50m` CPU and
    /// `64Mi` memory, and the limit is `512Mi` memory.
    #[tf(optional, check = syntax::container_resources)]
    pub resources_json: Attr<String>,
    /// Tolerations as a JSON list: `jsonencode([…])`.
    #[tf(optional, check = syntax::tolerations)]
    pub tolerations_json: Attr<String>,
    /// Labels that nodes must have, in addition to `kubernetes.io/os = "linux"`.
    #[tf(optional, check = syntax::pod_labels)]
    pub node_selector: Attr<BTreeMap<String, String>>,
    /// Topology spread constraints as a JSON list, instead of the default (Pods are spread over zones and nodes, if
    /// possible).
    #[tf(optional, check = syntax::topology_spread)]
    pub topology_spread_json: Attr<String>,
    /// Name of a PriorityClass.
    #[tf(optional, check = syntax::subdomain_name)]
    pub priority_class: Attr<String>,
    /// Name of a ServiceAccount, whose token is not mounted; the namespace's `default` if omitted.
    #[tf(optional, check = syntax::subdomain_name)]
    pub service_account: Attr<String>,
    /// Additional labels for the Pods of the proxy. Those that the proxy sets itself are refused.
    #[tf(optional, check = syntax::pod_labels)]
    pub labels: Attr<BTreeMap<String, String>>,
    /// Additional annotations for the Pods of the proxy. Those of the provider (`e2etls.dev/…`) are refused.
    #[tf(optional, check = syntax::pod_annotations)]
    pub annotations: Attr<BTreeMap<String, String>>,
}
