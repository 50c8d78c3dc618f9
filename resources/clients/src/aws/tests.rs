//! What becomes of a call whose answer is late, lost or refused.

use std::sync::Arc;
use std::time::Instant;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use e2etls_engine::refusal::Answer;

use super::acm::{Acm, AcmApi as _, NewCertificate};
use super::settings::{Settings, WebIdentity};
use super::{Aws, Connections};
use crate::server::{Reply, Server};

const THROTTLED: &str = r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#;
const FAILED: &str = r#"{"__type":"InternalFailure","message":"The request processing has failed"}"#;

pub(super) async fn aws(service: &str, url: &str) -> Aws {
    let sdk = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .load()
        .await;
    let endpoints = [(service.to_owned(), url.to_owned())].into();
    Aws::new(sdk, "eu-central-1".to_owned(), endpoints)
}

async fn acm(url: &str) -> Acm {
    Acm::new(Arc::new(aws("acm", url).await))
}

/// What a read and a write are answered, and how many requests each of them was.
async fn asked(reply: Reply) -> [(Answer, usize); 2] {
    let server = Server::start(reply).await;
    let acm = acm(&server.url).await;
    let read = acm.describe("arn").await.expect_err("a refusal");
    let read = (read.answer, server.requests());
    let write = acm.request_certificate(&NewCertificate::default()).await;
    let write = write.expect_err("a refusal").answer;
    [read.clone(), (write, server.requests() - read.1)]
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_though_nobody_answers() {
    let began = Instant::now();
    let [read, write] = asked(Reply::Silence).await;
    assert_eq!(read, (Answer::Unreachable, 1));
    assert_eq!(write, (Answer::OutcomeUnknown, 1));
    assert!(began.elapsed().as_secs() < 10, "the clock of the test is paused");
}

#[tokio::test]
async fn a_write_is_not_repeated_after_its_answer_was_lost() {
    let lost = [(Answer::Throttled, 3), (Answer::OutcomeUnknown, 1)];
    assert_eq!(asked(Reply::Status(500, FAILED)).await, lost);
    assert_eq!(asked(Reply::Status(504, FAILED)).await, lost);
    assert_eq!(asked(Reply::Closed).await[1], (Answer::OutcomeUnknown, 1));
    // An answer that can't be read.
    assert_eq!(
        asked(Reply::Status(200, "no JSON")).await[1],
        (Answer::OutcomeUnknown, 1)
    );
}

#[tokio::test]
async fn what_was_not_executed_is_repeated() {
    assert_eq!(asked(Reply::Status(400, THROTTLED)).await[1], (Answer::Throttled, 3));
    assert_eq!(asked(Reply::Status(503, FAILED)).await[1], (Answer::Throttled, 3));
}

#[tokio::test]
async fn what_no_service_said_is_told_as_it_is() {
    let server = Server::start(Reply::Status(403, "<h1>Blocked by the proxy</h1>")).await;
    let refusal = acm(&server.url).await.describe("arn").await.expect_err("a refusal");
    assert_eq!(refusal.words, "403: <h1>Blocked by the proxy</h1>");
}

#[tokio::test]
async fn nobody_there_is_unreachable_for_reads_and_writes() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let acm = acm(&url).await;
    let read = acm.describe("arn").await.expect_err("a refusal");
    let write = acm
        .request_certificate(&NewCertificate::default())
        .await
        .expect_err("a refusal");
    assert_eq!([read.answer, write.answer], [Answer::Unreachable, Answer::Unreachable]);
}

#[tokio::test]
async fn one_region_and_role_is_one_identity_however_it_was_named() {
    let connections = Connections::new(Settings {
        region: Some("eu-central-1".to_owned()),
        ..Settings::default()
    });
    let named = connections.get(Some("eu-central-1"), None).await.expect("a Region");
    let default = connections.get(None, None).await.expect("a Region");
    assert!(Arc::ptr_eq(&named, &default));
    let role = connections
        .get(None, Some("arn:aws:iam::111122223333:role/pca"))
        .await
        .expect("a Region");
    let other = connections.get(Some("us-east-1"), None).await.expect("a Region");
    assert!(!Arc::ptr_eq(&named, &role) && !Arc::ptr_eq(&named, &other));
}

#[tokio::test]
async fn a_web_identity_is_refused_by_the_configured_sts_in_its_own_words() {
    const DENIED: &str = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not authorized to perform \
                          sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>";
    let sts = Server::start(Reply::Status(403, DENIED)).await;
    let token = tempfile::NamedTempFile::new().expect("a file");
    let connections = Connections::new(Settings {
        region: Some("eu-central-1".to_owned()),
        web_identity: Some(WebIdentity {
            role_arn: "arn:aws:iam::111122223333:role/ci".to_owned(),
            token_file: token.path().display().to_string(),
            session_name: None,
        }),
        endpoints: [("sts".to_owned(), sts.url.clone())].into(),
        ..Settings::default()
    });
    let aws = connections.get(None, None).await.expect("a Region");
    let refusal = aws.account().await.expect_err("a refusal");
    assert_eq!((refusal.answer, sts.requests()), (Answer::Unauthenticated, 1));
    assert!(refusal.words.contains("Not authorized to perform"), "{}", refusal.words);
}

#[tokio::test]
async fn account_and_arn_are_one_call() {
    const CALLER: &str = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333</Account><UserId>A</UserId>\
                          <Arn>arn:aws:iam::111122223333:user/dev</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>";
    let sts = Server::start(Reply::Status(200, CALLER)).await;
    let aws = aws("sts", &sts.url).await;
    assert_eq!(aws.arn().await, Ok("arn:aws:iam::111122223333:user/dev"));
    assert_eq!((aws.account().await, sts.requests()), (Ok("111122223333"), 1));
}
