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
    /// Key of the provider's `clusters`; not needed where the provider has one `cluster`.
    #[tf(optional)]
    pub cluster: Attr<String>,
    /// UID of the namespace `kube-system`, which tells clusters apart.
    #[tf(computed, keep)]
    pub cluster_uid: Attr<String>,
    /// Name of the stack and, with a suffix, of its objects.
    #[tf(required, replace, check = syntax::object_name)]
    pub name: Attr<String>,
    /// Namespace of the stack.
    #[tf(required, replace, check = syntax::namespace_name)]
    pub namespace: Attr<String>,
    /// Make the namespace, and delete it with the stack once nothing else is in it.
    #[tf(optional, default = false)]
    pub create_namespace: Attr<bool>,
    /// DNS names of the app; the certificate is for them.
    #[tf(required, check = syntax::dns_names)]
    pub hostnames: Attr<Vec<String>>,
    /// The app.
    #[tf(required)]
    pub app: Attr<App>,
    /// An issuer that exists: `e2etls_issuer.x.ref`, or any issuer of cert-manager. Either this or `ca_arn`.
    #[tf(optional)]
    pub issuer: Attr<IssuerRef>,
    /// A CA of AWS Private CA; an issuer for it is a part of the stack.
    #[tf(optional, check = syntax::ca_arn)]
    pub ca_arn: Attr<String>,
    /// The proxy.
    #[tf(required)]
    pub proxy: Attr<StackProxy>,
    /// Id of the `e2etls_platform` that the stack needs: an order that Terraform can't see otherwise.
    #[tf(optional)]
    pub platform: Attr<String>,
    /// Refuse to destroy or replace the stack.
    #[tf(optional, default = true)]
    pub deletion_protection: Attr<bool>,
    /// Other names for single objects, by address such as `proxy/deployment`.
    #[tf(optional, check = syntax::object_names)]
    pub object_names: Attr<BTreeMap<String, String>>,
    /// Version of what is rendered. Null takes the newest at create and keeps it; a number moves to it.
    #[tf(optional, computed, keep)]
    pub template_version: Attr<i64>,
    /// Take over fields of other field managers.
    #[tf(optional, default = false)]
    pub force_conflicts: Attr<bool>,
    /// How long operations may take.
    #[tf(optional)]
    pub timeouts: Attr<Timeouts>,
    /// First of the host names.
    #[tf(computed)]
    pub hostname: Attr<String>,
    /// The hops that this configuration yields, with their facets and verdicts; known at plan.
    #[tf(computed)]
    pub expected_hops: Attr<Vec<Hop>>,
    /// The weakest verdict of the hops; known at plan.
    #[tf(computed)]
    pub expected_verdict: Attr<String>,
    /// The objects: address → reference, uid and digest of the desired content.
    #[tf(computed)]
    pub parts: Attr<BTreeMap<String, PartState>>,
    /// Fields that were seen to differ from what was applied.
    #[tf(computed)]
    pub drift: Attr<Vec<String>>,
}

/// The app: Pods that exist, or an image that the stack runs.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct App {
    /// Labels of Pods that exist. Either this or `image`.
    #[tf(optional, check = syntax::labels)]
    pub selector: Attr<BTreeMap<String, String>>,
    /// Image that the stack runs, unmodified.
    #[tf(optional)]
    pub image: Attr<String>,
    /// Port on which the Pods serve plain HTTP.
    #[tf(required, check = syntax::port)]
    pub port: Attr<i64>,
    /// Pods of the app, with `image`; 2 if absent.
    #[tf(optional, check = syntax::replicas)]
    pub replicas: Attr<i64>,
    /// Environment of the app's container, with `image`.
    #[tf(optional)]
    pub env: Attr<BTreeMap<String, String>>,
}

/// The proxy of a stack: as `e2etls_proxy`, without what the stack knows.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct StackProxy {
    /// `gateway`: Pods of their own in front of the app.
    #[tf(required)]
    pub mode: Attr<Mode>,
    /// The proxy's certificate.
    #[tf(optional)]
    pub certificate: Attr<StackCertificate>,
    /// TLS as clients see it; the profile `intermediate` if absent.
    #[tf(optional)]
    pub tls: Attr<Tls>,
    /// HTTP limits and headers.
    #[tf(optional)]
    pub http: Attr<Http>,
    /// Who may reach the app and the proxy.
    #[tf(required)]
    pub isolation: Attr<Isolation>,
    /// Pods of the proxy; 2 if absent. Not used while `autoscaled` is true.
    #[tf(optional, check = syntax::replicas)]
    pub replicas: Attr<i64>,
    /// True if an autoscaler decides the number of replicas: the field is then not ours.
    #[tf(optional)]
    pub autoscaled: Attr<bool>,
    /// What the Pods of the proxy need beside what they need to work.
    #[tf(optional)]
    pub pod: Attr<Pod>,
}

/// The certificate of a stack's proxy.
#[derive(Clone, Debug, PartialEq, Model)]
pub struct StackCertificate {
    /// Lifetime of each certificate, as a Go duration; 144 h if absent.
    #[tf(optional, check = syntax::certificate_duration)]
    pub duration: Attr<String>,
}
