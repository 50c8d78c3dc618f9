//! The port against a server that answers as IAM does.

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use e2etls_engine::refusal::Answer;
use serde_json::json;

use super::convert::document;
use super::{Iam, IamApi as _, RoleFacts};
use crate::aws::Aws;
use crate::server::{Reply, Server};

const ROLE: &str = "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Role>\
    <Path>/e2etls/</Path><RoleName>shop</RoleName><RoleId>AROADBQP57FF2AEXAMPLE</RoleId>\
    <Arn>arn:aws:iam::111122223333:role/e2etls/shop</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>\
    <AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Sid%22%3A%22a%20b%2Bc\
    %22%7D%5D%7D</AssumeRolePolicyDocument><MaxSessionDuration>3600</MaxSessionDuration>\
    <PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType><PermissionsBoundaryArn>\
    arn:aws:iam::111122223333:policy/bound</PermissionsBoundaryArn></PermissionsBoundary>\
    <Tags><member><Key>team</Key><Value>red</Value></member></Tags></Role></GetRoleResult></GetRoleResponse>";

fn error(code: &str, message: &str) -> &'static str {
    let body = format!(
        "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type><Code>{code}</Code>\
         <Message>{message}</Message></Error><RequestId>r1</RequestId></ErrorResponse>"
    );
    body.leak()
}

async fn iam(url: &str) -> Iam {
    let sdk = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("AKIDEXAMPLE", "secret", None, None, "test"))
        .load()
        .await;
    let endpoints = [("iam".to_owned(), url.to_owned())].into();
    Iam::new(Arc::new(Aws::new(sdk, "eu-central-1".to_owned(), endpoints)))
}

#[tokio::test]
async fn a_role_is_read_with_its_documents_decoded() {
    let server = Server::start(Reply::Status(200, ROLE)).await;
    let found = iam(&server.url).await.role("shop").await;
    let wanted = RoleFacts {
        name: "shop".to_owned(),
        arn: "arn:aws:iam::111122223333:role/e2etls/shop".to_owned(),
        id: "AROADBQP57FF2AEXAMPLE".to_owned(),
        path: "/e2etls/".to_owned(),
        trust: json!({"Version": "2012-10-17", "Statement": [{"Sid": "a b+c"}]}),
        description: String::new(),
        boundary: Some("arn:aws:iam::111122223333:policy/bound".to_owned()),
        tags: [("team".to_owned(), "red".to_owned())].into(),
    };
    assert_eq!(found, Ok(Some(wanted)));
    assert_eq!(document("%7Bno"), json!("{no"), "what is no JSON equals no document");
}

#[tokio::test]
async fn a_role_that_is_not_there_is_none_and_a_missing_boundary_is_not() {
    let none = error("NoSuchEntity", "The role with name shop cannot be found.");
    let server = Server::start(Reply::Status(404, none)).await;
    let api = iam(&server.url).await;
    assert_eq!(api.role("shop").await, Ok(None));
    assert_eq!(api.inline_policy("shop", "e2etls").await, Ok(None));
    let refused = api.delete_role("shop").await.expect_err("no role");
    assert_eq!(refused.answer, Answer::Absent);
    let scope = error(
        "NoSuchEntity",
        "Scope ARN: arn:aws:iam::1:policy/x does not exist or is not attachable.",
    );
    let server = Server::start(Reply::Status(404, scope)).await;
    let refused = iam(&server.url).await.set_boundary("shop", Some("x")).await;
    assert_eq!(refused.expect_err("no policy").answer, Answer::Invalid);
}

#[tokio::test]
async fn a_write_that_failed_inside_iam_has_an_unknown_outcome() {
    let failed = error("ServiceFailure", "The request processing has failed.");
    let server = Server::start(Reply::Status(500, failed)).await;
    let api = iam(&server.url).await;
    let written = api.update_trust("shop", &json!({})).await.expect_err("a failure");
    assert_eq!((written.answer, server.requests()), (Answer::OutcomeUnknown, 1));
    assert_eq!(api.role("shop").await.expect_err("a failure").answer, Answer::Throttled);
}
