//! Mistakes that only the rendering can see: what it adds by itself meets what was given.

use super::names::{ADDRESSES, Names};
use super::spec::ProxySpec;
use crate::orchestrate::unknown::UNKNOWN;

/// Every mistake, as the argument's path and what is wrong. Unknown values may be anything.
#[must_use]
pub fn mistakes(spec: &ProxySpec) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if spec.name.starts_with(|first: char| first.is_ascii_digit()) {
        let message = format!(
            "`{}` starts with a digit, which names of Services may not: start with a letter",
            spec.name
        );
        found.push(("name".to_owned(), message));
    }
    if selects_the_proxy(spec) {
        let message = "these labels also select the proxy's own Pods, which would send requests to themselves: \
                       give labels that only the app has";
        found.push(("upstream.selector".to_owned(), message.to_owned()));
    }
    if spec.isolation.allow_from.iter().any(|labels| labels.is_empty()) {
        let message = "an empty set of labels would let every Pod in: give at least one label";
        found.push(("isolation.allow_from".to_owned(), message.to_owned()));
    }
    for address in spec.object_names.keys() {
        if !ADDRESSES.iter().any(|(known, _)| known == address) && !address.contains(UNKNOWN) {
            let known: Vec<&str> = ADDRESSES.iter().map(|(known, _)| *known).collect();
            let message = format!(
                "`{address}` is no object of a proxy: those are `{}`",
                known.join("`, `")
            );
            found.push((format!("object_names[\"{address}\"]"), message));
        }
    }
    found
}

/// True if every label of the app's selector is one of the proxy's Pods too.
fn selects_the_proxy(spec: &ProxySpec) -> bool {
    let ours = Names::of(spec).labels();
    let of_pods = |key: &str| ours[key].as_str().or(spec.pod.labels.get(key).map(String::as_str));
    let selector = spec.upstream.selector.as_ref().filter(|labels| !labels.is_empty());
    selector.is_some_and(|labels| {
        labels
            .iter()
            .all(|(key, value)| value != UNKNOWN && of_pods(key) == Some(value))
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::cases::{bare, everyday, everything, labels};
    use super::*;

    fn paths(change: fn(&mut ProxySpec)) -> Vec<String> {
        let mut spec = everyday();
        change(&mut spec);
        mistakes(&spec).into_iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn good_proxies_have_no_mistake() {
        for spec in [everyday(), everything(), bare()] {
            assert_eq!(mistakes(&spec), []);
        }
    }

    #[test]
    fn each_mistake_stands_at_its_path() {
        assert_eq!(paths(|spec| spec.name = "9shop".to_owned()), ["name"]);
        assert_eq!(
            paths(|spec| spec.isolation.allow_from.push(Default::default())),
            ["isolation.allow_from"]
        );
        assert_eq!(
            paths(|spec| spec.object_names = labels("proxy/deploy", "x")),
            ["object_names[\"proxy/deploy\"]"]
        );
        let ours =
            |spec: &mut ProxySpec| spec.upstream.selector = Some(labels("app.kubernetes.io/managed-by", "e2etls"));
        assert_eq!(paths(ours), ["upstream.selector"]);
    }

    #[test]
    fn a_selector_that_labels_of_users_give_the_proxy_too_is_a_mistake() {
        assert_eq!(
            paths(|spec| spec.pod.labels = labels("app", "shop")),
            ["upstream.selector"]
        );
        assert!(paths(|spec| spec.pod.labels = labels("app", "other")).is_empty());
        assert!(paths(|spec| spec.upstream.selector = Some(labels(UNKNOWN, UNKNOWN))).is_empty());
        let more = |spec: &mut ProxySpec| {
            spec.pod.labels = labels("app", "shop");
            spec.upstream
                .selector
                .as_mut()
                .unwrap()
                .insert("tier".to_owned(), "web".to_owned());
        };
        assert!(paths(more).is_empty(), "one label more tells them apart");
    }
}
