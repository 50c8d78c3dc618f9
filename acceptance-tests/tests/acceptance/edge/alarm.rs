//! Alarms on the certificates of a stack's load balancer.

use std::collections::BTreeSet;

use e2etls_lab::lab::{Call, Recorder};
use serde_json::{Value, json};

use super::stack::{STACK, import_again, stack};
use super::{certificate, ground};
use crate::ground::Ground;
use crate::permissions::documented;
use crate::public_certificate::{request, zone};

pub(super) const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:certificates";

/// A call of CloudWatch by somebody else.
pub(super) fn cloudwatch(ground: &Ground, operation: &str, arguments: &Value) -> Value {
    let target = format!("X-Amz-Target: GraniteServiceVersion20100801.{operation}");
    let json = "Content-Type: application/x-amz-json-1.0";
    let body = arguments.to_string();
    let args = ["-X", "POST", "-H", &target, "-H", json, "-d", &body];
    let text = request(ground, "monitoring", "/", &args);
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

/// The alarms of this test.
pub(crate) fn alarms(ground: &Ground) -> Vec<Value> {
    let prefix = json!({"AlarmNamePrefix": format!("e2etls-{}-", ground.namespace)});
    let answer = cloudwatch(ground, "DescribeAlarms", &prefix);
    assert_eq!(answer["NextToken"], Value::Null, "the list has a second page");
    answer["MetricAlarms"].as_array().expect("a list").clone()
}

/// The only alarm, with the members that a write takes.
fn only(ground: &Ground) -> Value {
    let all = alarms(ground);
    assert_eq!(all.len(), 1, "{all:?}");
    let members = [
        "AlarmName",
        "AlarmDescription",
        "ActionsEnabled",
        "OKActions",
        "AlarmActions",
        "InsufficientDataActions",
        "MetricName",
        "Namespace",
        "Statistic",
        "Dimensions",
        "Period",
        "EvaluationPeriods",
        "Threshold",
        "ComparisonOperator",
        "TreatMissingData",
        "WarmUpConfiguration",
    ];
    members
        .iter()
        .map(|member| (*member, all[0][*member].clone()))
        .collect()
}

fn tags(ground: &Ground) -> Vec<(String, String)> {
    let arn = alarms(ground)[0]["AlarmArn"].clone();
    let answer = cloudwatch(ground, "ListTagsForResource", &json!({"ResourceARN": arn}));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let tags = answer["Tags"].as_array().expect("a list").iter();
    tags.map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect()
}

pub(crate) fn with_alarm(stack: &str, more: &str) -> String {
    let alarm = format!("  alarm = {{ actions = [{TOPIC:?}], {more} }}\n}}\n");
    let end = stack.rfind('}').expect("a block");
    stack[..end].to_owned() + &alarm
}

/// Writes the configuration with these default tags.
fn write_tagged(ground: &Ground, resources: &str, tags: &str) {
    ground.write(resources);
    let path = ground.terraform.path().join("main.tf");
    let config = std::fs::read_to_string(path).expect("the configuration");
    let config = config.replacen("  owner_id", &format!("  default_tags = {{ {tags} }}\n  owner_id"), 1);
    ground.terraform.write("main.tf", &config).expect("it is written");
}

async fn is_wanted(ground: &Ground, days: u16) {
    let values = ground
        .terraform
        .values("e2etls_public_certificate.web")
        .await
        .expect("an answer");
    let alarm = only(ground);
    let name = alarm["AlarmName"].as_str().expect("a name");
    assert!(name.ends_with("-certificate-0"), "{name}");
    let wanted = json!({
        "AlarmName": name,
        "AlarmDescription": "A certificate that a load balancer serves ends soon, and was not renewed.",
        "ActionsEnabled": true,
        "OKActions": [],
        "AlarmActions": [TOPIC],
        "InsufficientDataActions": [],
        "MetricName": "DaysToExpiry",
        "Namespace": "AWS/CertificateManager",
        "Statistic": "Minimum",
        "Dimensions": [{"Name": "CertificateArn", "Value": values["arn"]}],
        "Period": 86400,
        "EvaluationPeriods": 1,
        "Threshold": f64::from(days),
        "ComparisonOperator": "LessThanThreshold",
        "TreatMissingData": "breaching",
        "WarmUpConfiguration": {"WarmUpPeriodDurationInMinutes": 1440},
    });
    assert_eq!(alarm, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_on_a_certificate_lives_under_its_documented_permissions() {
    let ground = ground("edge-alarm").await;
    let zone = zone(&ground, "edge-alarm.example", false);
    let base = ground.ca("") + &certificate(&ground, "web");
    let stack = stack(&ground, &zone, "internal", "");
    // The certificate is made by the same apply: nobody knows its ARN in the plan.
    ground.write(&(base.clone() + &with_alarm(&stack, "")));
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    is_wanted(&ground, 14).await;
    let first = tags(&ground);
    assert!(first.iter().any(|(key, _)| key == "e2etls:owner"), "{first:?}");

    is_changed(&ground, &(base.clone() + &with_alarm(&stack, "days = 30"))).await;
    assert!(first.iter().all(|tag| tags(&ground).contains(tag)), "it is the same");
    is_imported(&ground).await;

    let calls = Recorder::new(&ground.session.recorder)
        .calls()
        .await
        .expect("an answer");
    let asked: BTreeSet<String> = calls.iter().filter_map(Call::action).collect();
    let documented = documented();
    let of = |actions: &BTreeSet<String>| -> BTreeSet<String> {
        let of_cloudwatch = actions.iter().filter(|action| action.starts_with("cloudwatch:"));
        of_cloudwatch.cloned().collect()
    };
    ground.write(&(base.clone() + &stack));
    let plan = ground.terraform.plan(&[]).await.expect("an answer");
    assert_eq!(plan.change(STACK).actions, ["update"]);
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    assert_eq!(alarms(&ground), Vec::<Value>::new(), "without the argument it goes");
    let calls = Recorder::new(&ground.session.recorder)
        .calls()
        .await
        .expect("an answer");
    let asked: BTreeSet<String> = calls.iter().filter_map(Call::action).chain(asked).collect();
    assert_eq!(of(&asked), of(&documented));
    let more: Vec<&String> = asked.difference(&documented).collect();
    assert_eq!(more, Vec::<&String>::new());

    ground.write(&(base.clone() + &with_alarm(&stack, "")));
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    only(&ground);
    drop(ground.terraform.destroy(&[]).await.expect("an answer").success());
    assert_eq!(alarms(&ground), Vec::<Value>::new());
}

/// Another number of days is an update in place, and what somebody changed by hand is shown and restored.
async fn is_changed(ground: &Ground, changed: &str) {
    ground.write(changed);
    let plan = ground.terraform.plan(&[]).await.expect("an answer");
    assert_eq!(plan.change(STACK).actions, ["update"]);
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    is_wanted(ground, 30).await;

    let mut edited = only(ground);
    edited["Threshold"] = json!(3.0);
    edited["ActionsEnabled"] = json!(false);
    drop(cloudwatch(ground, "PutMetricAlarm", &edited));
    let stale = json!([{"Key": "e2etls:stale", "Value": "somebody"}]);
    let arn = alarms(ground)[0]["AlarmArn"].clone();
    drop(cloudwatch(
        ground,
        "TagResource",
        &json!({"ResourceARN": arn, "Tags": stale}),
    ));
    write_tagged(ground, changed, "team = \"tls\"");
    let plan = ground.terraform.plan(&[]).await.expect("an answer");
    let drift = plan.change(STACK).json["before"]["drift"].to_string();
    for path in ["alarm/0 threshold", "alarm/0 acts"] {
        assert!(drift.contains(path), "{drift}");
    }
    drop(ground.terraform.apply_quietly().await.expect("an answer"));
    is_wanted(ground, 30).await;
    let tags = tags(ground);
    assert!(tags.contains(&("team".to_owned(), "tls".to_owned())), "{tags:?}");
    assert!(tags.iter().all(|(key, _)| key != "e2etls:stale"), "{tags:?}");
}

/// An import finds the alarm by its name, which holds the cluster.
async fn is_imported(ground: &Ground) {
    import_again(ground).await;
    let values = ground.terraform.values(STACK).await.expect("an answer");
    let uid = values["parts"]["alarm/0"]["uid"].as_str().expect("a uid");
    let arn = alarms(ground)[0]["AlarmArn"].as_str().expect("an ARN").to_owned();
    assert!(uid.starts_with(&arn), "{uid}");
}
