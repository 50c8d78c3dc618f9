//! Alarms on the certificates of a stack.

use std::sync::Arc;

use e2etls_clients::aws::FakeAws;
use e2etls_engine::table::Asked;
use e2etls_engine::value::UNKNOWN;
use serde_json::{Value as Json, json};
use tfplugin_framework::server::Planned;
use tfplugin_framework::{Attr, Diagnostic, Model as _, Private, Value};

use super::{config, mistakes};
use crate::edge::parts::LOAD_BALANCER;
use crate::kinds::Clients;
use crate::lifecycle::Managed as _;
use crate::stack::model::Stack;
use crate::stack::{alarm, parts};
use crate::testkit;

const SNS: &str = "arn:aws:sns:eu-central-1:111122223333:certificates";
const IAM: &str = "arn:aws:iam::111122223333:server-certificate/web";

fn acm(number: u8) -> String {
    format!("arn:aws:acm:eu-central-1:111122223333:certificate/{number}")
}

/// The arguments of a stack with these certificates and this alarm.
fn arguments(certificates: &[String], alarm: Json) -> Json {
    let edge = json!({"kind": "alb", "scheme": "internal", "certificate_arns": certificates});
    json!({"edge": edge, "alarm": alarm, "template_version": 1, "create_namespace": false})
}

fn stack(arguments: Json) -> Stack {
    let mut stack = Stack::from_value(&config(arguments)).expect("a stack");
    stack.proxy_image = "nginx:1".to_owned().into();
    stack.head.cluster_uid = "uid-1".to_owned().into();
    stack
}

/// Address, name, what is watched, and after how many days.
fn alarms(stack: &Stack) -> Option<Vec<(String, String, Json, Json)>> {
    let mut parts = parts::parts(stack)?;
    parts.retain(|part| part.address.starts_with("alarm/"));
    let shown = parts.into_iter().map(|part| {
        assert_eq!(part.after, [LOAD_BALANCER]);
        let watched = part.content["dimensions"]["CertificateArn"].clone();
        (part.address, part.name, watched, part.content["threshold"].clone())
    });
    Some(shown.collect())
}

#[test]
fn each_mistake_of_an_alarm_is_reported_at_its_argument() {
    let good = json!({"actions": [SNS]});
    let with = |alarm: Json| arguments(&[acm(1)], alarm);
    let many: Vec<String> = (0..6).map(|number| format!("{SNS}{number}")).collect();
    let passthrough = json!({"alarm": good, "edge": {"kind": "nlb_passthrough", "scheme": "internal"}});
    for (changes, path) in [
        (json!({"alarm": good}), "alarm"),
        (passthrough, "alarm"),
        (arguments(&[IAM.to_owned()], good.clone()), "alarm"),
        (with(json!({"actions": []})), "alarm.actions"),
        (with(json!({"actions": many})), "alarm.actions"),
        (with(json!({"actions": ["certificates"]})), "alarm.actions[0]"),
        (with(json!({"actions": [SNS, SNS]})), "alarm.actions[1]"),
        (with(json!({"actions": [SNS], "days": 0})), "alarm.days"),
        (with(json!({"actions": [SNS], "days": 398})), "alarm.days"),
    ] {
        assert_eq!(mistakes(changes.clone()), [path], "{changes}");
    }
    for changes in [
        with(good.clone()),
        with(json!({"actions": many[..5], "days": 397})),
        arguments(&[IAM.to_owned(), acm(1)], good),
    ] {
        assert_eq!(mistakes(changes.clone()), Vec::<String>::new(), "{changes}");
    }
}

#[test]
fn an_alarm_that_goes_off_before_a_renewal_is_told_when_it_is_new() {
    let planned = |prior: Value, days: u16| {
        let wanted = config(arguments(&[acm(1)], json!({"actions": [SNS], "days": days})));
        testkit::plan::<Stack>(prior, wanted, Private::default())
    };
    let warned = |planned: &Planned| {
        let path = |one: &Diagnostic| one.path.as_ref().map(ToString::to_string);
        planned.diagnostics.iter().filter_map(path).collect::<Vec<_>>()
    };
    assert_eq!(warned(&planned(Value::Null, 44)), Vec::<String>::new());
    let early = planned(Value::Null, 45);
    assert_eq!(warned(&early), ["alarm.days"]);
    let state = testkit::applied::<Stack>(&early.planned).to_value();
    assert_eq!(warned(&planned(state.clone(), 45)), Vec::<String>::new());
    assert_eq!(warned(&planned(state, 60)), ["alarm.days"]);
}

#[test]
fn there_is_an_alarm_for_each_certificate_of_acm() {
    let certificates = [acm(1), IAM.to_owned(), acm(2)];
    let mut shop = stack(arguments(&certificates, json!({"actions": [SNS], "days": 14})));
    let cluster = e2etls_engine::owner::sha256_hex("uid-1", 8);
    let name = |index: u8| format!("e2etls-shop-shop-{cluster}-certificate-{index}");
    let wanted = vec![
        ("alarm/0".to_owned(), name(0), json!(acm(1)), json!(14)),
        ("alarm/2".to_owned(), name(2), json!(acm(2)), json!(14)),
    ];
    assert_eq!(alarms(&shop), Some(wanted));
    // Another cluster has other alarms, and a create learns which it is.
    shop.head.cluster_uid = "uid-2".to_owned().into();
    let names = |shop: &Stack| alarms(shop).expect("alarms").remove(0).1;
    assert_ne!(names(&shop), name(0));
    shop.head.cluster_uid = Attr::Unknown;
    assert_eq!(names(&shop), UNKNOWN);
    assert_eq!(alarms(&stack(arguments(&certificates, Json::Null))), Some(Vec::new()));
}

#[test]
fn what_is_not_known_yet_is_not_made_up() {
    let mut shop = stack(arguments(&[acm(1)], json!({"actions": [SNS], "days": 14})));
    let Attr::Known(alarm) = &mut shop.alarm else {
        panic!("an alarm")
    };
    alarm.days = Attr::Unknown;
    alarm.actions = Attr::Unknown;
    assert_eq!(alarms(&shop).expect("alarms")[0].3, UNKNOWN);
    let Attr::Known(edge) = &mut shop.edge else {
        panic!("an edge")
    };
    edge.certificate_arns = Attr::Unknown;
    assert_eq!(alarms(&shop), None, "nobody knows how many there are");
    shop.alarm = Attr::Unknown;
    assert_eq!(alarms(&shop), None);
}

#[tokio::test]
async fn a_certificate_of_another_region_is_refused_first() {
    let aws = FakeAws::default();
    for (region, fits) in [("eu-central-1", true), ("eu-west-1", false)] {
        let remotes = Clients {
            cloudwatch: Some(Arc::new(aws.cloudwatch(region))),
            ..Clients::default()
        };
        let op = testkit::operation(Asked::Create, remotes, Stack::KINDS, "stack");
        let alarm = json!({"actions": [SNS], "days": 14});
        let shop = stack(arguments(&[IAM.to_owned(), acm(1)], alarm));
        let usable = alarm::usable(&shop, &op).await;
        assert_eq!(usable.is_ok(), fits, "{region}");
        let without = stack(arguments(&[acm(1)], Json::Null));
        assert!(alarm::usable(&without, &op).await.is_ok());
    }
}
