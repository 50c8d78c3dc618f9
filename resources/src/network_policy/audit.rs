//! What policies would cut, as far as objects of the namespace tell.

use e2etls_clients::kube::kinds;
use e2etls_engine::refusal::Refusal;
use serde_json::{Value, json};
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
    let wanted = json!(policy.app.known().and_then(|app| app.selector.known()));
    let (app, others): (Vec<&Value>, Vec<&Value>) = pods.iter().partition(|pod| selects(&wanted, pod));
    let mut found = vec![format!(
        "- {} of the application: only `lb_cidrs` and `allow_from` would reach them.",
        named(&app)
    )];
    let host: Vec<&Value> = app
        .iter()
        .copied()
        .filter(|pod| pod["spec"]["hostNetwork"] == true)
        .collect();
    if !host.is_empty() {
        found.push(format!(
            "- {} with `hostNetwork`: no policy applies to them.",
            named(&host)
        ));
    }
    for service in services {
        let kind = service["spec"]["type"].as_str().unwrap_or("ClusterIP");
        let leads = app.iter().any(|pod| selects(&service["spec"]["selector"], pod));
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
            named(&others)
        ));
    }
    found
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

/// How many Pods there are, and the first of their names.
fn named(pods: &[&Value]) -> String {
    let mut names: Vec<&str> = pods.iter().map(|pod| name(pod)).collect();
    if names.is_empty() {
        return "0 Pods".to_owned();
    }
    names.sort_unstable();
    let more = if names.len() > SHOWN { ", …" } else { "" };
    names.truncate(SHOWN);
    let word = if pods.len() == 1 { "Pod" } else { "Pods" };
    format!("{} {word} ({}{more})", pods.len(), names.join(", "))
}

/// True if a selector, which is not empty, selects the Pod.
fn selects(selector: &Value, pod: &Value) -> bool {
    let labels = &pod["metadata"]["labels"];
    let selector = selector.as_object().filter(|selector| !selector.is_empty());
    selector.is_some_and(|selector| selector.iter().all(|(key, value)| labels[key] == *value))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

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
