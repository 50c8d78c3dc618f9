//! What the hops of an edge are worth, from configuration alone.

use e2etls_report::facet::Facet;
use e2etls_report::hop::Hop;
use tfplugin_framework::Attr;

use super::model::{Edge, Kind};
use super::parts::expected_ssl_policy;

/// The hops from the client to what the load balancer leads to; `None` while an argument that decides a facet is not known.
pub(crate) fn hops(edge: &Edge) -> Option<Vec<Hop>> {
    let kind = *edge.settings.kind.known()?;
    let open = Facet::Unknown;
    if kind == Kind::NlbPassthrough {
        let evidence = vec![
            "declared: the Network Load Balancer passes TCP connections on as they are: whether they carry TLS is for \
             the Pods that it leads to"
                .to_owned(),
            "declared: clients decide whether they verify the certificate of these Pods".to_owned(),
        ];
        return Some(vec![Hop::new("client", "target", [open, open, open, open], evidence)]);
    }
    let policy = expected_ssl_policy(edge);
    let policy = policy.known()?;
    let (protocol, plain) = match (kind, &edge.settings.redirect_http) {
        (Kind::Alb, Attr::Unknown) => return None,
        (Kind::Alb, _) if edge.settings.group.is_unknown() => return None,
        (Kind::Alb, _) if !edge.settings.group.is_null() => (
            "HTTPS",
            "what listens on port 80 is for all Ingresses of the group to say",
        ),
        (Kind::Alb, Attr::Known(false)) => ("HTTPS", "nothing listens on port 80"),
        (Kind::Alb, _) => ("HTTPS", "port 80 redirects to HTTPS and serves nothing else"),
        _ => ("TLS", "nothing listens on port 80"),
    };
    let to_edge = vec![
        format!("declared: port 443 of the load balancer serves {protocol} with the security policy {policy}; {plain}"),
        "declared: clients decide whether they verify the certificate".to_owned(),
    ];
    let to_target = vec![
        format!("declared: the target group's protocol is {protocol}"),
        "declared: load balancers encrypt to their targets, but do not verify their certificates".to_owned(),
        "declared: whether only the load balancer gets to the targets is not decided here".to_owned(),
    ];
    Some(vec![
        Hop::new("client", "edge", [Facet::Yes, open, Facet::No, open], to_edge),
        Hop::new("edge", "target", [Facet::Yes, Facet::No, open, open], to_target),
    ])
}
