//! What API servers refuse.

use e2etls_lab::lab::{Action, Fault, Match};
use serde_json::json;

use super::answers::{OBJECT, later, status, with_details};
use super::{Advice, Class, End, Met, STEPS, Step, WRITES, class};

const USER: &str = "User \"arn:aws:sts::111122223333:assumed-role/ci/s\"";
const UNAVAILABLE: &str = "the server is currently unable to handle the request";
const CREATE: &[Step] = &[Step::Create];
const APPLIES: &[Step] = &[Step::Create, Step::Update];

/// Requests for the issuer: the write of a step, or its looks.
fn object(step: Step) -> Match {
    let method = match step {
        Step::Create | Step::Update => "PATCH",
        Step::Read => "GET",
        Step::Delete => "DELETE",
    };
    Match::kube().method(method).path("/awspcaissuers")
}

/// Met by the first request of a step, and by those for the issuer.
fn anywhere(step: Step, action: &Action, times: u64) -> Met {
    let first = Fault::new(Match::kube(), action.clone()).times(1);
    let then = Fault::new(object(step), action.clone()).times(times);
    Met::passing(vec![first, then])
}

fn writes(step: Step, code: u16, reason: &str, words: &str) -> Met {
    Met::passing(vec![Fault::new(object(step), status(code, reason, words)).times(4)])
}

/// What may pass.
pub(super) fn passing() -> Vec<Class> {
    vec![
        class("429 with retry-after", STEPS, |step| {
            let words = "Too many requests, please try again later.";
            anywhere(step, &later(429, "TooManyRequests", words), 2)
        }),
        class("500", STEPS, |step| {
            let words = "Internal error occurred: resource quota evaluation timed out";
            anywhere(step, &status(500, "InternalError", words), 2)
        }),
        class("503", STEPS, |step| {
            anywhere(step, &status(503, "ServiceUnavailable", UNAVAILABLE), 2)
        }),
        class("dropped once", STEPS, |step| anywhere(step, &Action::Drop, 1)),
        class("answer lost once", STEPS, |step| anywhere(step, &Action::DropAfter, 1)),
        class("etcd changes its leader", WRITES, |step| {
            writes(step, 500, "", "etcdserver: leader changed")
        }),
        class("webhook starts", WRITES, |step| {
            let words = "Internal error occurred: failed calling webhook \"validate.kyverno.svc-fail\": failed to call \
                webhook: Post \"https://kyverno-svc.kyverno.svc:443/validate/fail?timeout=10s\": dial tcp 10.0.0.7:443: \
                connect: connection refused";
            writes(step, 500, "InternalError", words)
        }),
        class("young: 401", CREATE, |_| {
            young(status(401, "Unauthorized", "Unauthorized"))
        }),
        class("young: 403", CREATE, |_| {
            let words = format!(
                "namespaces \"kube-system\" is forbidden: {USER} cannot get resource \"namespaces\" in API group \"\" in \
                 the namespace \"kube-system\""
            );
            young(status(403, "Forbidden", &words))
        }),
    ]
}

/// Met by the first request alone.
fn young(action: Action) -> Met {
    Met::passing(vec![Fault::new(Match::kube(), action).times(1)])
}

/// What lasts.
pub(super) fn lasting() -> Vec<Class> {
    vec![
        class("401 everywhere", STEPS, |step| {
            let answer = status(401, "Unauthorized", "Unauthorized");
            let met = Met::lasting(Match::kube(), answer, "Unauthorized (401", &[Advice::Credentials]);
            // A young cluster is waited for.
            if step == Step::Create { met.within(90) } else { met }
        }),
        class("401 in a wait", CREATE, |_| unauthorized_wait()),
        class("503 for long", WRITES, unavailable).short(),
        class("403 RBAC", STEPS, rbac),
        class("403 quota", CREATE, |step| {
            let why = "exceeded quota: few, requested: count/awspcaissuers.awspca.cert-manager.io=1, used: \
                count/awspcaissuers.awspca.cert-manager.io=2, limited: count/awspcaissuers.awspca.cert-manager.io=2";
            forbidden(step, &format!("{OBJECT} is forbidden: {why}"), &[Advice::Quota])
        }),
        class("403 policy", WRITES, |step| {
            let words = "admission webhook \"validate.kyverno.svc-fail\" denied the request: resource AWSPCAIssuer was \
                blocked due to the following policies require-labels: label team is required";
            forbidden(step, words, &[Advice::Policy])
        }),
        class("403 terminating", CREATE, |step| {
            let why = "unable to create new content in namespace shop because it is being terminated";
            forbidden(step, &format!("{OBJECT} is forbidden: {why}"), &[Advice::Terminating])
        }),
        class("422 invalid", APPLIES, |step| {
            let words = "AWSPCAIssuer.awspca.cert-manager.io \"it\" is invalid: spec.arn: Invalid value: \"string\": must \
                be an ARN";
            Met::lasting(object(step), status(422, "Invalid", words), words, &[Advice::Fix])
        }),
        class("409 fields", &[Step::Update], conflict),
        class("no answer", STEPS, |_| {
            Met::lasting(Match::kube(), Action::Drop, NO_ANSWER, &[Advice::Network])
        }),
        class("no answer to writes", WRITES, |step| {
            Met::lasting(object(step), Action::Drop, NO_ANSWER, &[Advice::Unknown])
        }),
    ]
}

const NO_ANSWER: &str = "the API server did not answer";

/// What takes minutes.
pub(super) fn long() -> Vec<Class> {
    vec![
        class("silence", STEPS, |_| {
            let silence = Action::Delay { millis: 600_000 };
            let said = "the API server did not answer within 30 s";
            Met::lasting(Match::kube(), silence, said, &[Advice::Network]).within(90)
        }),
        class("reads: 503 for long", &[Step::Read], unavailable),
    ]
}

/// The watch and the looks of a wait, not those before the write.
fn unauthorized_wait() -> Met {
    let looks = Match::kube().method("GET").path("/awspcaissuers").nth(BEFORE + 1);
    let fault = Fault::new(looks, status(401, "Unauthorized", "Unauthorized")).times(u64::MAX);
    let said = [
        "Unauthorized (401",
        "The provider retried for 3",
        "was not completely created",
    ];
    Met {
        faults: vec![fault],
        end: End::Told(said.map(str::to_owned).into(), &[Advice::Credentials]),
        within: 90,
    }
}

/// Looks at issuers before a create writes.
const BEFORE: u64 = 2;

fn unavailable(step: Step) -> Met {
    let answer = status(503, "ServiceUnavailable", UNAVAILABLE);
    Met::lasting(object(step), answer, UNAVAILABLE, &[Advice::Fix]).within(90)
}

fn forbidden(step: Step, words: &str, advice: &'static [Advice]) -> Met {
    Met::lasting(object(step), status(403, "Forbidden", words), words, advice)
}

fn rbac(step: Step) -> Met {
    let verb = match step {
        Step::Create | Step::Update => "patch",
        Step::Read => "list",
        Step::Delete => "delete",
    };
    let words = format!(
        "{OBJECT} is forbidden: {USER} cannot {verb} resource \"awspcaissuers\" in API group \"awspca.cert-manager.io\" in \
         the namespace \"shop\""
    );
    forbidden(step, &words, &[Advice::Grant])
}

fn conflict(step: Step) -> Met {
    let words = "Apply failed with 1 conflict: conflict with \"kubectl-edit\" using awspca.cert-manager.io/v1beta1: \
        .spec.template";
    let cause = json!({"reason": "FieldManagerConflict", "field": ".spec.template",
        "message": "conflict with \"kubectl-edit\" using awspca.cert-manager.io/v1beta1"});
    let answer = with_details(409, "Conflict", words, json!({"causes": [cause]}));
    let said = "`.spec.template` is managed by `kubectl-edit`";
    Met::lasting(object(step), answer, said, &[Advice::Plan])
}
