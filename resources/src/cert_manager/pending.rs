//! Why nobody answers a CertificateRequest: its approver, or the controller of its issuer.

use std::time::Duration;

use e2etls_clients::kube::kinds::AWS_PCA_ISSUER;
use serde_json::Value;
use tokio::time::Instant;

use super::reference::Reference;
use super::report::{Issued, condition, conditions, holds, issued, requests_of, revision};

/// How long a request may be without an answer before its likely cause is an error.
const PATIENCE: Duration = Duration::from_secs(100);

/// What became of the request of a canary.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    Issued(String),
    Rejected(String),
    /// By an approver.
    Denied(String),
    /// Nobody has answered for too long: the likely cause.
    Nobody(String),
}

/// The answer to a request that is `waiting` for so long; what it waits for if there is none yet.
pub(super) fn decided(seen: Option<&Value>, waiting: Duration) -> Result<Answer, String> {
    let words = conditions(seen);
    match (issued(seen), seen.and_then(cause)) {
        (Issued::Certificate(pem), _) => Ok(Answer::Issued(pem)),
        (Issued::Refused, _) if seen.is_some_and(|seen| holds(seen, "Denied")) => Ok(Answer::Denied(words)),
        (Issued::Refused, _) => Ok(Answer::Rejected(words)),
        (Issued::Pending, Some(cause)) if waiting >= PATIENCE => Ok(Answer::Nobody(cause)),
        (Issued::Pending, Some(cause)) => Err(format!("{words}; {cause}")),
        (Issued::Pending, None) => Err(words),
    }
}

/// Since when nobody has acted on a Certificate.
#[derive(Debug, Default)]
pub(super) struct Silence(Option<(Value, Instant)>);

impl Silence {
    /// The likely cause, once nobody has acted for too long. A request that is not approved is given all the time there is:
    /// people may approve it.
    pub(super) fn lasting(&mut self, certificate: &Value, requests: &[Value], name: &str) -> Option<String> {
        let newest = requests_of(requests, name)
            .into_iter()
            .max_by_key(|request| revision(request));
        let (on, cause) = match newest {
            Some(request) if holds(request, "Approved") => (request["metadata"]["uid"].clone(), cause(request)),
            None if certificate["status"]["conditions"].is_null() => {
                let words = "cert-manager has not looked at the Certificate: it may not be running, or it may be unable \
                    to reach the API server. Check its Pods and their logs.";
                (Value::Null, Some(words.to_owned()))
            }
            _ => (Value::Null, None),
        };
        let Some(cause) = cause else {
            self.0 = None;
            return None;
        };
        let known = self.0.take().filter(|(same, _)| *same == on);
        let (on, since) = known.unwrap_or_else(|| (on, Instant::now()));
        let lasting = since.elapsed();
        self.0 = Some((on, since));
        (lasting >= PATIENCE).then_some(cause)
    }
}

/// What a request waits for, with what to look at; `None` if it has an answer, or its controller is at work.
#[must_use]
pub(super) fn cause(request: &Value) -> Option<String> {
    let issuer = &request["spec"]["issuerRef"];
    let text = |field: &str| issuer[field].as_str().unwrap_or_default();
    if holds(request, "Denied") || condition(request, "Ready").is_some() {
        return None;
    }
    if !holds(request, "Approved") {
        let signers = format!("{}s.{}", text("kind").to_lowercase(), text("group"));
        return Some(format!(
            "it is not approved. cert-manager approves it if its ClusterRole allows `approve` on `signers` named \
             `{signers}/*`; with approver-policy, a CertificateRequestPolicy must select it. Check that cert-manager \
             is running, then check this role or policy and the events of the request."
        ));
    }
    let (kind, name) = (text("kind"), text("name"));
    let of_aws = ", or it may have no AWS identity (without one, aws-privateca-issuer only writes to its log). Check its \
        Pods, their logs, and their Pod Identity association or IAM role.";
    let more = if text("group") == AWS_PCA_ISSUER.group {
        of_aws
    } else {
        ". Check its Pods and their logs."
    };
    Some(format!(
        "it is approved, but the controller of {kind} `{name}` has not answered: it may not be running{more}"
    ))
}

/// What to do about a request that an approver denied.
#[must_use]
pub(super) fn denied(kind: &str, name: &str) -> String {
    format!(
        "A policy in the cluster denied the request; AWS was not involved. Change the policy (with approver-policy, \
         a CertificateRequestPolicy) to allow requests for {kind} `{name}` by the provider's identity, or set \
         `verify = \"ready\"` if the policy is meant to allow only the application's requests. Then apply again."
    )
}

/// What may keep an issuer of AWS Private CA from issuing.
#[must_use]
pub(super) fn advice(reference: &Reference, template: Option<&str>, usages: &[String]) -> String {
    let Reference { kind, name, .. } = reference;
    let template = template.unwrap_or_else(|| crate::usage::template_of(usages));
    format!(
        "{kind} `{name}` requested a certificate with the usages {} and the template `{template}`. Check that \
         aws-privateca-issuer is running, that cert-manager is allowed to approve its requests, and that the identity \
         of aws-privateca-issuer is allowed `acm-pca:IssueCertificate`, `acm-pca:GetCertificate` and \
         `acm-pca:DescribeCertificateAuthority` on {} with this template. (If another account shares the CA, the share \
         allows only `EndEntityCertificate/V1` by default: set `template` accordingly.) Then apply again.",
        usages.join(", "),
        reference.ca_arn.as_deref().unwrap_or("the CA"),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(conditions: &Value) -> Value {
        json!({
            "spec": {"issuerRef": {"name": "corp", "kind": "AWSPCAIssuer", "group": "awspca.cert-manager.io"}},
            "status": {"conditions": conditions},
        })
    }

    #[test]
    fn a_request_without_an_answer_has_a_likely_cause() {
        let is_true = |kind: &str| json!({"type": kind, "status": "True"});
        let cause = |conditions: Value| cause(&request(&conditions));
        let not_approved = cause(json!([])).expect("nobody approved it");
        assert!(
            not_approved.contains("`awspcaissuers.awspca.cert-manager.io/*`"),
            "{not_approved}"
        );
        let not_answered = cause(json!([is_true("Approved")])).expect("no controller answered");
        assert!(not_answered.contains("no AWS identity") && not_answered.contains("AWSPCAIssuer `corp`"));
        assert_eq!(cause(json!([is_true("Denied")])), None);
        let at_work = json!({"type": "Ready", "status": "False", "reason": "Pending"});
        assert_eq!(cause(json!([is_true("Approved"), at_work])), None);
    }

    /// A request of the Certificate `web`.
    fn of_web(uid: &str, revision: &str, conditions: &Value) -> Value {
        let mut request = request(conditions);
        request["metadata"] = json!({"uid": uid, "annotations": {
            "cert-manager.io/certificate-name": "web", "cert-manager.io/certificate-revision": revision}});
        request
    }

    #[tokio::test(start_paused = true)]
    async fn silence_ends_a_wait_unless_somebody_may_still_approve() {
        let approved = json!([{"type": "Approved", "status": "True"}]);
        let at_work =
            json!([{"type": "Approved", "status": "True"}, {"type": "Ready", "status": "False", "reason": "Pending"}]);
        let looked_at = json!({"status": {"conditions": [{"type": "Issuing", "status": "True"}]}});
        let old = of_web("0", "1", &at_work);
        for (certificate, requests, said) in [
            (
                &looked_at,
                vec![old.clone(), of_web("1", "2", &approved)],
                Some("no AWS identity"),
            ),
            (&looked_at, vec![of_web("1", "1", &json!([]))], None),
            (&looked_at, vec![of_web("1", "1", &at_work)], None),
            (&looked_at, vec![], None),
            (&json!({}), vec![], Some("cert-manager has not looked")),
        ] {
            let mut silence = Silence::default();
            assert_eq!(
                silence.lasting(certificate, &requests, "web"),
                None,
                "it has just begun"
            );
            tokio::time::sleep(PATIENCE).await;
            let cause = silence.lasting(certificate, &requests, "web");
            assert_eq!(cause.is_some(), said.is_some(), "{requests:?}");
            assert!(cause.is_none_or(|cause| cause.contains(said.unwrap_or_default())));
        }
        let mut silence = Silence::default();
        for uid in ["1", "2"] {
            let requests = [of_web(uid, "1", &approved)];
            assert_eq!(
                silence.lasting(&looked_at, &requests, "web"),
                None,
                "another request begins anew"
            );
            tokio::time::sleep(PATIENCE / 2).await;
        }
    }

    #[test]
    fn a_denied_request_has_nothing_to_do_with_iam() {
        assert!(!denied("AWSPCAIssuer", "corp").contains("acm-pca:"));
    }
}
