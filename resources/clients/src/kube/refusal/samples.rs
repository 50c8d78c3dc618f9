//! One recorded answer per row. Where no source is named, it is of a Kubernetes 1.33 API server.

use e2etls_engine::refusal::{Answer, Cause, Denial};
use kube::core::Status;
use serde_json::{Value, json};

use super::{Asked, Effect, TABLE, of_status};

/// The status with these members, and the row of the table that it is a sample of.
struct Sample {
    status: Status,
    read: Answer,
    write: Answer,
}

fn both(status: Value, answer: Answer) -> Sample {
    sample(status, answer.clone(), answer)
}

fn sample(status: Value, read: Answer, write: Answer) -> Sample {
    let status = serde_json::from_value(status).expect("a status");
    Sample { status, read, write }
}

fn said(code: u16, reason: &str, message: &str) -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": code, "reason": reason, "message": message})
}

fn forbidden(message: &str, why: Denial) -> Sample {
    both(said(403, "Forbidden", message), Answer::Forbidden(why))
}

fn lost(status: Value) -> Sample {
    sample(status, Answer::Throttled, Answer::OutcomeUnknown)
}

fn asked(effect: Effect) -> Asked {
    Asked {
        operation: "PATCH /api/v1/namespaces/shop/configmaps/web".to_owned(),
        target: "ConfigMap shop/web".to_owned(),
        effect,
    }
}

fn invalid() -> Vec<Sample> {
    let bad = |code, reason, message| both(said(code, reason, message), Answer::Invalid);
    vec![
        bad(
            400,
            "BadRequest",
            "Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        // A webhook that denies with a code of its own (cert-manager 1.20).
        bad(
            400,
            "BadRequest",
            "admission webhook \"webhook.cert-manager.io\" denied the request: spec.renewBeforePercentage: Invalid value: 93: must result in a renewBefore less than 3600s",
        ),
        bad(
            422,
            "Invalid",
            "Deployment.apps \"web\" is invalid: spec.template.metadata.labels: Invalid value: {\"app\":\"web\"}: `selector` does not match template `labels`",
        ),
        // A ValidatingAdmissionPolicy without a reason of its own.
        bad(
            422,
            "Invalid",
            "deployments.apps \"web\" is forbidden: ValidatingAdmissionPolicy 'labels' with binding 'labels' denied request: label `team` is required",
        ),
        // Applies of Kubernetes 1.36, which have no reason.
        bad(
            500,
            "",
            "failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.template.spec.containers[name=\"nginx\"].resources.limits: expected map, got &{lots}",
        ),
        bad(
            500,
            "",
            "failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.template.spec.tolerations[0].keys: field not declared in schema",
        ),
        bad(
            500,
            "",
            "failed to convert new object (shop/web; apps/v1, Kind=Deployment) to proper version: unable to convert unstructured object to apps/v1, Kind=Deployment: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        bad(
            413,
            "RequestEntityTooLarge",
            "Request entity too large: limit is 3145728",
        ),
        bad(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
        ),
    ]
}

fn denials() -> Vec<Sample> {
    vec![
        both(said(401, "Unauthorized", "Unauthorized"), Answer::Unauthenticated),
        forbidden(
            "services \"web\" is forbidden: exceeded quota: few, requested: services=1, used: services=2, limited: services=2",
            Denial::Quota,
        ),
        forbidden(
            "pods \"web\" is forbidden: failed quota: compute: must specify limits.cpu for: nginx; limits.memory for: nginx",
            Denial::Quota,
        ),
        forbidden(
            "configmaps \"web\" is forbidden: unable to create new content in namespace shop because it is being terminated",
            Denial::Terminating,
        ),
        forbidden(
            "admission webhook \"policy.example.com\" denied the request: images must come from registry.example.com",
            Denial::Policy,
        ),
        forbidden(
            "admission webhook \"validate.kyverno.svc-fail\" denied the request: \n\nresource Deployment/shop/web was blocked due to the following policies \n\nrequire-labels:\n  check: 'validation error: label team is required: users cannot leave it out'",
            Denial::Policy,
        ),
        forbidden(
            "pods \"web\" is forbidden: violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \"nginx\" must set securityContext.allowPrivilegeEscalation=false)",
            Denial::Policy,
        ),
        forbidden(
            "deployments.apps \"web\" is forbidden: User \"arn:aws:sts::111122223333:assumed-role/ci/s\" cannot patch resource \"deployments\" in API group \"apps\" in the namespace \"shop\"",
            Denial::Permission,
        ),
        forbidden(
            "certificates.cert-manager.io \"web\" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>",
            Denial::Permission,
        ),
        forbidden(
            "roles.rbac.authorization.k8s.io \"web\" is forbidden: user \"ci\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}",
            Denial::Permission,
        ),
        forbidden(
            "pods \"web\" is forbidden: maximum cpu usage per Container is 500m, but limit is 2",
            Denial::Policy,
        ),
        // A load balancer or tunnel in between.
        both(
            said(403, "", "<html><body><h1>403 Forbidden</h1></body></html>"),
            Answer::Forbidden(Denial::Permission),
        ),
    ]
}

fn not_found() -> Vec<Sample> {
    let mut object = said(404, "NotFound", "configmaps \"web\" not found");
    object["details"] = json!({"name": "web", "kind": "configmaps"});
    let mut kind = said(404, "NotFound", "the server could not find the requested resource");
    kind["details"] = json!({});
    vec![
        both(object, Answer::Absent),
        both(kind, Answer::KindMissing),
        both(said(404, "", "404 page not found"), Answer::KindMissing),
        both(
            said(404, "", "<html><head><title>404 Not Found</title></head></html>"),
            Answer::Invalid,
        ),
    ]
}

fn conflicts() -> Vec<Sample> {
    let mut fields = said(
        409,
        "Conflict",
        "Apply failed with 1 conflict: conflict with \"kubectl-edit\" using apps/v1: .spec.replicas",
    );
    fields["details"] = json!({"causes": [{"reason": "FieldManagerConflict", "message": "conflict with \"kubectl-edit\" using apps/v1", "field": ".spec.replicas"}]});
    let causes = vec![Cause {
        field: ".spec.replicas".to_owned(),
        manager: "kubectl-edit".to_owned(),
    }];
    let other = |message| both(said(409, "Conflict", message), Answer::Conflict(Vec::new()));
    vec![
        both(fields, Answer::Conflict(causes)),
        both(
            said(409, "AlreadyExists", "configmaps \"web\" already exists"),
            Answer::Exists,
        ),
        both(
            said(
                409,
                "AlreadyExists",
                "object is being deleted: namespaces \"shop\" already exists",
            ),
            Answer::Exists,
        ),
        other(
            "Operation cannot be fulfilled on certificates.cert-manager.io \"web\": the object has been modified; please apply your changes to the latest version and try again",
        ),
        other("Precondition failed: UID in precondition: 11, UID in object meta: 22"),
    ]
}

fn failures() -> Vec<Sample> {
    let passing = |code, reason, message| both(said(code, reason, message), Answer::Throttled);
    vec![
        passing(
            410,
            "Expired",
            "The provided continue parameter is too old to display a consistent list result.",
        ),
        passing(429, "TooManyRequests", "Too many requests, please try again later."),
        passing(
            500,
            "InternalError",
            "Internal error occurred: failed calling webhook \"webhook.cert-manager.io\": failed to call webhook: Post \"https://cert-manager-webhook.cert-manager.svc:443/validate?timeout=30s\": dial tcp 10.0.0.7:443: connect: connection refused",
        ),
        passing(
            500,
            "InternalError",
            "Internal error occurred: failed calling webhook \"webhook.cert-manager.io\": failed to call webhook: Post \"https://cert-manager-webhook.cert-manager.svc:443/validate?timeout=30s\": context deadline exceeded",
        ),
        passing(
            500,
            "InternalError",
            "Internal error occurred: resource quota evaluation timed out",
        ),
        passing(
            500,
            "ServerTimeout",
            "The POST operation against configmaps could not be completed at this time, please try again.",
        ),
        lost(said(500, "", "etcdserver: request timed out")),
        lost(said(500, "", "etcdserver: leader changed")),
        lost(said(
            500,
            "InternalError",
            "Internal error occurred: context deadline exceeded",
        )),
        // A load balancer in between that lost the server.
        lost(said(502, "", "<html><body><h1>502 Bad Gateway</h1></body></html>")),
        passing(
            503,
            "ServiceUnavailable",
            "the server is currently unable to handle the request",
        ),
        lost(said(
            504,
            "Timeout",
            "Timeout: request did not complete within requested timeout - context deadline exceeded",
        )),
        lost(said(408, "", "request timed out")),
    ]
}

fn samples() -> Vec<Sample> {
    [invalid(), denials(), not_found(), conflicts(), failures()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn each_answer_has_its_meaning() {
    for sample in samples() {
        for (effect, wanted) in [(Effect::Read, &sample.read), (Effect::Write, &sample.write)] {
            let refusal = of_status(&asked(effect), &sample.status);
            assert_eq!(&refusal.answer, wanted, "{}", sample.status.message);
            assert!(refusal.words.starts_with(&sample.status.message), "{}", refusal.words);
        }
    }
}

#[test]
fn each_row_has_a_sample() {
    let samples = samples();
    for (at, row) in TABLE.iter().enumerate() {
        let first = |sample: &&Sample| {
            let fits = |row: &super::Row| row.code == sample.status.code && sample.status.message.contains(row.words);
            TABLE.iter().position(fits) == Some(at)
        };
        assert!(samples.iter().find(first).is_some(), "{} {:?}", row.code, row.words);
    }
}

#[test]
fn the_words_hold_code_and_reason() {
    let status = serde_json::from_value(said(403, "Forbidden", "no")).expect("a status");
    let refusal = of_status(&asked(Effect::Read), &status);
    assert_eq!(
        refusal.to_string(),
        "PATCH /api/v1/namespaces/shop/configmaps/web on ConfigMap shop/web: no (403 Forbidden)"
    );
}
