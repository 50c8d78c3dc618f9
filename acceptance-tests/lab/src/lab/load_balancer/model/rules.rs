//! Paths and hosts of Ingresses as conditions of rules.

use k8s_openapi::api::networking::v1::HTTPIngressPath;

use crate::lab::{Error, Result};

/// Exact paths first, then prefixes by length, then the others in their own order.
pub(crate) fn sorted(paths: &[HTTPIngressPath]) -> Vec<&HTTPIngressPath> {
    let mut sorted: Vec<&HTTPIngressPath> = paths.iter().collect();
    sorted.sort_by_key(|path| match path.path_type.as_str() {
        "Exact" => (0, 0),
        "Prefix" => (1, usize::MAX - path.path.as_deref().unwrap_or_default().len()),
        _ => (2, 0),
    });
    sorted
}

/// The patterns of a path, as a load balancer knows them.
pub(crate) fn patterns(path: &HTTPIngressPath) -> Result<Vec<String>> {
    let text = path.path.clone().unwrap_or_default();
    let is_plain = !text.contains(['*', '?']);
    match path.path_type.as_str() {
        _ if text.is_empty() => Ok(Vec::new()),
        "Exact" if is_plain => Ok(vec![text]),
        "Exact" => Err(Error::new(format!("exact path shouldn't contain wildcards: {text}"))),
        "Prefix" if text == "/" => Ok(vec!["/*".to_owned()]),
        "Prefix" if is_plain => {
            let text = text.trim_end_matches('/');
            Ok(vec![text.to_owned(), format!("{text}/*")])
        }
        "Prefix" => Err(Error::new(format!("prefix path shouldn't contain wildcards: {text}"))),
        _ => Ok(vec![text]),
    }
}
