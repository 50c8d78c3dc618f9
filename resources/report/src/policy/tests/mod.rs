//! Tests of the policies: the cases that the API documents, an independent model, and hostile objects.

mod admitted;
mod blocks;
mod hostile;
mod model;
mod table;

use std::net::IpAddr;

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::api::networking::v1::NetworkPolicy;
use serde_json::{Value, json};

use super::{Policies, Protocol, Source, Target};
use crate::objects::{Container, Labels, Pod, Port};

fn labels(pairs: &[(&str, &str)]) -> Labels {
    let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(pair).collect()
}

fn pod(namespace: &str, name: &str, pairs: &[(&str, &str)], addresses: &[&str]) -> Pod {
    Pod {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        labels: labels(pairs),
        addresses: addresses.iter().map(|text| text.parse().unwrap()).collect(),
        ..Pod::default()
    }
}

fn port(name: &str, number: u16, protocol: &str) -> Port {
    Port {
        name: name.to_owned(),
        number,
        protocol: protocol.to_owned(),
        host: None,
    }
}

fn container(ports: Vec<Port>) -> Container {
    Container {
        ports,
        ..Container::default()
    }
}

fn namespace(name: &str, pairs: &[(&str, &str)]) -> Namespace {
    serde_json::from_value(json!({"metadata": {"name": name, "labels": labels(pairs)}})).unwrap()
}

fn policy(namespace: &str, name: &str, spec: &Value) -> NetworkPolicy {
    serde_json::from_value(json!({"metadata": {"namespace": namespace, "name": name}, "spec": spec})).unwrap()
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}
