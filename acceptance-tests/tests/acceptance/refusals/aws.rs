//! What AWS refuses.

use e2etls_lab::lab::{Action, Fault, Match};

use super::answers::{aws, aws_xml};
use super::{Advice, Class, Met, STEPS, Step, WRITES, class};

/// The call of a step that is about the certificate.
const fn operation(step: Step) -> &'static str {
    match step {
        Step::Create => "RequestCertificate",
        Step::Read => "DescribeCertificate",
        Step::Update => "AddTagsToCertificate",
        Step::Delete => "DeleteCertificate",
    }
}

fn calls(step: Step) -> Match {
    Match::aws().operation(operation(step))
}

fn passes(step: Step, action: Action, times: u64) -> Met {
    Met::passing(vec![Fault::new(calls(step), action).times(times)])
}

/// What may pass.
pub(super) fn passing() -> Vec<Class> {
    vec![
        class("throttled", STEPS, |step| {
            passes(step, aws(400, "ThrottlingException", "Rate exceeded"), 2)
        }),
        class("internal failure", STEPS, |step| {
            let words = "The request processing has failed because of an unknown error, exception or failure.";
            passes(step, aws(500, "InternalFailure", words), 1)
        }),
        class("unavailable", STEPS, |step| {
            let words = "Service is unable to handle request.";
            passes(step, aws(503, "ServiceUnavailableException", words), 2)
        }),
        class("dropped", STEPS, |step| passes(step, Action::Drop, 1)),
        class("answer lost", STEPS, |step| passes(step, Action::DropAfter, 1)),
    ]
}

/// What lasts.
pub(super) fn lasting() -> Vec<Class> {
    vec![
        class("no answer from AWS", STEPS, |_| {
            let words = "connection closed before message completed";
            let advice = &[Advice::Network, Advice::GoOn];
            Met::lasting(Match::aws(), Action::Drop, words, advice).within(90)
        })
        .short(),
        class("throttled for long", WRITES, throttled).short(),
        class("no answer to calls", STEPS, |step| {
            let advice: &[Advice] = match step {
                Step::Read => &[Advice::Network],
                _ => &[Advice::Unknown],
            };
            Met::lasting(calls(step), Action::Drop, operation(step), advice)
        }),
        class("access denied", STEPS, |step| {
            let action = format!("acm:{}", operation(step));
            let words = format!(
                "User: arn:aws:sts::111122223333:assumed-role/ci/s is not authorized to perform: {action} because no \
                 identity-based policy allows the {action} action"
            );
            let answer = aws(400, "AccessDeniedException", &words);
            Met::lasting(calls(step), answer, &words, &[Advice::Grant])
        }),
        class("expired token", STEPS, expired),
        class("quota", &[Step::Create], |step| {
            let words = "Error: you have reached your limit of 20 certificates in the last year.";
            let answer = aws(400, "LimitExceededException", words);
            Met::lasting(calls(step), answer, words, &[Advice::Quota])
        }),
    ]
}

/// What takes minutes.
pub(super) fn long() -> Vec<Class> {
    vec![
        class("reads throttled for long", &[Step::Read], throttled),
        class("silence of AWS", STEPS, |_| {
            let silence = Action::Delay { millis: 600_000 };
            Met::lasting(Match::aws(), silence, "", &[Advice::Network]).within(120)
        }),
    ]
}

/// The end of its time may meet it between two calls, or during one.
fn throttled(step: Step) -> Met {
    let answer = aws(400, "ThrottlingException", "Rate exceeded");
    let advice = &[Advice::Later, Advice::GoOn];
    Met::lasting(calls(step), answer, "Rate exceeded", advice).within(90)
}

fn expired(step: Step) -> Met {
    let words = "The security token included in the request is expired";
    // A create asks first whose account it is, of a service that speaks XML.
    let (requests, answer) = match step {
        Step::Create => (
            Match::aws().operation("GetCallerIdentity"),
            aws_xml(403, "ExpiredToken", words),
        ),
        _ => (Match::aws(), aws(400, "ExpiredTokenException", words)),
    };
    Met::lasting(requests, answer, words, &[Advice::Credentials])
}
