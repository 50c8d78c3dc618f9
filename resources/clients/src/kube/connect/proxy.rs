//! The proxy on the way to an API server: one rule for all ways to name a cluster, the same as for AWS.
//!
//! `HTTPS_PROXY`, or else `ALL_PROXY`, in either case; `NO_PROXY` names hosts, domains and networks that are reached directly.

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

/// The variable that names the proxy to a server, and the URL in it.
pub(super) fn of_environment(server: &Uri) -> Option<(String, String)> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    of(server, variable)
}

fn of(server: &Uri, variable: impl Fn(&str) -> Option<String>) -> Option<(String, String)> {
    let named = |name: String| Some((variable(&name)?, name));
    let either = |name: &str| named(name.to_owned()).or_else(|| named(name.to_lowercase()));
    let (url, name) = either("HTTPS_PROXY").or_else(|| either("ALL_PROXY"))?;
    let direct = either("NO_PROXY").map(|(list, _)| list).unwrap_or_default();
    // What is no URL at all is told as that, and not passed over.
    let Ok(proxy) = parse(&url) else {
        return Some((name, url));
    };
    let matcher = Matcher::builder().all(proxy.to_string()).no(direct).build();
    matcher.intercept(server).map(|_| (name, url))
}

/// The URL without user and password.
pub(super) fn without_credentials(url: &str) -> String {
    match (url.rsplit_once('@'), url.split_once("://")) {
        (Some((_, host)), Some((scheme, _))) => format!("{scheme}://{host}"),
        (Some((_, host)), None) => host.to_owned(),
        (None, _) => url.to_owned(),
    }
}

/// The URL of a proxy; without a scheme it is `http`.
pub(super) fn parse(url: &str) -> Result<Uri, String> {
    let full = if url.contains("://") {
        url.to_owned()
    } else {
        format!("http://{url}")
    };
    let shown = without_credentials(url);
    let parsed: Uri = full
        .parse()
        .map_err(|error| format!("`{shown}` is not a valid URL: {error}"))?;
    match parsed.scheme_str() {
        Some("http" | "https") if parsed.host().is_some() => Ok(parsed),
        _ => Err(format!(
            "`{shown}` is not a proxy that is supported: use an `http://` or `https://` URL"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(variables: &[(&str, &str)], server: &str) -> Option<String> {
        let variable = |name: &str| {
            let mut pairs = variables.iter();
            pairs
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        of(&server.parse().unwrap(), variable).map(|(name, url)| format!("{name} {}", parse(&url).unwrap()))
    }

    #[test]
    fn the_environment_names_the_proxy() {
        let proxy = ("HTTPS_PROXY", "http://user:secret@proxy.corp:3128");
        let server = "https://abc.gr7.eu-west-1.eks.amazonaws.com";
        assert_eq!(found(&[], server), None);
        assert_eq!(
            found(&[proxy], server).unwrap(),
            "HTTPS_PROXY http://user:secret@proxy.corp:3128/"
        );
        assert_eq!(
            found(&[("all_proxy", "proxy.corp:3128")], server).unwrap(),
            "all_proxy http://proxy.corp:3128/"
        );
        for (list, direct) in [
            ("*", true),
            ("eks.amazonaws.com", true),
            (".amazonaws.com", true),
            ("10.0.0.0/8", false),
            ("example.com", false),
        ] {
            assert_eq!(found(&[proxy, ("no_proxy", list)], server).is_none(), direct, "{list}");
        }
        assert_eq!(
            found(&[proxy, ("NO_PROXY", "10.0.0.0/8")], "https://10.1.2.3:6443"),
            None
        );
    }

    #[test]
    fn a_url_that_can_t_be_used_is_named_without_its_password() {
        let variable = |name: &str| (name == "https_proxy").then(|| "socks5://user:secret@proxy.corp".to_owned());
        let (name, url) = of(&"https://10.0.0.1".parse().unwrap(), variable).unwrap();
        assert_eq!(name, "https_proxy");
        let why = parse(&url).unwrap_err();
        assert!(
            why.contains("`socks5://proxy.corp`") && !why.contains("secret"),
            "{why}"
        );
        for (url, shown) in [
            ("user:p@ss@proxy:1", "proxy:1"),
            ("http://u:p@proxy/", "http://proxy/"),
            ("proxy", "proxy"),
        ] {
            assert_eq!(without_credentials(url), shown);
        }
        assert!(!parse("http://user:secret@pro xy").unwrap_err().contains("secret"));
    }

    #[test]
    fn only_proxies_that_can_be_used_are_accepted() {
        for (url, good) in [
            ("proxy:3128", true),
            ("https://proxy", true),
            ("socks5://proxy", false),
            ("http://", false),
        ] {
            assert_eq!(parse(url).is_ok(), good, "{url}");
        }
    }
}
