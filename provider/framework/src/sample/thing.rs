//! A model with every kind of attribute.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Attr, Choice, Invalid, Model, Number, Secret, Timeouts, Value};

#[derive(Clone, Copy, Debug, PartialEq, Choice)]
pub(crate) enum Algorithm {
    #[tf(rename = "ECDSA")]
    Ecdsa,
    #[tf(rename = "RSA")]
    Rsa,
}

#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Subject {
    /// Common name.
    #[tf(required, replace)]
    pub(crate) common_name: Attr<String>,
    /// Country.
    #[tf(default = "DE")]
    pub(crate) country: Attr<String>,
    /// Distinguished name, made by the remote.
    #[tf(computed)]
    pub(crate) dn: Attr<String>,
}

#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Key {
    /// Algorithm.
    #[tf(default = "ECDSA")]
    pub(crate) algorithm: Attr<Algorithm>,
    /// Bits.
    #[tf(default = 256, check = at_least_one)]
    pub(crate) size: Attr<i64>,
}

#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Route {
    /// Host.
    #[tf(required)]
    pub(crate) host: Attr<String>,
    /// Port.
    #[tf(default = 80)]
    pub(crate) port: Attr<i64>,
    /// Where it leads, made by the remote.
    #[tf(computed, keep)]
    pub(crate) target: Attr<String>,
}

#[derive(Clone, Debug, PartialEq, PartialOrd, Eq, Ord, Model)]
pub(crate) struct Member {
    /// Name.
    #[tf(required)]
    pub(crate) name: Attr<String>,
    /// Number, given by the remote.
    #[tf(computed)]
    pub(crate) number: Attr<i64>,
}

#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Rule {
    /// Network.
    #[tf(required)]
    pub(crate) cidr: Attr<String>,
    /// Priority.
    #[tf(optional, computed)]
    pub(crate) priority: Attr<i64>,
}

/// Attributes of every kind of plan behaviour, flattened into [`Thing`].
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Common {
    /// Percentage.
    #[tf(default = 33, check = at_least_one)]
    pub(crate) percent: Attr<i64>,
    #[tf(flatten)]
    pub(crate) placing: Placing,
    /// Old rules.
    #[tf(block)]
    pub(crate) rule: Attr<Vec<Rule>>,
    /// Timeouts.
    #[tf(optional, local)]
    pub(crate) timeouts: Attr<Timeouts>,
}

/// Flattened twice.
#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Placing {
    /// Region.
    #[tf(optional, computed)]
    pub(crate) region: Attr<String>,
    /// Zone.
    #[tf(optional, computed, keep, replace)]
    pub(crate) zone: Attr<String>,
}

#[derive(Clone, Debug, PartialEq, Model)]
pub(crate) struct Thing {
    /// Id, given by the remote.
    #[tf(computed, keep)]
    pub(crate) id: Attr<String>,
    /// Counts changes.
    #[tf(computed)]
    pub(crate) revision: Attr<i64>,
    /// Made of the name by the planner.
    #[tf(computed)]
    pub(crate) label: Attr<String>,
    /// Name.
    #[tf(required, replace)]
    pub(crate) name: Attr<String>,
    /// Note.
    #[tf(optional)]
    pub(crate) note: Attr<String>,
    #[tf(flatten)]
    pub(crate) common: Common,
    /// Subject.
    #[tf(optional)]
    pub(crate) subject: Attr<Subject>,
    /// Key.
    #[tf(default = default_key)]
    pub(crate) key: Attr<Key>,
    /// Routes in order.
    #[tf(optional)]
    pub(crate) routes: Attr<Vec<Route>>,
    /// Routes by key.
    #[tf(optional)]
    pub(crate) by_key: Attr<BTreeMap<String, Route>>,
    /// Members.
    #[tf(optional)]
    pub(crate) members: Attr<BTreeSet<Member>>,
    /// Plain list.
    #[tf(optional)]
    pub(crate) names: Attr<Vec<String>>,
    /// List whose elements may be unknown.
    #[tf(optional)]
    pub(crate) hosts: Attr<Vec<Attr<String>>>,
    /// Algorithms.
    #[tf(optional)]
    pub(crate) algorithms: Attr<BTreeSet<String>>,
    /// Tags.
    #[tf(optional)]
    pub(crate) tags: Attr<BTreeMap<String, String>>,
    /// Exact number.
    #[tf(optional)]
    pub(crate) exact: Attr<Number>,
    /// Ratio.
    #[tf(optional)]
    pub(crate) ratio: Attr<f64>,
    /// Anything.
    #[tf(optional)]
    pub(crate) anything: Attr<Value>,
    /// Password.
    #[tf(optional, sensitive)]
    pub(crate) password: Attr<Secret<String>>,
    /// Token.
    #[tf(optional, write_only)]
    pub(crate) token: Attr<Secret<String>>,
    /// Protection.
    #[tf(default = false)]
    pub(crate) protected: Attr<bool>,
}

fn at_least_one(number: &i64) -> Result<(), Invalid> {
    if *number >= 1 {
        Ok(())
    } else {
        Err(Invalid::new(format!("`{number}` must be at least 1")))
    }
}

fn default_key() -> Key {
    Key {
        algorithm: Attr::Null,
        size: Attr::Known(384),
    }
}
