//! Checks of single arguments: what the annotations of load balancer controllers, and AWS behind them, take.
//!
//! Annotations hold lists as texts with commas, and pairs with `=`: values with these can't be written.

use std::collections::BTreeMap;

use tfplugin_framework::{AttributePath, Invalid};

use crate::syntax;

type Checked = Result<(), Invalid>;

fn refuse(message: String) -> Checked {
    Err(Invalid::new(message))
}

/// True if a text can stand in a list of an annotation.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && !text
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || ",=\"".contains(c))
}

/// A text that can stand in a list of an annotation.
pub(super) fn word(text: &str) -> Checked {
    match is_word(text) {
        true => Ok(()),
        false => refuse(format!(
            "`{text}` is not valid: use a text without spaces, commas, quotes and `=`"
        )),
    }
}

/// At least one text, each once.
pub(super) fn words(words: &[String]) -> Checked {
    each(words, word)
}

fn each(items: &[String], check: impl Fn(&str) -> Checked) -> Checked {
    if items.is_empty() {
        return refuse("the list is empty: omit the argument, or add an item".to_owned());
    }
    for (position, item) in items.iter().enumerate() {
        let at = AttributePath::default().index(position);
        if items[..position].contains(item) {
            return Err(Invalid::at(at, format!("`{item}` is listed twice: remove one")));
        }
        check(item).map_err(|invalid| Invalid::at(at, invalid.message))?;
    }
    Ok(())
}

/// At least one network, each once: an empty list would let everybody in.
pub(super) fn networks(networks: &[String]) -> Checked {
    syntax::cidrs(networks)?;
    each(networks, |_| Ok(()))
}

/// Names of hosts, at least one.
pub(super) fn routes<T>(routes: &BTreeMap<String, T>) -> Checked {
    if routes.is_empty() {
        return refuse("there is no route: add at least one".to_owned());
    }
    for host in routes.keys() {
        let at = AttributePath::default().key(host);
        syntax::dns_name(host).map_err(|invalid| Invalid::at(at, invalid.message))?;
    }
    Ok(())
}

/// True for an ARN of this service, in a Region where `regional`.
fn is_arn(text: &str, service: &str, resource: &str, regional: bool) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, of, region, account, what] = parts.as_slice() else {
        return false;
    };
    *arn == "arn"
        && partition.starts_with("aws")
        && *of == service
        && region.is_empty() != regional
        && account.len() == 12
        && account.chars().all(|c| c.is_ascii_digit())
        && what.strip_prefix(resource).is_some_and(is_word)
}

/// ARNs of certificates, each once.
pub(super) fn certificate_arns(arns: &[String]) -> Checked {
    each(arns, |arn| {
        let ok = is_arn(arn, "acm", "certificate/", true) || is_arn(arn, "iam", "server-certificate/", false);
        match ok {
            true => Ok(()),
            false => refuse(format!(
                "`{arn}` is not a valid ARN of a certificate, such as \
                 `arn:aws:acm:eu-central-1:111122223333:certificate/11223344-1234-1122-2233-112233445566`"
            )),
        }
    })
}

/// The ARN of a web ACL of a Region.
pub(super) fn waf_acl_arn(arn: &str) -> Checked {
    match is_arn(arn, "wafv2", "regional/webacl/", true) {
        true => Ok(()),
        false => refuse(format!(
            "`{arn}` is not a valid ARN of a regional web ACL, such as \
             `arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/shop/11223344-1234-1122-2233-112233445566`"
        )),
    }
}

/// The ARN of a trust store.
pub(super) fn trust_store_arn(arn: &str) -> Checked {
    match is_arn(arn, "elasticloadbalancing", "truststore/", true) {
        true => Ok(()),
        false => refuse(format!(
            "`{arn}` is not a valid ARN of a trust store, such as \
             `arn:aws:elasticloadbalancing:eu-central-1:111122223333:truststore/clients/0123456789abcdef`"
        )),
    }
}

/// The name of a security policy.
pub(super) fn ssl_policy(name: &str) -> Checked {
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let rest = name.strip_prefix("ELBSecurityPolicy-");
    match rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(valid)) {
        true => Ok(()),
        false => refuse(format!(
            "`{name}` is not the name of a security policy, such as `ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09`"
        )),
    }
}

/// The name of a group.
pub(super) fn group_name(name: &str) -> Checked {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let ok = name.len() <= 63
        && name.starts_with(alphanumeric)
        && name.ends_with(alphanumeric)
        && name.chars().all(|c| alphanumeric(c) || "-.".contains(c));
    match ok {
        true => Ok(()),
        false => refuse(format!(
            "`{name}` is not a valid name of a group: use lowercase letters, digits, `-` and `.`, starting and ending with \
             a letter or digit, at most 63 characters"
        )),
    }
}

/// The position in a group.
pub(super) fn group_order(order: &i64) -> Checked {
    match (-1000..=1000).contains(order) {
        true => Ok(()),
        false => refuse(format!("`{order}` is not a valid position: use -1000 to 1000")),
    }
}

/// Whole seconds, from `30s` or `2m`.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let (number, factor) = match text.strip_suffix('m') {
        Some(minutes) => (minutes, 60),
        None => (text.strip_suffix('s')?, 1),
    };
    let digits = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    number.parse::<u64>().ok().filter(|_| digits)?.checked_mul(factor)
}

fn time(text: &str, from: u64, to: u64) -> Checked {
    match seconds(text).is_some_and(|seconds| (from..=to).contains(&seconds)) {
        true => Ok(()),
        false => refuse(format!(
            "`{text}` is not a valid time: use {from}s to {to}s, in whole seconds or minutes, such as `60s` or `2m`"
        )),
    }
}

/// How long a connection may be idle.
pub(super) fn idle_timeout(text: &str) -> Checked {
    time(text, 1, 4000)
}

/// How long a target that goes is left alone.
pub(super) fn deregistration_delay(text: &str) -> Checked {
    time(text, 0, 3600)
}

/// The time between checks.
pub(super) fn interval(text: &str) -> Checked {
    time(text, 5, 300)
}

/// A number of checks.
pub(super) fn threshold(number: &i64) -> Checked {
    match (2..=10).contains(number) {
        true => Ok(()),
        false => refuse(format!("`{number}` is not a valid number of checks: use 2 to 10")),
    }
}

/// The path of checks.
pub(super) fn path(path: &str) -> Checked {
    let visible = |c: char| c.is_ascii_graphic() && !"\"\\,".contains(c);
    match path.starts_with('/') && path.len() <= 1024 && path.chars().all(visible) {
        true => Ok(()),
        false => refuse(format!(
            "`{path}` is not a valid path: start with `/`, and use no spaces, as in `/ready`"
        )),
    }
}

/// Status codes, as `200`, `200,204` or `200-299`.
pub(super) fn success_codes(codes: &str) -> Checked {
    let code = |text: &str| text.len() == 3 && text.parse::<u16>().is_ok_and(|code| (200..=499).contains(&code));
    let range = |text: &str| match text.split_once('-') {
        Some((from, to)) => code(from) && code(to) && from <= to,
        None => code(text),
    };
    match codes.split(',').all(range) {
        true => Ok(()),
        false => refuse(format!(
            "`{codes}` are not valid status codes: use codes from 200 to 499, such as `200`, `200,204` or `200-299`"
        )),
    }
}

/// Attributes that have an argument.
const OWN_ATTRIBUTES: [(&str, &str); 3] = [
    // With it, neither the controller nor a destroy can delete the load balancer.
    ("deletion_protection.", "deletion_protection"),
    ("access_logs.s3.", "access_logs"),
    ("idle_timeout.timeout_seconds", "idle_timeout"),
];

/// Attributes of a load balancer.
pub(super) fn attributes(attributes: &BTreeMap<String, String>) -> Checked {
    for (key, value) in attributes {
        let at = AttributePath::default().key(key);
        if let Some((_, argument)) = OWN_ATTRIBUTES.iter().find(|(own, _)| key.starts_with(own)) {
            return Err(Invalid::at(
                at,
                format!("`{key}` has an argument of its own: use `{argument}`"),
            ));
        }
        for text in [key, value] {
            word(text).map_err(|invalid| Invalid::at(at.clone(), invalid.message))?;
        }
    }
    Ok(())
}

/// Tags that an annotation can hold.
pub(super) fn tags(tags: &BTreeMap<String, String>) -> Checked {
    syntax::tags(tags)?;
    for (key, value) in tags {
        if let Some(text) = [key, value].into_iter().find(|text| text.contains([',', '='])) {
            return Err(Invalid::at(
                AttributePath::default().key(key),
                format!("`{text}` contains a comma or `=`, which the controllers' annotation for tags can't hold"),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use e2etls_report::aws::is_legacy;

    use super::*;

    #[test]
    fn certificates_are_those_of_acm_and_iam() {
        let of = |arn: &str| certificate_arns(&[arn.to_owned()]);
        for good in [
            "arn:aws:acm:eu-central-1:111122223333:certificate/a-b",
            "arn:aws-cn:acm:cn-north-1:111122223333:certificate/a",
            "arn:aws:iam::111122223333:server-certificate/path/web",
        ] {
            assert!(of(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "certificate/a",
            "arn:aws:acm::111122223333:certificate/a",
            "arn:aws:acm:eu-central-1:1111:certificate/a",
            "arn:aws:acm:eu-central-1:111122223333:certificate/",
            "arn:aws:acm:eu-central-1:111122223333:certificate/a,b",
            "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/a",
            "arn:aws:iam:eu-central-1:111122223333:server-certificate/a",
        ] {
            assert!(of(bad).is_err(), "{bad}");
        }
        let twice = "arn:aws:acm:eu-central-1:111122223333:certificate/a".to_owned();
        let found = certificate_arns(&[twice.clone(), twice]).expect_err("one too many");
        assert_eq!(found.at.to_string(), "[1]");
        assert!(certificate_arns(&[]).is_err());
    }

    #[test]
    fn a_policy_is_legacy_unless_its_name_says_otherwise() {
        for modern in [
            "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
            "ELBSecurityPolicy-TLS13-1-3-2021-06",
            "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04",
            "ELBSecurityPolicy-TLS-1-2-Ext-2018-06",
            "ELBSecurityPolicy-FS-1-2-Res-2020-10",
        ] {
            assert!(ssl_policy(modern).is_ok() && !is_legacy(modern), "{modern}");
        }
        for legacy in [
            "ELBSecurityPolicy-2016-08",
            "ELBSecurityPolicy-TLS-1-1-2017-01",
            "ELBSecurityPolicy-TLS13-1-0-2021-06",
            "ELBSecurityPolicy-FS-2018-06",
        ] {
            assert!(ssl_policy(legacy).is_ok() && is_legacy(legacy), "{legacy}");
        }
        for bad in [
            "",
            "TLS13",
            "ELBSecurityPolicy-",
            "ELBSecurityPolicy-a b",
            "ELBSecurityPolicy-a,b",
        ] {
            assert!(ssl_policy(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_are_whole_seconds() {
        for (text, expected) in [
            ("60s", Some(60)),
            ("2m", Some(120)),
            ("0s", Some(0)),
            ("1.5m", None),
            ("60", None),
            ("s", None),
            ("+1s", None),
            ("1h", None),
            ("99999999999999999999s", None),
            ("999999999999999999m", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
        assert!(idle_timeout("4000s").is_ok() && idle_timeout("4001s").is_err() && idle_timeout("0s").is_err());
        assert!(interval("5s").is_ok() && interval("4s").is_err() && deregistration_delay("0s").is_ok());
    }

    #[test]
    fn what_an_annotation_can_not_hold_is_refused() {
        let map = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
        assert!(attributes(&map("routing.http2.enabled", "true")).is_ok());
        for (key, value) in [
            ("deletion_protection.enabled", "true"),
            ("a", "x,y"),
            ("a=b", "c"),
            ("a", ""),
            ("access_logs.s3.bucket", "b"),
            ("idle_timeout.timeout_seconds", "60"),
        ] {
            assert!(attributes(&map(key, value)).is_err(), "{key} {value}");
        }
        assert!(tags(&map("team", "a b")).is_ok());
        assert!(tags(&map("team", "a=b")).is_err() && tags(&map("e2etls:x", "")).is_err());
        for good in ["200", "200,204", "200-299", "200-299,404"] {
            assert!(success_codes(good).is_ok(), "{good}");
        }
        for bad in ["", "20", "299-200", "500", "200,", "200 "] {
            assert!(success_codes(bad).is_err(), "{bad}");
        }
        assert!(path("/ready?x=1").is_ok() && path("ready").is_err() && path("/a b").is_err());
        assert!(group_name("web.prod").is_ok() && group_name("Web").is_err() && group_name("-a").is_err());
        assert!(group_order(&-1000).is_ok() && group_order(&1001).is_err());
    }
}
