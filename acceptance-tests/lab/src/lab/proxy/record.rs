//! What the proxy remembers of every call.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};

/// Which door a call came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The Kubernetes API server.
    Kube,
    /// AWS.
    Aws,
}

/// One call that went through the recording proxy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its number since the last reset, from 1.
    pub n: u64,
    /// When it came in, RFC 3339.
    pub time: String,
    /// Which door it came through.
    pub target: Target,
    /// The HTTP method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The header `x-amz-target`.
    pub amz_target: Option<String>,
    /// The AWS service that the request was signed for.
    pub service: Option<String>,
    /// The AWS operation, as its service's protocol names it: a header, the form's `Action`, or method and path.
    pub operation: Option<String>,
    /// The header `user-agent`.
    pub user_agent: Option<String>,
    /// The status that the caller got; absent while it waits, and when it never got one.
    pub status: Option<u16>,
    /// Bytes of the request's body so far.
    pub request_bytes: u64,
    /// Bytes of the response's body so far.
    pub response_bytes: u64,
    /// How long until the response began, in milliseconds.
    pub millis: Option<u64>,
    /// The number of the fault that met it.
    pub fault: Option<u64>,
}

impl Call {
    /// Whether it changes something, judged by the operation's name (AWS) or, where there is none, the method.
    #[must_use]
    pub fn is_write(&self) -> bool {
        match (self.target, &self.operation) {
            (Target::Aws, Some(operation)) => !["Describe", "Get", "List"]
                .iter()
                .any(|read| operation.starts_with(read)),
            _ => !matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS"),
        }
    }

    /// What IAM calls it, as in `acm:RequestCertificate`; nothing for a call to Kubernetes.
    #[must_use]
    pub fn action(&self) -> Option<String> {
        let service = match self.service.as_deref()? {
            "monitoring" => "cloudwatch",
            same => same,
        };
        Some(format!("{service}:{}", self.operation.as_deref().unwrap_or_default()))
    }

    /// Path and query, whether it is a watch.
    #[must_use]
    pub fn is_watch(&self) -> bool {
        self.path
            .split(['?', '&'])
            .any(|part| matches!(part, "watch=true" | "watch=1"))
    }
}

/// The calls of one session.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Raised by each reset, so that a late answer doesn't touch a new call.
    epoch: u64,
    calls: Vec<Call>,
}

/// Which call of a journal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    epoch: u64,
    n: u64,
}

impl Journal {
    /// Writes a call down; the journal gives it its number.
    pub(crate) fn add(&self, mut call: Call) -> Entry {
        let mut state = self.lock();
        call.n = state.calls.len() as u64 + 1;
        let entry = Entry {
            epoch: state.epoch,
            n: call.n,
        };
        state.calls.push(call);
        entry
    }

    /// Adds to what is known of a call.
    pub(crate) fn update(&self, entry: Entry, change: impl FnOnce(&mut Call)) {
        let mut state = self.lock();
        let index = usize::try_from(entry.n).unwrap_or_default().wrapping_sub(1);
        if state.epoch == entry.epoch
            && let Some(call) = state.calls.get_mut(index)
        {
            change(call);
        }
    }

    /// The calls after number `since`.
    pub(crate) fn since(&self, since: u64) -> Vec<Call> {
        self.lock()
            .calls
            .iter()
            .filter(|call| call.n > since)
            .cloned()
            .collect()
    }

    /// Forgets every call.
    pub(crate) fn reset(&self) {
        let mut state = self.lock();
        state.epoch += 1;
        state.calls.clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Call, Journal, Target};

    /// A call as a test needs it.
    pub(crate) fn call(target: Target, method: &str, path: &str, operation: Option<&str>) -> Call {
        Call {
            n: 0,
            time: String::new(),
            target,
            method: method.to_owned(),
            path: path.to_owned(),
            amz_target: operation.map(|name| format!("ACMPrivateCA.{name}")),
            service: None,
            operation: operation.map(str::to_owned),
            user_agent: None,
            status: None,
            request_bytes: 0,
            response_bytes: 0,
            millis: None,
            fault: None,
        }
    }

    #[test]
    fn counts_from_one_and_starts_again_after_a_reset() {
        let journal = Journal::default();
        let old = journal.add(call(Target::Kube, "GET", "/api", None));
        assert_eq!(journal.since(0)[0].n, 1);
        journal.reset();
        journal.add(call(Target::Kube, "GET", "/version", None));
        journal.update(old, |call| call.status = Some(500));
        assert_eq!(journal.since(0)[0].status, None);
        assert!(journal.since(1).is_empty());
    }

    #[test]
    fn names_actions_as_iam_does() {
        let action = |service: Option<&str>, operation: &str| {
            let mut call = call(Target::Aws, "POST", "/", Some(operation));
            call.service = service.map(str::to_owned);
            call.action().unwrap_or_default()
        };
        assert_eq!(action(Some("acm"), "RequestCertificate"), "acm:RequestCertificate");
        assert_eq!(
            action(Some("route53"), "ChangeResourceRecordSets"),
            "route53:ChangeResourceRecordSets"
        );
        assert_eq!(
            action(Some("monitoring"), "PutMetricAlarm"),
            "cloudwatch:PutMetricAlarm"
        );
        assert_eq!(action(None, "PutMetricAlarm"), "");
    }

    #[test]
    fn tells_writes_and_watches() {
        assert!(call(Target::Aws, "POST", "/x/rrset", Some("ChangeResourceRecordSets")).is_write());
        assert!(!call(Target::Aws, "POST", "/", Some("DescribeListeners")).is_write());
        assert!(call(Target::Aws, "POST", "/", Some("CreateCertificateAuthority")).is_write());
        assert!(!call(Target::Aws, "POST", "/", Some("ListTags")).is_write());
        assert!(call(Target::Kube, "PATCH", "/x", None).is_write());
        assert!(call(Target::Kube, "GET", "/api/v1/pods?limit=5&watch=true", None).is_watch());
        assert!(!call(Target::Kube, "GET", "/api/v1/pods?watched=true", None).is_watch());
    }
}
