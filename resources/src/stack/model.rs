//! The arguments and attributes of `e2etls_stack`.

use std::collections::BTreeMap;

use tfplugin_framework::{Attr, Model, Timeouts};

use crate::issuer::IssuerRef;
use crate::orchestrate::part::PartState;
use crate::proxy::model::{Hop, Http, Isolation, Mode, Pod, Tls};
use crate::syntax;

/// An app with everything that encrypts the way to it.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct Stack {
    /// Identifies the stack: UID of the cluster, namespace and name.
    #[tf(computed, keep)]
    pub id: Attr<String>,
    /// Random mark of the create that made or adopted the objects.
    #[tf(computed, keep)]
    pub instance: Attr<String>,
    /// Key of the provider's `clusters`; not needed where the provider has one `cluster`. Another key must lead to the
    /// same cluster: a resource does not move.
    #[tf(optional)]
    pub cluster: Attr<String>,
    /// UID of the namespace `kube-system`, which tells clusters apart.
    #[tf(computed, keep)]
    pub cluster_uid: Attr<String>,
    /// Name of the stack and, with a suffix, of its objects: lower-case letters, digits and hyphens, a letter or digit
    /// first and last, at most 40 characters.
    #[tf(required, replace, check = syntax::object_name)]
    pub name: Attr<String>,
    /// Namespace of the stack. It must exist, unless `create_namespace` is true.
    #[tf(required, replace, check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// Make the namespace, and delete it with the stack once nothing else is in it.
    #[tf(optional, default = false)]
    pub create_namespace: Attr<bool>,
    /// DNS names of the app, which the certificate is for: at least one, each once, in lower case; `*.` may be the
    /// first label.
    #[tf(required, check = syntax::dns_names)]
    pub hostnames: Attr<Vec<String>>,
    /// The app: Pods that exist (`selector`), or an `image` that the stack runs.
    #[tf(required)]
    pub app: Attr<App>,
    /// An issuer that exists: `e2etls_issuer.x.ref`, or any issuer of cert-manager. Either this or `ca_arn`.
    #[tf(optional)]
    pub issuer: Attr<IssuerRef>,
    /// ARN of a CA of AWS Private CA; an issuer for it is a part of the stack. Either this or `issuer`.
    #[tf(optional, check = syntax::ca_arn)]
    pub ca_arn: Attr<String>,
    /// The proxy in front of the app, as `e2etls_proxy` without what the stack knows.
    #[tf(required)]
    pub proxy: Attr<StackProxy>,
    /// Id of what installs cert-manager and aws-privateca-issuer, such as a Helm release. Nothing is done with it: it
    /// gives Terraform an order that it can't see otherwise.
    #[tf(optional)]
    pub platform: Attr<String>,
    /// Refuse plans that destroy or replace the stack. Giving that up is an apply of its own: `false` first.
    #[tf(optional, default = true)]
    pub deletion_protection: Attr<bool>,
    /// Other names for single objects, by address: `proxy/config` (otherwise `NAME-proxy-config`), `proxy/certificate`,
    /// `proxy/deployment`, `proxy/service`, `proxy/pdb` (otherwise `NAME-proxy`), `proxy/secret` (`NAME-proxy-tls`),
    /// `proxy/upstream` (`NAME-upstream`), `isolation/app` (`NAME-app-isolation`), `isolation/proxy`
    /// (`NAME-proxy-isolation`), and `app/deployment` (`NAME-app`).
    #[tf(optional, check = syntax::object_names)]
    pub object_names: Attr<BTreeMap<String, String>>,
    /// Version of what is rendered, so far only `1`. If absent, a create takes the newest and keeps it, also when a
    /// later provider has a newer one.
    #[tf(optional, computed, keep, check = crate::proxy::template_version)]
    pub template_version: Attr<i64>,
    /// Take over fields that another field manager holds. If false, such a field is an error, unless the plan showed it
    /// as drifted or changing.
    #[tf(optional, default = false)]
    pub force_conflicts: Attr<bool>,
    /// How long operations may take.
    #[tf(optional)]
    pub timeouts: Attr<Timeouts>,
    /// The first of the `hostnames`.
    #[tf(computed)]
    pub hostname: Attr<String>,
    /// The hops that this configuration yields, from the client to the proxy and from there to the app; known at plan.
    #[tf(computed)]
    pub expected_hops: Attr<Vec<Hop>>,
    /// The weakest verdict of the hops: `authenticated`, `encrypted`, `confined`, `unknown` or `plaintext`; known at
    /// plan.
    #[tf(computed)]
    pub expected_verdict: Attr<String>,
    /// What the resource is made of, by address such as `proxy/deployment`; a changed digest in a plan says which
    /// objects will change.
    #[tf(computed)]
    pub parts: Attr<BTreeMap<String, PartState>>,
    /// Fields that were seen to differ from what was applied, by address and path; empty if none. An apply sets them
    /// back.
    #[tf(computed)]
    pub drift: Attr<Vec<String>>,
}

/// The app: Pods that exist, or an image that the stack runs.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct App {
    /// Labels of the app's Pods in the namespace, at least one. Either this or `image`.
    #[tf(optional, check = syntax::labels)]
    pub selector: Attr<BTreeMap<String, String>>,
    /// Image that the stack runs, unmodified. Either this or `selector`.
    #[tf(optional)]
    pub image: Attr<String>,
    /// Port (1 to 65535) on which the Pods serve plain HTTP.
    #[tf(required, check = syntax::port)]
    pub port: Attr<i64>,
    /// Number of the app's Pods, 1 to 1000, with `image` only; 2 if absent.
    #[tf(optional, check = syntax::replicas)]
    pub replicas: Attr<i64>,
    /// Environment of the app's container, with `image` only. It stands in the state in plain text: no secrets.
    #[tf(optional)]
    pub env: Attr<BTreeMap<String, String>>,
}

/// The proxy of a stack: as `e2etls_proxy`, without what the stack knows.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct StackProxy {
    /// How the proxy stands to the app; `gateway`, the only one so far: Pods of their own in front of the app.
    #[tf(required)]
    pub mode: Attr<Mode>,
    /// The proxy's certificate; one of 144 h if absent.
    #[tf(optional)]
    pub certificate: Attr<StackCertificate>,
    /// Which TLS clients are offered; the profile `intermediate` if absent.
    #[tf(optional)]
    pub tls: Attr<Tls>,
    /// HTTP limits and headers, each with a default of its own.
    #[tf(optional)]
    pub http: Attr<Http>,
    /// Who may reach the app and the proxy.
    #[tf(required)]
    pub isolation: Attr<Isolation>,
    /// Number of the proxy's Pods, 1 to 1000; 2 if absent. Leave it out with `autoscaled`.
    #[tf(optional, check = syntax::replicas)]
    pub replicas: Attr<i64>,
    /// True if an autoscaler decides the number of Pods: the stack then never sets it. False if absent.
    #[tf(optional)]
    pub autoscaled: Attr<bool>,
    /// What the Pods of the proxy need beside what they need to work, such as tolerations.
    #[tf(optional)]
    pub pod: Attr<Pod>,
}

/// The certificate of a stack's proxy.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct StackCertificate {
    /// Lifetime of each certificate, as a Go duration of at least `1h`; `144h` if absent. A CA for short-lived
    /// certificates gives at most `168h`.
    #[tf(optional, check = syntax::certificate_duration)]
    pub duration: Attr<String>,
}
