//! A request, read from its URL.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a request is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) group: String,
    pub(super) plural: String,
    pub(super) namespace: String,
    pub(super) name: String,
}

/// A request for objects.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) key: Key,
    pub(super) version: String,
    pub(super) subresource: String,
    pub(super) query: BTreeMap<String, String>,
}

impl Request {
    /// Reads a URL; `None` for one that is not of an object or a list.
    pub(super) fn read(uri: &http::Uri) -> Option<Self> {
        let mut steps: Vec<&str> = uri.path().split('/').filter(|step| !step.is_empty()).collect();
        let (group, version) = match *steps.first()? {
            "api" => ("", *steps.get(1)?),
            "apis" => (*steps.get(1)?, *steps.get(2)?),
            _ => return None,
        };
        steps.drain(..if group.is_empty() { 2 } else { 3 });
        // The object `namespaces/shop` is cluster-scoped; `namespaces/shop/pods` is a list in it.
        let namespace = match steps.as_slice() {
            ["namespaces", namespace, _, ..] => *namespace,
            _ => "",
        };
        if !namespace.is_empty() {
            steps.drain(..2);
        }
        let step = |at: usize| steps.get(at).copied().unwrap_or_default().to_owned();
        let pairs = uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty());
        Some(Self {
            key: Key {
                group: group.to_owned(),
                plural: steps.first()?.to_string(),
                namespace: namespace.to_owned(),
                name: step(1),
            },
            version: version.to_owned(),
            subresource: step(2),
            query: pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(name, value)| (name.to_owned(), unescaped(value)))
                .collect(),
        })
    }

    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.query.get(name).is_some_and(|found| found == value)
    }

    /// True if an object of the list is selected.
    pub(super) fn selects(&self, object: &Value) -> bool {
        let selectors = |name: &str| {
            let selectors = self.query.get(name).map(String::as_str).unwrap_or_default();
            selectors
                .split(',')
                .filter(|one| !one.is_empty())
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let is = |found: &Value, wanted: Option<&str>| match wanted {
            Some(wanted) => found.as_str() == Some(wanted.trim_start_matches('=')),
            None => !found.is_null(),
        };
        let labels = &object["metadata"]["labels"];
        let labelled = selectors("labelSelector").iter().all(|one| {
            let (name, value) = one
                .split_once('=')
                .map_or((one.as_str(), None), |(name, value)| (name, Some(value)));
            is(&labels[name], value)
        });
        let fields = selectors("fieldSelector").iter().all(|one| {
            let (path, value) = one.split_once('=').unwrap_or((one, ""));
            let found = path.split('.').fold(object, |value, step| &value[step]);
            is(found, Some(value))
        });
        labelled && fields
    }
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| *first == b'%');
        let code = code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        bytes.push(match (code, first) {
            (Some(code), _) => code,
            (None, b'+') => b' ',
            (None, other) => *other,
        });
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
