//! Checks of what Kubernetes takes.

use std::collections::BTreeMap;

use tfplugin_framework::{AttributePath, Invalid};

use super::{Checked, refuse};

/// Longest name of an object whose parts get suffixes such as `-proxy-config`.
const OBJECT_NAME: usize = 40;

/// The name of an object that gets suffixes: an RFC 1123 label of at most 40 characters.
pub fn object_name(name: &str) -> Checked {
    if !is_label(name) || name.len() > OBJECT_NAME {
        return refuse(format!(
            "`{name}` is not a valid name: use lowercase letters, digits and hyphens, start and end with a letter or \
             digit, at most {OBJECT_NAME} characters"
        ));
    }
    Ok(())
}

/// The name of a namespace: an RFC 1123 label.
pub fn namespace_name(name: &str) -> Checked {
    if is_label(name) {
        return Ok(());
    }
    refuse(format!(
        "`{name}` is not a valid namespace name: use lowercase letters, digits and hyphens, start and end with a \
         letter or digit, at most 63 characters"
    ))
}

/// The name of any object: an RFC 1123 subdomain.
pub fn subdomain_name(name: &str) -> Checked {
    if name.len() <= 253 && name.split('.').all(is_label) {
        return Ok(());
    }
    refuse(format!(
        "`{name}` is not a valid object name: use lowercase letters, digits, hyphens and dots, start and end with a \
         letter or digit, at most 253 characters"
    ))
}

/// Names of several objects.
pub fn subdomain_names(names: &[String]) -> Checked {
    for (position, name) in names.iter().enumerate() {
        let at = AttributePath::default().index(position);
        subdomain_name(name).map_err(|invalid| Invalid::at(at, invalid.message))?;
    }
    Ok(())
}

/// UIDs of objects.
pub fn uids(uids: &[String]) -> Checked {
    for (position, text) in uids.iter().enumerate() {
        uid(text).map_err(|invalid| Invalid::at(AttributePath::default().index(position), invalid.message))?;
    }
    Ok(())
}

/// The UID of an object: what the API server chose, without spaces.
pub fn uid(text: &str) -> Checked {
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic()) {
        return Ok(());
    }
    refuse(format!(
        "`{text}` is not a valid UID, such as `0f8b1c9e-6a53-4d0e-9a43-0c6f4a4b8c11`"
    ))
}

/// Names of environment variables.
pub fn env_names(env: &BTreeMap<String, String>) -> Checked {
    match env.keys().find(|name| !is_env_name(name)) {
        None => Ok(()),
        Some(name) => Err(Invalid::at(
            AttributePath::default().key(name),
            format!(
                "`{name}` is not a valid name for an environment variable: use printable ASCII characters without `=`"
            ),
        )),
    }
}

/// True for what Kubernetes takes as the name of a variable.
pub(super) fn is_env_name(name: &str) -> bool {
    let printable = |c: char| (c.is_ascii_graphic() || c == ' ') && c != '=';
    !name.is_empty() && name.chars().all(printable)
}

/// Names of single objects, by their address.
pub fn object_names(names: &BTreeMap<String, String>) -> Checked {
    for (address, name) in names {
        subdomain_name(name).map_err(|invalid| Invalid::at(AttributePath::default().key(address), invalid.message))?;
    }
    Ok(())
}

/// The name of a Service: an RFC 1035 label.
pub fn service_name(name: &str) -> Checked {
    if is_label(name) && name.starts_with(|first: char| first.is_ascii_lowercase()) {
        return Ok(());
    }
    refuse(format!(
        "`{name}` is not a valid Service name: use lowercase letters, digits and hyphens, start with a letter, at most \
         63 characters"
    ))
}

pub(super) fn is_label(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.len() <= 63 && text.chars().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// Annotations of an object: keys as Kubernetes takes them.
pub fn pod_annotations(annotations: &BTreeMap<String, String>) -> Checked {
    annotations.keys().try_for_each(|key| label_key(key))
}

/// Labels that select something: not empty, keys and values as Kubernetes takes them.
pub fn labels(labels: &BTreeMap<String, String>) -> Checked {
    if labels.is_empty() {
        return refuse("an empty selector would select every Pod: set at least one label".to_owned());
    }
    pod_labels(labels)
}

/// Labels of an object: keys and values as Kubernetes takes them.
pub fn pod_labels(labels: &BTreeMap<String, String>) -> Checked {
    for (key, value) in labels {
        label_key(key)?;
        label_value(value).map_err(|message| Invalid::at(AttributePath::default().key(key), message))?;
    }
    Ok(())
}

/// Labels for every object: none that the provider sets, or tells objects apart by.
pub fn provider_labels(labels: &BTreeMap<String, String>) -> Checked {
    let is_own = |key: &str| {
        key.starts_with("e2etls.dev/") || ["app.kubernetes.io/name", "app.kubernetes.io/managed-by"].contains(&key)
    };
    pod_labels(labels)?;
    match labels.keys().find(|key| is_own(key)) {
        None => Ok(()),
        Some(key) => Err(Invalid::at(
            AttributePath::default().key(key),
            format!("the provider sets `{key}` itself: choose another key"),
        )),
    }
}

pub(super) fn label_key(key: &str) -> Checked {
    let (prefix, name) = key
        .split_once('/')
        .map_or((None, key), |(prefix, name)| (Some(prefix), name));
    let prefixed = prefix.is_none_or(|prefix| prefix.len() <= 253 && prefix.split('.').all(is_label));
    if is_label_value(name) && !name.is_empty() && prefixed {
        return Ok(());
    }
    Err(Invalid::at(
        AttributePath::default().key(key),
        format!(
            "`{key}` is not a valid key: use a name of at most 63 characters, such as `app`, optionally after a DNS name \
             and `/`, such as `app.kubernetes.io/name`"
        ),
    ))
}

/// The value of a label; empty is one too.
pub(super) fn label_value(value: &str) -> Result<(), String> {
    if is_label_value(value) {
        return Ok(());
    }
    Err(format!(
        "`{value}` is not a valid label value: use at most 63 letters, digits, `-`, `_` and `.`, and start and end with a \
         letter or digit"
    ))
}

fn is_label_value(text: &str) -> bool {
    let edge = |c: char| c.is_ascii_alphanumeric();
    text.len() <= 63
        && text.chars().all(|c| edge(c) || "-_.".contains(c))
        && text.chars().next().is_none_or(edge)
        && text.chars().last().is_none_or(edge)
}

/// A time in the life of a Pod: whole seconds, 15 minutes at most.
pub fn pod_time(text: &str) -> Checked {
    let seconds = ["s", "m"].iter().find_map(|unit| {
        let count: u64 = text.strip_suffix(unit)?.parse().ok()?;
        Some(count.saturating_mul(if *unit == "m" { 60 } else { 1 }))
    });
    if seconds.is_some_and(|seconds| (1..=900).contains(&seconds)) {
        return Ok(());
    }
    refuse(format!(
        "`{text}` is not a valid time: use 1s to 15m, in whole seconds or minutes, such as `30s` or `2m`"
    ))
}

/// A number of Pods.
pub fn replicas(replicas: &i64) -> Checked {
    if (1..=1000).contains(replicas) {
        Ok(())
    } else {
        refuse(format!("`{replicas}` is not a valid number of replicas: use 1 to 1000"))
    }
}
