//! Requests by what they are.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::lab::{Call, Target};

const USER_AGENT: &str = "terraform-provider-e2etls";

/// Requests that the provider made.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Counts {
    /// To the API server, without watches and what is asked once per namespace or process.
    pub kube: usize,
    /// The latter: namespaces that must exist, and `kube-system`.
    pub fixed: usize,
    /// Watches, with the list that each begins with.
    pub watches: usize,
    /// To AWS.
    pub aws: usize,
    /// Answers of 400 and more.
    pub refused: usize,
    /// All of them by method and kind, or AWS operation.
    pub by_kind: BTreeMap<String, usize>,
}

impl Counts {
    pub(super) fn of(calls: &[Call]) -> Self {
        let mut counts = Self::default();
        for call in calls {
            let kube = call.target == Target::Kube;
            if kube
                && !call
                    .user_agent
                    .as_deref()
                    .is_some_and(|agent| agent.starts_with(USER_AGENT))
            {
                continue;
            }
            let kind = if kube {
                kind(&call.method, &call.path)
            } else {
                operation(call)
            };
            let counter = match kind.as_str() {
                _ if !kube => &mut counts.aws,
                _ if call.is_watch() || starts_watch(&call.method, &call.path) => &mut counts.watches,
                "GET namespaces/NAME" => &mut counts.fixed,
                _ => &mut counts.kube,
            };
            *counter += 1;
            counts.refused += usize::from(call.status.is_some_and(|status| status >= 400 && status != 404));
            *counts.by_kind.entry(kind).or_default() += 1;
        }
        counts
    }
}

/// The list that a watch begins with comes in pages of 100, those of reads in pages of 500.
fn starts_watch(method: &str, path: &str) -> bool {
    let is_list = !kind(method, path).contains('/');
    method == "GET" && is_list && path.split(['?', '&']).any(|argument| argument == "limit=100")
}

fn operation(call: &Call) -> String {
    format!("AWS {}", call.operation.as_deref().unwrap_or(&call.path))
}

/// `/apis/apps/v1/namespaces/a/deployments/b?dryRun=All` → `PATCH deployments/NAME dry run`.
fn kind(method: &str, path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    parts.drain(..parts.len().min(if parts.first() == Some(&"apis") { 3 } else { 2 }));
    if parts.len() > 2 && parts[0] == "namespaces" {
        parts.drain(..2);
    }
    if let Some(name) = parts.get_mut(1) {
        *name = "NAME";
    }
    let marks = [
        ("watch=", " watch"),
        ("dryRun=", " dry run"),
        ("labelSelector=", " by label"),
        ("fieldSelector=", " by field"),
    ];
    let marks: String = marks
        .iter()
        .filter(|(mark, _)| query.contains(mark))
        .map(|(_, text)| *text)
        .collect();
    format!("{method} {}{marks}", parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{kind, starts_watch};

    #[test]
    fn the_list_of_a_watch_is_part_of_it() {
        assert!(starts_watch(
            "GET",
            "/apis/apps/v1/namespaces/a/deployments?&limit=100&labelSelector=x"
        ));
        assert!(!starts_watch(
            "GET",
            "/apis/apps/v1/deployments?labelSelector=x&limit=500"
        ));
        assert!(!starts_watch("GET", "/apis/apps/v1/namespaces/a/deployments/b"));
        assert!(!starts_watch("POST", "/apis/apps/v1/namespaces/a/deployments"));
    }

    #[test]
    fn names_what_is_asked_without_whose() {
        assert_eq!(
            kind("PATCH", "/apis/apps/v1/namespaces/a/deployments/b?dryRun=All"),
            "PATCH deployments/NAME dry run"
        );
        assert_eq!(kind("GET", "/api/v1/namespaces/a/configmaps/b"), "GET configmaps/NAME");
        assert_eq!(kind("GET", "/api/v1/namespaces/kube-system"), "GET namespaces/NAME");
        assert_eq!(
            kind("GET", "/apis/apps/v1/deployments?labelSelector=x"),
            "GET deployments by label"
        );
        assert_eq!(
            kind("PATCH", "/apis/a/v1/namespaces/a/certificates/b/status"),
            "PATCH certificates/NAME/status"
        );
    }
}
