//! Checks of single values that several resources accept: DNS names, Kubernetes names, labels, durations, networks.
//!
//! Each is a check of an attribute: it says what is wrong and what is valid; the caller adds the path.

mod aws;
mod http;
mod iam;
mod image;
mod issuer;
mod kubernetes;
mod nginx;
mod pod;
mod quantity;
mod server;

use std::net::IpAddr;

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tfplugin_framework::{AttributePath, Invalid, parse_go_duration};

pub use aws::{OWN_TAGS, account_ids, alarm_actions, alarm_days, eks_cluster_name, owner_id, region, tags, zone_id};
pub use http::{hsts, path_prefixes, request_headers, response_headers};
pub use iam::{ROLE_NAME, oidc_issuer, oidc_provider_arn, policy_arn, role_arn, role_name};
pub use image::{app_image, image, image_registry};
pub use issuer::ca_template;
pub use kubernetes::{
    env_names, labels, namespace_name, object_name, object_names, pod_annotations, pod_labels, pod_time,
    provider_labels, replicas, service_name, subdomain_name, subdomain_names, uid, uids,
};
pub use nginx::{APP, Added, Location, added, nginx_directives, nginx_size, nginx_timeout};
pub use pod::{container_resources, pod_template, tolerations, topology_spread, unknown_field};
pub use quantity::Quantity;
pub use server::{answer_timeout, server};

type Checked = Result<(), Invalid>;

fn refuse(message: String) -> Checked {
    Err(Invalid::new(message))
}

/// True if the name `name` is `domain` or below it.
#[must_use]
pub fn is_within(name: &str, domain: &str) -> bool {
    let rest = name.strip_suffix(domain);
    rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
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
    // Clients in the namespace use the name of a Service alone.
    let shortest = if rest == name { 1 } else { 2 };
    if name.len() > 253 || labels.len() < shortest || !labels.iter().all(|label| kubernetes::is_label(label)) {
        return refuse(format!(
            "`{name}` is not a valid DNS name: use labels of lowercase letters, digits and hyphens, joined by dots, \
             such as `shop.example.com` (international names in their xn-- form)"
        ));
    }
    Ok(())
}

/// A DNS name without wildcard.
pub fn host_name(name: &str) -> Checked {
    if name.contains('*') {
        return refuse(format!("`{name}` has a wildcard: use a complete DNS name"));
    }
    dns_name(name)
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

/// Several TCP ports.
pub fn ports(ports: &[i64]) -> Checked {
    if ports.is_empty() {
        return refuse("the list is empty: omit the argument to allow all ports".to_owned());
    }
    for (position, given) in ports.iter().enumerate() {
        port(given).map_err(|invalid| Invalid::at(AttributePath::default().index(position), invalid.message))?;
    }
    Ok(())
}

/// A number of at least 1.
pub fn positive(number: &i64) -> Checked {
    if *number >= 1 && *number <= 1_000_000 {
        Ok(())
    } else {
        refuse(format!("`{number}` is not valid: use 1 to 1000000"))
    }
}

/// A number of at least 0.
pub fn not_negative(number: &i64) -> Checked {
    if *number >= 0 && *number <= 1_000_000 {
        Ok(())
    } else {
        refuse(format!("`{number}` is not valid: use 0 to 1000000"))
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

/// One or more certificates in PEM form, and nothing else.
pub fn certificates_pem(text: &str) -> Checked {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    let certificates = match read {
        Ok(certificates) if !certificates.is_empty() => certificates,
        Ok(_) => return refuse("there is no certificate in PEM form in this text".to_owned()),
        Err(error) => return refuse(format!("this is not valid PEM: {error}")),
    };
    if text.contains("PRIVATE KEY") {
        return refuse("this text contains a private key: provide only the certificates".to_owned());
    }
    for (position, certificate) in certificates.iter().enumerate() {
        if let Err(error) = x509_parser::parse_x509_certificate(certificate) {
            return refuse(format!(
                "certificate {} of this text can't be read: {error}",
                position + 1
            ));
        }
    }
    Ok(())
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
            .is_some_and(|id| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
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
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn dns_names_and_wildcards() {
        for good in [
            "shop.example.com",
            "*.example.com",
            "xn--bcher-kva.example",
            "a.b",
            "shop",
        ] {
            assert!(dns_name(good).is_ok(), "{good}");
        }
        let long = format!("{}.com", "a".repeat(64));
        for bad in [
            "",
            "*.com",
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
        for (text, good) in [
            ("30s", true),
            ("15m", true),
            ("0s", false),
            ("16m", false),
            ("500ms", false),
            ("1h", false),
        ] {
            assert_eq!(pod_time(text).is_ok(), good, "{text}");
        }
        assert!(nginx_size("10m").is_ok() && nginx_size("10mb").is_err());
        assert!(nginx_timeout("60s").is_ok() && nginx_timeout("60").is_err());
        assert!(nginx_timeout("0s").is_err() && nginx_timeout("00ms").is_err() && nginx_timeout("10s").is_ok());
    }
}
