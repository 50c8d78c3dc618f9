//! Checks of single values that several resources accept: DNS names, Kubernetes names, labels, durations, networks.
//!
//! Each is a check of an attribute: it says what is wrong and what is valid; the caller adds the path.

mod nginx;

use std::collections::BTreeMap;
use std::net::IpAddr;

use tfplugin_framework::{AttributePath, Invalid, parse_go_duration};

pub use nginx::{header_value, nginx_directives, nginx_size, nginx_time};

type Checked = Result<(), Invalid>;

/// Longest name of an object whose parts get suffixes such as `-proxy-config`.
const OBJECT_NAME: usize = 40;

fn refuse(message: String) -> Checked {
    Err(Invalid::new(message))
}

/// A DNS name, `*.` allowed as its first label (RFC 1123, RFC 6125 §6.4.3).
pub fn dns_name(name: &str) -> Checked {
    let rest = name.strip_prefix("*.").unwrap_or(name);
    let labels: Vec<&str> = rest.split('.').collect();
    if name.parse::<IpAddr>().is_ok() {
        return refuse(format!(
            "`{name}` is an IP address, but certificates of this provider contain only DNS names"
        ));
    }
    if rest.contains('*') {
        return refuse(format!(
            "`{name}` has a wildcard in an unsupported place: only the whole first label may be `*`, as in \
             `*.example.com`"
        ));
    }
    if name.len() > 253 || labels.len() < 2 || !labels.iter().all(|label| is_label(label)) {
        return refuse(format!(
            "`{name}` is not a valid DNS name: use labels of lowercase letters, digits and hyphens, joined by dots, \
             such as `shop.example.com` (international names in their xn-- form)"
        ));
    }
    Ok(())
}

/// At least one DNS name, each once.
pub fn dns_names(names: &[String]) -> Checked {
    if names.is_empty() {
        return refuse("at least one DNS name is required".to_owned());
    }
    for (position, name) in names.iter().enumerate() {
        let at = |invalid: Invalid| Invalid::at(AttributePath::default().index(position), invalid.message);
        dns_name(name).map_err(at)?;
        if names[..position].contains(name) {
            return Err(at(Invalid::new(format!("`{name}` is listed twice"))));
        }
    }
    Ok(())
}

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

fn is_label(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !text.is_empty() && text.len() <= 63 && text.chars().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// Labels that select something: not empty, keys and values as Kubernetes takes them.
pub fn labels(labels: &BTreeMap<String, String>) -> Checked {
    if labels.is_empty() {
        return refuse("an empty selector would select every Pod: set at least one label".to_owned());
    }
    for (key, value) in labels {
        let at = |message: String| Err(Invalid::at(AttributePath::default().key(key), message));
        let (prefix, name) = key
            .split_once('/')
            .map_or((None, key.as_str()), |(prefix, name)| (Some(prefix), name));
        if !is_label_value(name) || name.is_empty() || prefix.is_some_and(|prefix| !prefix.split('.').all(is_label)) {
            return at(format!(
                "`{key}` is not a valid label key, such as `app` or `app.kubernetes.io/name`"
            ));
        }
        if !is_label_value(value) {
            return at(format!(
                "`{value}` is not a valid label value: use at most 63 letters, digits, `-`, `_` and `.`, and start and \
                 end with a letter or digit"
            ));
        }
    }
    Ok(())
}

/// Several sets of labels.
pub fn label_sets(sets: &[BTreeMap<String, String>]) -> Checked {
    for (position, set) in sets.iter().enumerate() {
        labels(set).map_err(|invalid| {
            Invalid::at(
                AttributePath::default().index(position).join(&invalid.at),
                invalid.message,
            )
        })?;
    }
    Ok(())
}

fn is_label_value(text: &str) -> bool {
    let edge = |c: char| c.is_ascii_alphanumeric();
    text.len() <= 63
        && text.chars().all(|c| edge(c) || "-_.".contains(c))
        && text.chars().next().is_none_or(edge)
        && text.chars().last().is_none_or(edge)
}

/// A non-empty string.
pub fn not_empty(text: &str) -> Checked {
    if text.is_empty() {
        refuse("must not be empty".to_owned())
    } else {
        Ok(())
    }
}

/// A TCP port.
pub fn port(port: &i64) -> Checked {
    if (1..=65535).contains(port) {
        Ok(())
    } else {
        refuse(format!("`{port}` is not a valid port: use 1 to 65535"))
    }
}

/// A number of Pods.
pub fn replicas(replicas: &i64) -> Checked {
    if (1..=1000).contains(replicas) {
        Ok(())
    } else {
        refuse(format!("`{replicas}` is not a valid number of replicas: use 1 to 1000"))
    }
}

/// The lifetime of a certificate: at least one hour, as cert-manager demands.
pub fn certificate_duration(text: &str) -> Checked {
    match parse_go_duration(text) {
        None => refuse(format!(
            "`{text}` is not a valid duration: use Go's notation, such as `144h` or `168h30m`"
        )),
        Some(duration) if duration.as_secs() < 3600 => refuse(format!(
            "`{text}` is too short: cert-manager rejects durations of less than one hour"
        )),
        Some(_) => Ok(()),
    }
}

/// Networks as `ADDRESS/BITS`, host bits zero.
pub fn cidrs(networks: &[String]) -> Checked {
    for (position, network) in networks.iter().enumerate() {
        if !is_cidr(network) {
            let at = AttributePath::default().index(position);
            let message = format!(
                "`{network}` is not a valid network: use an address and a prefix length, without host bits, such as \
                 `10.0.16.0/20`"
            );
            return Err(Invalid::at(at, message));
        }
    }
    Ok(())
}

fn is_cidr(network: &str) -> bool {
    let Some((address, bits)) = network.split_once('/') else {
        return false;
    };
    let (Ok(address), Ok(bits)) = (address.parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    match address {
        IpAddr::V4(address) => bits <= 32 && u32::from(address).checked_shl(bits).unwrap_or(0) == 0,
        IpAddr::V6(address) => bits <= 128 && u128::from(address).checked_shl(bits).unwrap_or(0) == 0,
    }
}

/// How the keys of the tags start that the provider keeps for itself.
pub const OWN_TAGS: &str = "e2etls:";

/// Tags of AWS: keys as every service takes them, without those that are AWS's own or the provider's.
pub fn tags(tags: &BTreeMap<String, String>) -> Checked {
    for key in tags.keys() {
        let why = match key.as_str() {
            "" => "a tag needs a key",
            _ if key.starts_with("aws:") => "keys that start with `aws:` are AWS's own",
            _ if key.starts_with(OWN_TAGS) => "keys that start with `e2etls:` are the provider's own",
            _ if key.chars().count() > 128 => "a key has at most 128 characters",
            _ => continue,
        };
        return Err(Invalid::at(
            AttributePath::default().key(key),
            format!("{why}: use another key"),
        ));
    }
    Ok(())
}

/// A JSON object.
pub fn json_object(text: &str) -> Checked {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(_)) => Ok(()),
        Ok(_) => refuse("this is valid JSON but not an object: use `jsonencode({ … })`".to_owned()),
        Err(error) => refuse(format!("this is not valid JSON: {error}; use `jsonencode({{ … }})`")),
    }
}

/// A JSON list.
pub fn json_array(text: &str) -> Checked {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Array(_)) => Ok(()),
        Ok(_) => refuse("this is valid JSON but not a list: use `jsonencode([ … ])`".to_owned()),
        Err(error) => refuse(format!("this is not valid JSON: {error}; use `jsonencode([ … ])`")),
    }
}

/// The ARN of a CA of AWS Private CA.
pub fn ca_arn(text: &str) -> Checked {
    let parts: Vec<&str> = text.split(':').collect();
    let ok = parts.len() == 6
        && parts[0] == "arn"
        && parts[2] == "acm-pca"
        && !parts[3].is_empty()
        && parts[4].len() == 12
        && parts[5]
            .strip_prefix("certificate-authority/")
            .is_some_and(|id| !id.is_empty() && !id.contains('/'));
    if ok {
        return Ok(());
    }
    refuse(format!(
        "`{text}` is not a valid ARN of a private CA, such as \
         `arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_others_are_not_given() {
        let of = |key: &str| tags(&[(key.to_owned(), String::new())].into());
        assert!(of("team").is_ok() && of("aws-team").is_ok());
        for key in ["", "aws:x", "e2etls:owner", &"x".repeat(129)] {
            assert!(of(key).is_err(), "{key}");
        }
    }

    #[test]
    fn dns_names_and_wildcards() {
        for good in ["shop.example.com", "*.example.com", "xn--bcher-kva.example", "a.b"] {
            assert!(dns_name(good).is_ok(), "{good}");
        }
        let long = format!("{}.com", "a".repeat(64));
        for bad in [
            "",
            "localhost",
            "*.*.example.com",
            "a*.example.com",
            "Shop.example.com",
            "10.0.0.1",
            "-a.com",
            "a..b",
            "*",
            "bücher.de",
            &long,
        ] {
            assert!(dns_name(bad).is_err(), "{bad}");
        }
        let twice = dns_names(&["a.b".to_owned(), "a.b".to_owned()]).unwrap_err();
        assert_eq!(twice.at.to_string(), "[1]");
    }

    #[test]
    fn names_labels_and_networks() {
        assert!(object_name("shop-1").is_ok());
        for bad in ["", "Shop", "-a", "a-", "a.b", &"a".repeat(41)] {
            assert!(object_name(bad).is_err(), "{bad}");
        }
        let set = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
        assert!(labels(&set("app.kubernetes.io/name", "shop_1.x")).is_ok());
        assert!(labels(&BTreeMap::new()).is_err());
        assert!(labels(&set("a/b/c", "x")).is_err());
        assert!(labels(&set("app", "-x")).is_err());
        for (network, good) in [
            ("10.0.0.0/8", true),
            ("10.0.0.1/8", false),
            ("0.0.0.0/0", true),
            ("fd00::/8", true),
            ("10.0.0.0", false),
        ] {
            assert_eq!(cidrs(&[network.to_owned()]).is_ok(), good, "{network}");
        }
    }

    #[test]
    fn durations_and_nginx_notation() {
        assert!(certificate_duration("144h").is_ok());
        assert!(certificate_duration("59m").is_err());
        assert!(certificate_duration("6 days").is_err());
        assert!(nginx_size("10m").is_ok() && nginx_size("10mb").is_err());
        assert!(nginx_time("60s").is_ok() && nginx_time("60").is_err());
        assert!(nginx_directives("location /x { return 204; }").is_ok());
        assert!(nginx_directives("} server {").is_err());
        assert!(nginx_directives("ssl_certificate_key /x;").is_err());
    }
}
