//! A report with what an assessor needs to weigh it: who made it, when, of what, and what was not examined.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::entrance::Scope;
use crate::objects::Objects;
use crate::report::Report;

/// Name and version of the JSON that a document is written as. A change that readers could stumble over gets another number.
pub const SCHEMA: &str = "e2etls.dev/encryption-report/v1";

/// Reports of one or more clusters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Version of the program that made it.
    pub version: String,
    /// Who made it, and how.
    pub made: Made,
    /// What it covers, in words, such as `Service shop/web`.
    pub scope: String,
    /// One for each cluster that was asked for, reached or not.
    pub clusters: Vec<ClusterReport>,
}

/// Who made a document, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Made {
    /// Beginning, in UTC.
    pub started: Option<Timestamp>,
    /// End, in UTC.
    pub ended: Option<Timestamp>,
    /// Command line; empty where there was none.
    pub command: Vec<String>,
    /// ARN of the identity in AWS; `None` if AWS was not asked, or did not say.
    pub aws_identity: Option<String>,
    /// User in the cluster, as its API server calls them, or all users if they differ between clusters; `None` if no API server said.
    pub kubernetes_user: Option<String>,
}

/// What was found in one cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ClusterReport {
    /// ARN of the EKS cluster, or the key of it in the configuration; empty if neither is known.
    pub name: String,
    /// URL of its API server.
    pub server: String,
    /// UID of its namespace `kube-system`, which identifies it; `None` if it was not reached.
    pub uid: Option<String>,
    /// Why there is no report of it: it was not reached, or what was asked for does not exist there.
    pub error: Option<String>,
    /// How many objects of each kind were examined, by plural name.
    pub examined: BTreeMap<&'static str, usize>,
    /// What could not be read, and what is needed to read it.
    pub incomplete: Vec<String>,
    /// What follows; `None` with an `error`.
    pub report: Option<Report>,
}

/// How many objects there are of each kind, by plural name. What could not be listed is left out.
#[must_use]
pub fn examined(objects: &Objects) -> BTreeMap<&'static str, usize> {
    [
        ("namespaces", objects.namespaces.len()),
        ("nodes", objects.nodes.len()),
        ("pods", objects.pods.len()),
        ("services", objects.services.len()),
        ("endpointslices", objects.slices.len()),
        ("ingresses", objects.ingresses.len()),
        ("networkpolicies", objects.policies.len()),
        ("certificates", objects.certificates.len()),
    ]
    .into_iter()
    .filter(|(plural, _)| objects.is_read(plural))
    .collect()
}

/// What a report covers, in words.
#[must_use]
pub fn in_words(scope: &Scope) -> String {
    match scope {
        Scope::Hostname(name) => format!("host name {name}"),
        Scope::Ingress(namespace, name) => format!("Ingress {namespace}/{name}"),
        Scope::Service(namespace, name) => format!("Service {namespace}/{name}"),
        Scope::Namespace(name) => format!("namespace {name}"),
        Scope::All => "the whole cluster".to_owned(),
    }
}
