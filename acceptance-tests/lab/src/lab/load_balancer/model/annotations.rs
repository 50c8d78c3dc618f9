//! The annotations of one prefix, and which of them the lab takes.

use std::collections::BTreeMap;

use super::Pairs;
use crate::lab::{Error, Result};

/// Prefix on Ingresses, and on the Services behind them.
pub(crate) const INGRESS: &str = "alb.ingress.kubernetes.io/";
/// Prefix on Services with a load balancer of their own.
pub(crate) const SERVICE: &str = "service.beta.kubernetes.io/aws-load-balancer-";

/// Those of [`INGRESS`] that say something about a Service's target group.
const OF_GROUPS: [&str; 12] = [
    "target-type",
    "backend-protocol",
    "backend-protocol-version",
    "healthcheck-protocol",
    "healthcheck-port",
    "healthcheck-path",
    "healthcheck-interval-seconds",
    "healthcheck-timeout-seconds",
    "healthy-threshold-count",
    "unhealthy-threshold-count",
    "success-codes",
    "target-group-attributes",
];

const OF_INGRESSES: [&str; 17] = [
    "manage-backend-security-group-rules",
    "scheme",
    "listen-ports",
    "ssl-redirect",
    "certificate-arn",
    "ssl-policy",
    "group.name",
    "group.order",
    "subnets",
    "security-groups",
    "inbound-cidrs",
    "wafv2-acl-arn",
    "load-balancer-attributes",
    "mutual-authentication",
    "tags",
    "load-balancer-name",
    "ip-address-type",
];

/// Annotations without their prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Annotations(BTreeMap<String, String>);

impl FromIterator<(String, String)> for Annotations {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

impl Annotations {
    /// Those of an object that have the prefix.
    pub(crate) fn of(object: Option<&BTreeMap<String, String>>, prefix: &str) -> Self {
        let own = object.into_iter().flatten();
        Self(
            own.filter_map(|(key, value)| Some((key.strip_prefix(prefix)?.to_owned(), value.trim().to_owned())))
                .collect(),
        )
    }

    /// These, and what `others` have besides.
    pub(crate) fn over(&self, others: &Self) -> Self {
        let mut merged = others.0.clone();
        merged.extend(self.0.clone());
        Self(merged)
    }

    /// These without one.
    pub(crate) fn without(mut self, key: &str) -> Self {
        self.0.remove(key);
        self
    }

    /// Refuses those of an Ingress that the lab doesn't know.
    pub(crate) fn require_of_ingress(&self) -> Result<()> {
        self.require(INGRESS, |key| OF_GROUPS.contains(&key) || OF_INGRESSES.contains(&key))
    }

    /// Refuses those of a Service behind an Ingress that the lab doesn't know.
    pub(crate) fn require_of_group(&self) -> Result<()> {
        self.require(INGRESS, |key| OF_GROUPS.contains(&key) || key == "tags")
    }

    /// Refuses what `is_known` doesn't know.
    pub(crate) fn require(&self, prefix: &str, is_known: impl Fn(&str) -> bool) -> Result<()> {
        match self.0.keys().find(|key| !is_known(key)) {
            Some(key) => Err(Error::new(format!(
                "annotation {prefix}{key} is not documented, or the lab doesn't have it"
            ))),
            None => Ok(()),
        }
    }

    /// One value.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// One of a few values.
    pub(crate) fn choice(&self, key: &str, default: &str, choices: &[&str]) -> Result<String> {
        let value = self.get(key).unwrap_or(default);
        if choices.contains(&value) {
            return Ok(value.to_owned());
        }
        Err(Error::new(format!(
            "{key} must be within [{}]: {value}",
            choices.join(", ")
        )))
    }

    /// A number.
    pub(crate) fn number(&self, key: &str, default: i32) -> Result<i32> {
        let Some(text) = self.get(key) else { return Ok(default) };
        text.parse()
            .map_err(|_| Error::new(format!("failed to parse int32 annotation, {key}: {text}")))
    }

    /// A list with commas.
    pub(crate) fn list(&self, key: &str) -> Vec<String> {
        let items = self.get(key).unwrap_or_default().split(',').map(str::trim);
        items.filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    /// `key=value` with commas.
    pub(crate) fn pairs(&self, key: &str) -> Result<Pairs> {
        let pair = |item: String| match item.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.trim().to_owned())),
            _ => Err(Error::new(format!(
                "failed to parse stringMap annotation, {key}: {}",
                self.get(key).unwrap_or_default()
            ))),
        };
        self.list(key).into_iter().map(pair).collect()
    }
}
