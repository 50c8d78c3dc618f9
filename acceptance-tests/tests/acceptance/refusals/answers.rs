//! Answers as the remotes give them.

use e2etls_lab::lab::Action;
use serde_json::{Value, json};

/// The object of every request here, as API servers name it.
pub(super) const OBJECT: &str = "awspcaissuers.awspca.cert-manager.io \"it\"";

/// A `Status` of an API server.
pub(super) fn status(code: u16, reason: &str, message: &str) -> Action {
    with_details(
        code,
        reason,
        message,
        json!({"name": "it", "group": "awspca.cert-manager.io", "kind": "awspcaissuers"}),
    )
}

pub(crate) fn with_details(code: u16, reason: &str, message: &str, details: Value) -> Action {
    let body = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code,
        "reason": reason, "message": message, "details": details});
    answer(code, &body)
}

/// The same, to be asked again after a second.
pub(super) fn later(code: u16, reason: &str, message: &str) -> Action {
    match status(code, reason, message) {
        Action::Status { code, body, .. } => Action::Status {
            code,
            body,
            retry_after: Some(1),
        },
        other => other,
    }
}

/// An error of a service of AWS that speaks JSON.
pub(crate) fn aws(code: u16, kind: &str, message: &str) -> Action {
    answer(code, &json!({"__type": kind, "message": message}))
}

/// The same of one that speaks XML.
pub(crate) fn aws_xml(code: u16, kind: &str, message: &str) -> Action {
    Action::Status {
        code,
        body: format!(
            "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
             <Code>{kind}</Code><Message>{message}</Message></Error><RequestId>a-request</RequestId></ErrorResponse>"
        ),
        retry_after: None,
    }
}

fn answer(code: u16, body: &Value) -> Action {
    Action::Status {
        code,
        body: body.to_string(),
        retry_after: None,
    }
}
