//! ACM in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use e2etls_engine::refusal::{Answer, Refusal};
use jiff::{SignedDuration, Timestamp};

use super::{AcmApi, Certificate, NewCertificate, Record, Summary, ValidationRecord};
use crate::aws::fake::{Said, Service, digits, identity};
use crate::aws::route53::fake::FakeRoute53;
use crate::aws::{Effect, Tags};
use crate::present;

/// How long a public certificate is valid.
const LIFE: SignedDuration = SignedDuration::from_hours(198 * 24);

/// A certificate of the fake.
#[derive(Clone, Debug)]
pub struct Kept {
    /// As `DescribeCertificate` tells of it, but for the records that it does not show yet.
    pub certificate: Certificate,
    /// Its tags.
    pub tags: Tags,
    /// True once its records are shown: from the second look on.
    pub is_seen: bool,
}

#[derive(Debug, Default)]
struct Inside {
    kept: BTreeMap<String, Kept>,
    /// By token and names: a token that is sent with other names asks for another certificate.
    tokens: BTreeMap<(String, Vec<String>), String>,
    made: usize,
}

/// ACM in memory. The first look at a certificate does not show its records; it is ISSUED once all of them are in a public
/// zone of the account's Route 53.
#[derive(Debug)]
pub struct FakeAcm {
    service: Service,
    dns: Arc<FakeRoute53>,
    inside: Mutex<Inside>,
}

identity!(FakeAcm);

impl FakeAcm {
    pub(crate) fn new(service: Service, dns: Arc<FakeRoute53>) -> Self {
        Self {
            service,
            dns,
            inside: Mutex::default(),
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All certificates. Not a call.
    #[must_use]
    pub fn all(&self) -> Vec<Kept> {
        self.inside().kept.values().cloned().collect()
    }

    /// Edits a certificate by hand: who uses it, a failure, tags. Not a call.
    pub fn edit(&self, arn: &str, edit: impl FnOnce(&mut Kept)) {
        if let Some(kept) = self.inside().kept.get_mut(arn) {
            edit(kept);
        }
    }

    /// An hour goes by: tokens may be used again.
    pub fn forget_tokens(&self) {
        self.inside().tokens.clear();
    }

    fn record(&self, domain: &str) -> Record {
        let base = domain.trim_start_matches("*.").to_lowercase();
        let about = |what| digits(&[self.service.account(), &base, what]);
        Record {
            name: format!("_{}.{base}.", about("name")),
            record_type: "CNAME".to_owned(),
            value: format!("_{}.validations.acm-validations.aws.", about("value")),
        }
    }

    fn make(&self, new: &NewCertificate, number: usize) -> Certificate {
        let sans = names(new);
        let (account, region) = (self.service.account(), self.service.region());
        let validation = sans.iter().map(|domain| ValidationRecord {
            domain: domain.clone(),
            status: "PENDING_VALIDATION".to_owned(),
            record: Some(self.record(domain)),
        });
        Certificate {
            arn: format!("arn:aws:acm:{region}:{account}:certificate/{number}"),
            status: "PENDING_VALIDATION".to_owned(),
            domain: new.domain.clone(),
            key_algorithm: new.key_algorithm.clone(),
            validation: validation.collect(),
            created_at: Some(Timestamp::now()),
            certificate_type: "AMAZON_ISSUED".to_owned(),
            sans,
            ..Certificate::default()
        }
    }

    /// Validates what is in DNS, and issues what is validated.
    fn settle(&self, certificate: &mut Certificate) {
        if certificate.status != "PENDING_VALIDATION" {
            return;
        }
        for validation in &mut certificate.validation {
            let record = validation.record.as_ref();
            let found =
                record.is_some_and(|record| self.dns.resolves(&record.name, &record.record_type, &record.value));
            if found {
                validation.status = "SUCCESS".to_owned();
            }
        }
        if certificate.validation.iter().all(|one| one.status == "SUCCESS") {
            certificate.status = "ISSUED".to_owned();
            certificate.not_after = Some(Timestamp::now() + LIFE);
        }
    }

    fn with<T>(
        &self,
        operation: &str,
        arn: &str,
        effect: Effect,
        run: impl FnOnce(&mut Kept) -> Result<T, Said>,
    ) -> Result<T, Refusal> {
        self.service.call(operation, arn, effect, || {
            let mut inside = self.inside();
            let kept = inside.kept.get_mut(arn).ok_or_else(|| absent(arn))?;
            self.settle(&mut kept.certificate);
            run(kept)
        })
    }
}

/// All names, the common name first.
fn names(new: &NewCertificate) -> Vec<String> {
    let others = new.sans.iter().filter(|san| **san != new.domain);
    std::iter::once(&new.domain).chain(others).cloned().collect()
}

fn absent(arn: &str) -> Said {
    let words = format!("Could not find certificate {arn}.");
    (400, "ResourceNotFoundException", words)
}

fn check(new: &NewCertificate) -> Result<(), Said> {
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    if new.token.is_empty() || new.token.len() > 32 || !new.token.chars().all(is_word) {
        let words = format!(
            "1 validation error detected: Value '{}' at 'idempotencyToken' failed to satisfy constraint",
            new.token
        );
        return Err((400, "ValidationException", words));
    }
    check_tags(&new.tags)
}

fn check_tags(tags: &Tags) -> Result<(), Said> {
    let is_bad = |key: &&String| key.starts_with("aws:") || key.is_empty() || key.len() > 128;
    match tags.keys().find(is_bad) {
        Some(key) => Err((400, "InvalidTagException", format!("Tag key {key:?} is not valid"))),
        None if tags.len() > 50 => Err((400, "TooManyTagsException", "more than 50 tags".to_owned())),
        None => Ok(()),
    }
}

#[async_trait]
impl AcmApi for FakeAcm {
    async fn request_certificate(&self, new: &NewCertificate) -> Result<String, Refusal> {
        self.service
            .call("acm:RequestCertificate", &new.domain, Effect::Write, || {
                check(new)?;
                let mut inside = self.inside();
                let token = (new.token.clone(), names(new));
                if let Some(arn) = inside.tokens.get(&token) {
                    return Ok(arn.clone());
                }
                inside.made += 1;
                let kept = Kept {
                    certificate: self.make(new, inside.made),
                    tags: new.tags.clone(),
                    is_seen: false,
                };
                let arn = kept.certificate.arn.clone();
                inside.tokens.insert(token, arn.clone());
                inside.kept.insert(arn.clone(), kept);
                Ok(arn)
            })
    }

    async fn describe(&self, arn: &str) -> Result<Option<Certificate>, Refusal> {
        let looked = self.with("acm:DescribeCertificate", arn, Effect::Read, |kept| {
            let mut shown = kept.certificate.clone();
            if !std::mem::replace(&mut kept.is_seen, true) {
                shown.validation.iter_mut().for_each(|one| one.record = None);
            }
            Ok(shown)
        });
        present(looked)
    }

    async fn list(&self, statuses: &[&str]) -> Result<Vec<Summary>, Refusal> {
        self.service
            .call("acm:ListCertificates", self.service.region(), Effect::Read, || {
                let mut inside = self.inside();
                inside
                    .kept
                    .values_mut()
                    .for_each(|kept| self.settle(&mut kept.certificate));
                let found = inside.kept.values().map(|kept| summary(&kept.certificate));
                Ok(found
                    .filter(|found| statuses.is_empty() || statuses.contains(&found.status.as_str()))
                    .collect())
            })
    }

    async fn tags(&self, arn: &str) -> Result<Tags, Refusal> {
        self.with("acm:ListTagsForCertificate", arn, Effect::Read, |kept| {
            Ok(kept.tags.clone())
        })
    }

    async fn add_tags(&self, arn: &str, tags: &Tags) -> Result<(), Refusal> {
        if tags.is_empty() {
            return Ok(());
        }
        self.with("acm:AddTagsToCertificate", arn, Effect::Write, |kept| {
            let mut all = kept.tags.clone();
            all.extend(tags.clone());
            check_tags(&all)?;
            kept.tags = all;
            Ok(())
        })
    }

    async fn remove_tags(&self, arn: &str, keys: &[&str]) -> Result<(), Refusal> {
        if keys.is_empty() {
            return Ok(());
        }
        self.with("acm:RemoveTagsFromCertificate", arn, Effect::Write, |kept| {
            kept.tags.retain(|key, _| !keys.contains(&key.as_str()));
            Ok(())
        })
    }

    async fn delete(&self, arn: &str) -> Result<(), Refusal> {
        let mut users = Vec::new();
        let deleted = self.service.call("acm:DeleteCertificate", arn, Effect::Write, || {
            let mut inside = self.inside();
            let kept = inside.kept.get(arn).ok_or_else(|| absent(arn))?;
            users.clone_from(&kept.certificate.in_use_by);
            if !users.is_empty() {
                let words = format!("Certificate {arn} in account {} is in use.", self.service.account());
                return Err((400, "ResourceInUseException", words));
            }
            inside.kept.remove(arn);
            Ok(())
        });
        match deleted {
            Err(refusal) if matches!(refusal.answer, Answer::InUse(_)) => Err(Refusal {
                answer: Answer::InUse(users),
                ..refusal
            }),
            other => other,
        }
    }
}

fn summary(found: &Certificate) -> Summary {
    Summary {
        arn: found.arn.clone(),
        status: found.status.clone(),
        domain: found.domain.clone(),
        sans: found.sans.iter().take(100).cloned().collect(),
        has_more_sans: found.sans.len() > 100,
        key_algorithm: found.key_algorithm.clone(),
        certificate_type: found.certificate_type.clone(),
        in_use: !found.in_use_by.is_empty(),
        created_at: found.created_at,
        not_after: found.not_after,
    }
}
