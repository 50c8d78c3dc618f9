//! IngressClassParams: what a class says for its Ingresses, before their own annotations.

use serde_json::Value;

use super::annotations::Annotations;

/// Fields with one value or a list of them, and the annotations that they stand for.
const FIELDS: [(&str, &str); 11] = [
    ("/scheme", "scheme"),
    ("/ipAddressType", "ip-address-type"),
    ("/certificateArn", "certificate-arn"),
    ("/certificateARNs", "certificate-arn"),
    ("/sslPolicy", "ssl-policy"),
    ("/sslRedirectPort", "ssl-redirect"),
    ("/inboundCIDRs", "inbound-cidrs"),
    ("/group/name", "group.name"),
    ("/subnets/ids", "subnets"),
    ("/targetType", "target-type"),
    ("/wafv2AclArn", "wafv2-acl-arn"),
];

/// Lists of keys and values, of which an Ingress may add others.
const PAIRS: [(&str, &str); 2] = [("loadBalancerAttributes", "load-balancer-attributes"), ("tags", "tags")];

/// The annotations of an Ingress, with what the parameters of its class say in their place.
pub(super) fn over(params: Option<&Value>, own: Annotations) -> Annotations {
    let Some(spec) = params.map(|params| &params["spec"]) else {
        return own;
    };
    let mut said = Vec::new();
    for (field, annotation) in FIELDS {
        let text = match spec.pointer(field) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
            _ => continue,
        };
        said.push((annotation.to_owned(), text));
    }
    for (field, annotation) in PAIRS {
        let items = spec[field].as_array().into_iter().flatten();
        let pair = |it: &Value| Some(format!("{}={}", it["key"].as_str()?, it["value"].as_str()?));
        let mut pairs: Vec<String> = items.filter_map(pair).collect();
        if !pairs.is_empty() {
            pairs.splice(0..0, own.list(annotation));
            said.push((annotation.to_owned(), pairs.join(",")));
        }
    }
    Annotations::from_iter(said).over(&own)
}
