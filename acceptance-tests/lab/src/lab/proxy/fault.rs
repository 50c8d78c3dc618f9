//! Faults that the proxy makes on request.

use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::record::{Call, Target};

/// A rule: which calls, and what happens to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which calls.
    #[serde(rename = "match", default)]
    pub matching: Match,
    /// What happens to them.
    pub action: Action,
    /// How often at most; without it, once if `nth` is given and always if not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
}

impl Fault {
    /// A fault for these calls.
    #[must_use]
    pub fn new(matching: Match, action: Action) -> Self {
        Self {
            matching,
            action,
            times: None,
        }
    }

    /// At most this often.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }
}

/// Which calls a fault meets; what is absent matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Match {
    /// Which door.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// The HTTP method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// A part of path and query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_contains: Option<String>,
    /// A part of `x-amz-target`, or of the operation where a service has no such header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amz_target_contains: Option<String>,
    /// A part of the user agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent_contains: Option<String>,
    /// The whole of [`Call::address`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Only calls that change something.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub writes: bool,
    /// The first call to meet, counted among the matching ones from 1 since the rule was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
}

impl Match {
    /// Every call of this operation on this kind of object, as [`Call::address`] names it.
    #[must_use]
    pub fn at(address: &str) -> Self {
        Self {
            address: Some(address.to_owned()),
            ..Self::default()
        }
    }

    /// Every call to the API server.
    #[must_use]
    pub fn kube() -> Self {
        Self {
            target: Some(Target::Kube),
            ..Self::default()
        }
    }

    /// Every call to AWS.
    #[must_use]
    pub fn aws() -> Self {
        Self {
            target: Some(Target::Aws),
            ..Self::default()
        }
    }

    /// Only this method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// Only where path and query contain this.
    #[must_use]
    pub fn path(mut self, part: &str) -> Self {
        self.path_contains = Some(part.to_owned());
        self
    }

    /// Only this AWS operation.
    #[must_use]
    pub fn operation(mut self, part: &str) -> Self {
        self.amz_target_contains = Some(part.to_owned());
        self
    }

    /// Only calls that change something.
    #[must_use]
    pub fn writes(mut self) -> Self {
        self.writes = true;
        self
    }

    /// Only the nth of them, from 1.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = Some(nth);
        self
    }

    fn meets(&self, call: &Call) -> bool {
        let contains = |part: &Option<String>, text: Option<&String>| {
            part.as_ref()
                .is_none_or(|part| text.is_some_and(|text| text.contains(part.as_str())))
        };
        self.target.is_none_or(|target| target == call.target)
            && self
                .method
                .as_ref()
                .is_none_or(|method| method.eq_ignore_ascii_case(&call.method))
            && contains(&self.path_contains, Some(&call.path))
            && contains(
                &self.amz_target_contains,
                call.amz_target.as_ref().or(call.operation.as_ref()),
            )
            && contains(&self.user_agent_contains, call.user_agent.as_ref())
            && self.address.as_ref().is_none_or(|address| *address == call.address())
            && (!self.writes || call.is_write())
    }
}

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// It is answered with this, and never forwarded.
    Status {
        /// The status.
        code: u16,
        /// The body.
        #[serde(default)]
        body: String,
        /// The header `retry-after`, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
    },
    /// It is forwarded after a while.
    Delay {
        /// How long.
        millis: u64,
    },
    /// The connection is closed and nothing forwarded.
    Drop,
    /// It is forwarded, and the connection closed in place of an answer.
    DropAfter,
    /// This process is killed.
    KillPid {
        /// Which.
        pid: u32,
        /// When.
        #[serde(default)]
        when: When,
    },
    /// The process that made the call is killed.
    KillClient {
        /// When.
        #[serde(default)]
        when: When,
    },
}

/// On which side of the call a process is killed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Nothing is forwarded.
    #[default]
    Before,
    /// The call has taken effect, and the answer is lost.
    After,
}

/// A rule and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultState {
    /// The number of the rule, from 1.
    pub id: u64,
    /// The rule.
    pub fault: Fault,
    /// How many calls matched.
    pub matched: u64,
    /// How many were met.
    pub fired: u64,
}

/// The rules of one session.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Mutex<Vec<FaultState>>,
}

impl Faults {
    pub(crate) fn add(&self, fault: Fault) -> u64 {
        let mut rules = self.lock();
        let id = rules.last().map_or(1, |last| last.id + 1);
        rules.push(FaultState {
            id,
            fault,
            matched: 0,
            fired: 0,
        });
        id
    }

    pub(crate) fn list(&self) -> Vec<FaultState> {
        self.lock().clone()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// What happens to this call: the first rule that wants it. Every matching rule counts it.
    pub(crate) fn decide(&self, call: &Call) -> Option<(u64, Action)> {
        let mut decided = None;
        for rule in self.lock().iter_mut().filter(|rule| rule.fault.matching.meets(call)) {
            rule.matched += 1;
            let nth = rule.fault.matching.nth;
            let limit = rule.fault.times.unwrap_or(if nth.is_some() { 1 } else { u64::MAX });
            if decided.is_none() && rule.matched >= nth.unwrap_or(1) && rule.fired < limit {
                rule.fired += 1;
                decided = Some((rule.id, rule.fault.action.clone()));
            }
        }
        decided
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<FaultState>> {
        self.rules.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::Target;
    use super::super::record::tests::call;
    use super::{Action, Fault, Faults, Match};

    #[test]
    fn meets_the_nth_call_once() {
        let faults = Faults::default();
        faults.add(Fault::new(
            Match::aws().operation("IssueCertificate").nth(2),
            Action::Drop,
        ));
        let issue = call(Target::Aws, "POST", "/", Some("IssueCertificate"));
        let other = call(Target::Aws, "POST", "/", Some("ListTags"));
        let met: Vec<bool> = [&issue, &other, &issue, &issue]
            .map(|call| faults.decide(call).is_some())
            .into();
        assert_eq!(met, [false, false, true, false]);
        assert_eq!((faults.list()[0].matched, faults.list()[0].fired), (3, 1));
    }

    #[test]
    fn without_a_number_it_meets_all() {
        let faults = Faults::default();
        faults.add(Fault::new(Match::kube().writes(), Action::Drop).times(2));
        let write = call(Target::Kube, "PATCH", "/x", None);
        let met: Vec<bool> = [&write, &write, &write]
            .map(|call| faults.decide(call).is_some())
            .into();
        assert_eq!(met, [true, true, false]);
    }

    #[test]
    fn an_address_is_no_part_of_another() {
        let faults = Faults::default();
        faults.add(Fault::new(Match::at("patch services"), Action::Drop));
        let services = call(Target::Kube, "PATCH", "/api/v1/namespaces/shop/services/a", None);
        let status = call(Target::Kube, "PATCH", "/api/v1/namespaces/shop/services/a/status", None);
        let met: Vec<bool> = [&services, &status].map(|call| faults.decide(call).is_some()).into();
        assert_eq!(met, [true, false]);
    }

    #[test]
    fn reads_as_json() {
        let text =
            r#"{"match":{"target":"kube","method":"PATCH","nth":3},"action":{"do":"kill_client","when":"after"}}"#;
        let fault: Fault = serde_json::from_str(text).expect("fault");
        assert_eq!(fault.matching, Match::kube().method("PATCH").nth(3));
        assert!(serde_json::from_str::<Fault>(r#"{"match":{"targte":"kube"},"action":{"do":"drop"}}"#).is_err());
    }
}
