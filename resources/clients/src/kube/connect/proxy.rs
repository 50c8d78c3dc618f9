//! The proxy on the way to an API server: one rule for all ways to name a cluster, the same as for AWS.
//!
//! `HTTPS_PROXY`, or else `ALL_PROXY`, in either case; `NO_PROXY` names hosts, domains and networks that are reached directly.

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

/// The proxy that the environment names for a server.
pub(super) fn of_environment(server: &Uri) -> Result<Option<Uri>, String> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    of(server, variable)
}

fn of(server: &Uri, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Uri>, String> {
    let either = |name: &str| variable(name).or_else(|| variable(&name.to_lowercase()));
    for name in ["HTTPS_PROXY", "ALL_PROXY"] {
        let Some(url) = either(name) else { continue };
        let matcher = Matcher::builder()
            .all(url.as_str())
            .no(either("NO_PROXY").unwrap_or_default())
            .build();
        // The matcher keeps the credentials of the URL apart.
        return match matcher.intercept(server) {
            Some(_) => parse(&url)
                .map(Some)
                .map_err(|why| format!("the variable {name}: {why}")),
            None => Ok(None),
        };
    }
    Ok(None)
}

/// The URL of a proxy; without a scheme it is `http`.
pub(super) fn parse(url: &str) -> Result<Uri, String> {
    let full = if url.contains("://") {
        url.to_owned()
    } else {
        format!("http://{url}")
    };
    let parsed: Uri = full
        .parse()
        .map_err(|error| format!("`{url}` is not a valid URL: {error}"))?;
    match parsed.scheme_str() {
        Some("http" | "https") if parsed.host().is_some() => Ok(parsed),
        _ => Err(format!(
            "`{url}` is not a proxy that is supported: use an `http://` or `https://` URL"
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
        of(&server.parse().unwrap(), variable)
            .unwrap()
            .map(|uri| uri.to_string())
    }

    #[test]
    fn the_environment_names_the_proxy() {
        let proxy = ("HTTPS_PROXY", "http://user:secret@proxy.corp:3128");
        let server = "https://abc.gr7.eu-west-1.eks.amazonaws.com";
        assert_eq!(found(&[], server), None);
        assert_eq!(found(&[proxy], server).unwrap(), "http://user:secret@proxy.corp:3128/");
        assert_eq!(
            found(&[("all_proxy", "proxy.corp:3128")], server).unwrap(),
            "http://proxy.corp:3128/"
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
