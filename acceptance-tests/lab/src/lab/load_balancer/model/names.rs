//! Names of AWS objects, as the controller makes them: readable in front, unique at the end.

use sha2::{Digest as _, Sha256};

use super::stack::{Owner, Stack};
use crate::lab::CLUSTER;

/// The name of a load balancer; a change of its scheme makes another one.
pub(crate) fn balancer(stack: &Stack, scheme: &str) -> String {
    let hash = hash(&[CLUSTER, &stack.to_string(), scheme]);
    match &stack.owner {
        Owner::Group(name) => format!("k8s-{}-{hash}", short(name, 17)),
        Owner::Ingress(namespace, name) | Owner::Service(namespace, name) => readable(namespace, name, &hash),
    }
}

/// The name of a target group of a Service; what can't be changed in place is in `identity`.
pub(crate) fn group(stack: &Stack, namespace: &str, service: &str, identity: &[&str]) -> String {
    let stack = stack.to_string();
    let mut parts = vec![CLUSTER, &stack];
    parts.extend(identity);
    readable(namespace, service, &hash(&parts))
}

fn readable(namespace: &str, name: &str, hash: &str) -> String {
    format!("k8s-{}-{}-{hash}", short(namespace, 8), short(name, 8))
}

fn short(text: &str, length: usize) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).take(length).collect()
}

fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize()
        .iter()
        .take(5)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
