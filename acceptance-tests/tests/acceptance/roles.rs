//! The documented roles hold nothing that the provider does not use. That they suffice shows every other test, which runs
//! under them.

use std::collections::BTreeSet;

use e2etls_lab::lab::{Call, Recorder, apply::documents};
use serde_json::Value;

use crate::ground::Ground;
use crate::proxy::proxy;
use crate::{edge, stack};

const ROLES: &str = include_str!("../../../examples/permissions/cluster-reader.yaml");

/// What is used only where something goes wrong or is waited for, and what for.
pub(crate) const SOMETIMES: [(&str, &str); 9] = [
    (
        "certificaterequests.cert-manager.io get",
        "an answer about a test request was lost",
    ),
    (
        "certificates.cert-manager.io/status patch",
        "a certificate of another CA is issued again",
    ),
    ("configmaps watch", GOING),
    ("events list", "a rollout that fails is explained"),
    ("ingressclassparams.eks.amazonaws.com get", CLASS),
    ("ingressclassparams.elbv2.k8s.aws get", CLASS),
    ("networkpolicies.networking.k8s.io watch", GOING),
    ("poddisruptionbudgets.policy watch", GOING),
    ("services watch", GOING),
];
const CLASS: &str = "an IngressClass with parameters is checked";
const GOING: &str = "an object with a finalizer is waited for until it is gone";

/// Resource and verb, as `configmaps get` or `deployments.apps patch`.
pub(crate) type Permissions = BTreeSet<String>;

/// What roles grant; everything in a namespace apart.
pub(crate) fn granted(roles: &[Value]) -> Permissions {
    let texts = |rule: &Value, member: &str| -> Vec<String> {
        let list = rule[member].as_array().into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut granted = Permissions::new();
    for rule in roles
        .iter()
        .flat_map(|role| role["rules"].as_array().into_iter().flatten())
    {
        for group in texts(rule, "apiGroups").iter().filter(|group| *group != "*") {
            for resource in texts(rule, "resources") {
                let permitted = texts(rule, "verbs").into_iter();
                granted.extend(permitted.map(|verb| permission(group, &resource, &verb)));
            }
        }
    }
    granted
}

fn permission(group: &str, resource: &str, verb: &str) -> String {
    let (name, sub) = resource.split_once('/').unwrap_or((resource, ""));
    let group = if group.is_empty() {
        String::new()
    } else {
        format!(".{group}")
    };
    let sub = if sub.is_empty() {
        String::new()
    } else {
        format!("/{sub}")
    };
    format!("{name}{group}{sub} {verb}")
}

/// What a call to the API server needs; nothing for discovery.
pub(crate) fn needed(call: &Call) -> Vec<String> {
    let path = call.path.split('?').next().unwrap_or_default();
    let steps: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (group, rest) = match &steps[..] {
        ["api", _, rest @ ..] => ("", rest),
        ["apis", group, _, rest @ ..] => (*group, rest),
        _ => return Vec::new(),
    };
    let (resource, name, sub) = match rest {
        ["namespaces", _, resource, name, sub] => (*resource, Some(*name), Some(*sub)),
        ["namespaces", _, resource, name] => (*resource, Some(*name), None),
        ["namespaces", _, resource] => (*resource, None, None),
        [resource, name, sub] => (*resource, Some(*name), Some(*sub)),
        [resource, name] => (*resource, Some(*name), None),
        [resource] => (*resource, None, None),
        _ => return Vec::new(),
    };
    let resource = sub.map_or_else(|| resource.to_owned(), |sub| format!("{resource}/{sub}"));
    let verbs: &[&str] = match (call.method.as_str(), name, call.status) {
        ("GET", ..) if call.is_watch() => &["watch"],
        ("GET", Some(_), _) => &["get"],
        ("GET", None, _) => &["list"],
        ("POST", ..) => &["create"],
        // A patch that makes the object needs both.
        ("PATCH", _, Some(201)) => &["create", "patch"],
        ("PATCH", ..) => &["patch"],
        ("DELETE", ..) => &["delete"],
        _ => &[],
    };
    verbs.iter().map(|verb| permission(group, &resource, verb)).collect()
}

fn everything(ground: &Ground, replicas: u32) -> String {
    let namespace = &ground.namespace;
    let own = stack::of(
        ground,
        "image = \"e2etls.lab/hello\", replicas = 1",
        "mode = \"gateway\"",
    )
    .replace(
        &format!("namespace           = \"{namespace}\""),
        "namespace = \"roles-made\"\n  create_namespace = true",
    )
    .replace(
        "mode = \"gateway\"",
        "mode = \"gateway\", isolation = { mode = \"enforce\", lb_cidrs = [\"10.0.0.0/8\"] }",
    );
    own + &ground.issuer()
        + &proxy(ground, &format!("replicas = {replicas}"))
        + &edge::certificate(ground, "web")
        + &edge::edge(
            ground,
            "alb",
            &format!("{}\n  idle_timeout = \"{replicas}m\"", edge::CERTIFIED),
        )
        + &format!(
            r#"
resource "e2etls_issuer" "wide" {{
  name   = "{namespace}"
  kind   = "AWSPCAClusterIssuer"
  ca_arn = e2etls_private_ca.ca.arn
  verify = "ready"
}}

resource "e2etls_certificate" "it" {{
  name      = "it"
  namespace = "{namespace}"
  dns_names = ["it-{replicas}.example.com"]
  duration  = "144h"
  issuer    = e2etls_issuer.apps.ref
}}

resource "e2etls_network_policy" "it" {{
  name      = "it"
  namespace = "{namespace}"
  mode      = "{}"
  app       = {{ selector = {{ app = "hello" }}, port = 8080 }}
  lb_cidrs  = ["10.0.0.0/8"]
}}
"#,
            if replicas == 1 { "enforce" } else { "audit" }
        )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_of_the_documents_hold_nothing_superfluous() {
    let ground = Ground::new("roles").await;
    ground.app().await;
    for replicas in [1, 2] {
        ground.write(&everything(&ground, replicas));
        drop(ground.terraform.apply_quietly().await.expect("an answer"));
    }
    drop(ground.terraform.destroy(&[]).await.expect("an answer").success());
    let calls = Recorder::new(&ground.session.recorder)
        .calls()
        .await
        .expect("an answer");
    let used: Permissions = calls.iter().flat_map(needed).collect();
    let sometimes: Permissions = SOMETIMES
        .iter()
        .map(|(permission, _)| (*permission).to_owned())
        .collect();
    let superfluous: Vec<String> = granted(&documents(ROLES).expect("YAML"))
        .difference(&used)
        .cloned()
        .collect();
    // A wait that lasts asks for them as well.
    let may_be_used = |one: &String| one == "events list";
    let superfluous = superfluous.into_iter().filter(|one| !may_be_used(one));
    let sometimes = sometimes.into_iter().filter(|one| !may_be_used(one));
    assert_eq!(
        superfluous.collect::<Vec<_>>(),
        sometimes.collect::<Vec<_>>(),
        "granted, and not used"
    );
}
