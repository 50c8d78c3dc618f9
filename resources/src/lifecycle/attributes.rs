//! The attributes that resources have in common, and the ledger as they show it.

use std::collections::BTreeMap;

use e2etls_engine::ledger::{ABSENT, Entry, Ledger, UNPROVEN};
use tfplugin_framework::{Attr, Invalid, Model, Timeouts};

use super::place::Place;
use crate::kinds::Service;

/// Attributes of every resource.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct Common {
    /// ID of the resource, in the form that an import accepts.
    #[tf(computed, keep)]
    pub id: Attr<String>,
    /// Random identifier of the operation that created or adopted the objects.
    #[tf(computed, keep)]
    pub instance: Attr<String>,
    /// True if a replacement creates the new objects before the old ones are deleted (in Terraform, together with the
    /// `lifecycle` argument of that name; Pulumi's default). A create then takes over existing objects of this resource
    /// that were completely created; if false, they cause an error that shows how to import them.
    #[tf(optional, default = false, local)]
    pub create_before_destroy: Attr<bool>,
    /// How long operations may take.
    #[tf(optional, local)]
    pub timeouts: Attr<Timeouts>,
    /// Objects that the resource consists of, by address. A changed digest in a plan shows which objects will change.
    #[tf(computed)]
    pub parts: Attr<Parts>,
    /// Fields that were seen to differ from what was applied, by address and path, and addresses of objects that no
    /// longer exist or are not known to work; empty if there are none. An apply restores them.
    #[tf(computed)]
    pub drift: Attr<Vec<String>>,
}

/// Attributes of every resource that lives in a cluster.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct InCluster {
    /// Attributes of every resource.
    #[tf(flatten)]
    pub common: Common,
    /// Key of the provider's `clusters`. Not needed if the provider has a single `cluster`. If the key changes, it must
    /// lead to the same cluster: a resource never moves.
    #[tf(optional, local)]
    pub cluster: Attr<String>,
    /// UID of the namespace `kube-system`, which identifies the cluster.
    #[tf(computed, keep)]
    pub cluster_uid: Attr<String>,
    /// Take over fields that another field manager owns. If false, such a field is an error, unless the plan showed it
    /// as drifted or changing.
    #[tf(optional, default = false, local)]
    pub force_conflicts: Attr<bool>,
    /// Version of the rendered objects, so far only `1`. If omitted, a create takes the newest version, and the
    /// resource keeps it even when a later provider offers a newer one.
    #[tf(optional, computed, keep, check = template_version)]
    pub template_version: Attr<i64>,
}

/// The attribute of resources that need what a platform installs.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct OnPlatform {
    /// ID of whatever installs the prerequisites of the resource in the cluster, such as cert-manager and
    /// aws-privateca-issuer. The value itself is not used: referring to it only makes the resource wait for that
    /// installation.
    #[tf(optional, local)]
    pub platform: Attr<String>,
}

/// Attributes of every resource that lives in AWS alone.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct InAws {
    /// Attributes of every resource.
    #[tf(flatten)]
    pub common: Common,
    /// AWS Region of the objects; the provider's if omitted.
    #[tf(optional, computed, keep, replace)]
    pub region: Attr<String>,
    /// Tags of the objects, in addition to the provider's `default_tags`. If both set the same key, the tag of the
    /// resource wins.
    #[tf(optional, check = crate::syntax::tags)]
    pub tags: Attr<BTreeMap<String, String>>,
}

/// The attributes that come with where a resource lives.
pub enum Head<'a> {
    /// In a cluster.
    InCluster(&'a mut InCluster),
    /// In AWS alone.
    InAws(&'a mut InAws),
}

/// The newest version of the rendered objects.
pub const NEWEST_TEMPLATE: i64 = 1;

fn template_version(version: &i64) -> Result<(), Invalid> {
    if (1..=NEWEST_TEMPLATE).contains(version) {
        return Ok(());
    }
    Err(Invalid::new(format!(
        "`{version}` is not a template version of this version of the provider; the newest is {NEWEST_TEMPLATE}. Use \
         that, or upgrade the provider"
    )))
}

/// What the map `parts` says about one object.
#[derive(Clone, Debug, Default, PartialEq, Model)]
pub struct PartState {
    /// Kind and name of the object.
    #[tf(computed)]
    pub r#ref: Attr<String>,
    /// UID or ARN of the object; empty if it does not exist.
    #[tf(computed)]
    pub uid: Attr<String>,
    /// Hash of the desired content; starts with `drifted:` if the object was seen to differ from it, or is not known to
    /// work.
    #[tf(computed)]
    pub digest: Attr<String>,
    /// True if the resource created the object; false if the object existed before, or is kept when the resource is
    /// destroyed.
    #[tf(computed)]
    pub made: Attr<bool>,
}

impl InCluster {
    /// Where a resource in `namespace` lives.
    #[must_use]
    pub fn place<'a>(&'a self, namespace: Option<&'a str>) -> Place<'a> {
        Place::Cluster {
            key: self.cluster.as_str(),
            uid: self.cluster_uid.as_str(),
            namespace,
        }
    }
}

impl InAws {
    /// Where a resource of `service` lives: what its ARN says, whatever the provider's Region has become.
    #[must_use]
    pub fn place(&self, service: Service) -> Place<'_> {
        Place::Aws {
            service,
            region: self.region.as_str(),
            arn: self.common.id.as_str(),
        }
    }
}

/// True if the part at `address` exists, or is waited for, and was seen to work.
#[must_use]
pub fn is_proven(common: &Common, address: &str) -> bool {
    let digest = common
        .parts
        .known()
        .and_then(|parts| parts.get(address)?.digest.as_str());
    digest.is_some_and(|digest| digest != UNPROVEN && digest != ABSENT)
}

/// The value of `parts`: address → what is known of the object.
pub type Parts = BTreeMap<String, PartState>;

/// The engine's ledger of what a state says.
#[must_use]
pub fn ledger(parts: &Attr<Parts>) -> Ledger {
    let parts = parts.known().into_iter().flatten();
    parts.map(|(address, state)| (address.clone(), entry(state))).collect()
}

fn entry(state: &PartState) -> Entry {
    Entry {
        reference: state.r#ref.known().cloned(),
        uid: state.uid.known().cloned(),
        digest: state.digest.known().cloned(),
        made: state.made.known().copied(),
    }
}

/// What a state, or a plan, shows of the engine's ledger.
#[must_use]
pub fn parts(ledger: Ledger) -> Attr<Parts> {
    let states = ledger.into_iter().map(|(address, entry)| (address, state(entry)));
    Attr::Known(states.collect())
}

fn state(entry: Entry) -> PartState {
    PartState {
        r#ref: entry.reference.map_or(Attr::Unknown, Attr::Known),
        uid: entry.uid.map_or(Attr::Unknown, Attr::Known),
        digest: entry.digest.map_or(Attr::Unknown, Attr::Known),
        made: entry.made.map_or(Attr::Unknown, Attr::Known),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ledger_comes_back_from_the_attribute() {
        let known = |text: &str| Some(text.to_owned());
        let planned = Entry {
            reference: known("ConfigMap shop/web"),
            uid: None,
            digest: known("0a"),
            made: Some(true),
        };
        let ledger_of = Ledger::from([("config".to_owned(), planned)]);
        assert_eq!(ledger(&parts(ledger_of.clone())), ledger_of);
        assert_eq!(ledger(&Attr::Null), Ledger::new());
    }
}
