//! The port against a server that answers as CloudWatch does.

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use e2etls_engine::refusal::{Answer, Denial};

use super::{CloudWatch, CloudWatchApi as _, MetricAlarm};
use crate::aws::Aws;
use crate::server::{Reply, Server};

async fn cloudwatch(url: &str) -> CloudWatch {
    let sdk = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .load()
        .await;
    let endpoints = [("cloudwatch".to_owned(), url.to_owned())].into();
    CloudWatch::new(Arc::new(Aws::new(sdk, "eu-central-1".to_owned(), endpoints)))
}

/// CBOR, as far as the answers need it.
#[derive(Clone)]
enum Cbor {
    Text(&'static str),
    Number(u16),
    Double(f64),
    Flag(bool),
    List(Vec<Cbor>),
    Map(Vec<(&'static str, Cbor)>),
}

impl Cbor {
    fn bytes(&self) -> Vec<u8> {
        let head = |kind: u8, number: usize| {
            let [high, low] = u16::try_from(number).expect("a short one").to_be_bytes();
            vec![kind << 5 | 25, high, low]
        };
        match self {
            Cbor::Number(number) => head(0, usize::from(*number)),
            Cbor::Text(text) => [head(3, text.len()), text.as_bytes().to_vec()].concat(),
            Cbor::Double(number) => [vec![0xfb], number.to_be_bytes().to_vec()].concat(),
            Cbor::Flag(flag) => vec![0xf4 + u8::from(*flag)],
            Cbor::List(items) => {
                let items = items.iter().flat_map(Cbor::bytes);
                head(4, self.len()).into_iter().chain(items).collect()
            }
            Cbor::Map(members) => {
                let members = members
                    .iter()
                    .flat_map(|(name, value)| [Cbor::Text(name).bytes(), value.bytes()].concat());
                head(5, self.len()).into_iter().chain(members).collect()
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Cbor::List(items) => items.len(),
            Cbor::Map(members) => members.len(),
            _ => 0,
        }
    }
}

const HEADERS: &str = "content-type: application/cbor\r\nsmithy-protocol: rpc-v2-cbor\r\n";

async fn answering(body: Cbor) -> Server {
    Server::start(Reply::Binary(200, HEADERS, body.bytes().leak())).await
}

/// An error as CloudWatch tells it: the code of old is in a header.
async fn refusing(status: u16, code: &str, message: &'static str) -> Server {
    let headers = format!("{HEADERS}x-amzn-query-error: {code};Sender\r\n").leak();
    let body = Cbor::Map(vec![
        ("__type", Cbor::Text("com.amazonaws.cloudwatch#SomeFault")),
        ("message", Cbor::Text(message)),
    ]);
    Server::start(Reply::Binary(status, headers, body.bytes().leak())).await
}

const ARN: &str = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:shop";

#[tokio::test]
async fn an_alarm_is_read_with_all_that_it_does() {
    let dimension = Cbor::Map(vec![
        ("Name", Cbor::Text("CertificateArn")),
        ("Value", Cbor::Text("arn:aws:acm:1")),
    ]);
    let alarm = Cbor::Map(vec![
        ("AlarmName", Cbor::Text("shop")),
        ("AlarmArn", Cbor::Text(ARN)),
        ("AlarmDescription", Cbor::Text("why")),
        ("ActionsEnabled", Cbor::Flag(false)),
        ("AlarmActions", Cbor::List(vec![Cbor::Text("arn:aws:sns:1")])),
        ("OKActions", Cbor::List(vec![Cbor::Text("arn:aws:sns:2")])),
        ("MetricName", Cbor::Text("DaysToExpiry")),
        ("Namespace", Cbor::Text("AWS/CertificateManager")),
        ("Statistic", Cbor::Text("Minimum")),
        ("Dimensions", Cbor::List(vec![dimension])),
        ("Period", Cbor::Number(86)),
        ("EvaluationPeriods", Cbor::Number(1)),
        ("ComparisonOperator", Cbor::Text("LessThanThreshold")),
        ("Threshold", Cbor::Double(14.0)),
        ("TreatMissingData", Cbor::Text("breaching")),
    ]);
    let server = answering(Cbor::Map(vec![("MetricAlarms", Cbor::List(vec![alarm]))])).await;
    let found = cloudwatch(&server.url).await.alarm("shop").await;
    let text = |text: &str| text.to_owned();
    let wanted = MetricAlarm {
        name: text("shop"),
        description: text("why"),
        namespace: text("AWS/CertificateManager"),
        metric: text("DaysToExpiry"),
        dimensions: [(text("CertificateArn"), text("arn:aws:acm:1"))].into(),
        statistic: text("Minimum"),
        period: 86,
        periods: 1,
        comparison: text("LessThanThreshold"),
        threshold: 14.0,
        missing_data: text("breaching"),
        actions: vec![text("arn:aws:sns:1")],
        ok_actions: vec![text("arn:aws:sns:2")],
        ..MetricAlarm::default()
    };
    assert_eq!(found, Ok(Some((text(ARN), wanted))));
    let server = answering(Cbor::Map(vec![("MetricAlarms", Cbor::List(Vec::new()))])).await;
    assert_eq!(cloudwatch(&server.url).await.alarm("shop").await, Ok(None));
}

#[tokio::test]
async fn tags_are_read_and_those_of_no_alarm_are_none() {
    let tag = Cbor::Map(vec![("Key", Cbor::Text("team")), ("Value", Cbor::Text("red"))]);
    let server = answering(Cbor::Map(vec![("Tags", Cbor::List(vec![tag]))])).await;
    let tags = [("team".to_owned(), "red".to_owned())].into();
    assert_eq!(cloudwatch(&server.url).await.tags(ARN).await, Ok(Some(tags)));
    let server = refusing(404, "ResourceNotFoundException", "Unknown").await;
    assert_eq!(cloudwatch(&server.url).await.tags(ARN).await, Ok(None));
}

#[tokio::test]
async fn errors_are_sorted_by_their_codes_of_old() {
    let alarm = MetricAlarm::default();
    let server = refusing(400, "LimitExceeded", "The quota for alarms has already been reached.").await;
    let refused = cloudwatch(&server.url).await.put_alarm(&alarm, &[].into()).await;
    let refused = refused.expect_err("a quota");
    assert_eq!(refused.answer, Answer::Forbidden(Denial::Quota));
    assert_eq!(server.requests(), 1);
    let server = refusing(404, "ResourceNotFound", "The named resource does not exist.").await;
    let refused = cloudwatch(&server.url).await.delete_alarm("shop").await;
    assert_eq!(refused.expect_err("no alarm").answer, Answer::Absent);
    let server = refusing(500, "InternalServiceError", "It failed.").await;
    let api = cloudwatch(&server.url).await;
    let refused = api.put_alarm(&alarm, &[].into()).await.expect_err("a failure");
    assert_eq!((refused.answer, server.requests()), (Answer::OutcomeUnknown, 1));
    assert_eq!(
        api.alarm("shop").await.expect_err("a failure").answer,
        Answer::Throttled
    );
}
