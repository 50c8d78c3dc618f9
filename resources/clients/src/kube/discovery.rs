//! What an API server serves beside the kinds that we know: for looking at everything that a namespace holds.

use e2etls_engine::refusal::{Answer, Refusal};
use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::listing::{METADATA, Page, escape};
use super::objects::Objects;
use super::requests::Call;

/// All groups in one answer; Kubernetes 1.27 and newer give it.
const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,\
                          application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList";
/// A kind whose objects live in namespaces and can be listed and deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// API group; empty for the core group.
    pub group: String,
    /// The version that the API server prefers.
    pub version: String,
    /// Kind.
    pub kind: String,
    /// Plural name, as in URLs.
    pub plural: String,
    /// False where a server behind the API server does not answer, so that nothing is known of its objects.
    pub is_current: bool,
}

impl Objects {
    /// Every kind of object that goes with its namespace.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    pub async fn kinds_in_namespaces(&self) -> Result<Vec<Served>, Refusal> {
        let mut kinds = Vec::new();
        for root in ["/api", "/apis"] {
            let call = Call::new(Method::GET, root.to_owned(), "the API server".to_owned()).accept(AGGREGATED);
            let (_, bytes) = call.send(&self.client, self.limit).await?;
            let groups: Groups = call.read(&bytes)?;
            if groups.kind != "APIGroupDiscoveryList" {
                let words = "the API server does not list all groups at once, as Kubernetes does since 1.27";
                return Err(Refusal::new(
                    Answer::Invalid,
                    format!("GET {root}"),
                    "the API server",
                    words,
                ));
            }
            kinds.extend(groups.items.into_iter().flat_map(Group::kinds));
        }
        Ok(kinds)
    }

    /// The metadata of every object of a kind in a namespace.
    ///
    /// # Errors
    /// If the call is refused or not answered.
    pub async fn metadata(&self, served: &Served, namespace: &str) -> Result<Vec<Value>, Refusal> {
        let mut found = Vec::new();
        let mut next = String::new();
        loop {
            let path = format!("{}?limit=500{next}", served.path(namespace));
            let target = format!("{} {namespace}/*", served.kind);
            let call = Call::new(Method::GET, path, target).accept(METADATA);
            let (_, bytes) = call.send(&self.client, self.limit).await?;
            let page: Page<'_> = call.read(&bytes)?;
            for item in &page.items {
                found.push(call.read(item.get().as_bytes())?);
            }
            let token = page.metadata.next.unwrap_or_default();
            if token.is_empty() {
                return Ok(found);
            }
            next = format!("&continue={}", escape(&token));
        }
    }
}

impl Served {
    fn path(&self, namespace: &str) -> String {
        let root = if self.group.is_empty() {
            "/api".to_owned()
        } else {
            format!("/apis/{}", self.group)
        };
        format!("{root}/{}/namespaces/{namespace}/{}", self.version, self.plural)
    }
}

#[derive(Deserialize)]
struct Groups {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    items: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    metadata: Named,
    #[serde(default)]
    versions: Vec<Version>,
}

#[derive(Default, Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Version {
    version: String,
    #[serde(default)]
    freshness: String,
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    resource: String,
    response_kind: ResponseKind,
    scope: String,
    #[serde(default)]
    verbs: Vec<String>,
}

#[derive(Deserialize)]
struct ResponseKind {
    kind: String,
}

impl Group {
    /// Each kind in its preferred version, which comes first.
    fn kinds(self) -> Vec<Served> {
        let mut kinds: Vec<Served> = Vec::new();
        for version in self.versions {
            for resource in version.resources {
                let is_new = !kinds.iter().any(|kind| kind.plural == resource.resource);
                if is_new && resource.goes_with_its_namespace() {
                    kinds.push(Served {
                        group: self.metadata.name.clone(),
                        version: version.version.clone(),
                        kind: resource.response_kind.kind,
                        plural: resource.resource,
                        is_current: version.freshness != "Stale",
                    });
                }
            }
        }
        kinds
    }
}

impl Resource {
    fn goes_with_its_namespace(&self) -> bool {
        let has = |verb: &str| self.verbs.iter().any(|one| one == verb);
        self.scope == "Namespaced" && has("list") && has("delete")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_kind_counts_once_and_only_if_it_goes_with_its_namespace() {
        let resource = |name: &str, kind: &str, scope: &str, verbs: &[&str]| {
            json!({"resource": name, "responseKind": {"group": "g", "version": "v1", "kind": kind}, "scope": scope,
                "verbs": verbs})
        };
        let all = ["list", "delete"];
        let group: Group = serde_json::from_value(json!({"metadata": {"name": "g"}, "versions": [
            {"version": "v2", "freshness": "Current", "resources": [resource("as", "A", "Namespaced", &all)]},
            {"version": "v1", "freshness": "Stale", "resources": [
                resource("as", "A", "Namespaced", &all),
                resource("bs", "B", "Namespaced", &all),
                resource("cs", "C", "Cluster", &all),
                resource("metrics", "M", "Namespaced", &["get", "list"])]},
        ]}))
        .expect("a group");
        let kinds = group.kinds();
        let told: Vec<_> = kinds.iter().map(|kind| (kind.kind.as_str(), kind.is_current)).collect();
        assert_eq!(told, [("A", true), ("B", false)]);
        assert_eq!(kinds[0].path("shop"), "/apis/g/v2/namespaces/shop/as");
        let core = Served {
            group: String::new(),
            ..kinds[1].clone()
        };
        assert_eq!(core.path("shop"), "/api/v1/namespaces/shop/bs");
    }
}
