//! How each remote says that it is asked too much, or that it failed.

use e2etls_lab::lab::{Action, Call, Target};
use serde_json::json;

use crate::refusals::answers::{aws, aws_xml, with_details};

/// "Too many requests", which is no failure of the call.
pub(super) fn throttled(call: &Call) -> Action {
    match (call.target, call.service.as_deref().unwrap_or_default()) {
        (Target::Kube, _) => {
            let words = "Too many requests, please try again later.";
            match with_details(429, "TooManyRequests", words, json!({"retryAfterSeconds": 1})) {
                Action::Status { code, body, .. } => Action::Status {
                    code,
                    body,
                    retry_after: Some(1),
                },
                other => other,
            }
        }
        (Target::Aws, service) if speaks_xml(service) => aws_xml(400, "Throttling", "Rate exceeded"),
        (Target::Aws, "eks") => aws(429, "ThrottlingException", "Rate exceeded"),
        (Target::Aws, _) => aws(400, "ThrottlingException", "Rate exceeded"),
    }
}

/// "Internal error", after which nobody knows what became of a write.
pub(super) fn failed(call: &Call) -> Action {
    let words = "The request processing has failed because of an unknown error, exception or failure.";
    match (call.target, call.service.as_deref().unwrap_or_default()) {
        (Target::Kube, _) => {
            let words = "Internal error occurred: resource quota evaluation timed out";
            with_details(500, "InternalError", words, json!({}))
        }
        (Target::Aws, "eks") => aws(500, "ServerException", words),
        (Target::Aws, "iam") => aws_xml(500, "ServiceFailure", words),
        (Target::Aws, service) if speaks_xml(service) => aws_xml(500, "InternalFailure", words),
        (Target::Aws, _) => aws(500, "InternalFailure", words),
    }
}

fn speaks_xml(service: &str) -> bool {
    ["sts", "iam", "elasticloadbalancing", "ec2", "route53"].contains(&service)
}
