//! What Elastic Load Balancing says of a load balancer. Closed sets are in the API's spelling.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;
use jiff::Timestamp;

/// An answer, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer<T> {
    /// It was read.
    Seen(T),
    /// There is none.
    Absent,
    /// It was not read, and why.
    Unread(String),
}

/// What AWS says of the load balancers of a scope, and of where they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aws {
    /// Load balancers by DNS name.
    pub balancers: BTreeMap<String, Answer<LoadBalancer>>,
    /// VPCs by ID. One that nothing depends on need not be there.
    pub vpcs: BTreeMap<String, Answer<Vpc>>,
}

/// A VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vpc {
    /// The accounts that its subnets belong to: one, the VPC's.
    pub owners: BTreeSet<String>,
    /// The addresses of its subnets.
    pub subnets: Vec<IpNet>,
    /// All its network interfaces.
    pub interfaces: Vec<Interface>,
}

/// A network interface.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interface {
    /// `eni-…`.
    pub id: String,
    /// Its description: `ELB app/NAME/ID` or `ELB net/NAME/ID` for those of load balancers.
    pub description: String,
    /// Who made it: `amazon-elb` for those of load balancers.
    pub requester: String,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// Addresses that are delegated to it, such as those of Pods.
    pub prefixes: Vec<IpNet>,
}

/// A load balancer with all that it leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadBalancer {
    /// Name.
    pub name: String,
    /// The end of its ARN: `app/NAME/ID` or `net/NAME/ID`.
    pub id: String,
    /// The account that it belongs to.
    pub account: String,
    /// ID of its VPC; empty if AWS does not say.
    pub vpc: String,
    /// `internal` or `internet-facing`.
    pub scheme: String,
    /// Listeners.
    pub listeners: Vec<Listener>,
    /// Target groups by ARN.
    pub groups: BTreeMap<String, TargetGroup>,
}

/// A listener.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listener {
    /// Port.
    pub port: i32,
    /// `HTTP`, `HTTPS`, `TCP`, `TLS`, …
    pub protocol: String,
    /// Name of the TLS policy; empty where there is none.
    pub ssl_policy: String,
    /// Whether clients need a certificate: `off`, `passthrough` or `verify`; empty where AWS does not say.
    pub client_auth: String,
    /// All that it does by default is to redirect to HTTPS.
    pub redirects: bool,
    /// ARNs of the target groups that it forwards to by default.
    pub groups: Vec<String>,
    /// Its rules: host names, of which none means all, and ARNs of target groups.
    pub rules: Vec<(Vec<String>, Vec<String>)>,
    /// Its certificates, the default one first.
    pub certificates: Vec<ServerCertificate>,
}

/// A certificate of a listener.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerCertificate {
    /// ARN.
    pub arn: String,
    /// What ACM says of it.
    pub described: Answer<Described>,
}

/// What ACM says of a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Described {
    /// Names that it is for.
    pub names: Vec<String>,
    /// `ISSUED`, `EXPIRED`, …
    pub status: String,
    /// End of its validity.
    pub not_after: Option<Timestamp>,
    /// `AMAZON_ISSUED`, `IMPORTED` or `PRIVATE`. An imported one is renewed by whoever has imported it.
    pub certificate_type: String,
}

/// A target group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetGroup {
    /// `HTTP`, `HTTPS`, `TCP`, `TLS`, …
    pub protocol: String,
    /// Address or instance, port, and state, such as `healthy`.
    pub targets: Vec<(String, i32, String)>,
}

impl Listener {
    /// ARNs of the target groups that requests for a host may be forwarded to; for all hosts without one.
    pub fn groups_for<'a>(&'a self, host: Option<&'a str>) -> impl Iterator<Item = &'a String> {
        let rules = self.rules.iter().filter(move |(hosts, _)| {
            hosts.is_empty() || host.is_none_or(|host| hosts.iter().any(|pattern| is_like(pattern, host)))
        });
        self.groups.iter().chain(rules.flat_map(|(_, groups)| groups))
    }
}

impl LoadBalancer {
    /// A network interface is one of its own.
    ///
    /// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html>
    #[must_use]
    pub fn owns(&self, interface: &Interface) -> bool {
        interface.requester == "amazon-elb" && interface.description.strip_prefix("ELB ") == Some(self.id.as_str())
    }
}

/// True for the protocols of listeners and target groups that Elastic Load Balancing speaks TLS for.
#[must_use]
pub fn is_tls(protocol: &str) -> bool {
    matches!(protocol, "HTTPS" | "TLS")
}

/// True unless a security policy accepts nothing below TLS 1.2, so far as its name tells.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html>
#[must_use]
pub fn is_legacy(policy: &str) -> bool {
    let modern = ["-TLS13-1-2-", "-TLS13-1-3-", "-TLS-1-2-", "-FS-1-2-"];
    !modern.iter().any(|part| policy.contains(part))
}

/// True if a certificate that is for `name` is for `host`: `*` stands for exactly one label, the first (RFC 6125, 6.4.3).
#[must_use]
pub fn is_for(name: &str, host: &str) -> bool {
    let (name, host) = (name.to_ascii_lowercase(), host.to_ascii_lowercase());
    match (name.strip_prefix("*."), host.split_once('.')) {
        (Some(parent), Some((first, rest))) => !first.is_empty() && rest == parent,
        (Some(_), None) => false,
        (None, _) => name == host,
    }
}

/// True if a name is what a pattern with a leading `*.` or `*` in other places stands for, as a rule of a listener reads it.
#[must_use]
pub fn is_like(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_ascii_lowercase(), name.to_ascii_lowercase());
    let mut rest = name.as_str();
    let mut pieces = pattern.split('*').peekable();
    let Some(first) = pieces.next() else { return false };
    let Some(after) = rest.strip_prefix(first) else {
        return false;
    };
    rest = after;
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{Listener, is_for, is_like};

    #[test]
    fn names_and_patterns() {
        for (pattern, name, expected) in [
            ("shop.example.com", "Shop.example.com", true),
            ("shop.example.com", "shop.example.com.", false),
            ("*.example.com", "shop.example.com", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("a*b*c", "axbxc", true),
            ("a*b*c", "acb", false),
            ("*", "anything", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(is_like(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_certificate_is_for_one_label_more() {
        for (name, host, expected) in [
            ("shop.example.com", "SHOP.example.com", true),
            ("*.example.com", "shop.example.com", true),
            ("*.example.com", "*.example.com", true),
            ("*.example.com", "a.b.example.com", false),
            ("*.example.com", "example.com", false),
            ("*.com", "com", false),
            ("example.com", "shop.example.com", false),
        ] {
            assert_eq!(is_for(name, host), expected, "{name} {host}");
        }
    }

    #[test]
    fn a_rule_for_another_host_leads_nowhere() {
        let own = |text: &str| vec![text.to_owned()];
        let listener = Listener {
            groups: own("default"),
            rules: vec![
                (own("shop.example.com"), own("shop")),
                (Vec::new(), own("all")),
                (own("other.example.com"), own("other")),
            ],
            ..Listener::default()
        };
        let groups = |host| listener.groups_for(host).map(String::as_str).collect::<Vec<_>>();
        assert_eq!(groups(Some("shop.example.com")), ["default", "shop", "all"]);
        assert_eq!(groups(None), ["default", "shop", "all", "other"]);
    }
}
