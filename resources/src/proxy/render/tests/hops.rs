//! What hops say about who else gets to the Pods.

use serde_json::json;

use super::super::expected_hops;
use super::super::spec::{Mode, ProxySpec};
use super::cases::{bare, everyday, prometheus};
use e2etls_report::facet::Facet;

/// The evidence of the hop to the app, in one text.
fn told(spec: &ProxySpec) -> String {
    expected_hops(spec).unwrap()[1].evidence.join("\n")
}

#[test]
fn others_on_other_ports_are_told_of() {
    let others = "isolation.allow_from admits others to other ports";
    for mode in [Mode::Gateway, Mode::Sidecar] {
        let mut spec = ProxySpec { mode, ..everyday() };
        assert!(!told(&spec).contains(others));
        spec.isolation.allow_from = vec![prometheus()];
        assert!(told(&spec).contains(others), "{}", told(&spec));
        assert!(told(&spec).contains("the application's port"), "{}", told(&spec));
        spec.isolation.allow_from[0].ports = vec![json!(9113)];
        spec.http.metrics_port = Some(json!(9113));
        assert!(!told(&spec).contains(others), "this port is the proxy's");
    }
}

#[test]
fn a_hop_that_is_confined_says_whom_no_policy_stops() {
    for spec in [everyday(), bare()] {
        for hop in expected_hops(&spec).unwrap() {
            let is_confined = hop.confined == Facet::Yes;
            for named in ["own node", "hostNetwork", "NodePort"] {
                let is_named = hop.except.iter().any(|item| item.contains(named));
                assert_eq!(is_named, is_confined, "{named}: {hop:?}");
            }
            let needs_engine = hop
                .evidence
                .iter()
                .any(|item| item.contains("only if the cluster enforces them"));
            assert_eq!(needs_engine, is_confined, "{hop:?}");
        }
    }
}
