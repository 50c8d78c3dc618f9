//! When a call is repeated: never a write that may have taken effect.
//!
//! The SDK's standard retry repeats a call after a timeout, a broken connection, an answer that can't be read and a 500, 502,
//! 503 or 504 (`aws_smithy_runtime::client::retries::classifiers`), whatever the call does. The classifier here runs beside
//! those for writes, and its verdict "forbidden" is final.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

use super::refusal::is_before_sending;

/// Forbids to repeat a write after its answer was lost. What was throttled, or never sent, is repeated as ever.
#[derive(Debug)]
pub(super) struct NeverAfterSending;

impl ClassifyRetry for NeverAfterSending {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else {
            return RetryAction::NoActionIndicated;
        };
        let lost = match error.as_connector_error() {
            Some(broken) => !is_before_sending(broken),
            None if error.is_operation_error() => {
                let status = context.response().map(|response| response.status().as_u16());
                matches!(status, Some(500 | 502 | 504))
            }
            None => error.is_timeout_error() || error.is_response_error(),
        };
        if lost {
            RetryAction::RetryForbidden
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "never after sending"
    }
}
