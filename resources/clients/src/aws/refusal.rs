//! What AWS's errors mean: the one table of error codes and words.
//!
//! Sources: the errors that each operation documents, the common errors
//! (<https://docs.aws.amazon.com/acm/latest/APIReference/CommonErrors.html>), and the codes that the SDK takes for
//! throttling (`aws_runtime::retries::classifiers::THROTTLING_ERRORS`).

#[cfg(test)]
mod samples;

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::config::http::HttpResponse;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::RequestId;
use e2etls_engine::refusal::{Answer, Denial, Refusal};

use crate::chain::chain;

pub(crate) const NO_CREDENTIALS: &str =
    "No credentials were found in the environment, the profile, SSO or instance metadata.";

/// What a call does if it takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing.
    Read,
    /// It changes something: an answer that is lost leaves the outcome unknown.
    Write,
}

/// A row: an error with this code, whose message contains these words. The first that fits counts.
struct Row {
    code: &'static str,
    words: &'static str,
    answer: Answer,
}

const fn row(code: &'static str, words: &'static str, answer: Answer) -> Row {
    Row { code, words, answer }
}

const fn code(code: &'static str, answer: Answer) -> Row {
    row(code, "", answer)
}

/// The object changed under the request, or is in another state than the request needs.
const CONFLICT: Answer = Answer::Conflict(Vec::new());
const IN_USE: Answer = Answer::InUse(Vec::new());
const PERMISSION: Answer = Answer::Forbidden(Denial::Permission);
const QUOTA: Answer = Answer::Forbidden(Denial::Quota);

const TABLE: &[Row] = &[
    // A bucket's policy takes a moment to be seen; until then the service says, under several codes, that it can't
    // write.
    row("", "S3 bucket", Answer::Forbidden(Denial::Policy)),
    code("AccessDenied", PERMISSION),
    code("AccessDeniedException", PERMISSION),
    code("UnauthorizedOperation", PERMISSION),
    // EC2: the account is suspended, or does not have the service.
    code("Blocked", PERMISSION),
    code("OptInRequired", PERMISSION),
    code("AuthFailure", Answer::Unauthenticated),
    code("ExpiredToken", Answer::Unauthenticated),
    code("ExpiredTokenException", Answer::Unauthenticated),
    code("IncompleteSignature", Answer::Unauthenticated),
    code("InvalidClientTokenId", Answer::Unauthenticated),
    code("InvalidIdentityToken", Answer::Unauthenticated),
    code("InvalidSignatureException", Answer::Unauthenticated),
    code("MissingAuthenticationToken", Answer::Unauthenticated),
    code("MissingAuthenticationTokenException", Answer::Unauthenticated),
    code("RequestExpired", Answer::Unauthenticated),
    code("SignatureDoesNotMatch", Answer::Unauthenticated),
    code("UnrecognizedClientException", Answer::Unauthenticated),
    code("BandwidthLimitExceeded", Answer::Throttled),
    // IAM: another request is changing the object at the same time, or it is not yet what it was made to be. Nothing was
    // written.
    code("ConcurrentModification", Answer::Throttled),
    code("EntityTemporarilyUnmodifiable", Answer::Throttled),
    // Route 53: the zone's earlier change is not done. Nothing about the object itself has changed.
    code("PriorRequestNotComplete", Answer::Throttled),
    code("RequestLimitExceeded", Answer::Throttled),
    code("RequestThrottled", Answer::Throttled),
    code("RequestThrottledException", Answer::Throttled),
    // The service did not receive the whole request in time.
    code("RequestTimeout", Answer::Throttled),
    code("RequestTimeoutException", Answer::Throttled),
    code("ServiceUnavailable", Answer::Throttled),
    code("ServiceUnavailableException", Answer::Throttled),
    code("SlowDown", Answer::Throttled),
    code("ThrottledException", Answer::Throttled),
    code("Throttling", Answer::Throttled),
    code("ThrottlingException", Answer::Throttled),
    code("TooManyRequestsException", Answer::Throttled),
    // What was requested is still being created (acm-pca: CSR, certificate; acm: certificate).
    code("RequestInProgressException", Answer::Throttled),
    code("ListenerNotFound", Answer::Absent),
    // EKS does not see the role yet, or still its old trust policy.
    row(
        "InvalidParameterException",
        "Role provided in the request does not exist",
        Answer::Absent,
    ),
    row(
        "InvalidParameterException",
        "Trust policy of the role provided is invalid",
        Answer::Absent,
    ),
    code("LoadBalancerNotFound", Answer::Absent),
    code("NoSuchChange", Answer::Absent),
    // IAM: not the role is missing, but the policy that shall bound it.
    row("NoSuchEntity", "Scope ARN", Answer::Invalid),
    code("NoSuchEntity", Answer::Absent),
    code("NoSuchHostedZone", Answer::Absent),
    code("NotFoundException", Answer::Absent),
    // CloudWatch: of a name, and of an ARN.
    code("ResourceNotFound", Answer::Absent),
    code("ResourceNotFoundException", Answer::Absent),
    code("TargetGroupNotFound", Answer::Absent),
    row("InvalidChangeBatch", "but it already exists", Answer::Exists),
    row("InvalidChangeBatch", "but it was not found", Answer::Absent),
    row("InvalidChangeBatch", "do not match the current values", CONFLICT),
    code("EntityAlreadyExists", Answer::Exists),
    code("HostedZoneAlreadyExists", Answer::Exists),
    code("PermissionAlreadyExistsException", Answer::Exists),
    code("ResourceAlreadyExistsException", Answer::Exists),
    code("DeleteConflict", IN_USE),
    code("HostedZoneNotEmpty", IN_USE),
    // EKS has this code for an add-on or association that is there, and for an add-on that is being changed.
    row("ResourceInUseException", "already exists", Answer::Exists),
    code("ResourceInUseException", IN_USE),
    code("ConcurrentModificationException", CONFLICT),
    code("ConflictException", CONFLICT),
    code("InvalidStateException", CONFLICT),
    code("ResourceConflict", CONFLICT),
    code("LimitExceeded", QUOTA),
    code("LimitExceededException", QUOTA),
    code("LimitsExceeded", QUOTA),
    code("ServiceQuotaExceededException", QUOTA),
];

/// The meaning of an error that a service answered with.
fn answer(status: u16, code: &str, message: &str, effect: Effect) -> Answer {
    let row = TABLE
        .iter()
        .find(|row| (row.code.is_empty() || row.code == code) && message.contains(row.words));
    match (row, status) {
        (Some(row), _) => row.answer.clone(),
        (None, 429 | 503) => Answer::Throttled,
        // The service failed somewhere on the way: before or after the effect.
        (None, 500..) => lost(effect, Answer::Throttled),
        (None, _) => Answer::Invalid,
    }
}

/// The answer to a call whose end is not known.
fn lost(effect: Effect, read: Answer) -> Answer {
    match effect {
        Effect::Write => Answer::OutcomeUnknown,
        Effect::Read => read,
    }
}

/// The refusal of what a service said.
#[cfg(feature = "fake")]
pub(crate) fn said(operation: &str, target: &str, effect: Effect, error: (u16, &str, &str)) -> Refusal {
    let (status, code, message) = error;
    let answer = answer(status, code, message, effect);
    Refusal::new(answer, operation, target, format!("{code}: {message}"))
}

/// The refusal of a call that failed. `operation` is in the form of IAM's actions.
pub(crate) fn refused<E>(operation: &str, target: &str, effect: Effect, error: &SdkError<E, HttpResponse>) -> Refusal
where
    E: ProvideErrorMetadata + Error + 'static,
    SdkError<E, HttpResponse>: RequestId,
{
    let message = error.message().unwrap_or_default();
    refused_with(operation, target, effect, error, message)
}

/// The same for an error whose message does not say everything.
pub(crate) fn refused_with<E>(
    operation: &str,
    target: &str,
    effect: Effect,
    error: &SdkError<E, HttpResponse>,
    message: &str,
) -> Refusal
where
    E: ProvideErrorMetadata + Error + 'static,
    SdkError<E, HttpResponse>: RequestId,
{
    let (answer, mut words) = match error {
        SdkError::ServiceError(service) => {
            let code = error.code().unwrap_or_default();
            let words = match code {
                "" => page(service.raw()),
                code => format!("{code}: {message}"),
            };
            (answer(service.raw().status().as_u16(), code, message, effect), words)
        }
        // Whoever says this is no service of AWS: a proxy on the way, perhaps.
        SdkError::ResponseError(response) if response.raw().status().as_u16() >= 400 => {
            let answer = answer(response.raw().status().as_u16(), "", "", effect);
            (answer, page(response.raw()))
        }
        SdkError::ConstructionFailure(_) => (Answer::Invalid, chain(error)),
        SdkError::TimeoutError(_) => (lost(effect, Answer::Unreachable), chain(error)),
        SdkError::DispatchFailure(_) => dispatch(effect, error),
        // An answer that can't be read.
        _ => (lost(effect, Answer::Throttled), chain(error)),
    };
    if let Some(id) = error.request_id() {
        words = format!("{words} (request {id})");
    }
    Refusal::new(answer, operation, target, words)
}

/// An answer that names no code, as it is.
fn page(raw: &HttpResponse) -> String {
    let body = raw.body().bytes().unwrap_or_default();
    format!("{}: {}", raw.status(), String::from_utf8_lossy(body).trim())
}

/// A call that got no answer: there were no credentials, no connection, or the connection broke.
fn dispatch(effect: Effect, error: &(dyn Error + 'static)) -> (Answer, String) {
    let mut next = Some(error);
    while let Some(inner) = next {
        match inner.downcast_ref::<CredentialsError>() {
            Some(CredentialsError::CredentialsNotLoaded(_)) => {
                return (Answer::Unauthenticated, NO_CREDENTIALS.to_owned());
            }
            Some(_) => return (Answer::Unauthenticated, chain(error)),
            None => {}
        }
        next = inner.source();
    }
    let answer = if is_before_sending(error) {
        Answer::Unreachable
    } else {
        lost(effect, Answer::Unreachable)
    };
    (answer, chain(error))
}

/// True if a call broke while it was being connected.
pub(super) fn is_before_sending(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(inner) = next {
        let connection = inner.downcast_ref::<hyper_util::client::legacy::Error>();
        if connection.is_some_and(hyper_util::client::legacy::Error::is_connect) {
            return true;
        }
        next = inner.source();
    }
    false
}
