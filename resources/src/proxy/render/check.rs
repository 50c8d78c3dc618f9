//! Errors that only the rendering can see: what it adds conflicts with what was configured.

use super::names::{ADDRESSES, Names};
use super::spec::ProxySpec;
use e2etls_engine::value::UNKNOWN;

/// The argument that has an error; each resource has it at a path of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Argument {
    /// The name of the resource.
    Name,
    /// The labels that select the app's Pods.
    Selector,
    /// The sets of labels that may call the proxy.
    AllowFrom,
    /// An entry of `object_names`.
    ObjectName(String),
}

/// Every error and its message. Unknown values may be anything; `more` are addresses that `object_names` accepts in
/// addition to the proxy's.
#[must_use]
pub fn mistakes(spec: &ProxySpec, more: &[&str]) -> Vec<(Argument, String)> {
    let mut found = Vec::new();
    if spec.name.starts_with(|first: char| first.is_ascii_digit()) {
        let message = format!(
            "`{}` starts with a digit, but names of Services must start with a letter. Choose a name that starts with \
             a letter.",
            spec.name
        );
        found.push((Argument::Name, message));
    }
    if selects_the_proxy(spec) {
        let message = "These labels also select the proxy's own Pods, so the proxy would send requests to itself. Use \
            labels that only the application's Pods have.";
        found.push((Argument::Selector, message.to_owned()));
    }
    if spec.isolation.allow_from.iter().any(|labels| labels.is_empty()) {
        let message = "An empty set of labels would admit every Pod. Set at least one label.";
        found.push((Argument::AllowFrom, message.to_owned()));
    }
    let known: Vec<&str> = ADDRESSES
        .iter()
        .map(|(known, _)| *known)
        .chain(more.iter().copied())
        .collect();
    for address in spec.object_names.keys() {
        if !known.contains(&address.as_str()) && !address.contains(UNKNOWN) {
            let message = format!(
                "`{address}` is not an address of this resource. Valid addresses: `{}`.",
                known.join("`, `")
            );
            found.push((Argument::ObjectName(address.clone()), message));
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

    fn found(change: fn(&mut ProxySpec)) -> Vec<Argument> {
        let mut spec = everyday();
        change(&mut spec);
        mistakes(&spec, &[]).into_iter().map(|(argument, _)| argument).collect()
    }

    #[test]
    fn good_proxies_have_no_mistake() {
        for spec in [everyday(), everything(), bare()] {
            assert_eq!(mistakes(&spec, &[]), []);
        }
    }

    #[test]
    fn each_mistake_stands_at_its_argument() {
        assert_eq!(found(|spec| spec.name = "9shop".to_owned()), [Argument::Name]);
        assert_eq!(
            found(|spec| spec.isolation.allow_from.push(Default::default())),
            [Argument::AllowFrom]
        );
        assert_eq!(
            found(|spec| spec.object_names = labels("proxy/deploy", "x")),
            [Argument::ObjectName("proxy/deploy".to_owned())]
        );
        let ours =
            |spec: &mut ProxySpec| spec.upstream.selector = Some(labels("app.kubernetes.io/managed-by", "e2etls"));
        assert_eq!(found(ours), [Argument::Selector]);
    }

    #[test]
    fn a_selector_that_labels_of_users_give_the_proxy_too_is_a_mistake() {
        assert_eq!(
            found(|spec| spec.pod.labels = labels("app", "shop")),
            [Argument::Selector]
        );
        assert!(found(|spec| spec.pod.labels = labels("app", "other")).is_empty());
        assert!(found(|spec| spec.upstream.selector = Some(labels(UNKNOWN, UNKNOWN))).is_empty());
        let more = |spec: &mut ProxySpec| {
            spec.pod.labels = labels("app", "shop");
            spec.upstream
                .selector
                .as_mut()
                .unwrap()
                .insert("tier".to_owned(), "web".to_owned());
        };
        assert!(found(more).is_empty(), "one label more tells them apart");
    }
}
