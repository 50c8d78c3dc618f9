//! A service in memory that can be killed at any call.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use jiff::Timestamp;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

use crate::orchestrate::owner::CREATING_TAG;
use e2etls_clients::aws::private_ca::{Authority, IssueRequest, Issued, NewAuthority, PrivateCaApi, Revocation};
use e2etls_engine::refusal::{Answer, Refusal};

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const REGION: &str = "eu-central-1";

/// A CA of the fake.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) authority: Authority,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) own: Option<Issued>,
    pub(super) allows_acm: bool,
}

#[derive(Default)]
struct Inside {
    kept: Vec<Kept>,
    tokens: BTreeMap<String, String>,
    issued: BTreeMap<String, Issued>,
    templates: Vec<String>,
    calls: usize,
    killed_after: Option<usize>,
}

#[derive(Default)]
pub(super) struct Fake(Mutex<Inside>);

impl Fake {
    /// Every call after the `calls`-th fails, as for a process that was killed then; the `calls`-th has its effect and
    /// loses its answer.
    pub(super) fn killed_after(&self, calls: usize) {
        let mut inside = self.0.lock().unwrap();
        (inside.calls, inside.killed_after) = (0, Some(calls));
    }

    pub(super) fn revived(&self) {
        let mut inside = self.0.lock().unwrap();
        (inside.calls, inside.killed_after) = (0, None);
    }

    pub(super) fn calls(&self) -> usize {
        self.0.lock().unwrap().calls
    }

    pub(super) fn all(&self) -> Vec<Kept> {
        self.0.lock().unwrap().kept.clone()
    }

    /// The CAs that are not deleted.
    pub(super) fn alive(&self) -> Vec<Kept> {
        self.all()
            .into_iter()
            .filter(|kept| kept.authority.status != "DELETED")
            .collect()
    }

    pub(super) fn templates(&self) -> Vec<String> {
        self.0.lock().unwrap().templates.clone()
    }

    pub(super) fn edit(&self, arn: &str, edit: impl FnOnce(&mut Kept)) {
        edit(
            self.0
                .lock()
                .unwrap()
                .kept
                .iter_mut()
                .find(|kept| kept.authority.arn == arn)
                .unwrap(),
        );
    }

    /// Counts the call; then `effect`, unless the process is dead, and an error if it died of this call.
    fn call<T>(&self, effect: impl FnOnce(&mut Inside) -> Result<T, Refusal>) -> Result<T, Refusal> {
        let mut inside: MutexGuard<'_, Inside> = self.0.lock().unwrap();
        inside.calls += 1;
        let calls = inside.calls;
        match inside.killed_after {
            Some(last) if calls > last => Err(refusal("killed")),
            Some(last) if calls == last => effect(&mut inside).and_then(|_| Err(refusal("killed"))),
            _ => effect(&mut inside),
        }
    }

    fn with<T>(&self, arn: &str, effect: impl FnOnce(&mut Kept) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.call(
            |inside| match inside.kept.iter_mut().find(|kept| kept.authority.arn == arn) {
                Some(kept) => effect(kept),
                None => Err(refusal("ResourceNotFoundException")),
            },
        )
    }
}

fn refusal(words: &str) -> Refusal {
    Refusal::new(Answer::Invalid, "acm-pca", REGION, words)
}

fn state(kept: &Kept, allowed: &[&str]) -> Result<(), Refusal> {
    let status = kept.authority.status.as_str();
    if allowed.contains(&status) {
        Ok(())
    } else {
        Err(refusal(&format!("InvalidStateException: {status}")))
    }
}

fn pem(days: i64, path_length: Option<u8>) -> String {
    let mut params = CertificateParams::default();
    let now = Timestamp::now().as_second();
    let time = |seconds: i64| std::time::UNIX_EPOCH + std::time::Duration::from_secs(u64::try_from(seconds).unwrap());
    params.not_before = time(now - 3600).into();
    params.not_after = time(now + days * 86_400).into();
    params.is_ca = IsCa::Ca(path_length.map_or(BasicConstraints::Unconstrained, BasicConstraints::Constrained));
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
}

#[async_trait]
impl PrivateCaApi for Fake {
    async fn account(&self) -> Result<&str, Refusal> {
        Ok(ACCOUNT)
    }

    fn region(&self) -> &str {
        REGION
    }

    async fn list(&self) -> Result<Vec<Authority>, Refusal> {
        self.call(|inside| Ok(inside.kept.iter().map(|kept| kept.authority.clone()).collect()))
    }

    async fn describe(&self, arn: &str) -> Result<Option<Authority>, Refusal> {
        self.call(|inside| {
            Ok(inside
                .kept
                .iter()
                .find(|kept| kept.authority.arn == arn)
                .map(|kept| kept.authority.clone()))
        })
    }

    async fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>, Refusal> {
        self.with(arn, |kept| Ok(kept.tags.clone()))
    }

    async fn tag(&self, arn: &str, tags: &BTreeMap<String, String>) -> Result<(), Refusal> {
        self.with(arn, |kept| {
            kept.tags.extend(tags.clone());
            Ok(())
        })
    }

    async fn untag(&self, arn: &str, keys: &[&str]) -> Result<(), Refusal> {
        self.with(arn, |kept| {
            kept.tags.retain(|key, _| !keys.contains(&key.as_str()));
            Ok(())
        })
    }

    async fn create(&self, new: &NewAuthority) -> Result<String, Refusal> {
        self.call(|inside| {
            if let Some(arn) = inside.tokens.get(&new.token) {
                return Ok(arn.clone());
            }
            let number = inside.kept.len();
            let arn = format!("arn:aws:acm-pca:{REGION}:{ACCOUNT}:certificate-authority/{number}");
            inside.tokens.insert(new.token.clone(), arn.clone());
            inside.kept.push(Kept {
                authority: Authority {
                    arn: arn.clone(),
                    owner_account: ACCOUNT.to_owned(),
                    status: "PENDING_CERTIFICATE".to_owned(),
                    ca_type: new.ca_type.clone(),
                    usage_mode: new.usage_mode.clone(),
                    key_algorithm: new.key_algorithm.clone(),
                    signing_algorithm: new.signing_algorithm.clone(),
                    subject: new.subject.clone(),
                    created_at: Some(Timestamp::now()),
                    not_after: None,
                    failure_reason: None,
                    revocation: new.revocation.clone(),
                },
                tags: new.tags.clone(),
                own: None,
                allows_acm: false,
            });
            Ok(arn)
        })
    }

    async fn csr(&self, arn: &str) -> Result<Option<String>, Refusal> {
        self.with(arn, |kept| Ok(Some(format!("csr of {}", kept.authority.arn))))
    }

    async fn certificate(&self, arn: &str) -> Result<Issued, Refusal> {
        self.with(arn, |kept| {
            kept.own.clone().ok_or_else(|| refusal("InvalidStateException"))
        })
    }

    async fn issue(&self, request: &IssueRequest<'_>) -> Result<String, Refusal> {
        self.call(|inside| {
            let signer = inside
                .kept
                .iter()
                .find(|kept| kept.authority.arn == request.ca_arn)
                .unwrap();
            state(signer, &["ACTIVE", "PENDING_CERTIFICATE", "EXPIRED"])?;
            let path_length = request
                .template
                .split("PathLen")
                .nth(1)
                .and_then(|rest| rest[..1].parse().ok());
            let chain_pem = signer
                .own
                .as_ref()
                .map(|own| own.certificate_pem.clone())
                .unwrap_or_default();
            let issued = Issued {
                certificate_pem: pem(request.validity_days, path_length),
                chain_pem,
            };
            inside.templates.push(request.template.to_owned());
            inside.issued.entry(request.token.to_owned()).or_insert(issued);
            Ok(request.token.to_owned())
        })
    }

    async fn issued(&self, _ca_arn: &str, certificate_arn: &str) -> Result<Option<Issued>, Refusal> {
        self.call(|inside| Ok(inside.issued.get(certificate_arn).cloned()))
    }

    async fn import(&self, arn: &str, certificate: &Issued) -> Result<(), Refusal> {
        self.with(arn, |kept| {
            state(kept, &["PENDING_CERTIFICATE", "ACTIVE", "EXPIRED"])?;
            kept.authority.not_after = crate::pki::Certificate::first(&certificate.certificate_pem)
                .ok()
                .map(|own| own.not_after);
            kept.authority.status = "ACTIVE".to_owned();
            kept.own = Some(certificate.clone());
            Ok(())
        })
    }

    async fn set_enabled(&self, arn: &str, enabled: bool) -> Result<(), Refusal> {
        self.with(arn, |kept| {
            state(kept, &["ACTIVE", "DISABLED"])?;
            kept.authority.status = if enabled { "ACTIVE" } else { "DISABLED" }.to_owned();
            Ok(())
        })
    }

    async fn set_revocation(&self, arn: &str, revocation: &Revocation) -> Result<(), Refusal> {
        self.with(arn, |kept| {
            kept.authority.revocation = revocation.clone();
            Ok(())
        })
    }

    async fn delete(&self, arn: &str, _days: i32) -> Result<(), Refusal> {
        self.with(arn, |kept| {
            state(kept, &["DISABLED", "PENDING_CERTIFICATE", "EXPIRED", "FAILED"])?;
            kept.authority.status = "DELETED".to_owned();
            Ok(())
        })
    }

    async fn restore(&self, arn: &str) -> Result<(), Refusal> {
        self.with(arn, |kept| {
            state(kept, &["DELETED"])?;
            kept.authority.status = if kept.own.is_some() {
                "DISABLED"
            } else {
                "PENDING_CERTIFICATE"
            }
            .to_owned();
            Ok(())
        })
    }

    async fn acm_may_renew(&self, arn: &str) -> Result<bool, Refusal> {
        self.with(arn, |kept| Ok(kept.allows_acm))
    }

    async fn let_acm_renew(&self, arn: &str, allowed: bool) -> Result<(), Refusal> {
        self.with(arn, |kept| {
            kept.allows_acm = allowed;
            Ok(())
        })
    }
}

impl Kept {
    pub(super) fn is_marked(&self) -> bool {
        self.tags.contains_key(CREATING_TAG)
    }
}
