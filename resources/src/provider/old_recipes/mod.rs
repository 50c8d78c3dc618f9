//! Mistakes of the recipes that people followed before there was this provider: an ALB, NGINX and a private CA in twelve
//! steps; network security on EKS; Istio behind an ALB. Whoever repeats one in our arguments is told so, or can't.
//!
//! What only a remote can tell is tested with it: a Pod that reaches an application which a policy should protect, in the
//! acceptance test `isolation`; a certificate of 90 days, before the first write, in `bad_input`.

mod cluster;
mod path;

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};
use tfplugin_framework::schema::{Attribute, AttributeType, Schema};
use tfplugin_framework::server::{PlanCall, Planned, Server};
use tfplugin_framework::{Private, Value, json as wire};

use super::E2etls;
use crate::certificate::model::Certificate;
use crate::edge::model::Edge;
use crate::lifecycle::Managed;
use crate::network_policy::model::NetworkPolicy;
use crate::stack::model::Stack;

const CA: &str = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/11223344-1234-1122-2233-112233445566";
const ACM: &str = "arn:aws:acm:eu-central-1:111122223333:certificate/11223344-1234-1122-2233-112233445566";
const SNS: &str = "arn:aws:sns:eu-central-1:111122223333:certificates";

/// A mistake, the arguments that repeat it in a good configuration of a resource, and what becomes of it.
struct Row {
    mistake: &'static str,
    resource: &'static str,
    arguments: Json,
    answer: Answer,
}

/// What becomes of a mistake.
enum Answer {
    /// A message at this path, with these words.
    Told(&'static str, &'static str),
    /// There is no such argument, in an object that there is.
    NoArgument(&'static [&'static str]),
    /// It can't be written: at the address, this pointer into the object leads to this value.
    Rendered(&'static str, &'static str, Json),
    /// The plan says what the configuration is worth: at this pointer is this text, or a list with it.
    Planned(&'static str, &'static str),
}

fn row(mistake: &'static str, resource: &'static str, arguments: Json, answer: Answer) -> Row {
    Row {
        mistake,
        resource,
        arguments,
        answer,
    }
}

#[test]
fn no_mistake_of_an_old_recipe_is_repeated_in_silence() {
    let rows: Vec<Row> = path::rows().into_iter().chain(cluster::rows()).collect();
    for resource in rows.iter().map(|row| row.resource).collect::<BTreeSet<_>>() {
        let found = messages(resource, &good(resource));
        assert!(found.is_empty(), "the good {resource}: {found:?}");
    }
    let repeated: Vec<String> = rows.iter().filter_map(|row| repeated(row).err()).collect();
    assert!(repeated.is_empty(), "{repeated:#?}");
}

/// What is wrong if the mistake can be repeated in silence.
fn repeated(row: &Row) -> Result<(), String> {
    let Row { mistake, resource, .. } = row;
    let config = merged(good(resource), &row.arguments);
    let is = |right: bool, found: &dyn std::fmt::Debug| match right {
        true => Ok(()),
        false => Err(format!("{mistake} ({resource}): {found:?}")),
    };
    match &row.answer {
        Answer::Told(path, words) => {
            let found = messages(resource, &config);
            is(
                found.iter().any(|(at, text)| at == path && text.contains(words)),
                &found,
            )
        }
        Answer::NoArgument(paths) => {
            let all = arguments(resource);
            let above = |path: &str| path.rsplit_once('.').is_none_or(|(above, _)| all.contains(above));
            is(paths.iter().all(|path| above(path) && !all.contains(*path)), paths)
        }
        Answer::Rendered(address, pointer, wanted) => {
            let found = rendered(resource, &config, address);
            is(found.pointer(pointer) == Some(wanted), &found)
        }
        Answer::Planned(pointer, wanted) => {
            let planned = planned(resource, &config).planned;
            let found = texts(at(&planned, pointer));
            is(found.contains(wanted), &found)
        }
    }
}

/// What a pointer such as `/hops/0/tls` leads to.
fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    let mut steps = pointer.split('/').skip(1);
    steps
        .try_fold(value, |value, step| match value {
            Value::List(items) => items.get(step.parse::<usize>().ok()?),
            _ => Some(value.get(step)),
        })
        .unwrap_or(&Value::Null)
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::List(items) => items.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

#[test]
fn what_is_dead_or_out_of_scope_has_no_resource() {
    let registry = super::registry::registry();
    let names: Vec<&str> = registry.resources.iter().map(|resource| resource.name()).collect();
    for dead in ["mesh", "istio", "app_mesh", "weave", "engine", "lookup"] {
        assert!(names.iter().all(|name| !name.contains(dead)), "{dead}: {names:?}");
    }
    // A CA or a certificate that is searched for may be another team's.
    let sources: Vec<&str> = registry.data_sources.iter().map(|source| source.name()).collect();
    assert_eq!(
        sources,
        ["certificate_status", "cluster", "encryption_report", "tls_probe"]
    );
    assert!(
        !arguments("data.tls_probe").contains("insecure"),
        "a probe without identity proves nothing"
    );
}

#[test]
fn no_key_is_an_argument() {
    let registry = super::registry::registry();
    for resource in registry.resources.iter().map(|resource| resource.name()) {
        for argument in arguments(resource) {
            let holds_a_key = ["private_key", "key_pem", "secret_ref"]
                .iter()
                .any(|part| argument.contains(part));
            assert!(!holds_a_key, "{resource}: {argument}");
        }
    }
}

/// A good configuration of each resource.
fn good(resource: &str) -> Json {
    let issuer = json!({"name": "corp", "kind": "AWSPCAIssuer", "ca_arn": CA});
    match resource {
        "certificate" => {
            json!({"name": "shop", "namespace": "shop", "dns_names": ["shop.example.com"], "issuer": issuer,
            "duration": "144h", "template_version": 1})
        }
        "edge" => json!({"name": "shop", "namespace": "shop", "kind": "alb", "certificate_arns": [ACM],
            "routes": {"shop.example.com": {"service": "shop-proxy"}}, "template_version": 1}),
        "network_policy" => json!({"name": "shop", "namespace": "shop", "mode": "enforce", "template_version": 1,
            "app": {"selector": {"app": "shop"}, "port": 8080}, "lb_cidrs": ["10.0.0.0/20"]}),
        "platform" => json!({"ca_arns": [CA], "cluster_name": "prod"}),
        "private_ca" => json!({"name": "shop", "type": "ROOT", "usage_mode": "SHORT_LIVED_CERTIFICATE",
            "subject": {"common_name": "Shop root"}, "validity_days": 3650, "restore_arn": CA}),
        "public_certificate" => json!({"name": "shop", "domain": "shop.example.com",
            "dns": {"zones": {"example.com": "Z0123456789"}}}),
        "stack" => json!({"name": "shop", "namespace": "shop", "hostnames": ["shop.example.com"], "ca_arn": CA,
            "app": {"selector": {"app": "shop"}, "port": 8080}, "template_version": 1, "create_namespace": false,
            "proxy": {"mode": "gateway", "isolation": {"mode": "enforce", "lb_cidrs": ["10.0.0.0/20"]}},
            "edge": {"kind": "alb", "certificate_arns": [ACM]}, "dns": {"zone_id": "Z0123456789"},
            "alarm": {"actions": [SNS], "days": 14}}),
        other => panic!("no {other}"),
    }
}

/// The arguments of `changes` in place of those of `base`, also within objects.
fn merged(mut base: Json, changes: &Json) -> Json {
    for (name, value) in changes.as_object().into_iter().flat_map(Map::iter) {
        base[name.as_str()] = match (&base[name.as_str()], value) {
            (Json::Object(_), Json::Object(more)) if !more.is_empty() => merged(base[name.as_str()].clone(), value),
            _ => value.clone(),
        };
    }
    base
}

fn schema(resource: &str) -> Schema {
    let registry = super::registry::registry();
    if let Some(name) = resource.strip_prefix("data.") {
        let found = registry.data_sources.iter().find(|source| source.name() == name);
        return found.expect("a data source").schema();
    }
    let found = registry.resources.iter().find(|one| one.name() == resource);
    found.unwrap_or_else(|| panic!("no {resource}")).schema()
}

/// Every argument by its path, as `edge.healthcheck.path`.
fn arguments(resource: &str) -> BTreeSet<String> {
    fn add(within: &str, attributes: &[Attribute], all: &mut BTreeSet<String>) {
        for attribute in attributes {
            let path = format!("{within}{}", attribute.name);
            if let AttributeType::Nested { attributes, .. } = &attribute.shape {
                add(&format!("{path}."), attributes, all);
            }
            all.insert(path);
        }
    }
    let mut all = BTreeSet::new();
    add("", &schema(resource).attributes, &mut all);
    all
}

fn value(resource: &str, config: &Json) -> Value {
    let config = wire::decode(&schema(resource).value_type(), config.to_string().as_bytes());
    config.unwrap_or_else(|error| panic!("{resource}: {error:?}"))
}

fn planned(resource: &str, config: &Json) -> Planned {
    let config = value(resource, config);
    let call = PlanCall {
        prior: Value::Null,
        proposed: config.clone(),
        config,
        private: Private::default(),
    };
    Server::new(E2etls).plan_resource(&format!("e2etls_{resource}"), call)
}

/// Path and text of everything that validate and plan say.
fn messages(resource: &str, config: &Json) -> Vec<(String, String)> {
    let validated = Server::new(E2etls).validate_resource(&format!("e2etls_{resource}"), &value(resource, config));
    let mut all = validated.clone();
    if !validated.has_errors() {
        all.extend(planned(resource, config).diagnostics);
    }
    let of = |one: &tfplugin_framework::Diagnostic| {
        let path = one.path.as_ref().map(ToString::to_string).unwrap_or_default();
        (path, format!("{}: {}", one.what, one.detail()))
    };
    all.iter().map(of).collect()
}

/// The object at an address.
fn rendered(resource: &str, config: &Json, address: &str) -> Json {
    fn of<M: Managed>(config: &Value, address: &str) -> Json {
        let mut model = M::from_value(config).expect("a model");
        model.derive();
        let parts = model.render().expect("everything is known");
        let found = parts.into_iter().find(|part| part.address == address);
        found.unwrap_or_else(|| panic!("no {address}")).content
    }
    let config = planned(resource, config).planned;
    match resource {
        "certificate" => of::<Certificate>(&config, address),
        "edge" => of::<Edge>(&config, address),
        "network_policy" => of::<NetworkPolicy>(&config, address),
        "stack" => of::<Stack>(&config, address),
        other => panic!("{other} is not rendered here"),
    }
}
