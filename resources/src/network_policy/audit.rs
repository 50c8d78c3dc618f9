//! What policies would cut, as far as objects of the namespace tell.

use std::collections::BTreeMap;

use e2etls_clients::kube::kinds;
use e2etls_engine::refusal::Refusal;
use serde_json::Value;
use tfplugin_framework::{AttributePath, Context, Diagnostic, Diagnostics};

use super::model::{DefaultDeny, NetworkPolicy};
use crate::session::Session;

/// The most names in a list.
const SHOWN: usize = 10;

/// Warns about what the policies would cut. What could not be read is said, and is no failure: nothing was changed.
pub(super) async fn report(policy: &NetworkPolicy, context: &Context<Session>, diagnostics: &mut Diagnostics) {
    let Ok(cluster) = context.session.cluster(policy.head.cluster.as_str()).await else {
        return;
    };
    let namespace = policy.namespace.as_str();
    let services = cluster.objects.list(kinds::SERVICE, namespace, "").await;
    let pods = cluster.objects.list(kinds::POD, namespace, "").await;
    let text = match (services, pods) {
        (Ok(services), Ok(pods)) => findings(policy, &services, &pods).join("\n"),
        (Err(refusal), _) | (_, Err(refusal)) => unread(&refusal),
    };
    diagnostics.add(
        Diagnostic::warning("What the network policies would cut")
            .at(AttributePath::root("mode"))
            .because(format!(
                "With `mode = \"audit\"` no policy was created. Nothing here is measured: connections that exist are not \
                 visible in the Kubernetes API.\n{text}"
            ))
            .advice("Set `mode = \"enforce\"` to create the policies."),
    );
}

fn unread(refusal: &Refusal) -> String {
    format!("The Services and Pods of the namespace could not be read: {refusal}")
}

/// One line each. A Pod of the host's network is never confined, so it is told apart.
fn findings(policy: &NetworkPolicy, services: &[Value], pods: &[Value]) -> Vec<String> {
    let wanted = policy
        .app
        .known()
        .and_then(|app| app.selector.known())
        .cloned()
        .unwrap_or_default();
    let (app, others): (Vec<&Value>, Vec<&Value>) = pods
        .iter()
        .partition(|pod| selects(&wanted, &pod["metadata"]["labels"]));
    let mut found = vec![format!(
        "- {} of the application: only `lb_cidrs` and `allow_from` would reach them.",
        named("Pod", "Pods", &app)
    )];
    let host: Vec<&Value> = app
        .iter()
        .copied()
        .filter(|pod| pod["spec"]["hostNetwork"] == true)
        .collect();
    if !host.is_empty() {
        found.push(format!(
            "- {} with `hostNetwork`: no policy applies to them.",
            named("Pod", "Pods", &host)
        ));
    }
    for service in services {
        let kind = service["spec"]["type"].as_str().unwrap_or("ClusterIP");
        let leads = app.iter().any(|pod| leads_to(service, pod));
        if leads && matches!(kind, "NodePort" | "LoadBalancer") {
            found.push(format!(
                "- Service `{}` of type {kind} leads to them from outside of the cluster: clients whose address, as the Pods \
                 see it, is not admitted would be cut.",
                name(service)
            ));
        }
    }
    let denied = match policy.default_deny.known() {
        Some(DefaultDeny::Ingress) => "whatever reaches them",
        Some(DefaultDeny::All) => "whatever reaches them, and their own connections except to name servers,",
        Some(DefaultDeny::None) | None => return found,
    };
    if !others.is_empty() {
        found.push(format!(
            "- {} of the same namespace: {denied} would be denied, unless another policy allows it.",
            named("Pod", "Pods", &others)
        ));
    }
    found
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

/// How many there are, and the first of their names.
fn named(one: &str, many: &str, objects: &[&Value]) -> String {
    let mut names: Vec<&str> = objects.iter().map(|object| name(object)).collect();
    names.sort_unstable();
    let word = if names.len() == 1 { one } else { many };
    if names.is_empty() {
        return format!("0 {many}");
    }
    let more = if names.len() > SHOWN { ", …" } else { "" };
    names.truncate(SHOWN);
    format!("{} {word} ({}{more})", objects.len(), names.join(", "))
}

fn selects(wanted: &BTreeMap<String, String>, labels: &Value) -> bool {
    !wanted.is_empty() && wanted.iter().all(|(key, value)| labels[key.as_str()] == *value)
}

fn leads_to(service: &Value, pod: &Value) -> bool {
    let selector = service["spec"]["selector"].as_object();
    selector.is_some_and(|selector| {
        !selector.is_empty()
            && selector
                .iter()
                .all(|(key, value)| pod["metadata"]["labels"][key] == *value)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tfplugin_framework::Attr;

    use super::super::model::App;
    use super::*;

    fn policy(default_deny: DefaultDeny) -> NetworkPolicy {
        let selector = Attr::Known(BTreeMap::from([("app".to_owned(), "shop".to_owned())]));
        NetworkPolicy {
            app: Attr::Known(App {
                selector,
                port: Attr::Known(8080),
            }),
            default_deny: Attr::Known(default_deny),
            ..NetworkPolicy::default()
        }
    }

    fn pod(name: &str, app: &str, host: bool) -> Value {
        json!({"metadata": {"name": name, "labels": {"app": app, "tier": "web"}}, "spec": {"hostNetwork": host}})
    }

    fn service(name: &str, kind: &str, selector: &Value) -> Value {
        json!({"metadata": {"name": name}, "spec": {"type": kind, "selector": selector}})
    }

    #[test]
    fn what_would_be_cut_is_named() {
        let pods = [
            pod("shop-b", "shop", false),
            pod("shop-a", "shop", true),
            pod("cart", "cart", false),
        ];
        let services = [
            service("outside", "NodePort", &json!({"tier": "web", "app": "shop"})),
            service("balanced", "LoadBalancer", &json!({"app": "shop"})),
            service("inside", "ClusterIP", &json!({"app": "shop"})),
            service("other", "NodePort", &json!({"app": "cart"})),
            service("external", "NodePort", &json!({})),
        ];
        let all = findings(&policy(DefaultDeny::All), &services, &pods);
        let starts = [
            "- 2 Pods (shop-a, shop-b) of the application",
            "- 1 Pod (shop-a) with `hostNetwork`",
            "- Service `outside` of type NodePort",
            "- Service `balanced` of type LoadBalancer",
            "- 1 Pod (cart) of the same namespace: whatever reaches them, and their own connections",
        ];
        assert_eq!(all.len(), starts.len(), "{all:?}");
        for (line, start) in all.iter().zip(starts) {
            assert!(line.starts_with(start), "{line}");
        }
        assert_eq!(findings(&policy(DefaultDeny::None), &[], &[]).len(), 1);
    }

    #[test]
    fn long_lists_end() {
        let pods: Vec<Value> = (0..12).map(|i| pod(&format!("p{i:02}"), "shop", false)).collect();
        let found = findings(&policy(DefaultDeny::None), &[], &pods);
        assert!(
            found[0].contains("12 Pods (p00, ") && found[0].contains("p09, …)"),
            "{found:?}"
        );
    }
}
