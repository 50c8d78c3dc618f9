//! AWS Private CA in memory.
//!
//! This file is long because the port has a method for each operation of the API.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use e2etls_engine::refusal::Refusal;
use jiff::Timestamp;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

use super::{AcmPcaApi, Authority, IssueRequest, Issued, NewAuthority, Revocation};
use crate::aws::fake::{Said, Service, identity};
use crate::aws::{Effect, Tags};
use crate::present;

/// A CA of the fake.
#[derive(Clone, Debug)]
pub struct Kept {
    /// As `DescribeCertificateAuthority` tells of it.
    pub authority: Authority,
    /// Its tags.
    pub tags: Tags,
    /// Its own certificate and chain.
    pub own: Option<Issued>,
    /// Whether ACM may renew from it.
    pub allows_acm: bool,
}

#[derive(Debug, Default)]
struct Inside {
    kept: Vec<Kept>,
    tokens: BTreeMap<String, String>,
    issued: BTreeMap<String, Issued>,
    templates: Vec<String>,
}

/// AWS Private CA in memory. It is as quick as none is: a CA is never CREATING, a certificate is issued at once.
#[derive(Debug)]
pub struct FakeAcmPca {
    service: Service,
    inside: Mutex<Inside>,
}

identity!(FakeAcmPca);

impl FakeAcmPca {
    pub(crate) fn new(service: Service) -> Self {
        Self {
            service,
            inside: Mutex::default(),
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All CAs, deleted ones included, in the order in which they were made. Not a call.
    #[must_use]
    pub fn all(&self) -> Vec<Kept> {
        self.inside().kept.clone()
    }

    /// The CAs that are not deleted. Not a call.
    #[must_use]
    pub fn alive(&self) -> Vec<Kept> {
        let mut all = self.all();
        all.retain(|kept| kept.authority.status != "DELETED");
        all
    }

    /// The templates that were issued by, in order. Not a call.
    #[must_use]
    pub fn templates(&self) -> Vec<String> {
        self.inside().templates.clone()
    }

    /// Edits a CA by hand. Not a call.
    pub fn edit(&self, arn: &str, edit: impl FnOnce(&mut Kept)) {
        if let Some(kept) = self.inside().kept.iter_mut().find(|kept| kept.authority.arn == arn) {
            edit(kept);
        }
    }

    /// Five minutes go by: tokens may be used again.
    pub fn forget_tokens(&self) {
        let mut inside = self.inside();
        inside.tokens.clear();
        inside.issued.clear();
    }

    /// A read of one CA.
    fn see<T>(&self, operation: &str, arn: &str, run: impl FnOnce(&Kept) -> Result<T, Said>) -> Result<T, Refusal> {
        self.service.call(operation, arn, Effect::Read, || {
            let inside = self.inside();
            run(inside
                .kept
                .iter()
                .find(|kept| kept.authority.arn == arn)
                .ok_or_else(|| absent(arn))?)
        })
    }

    /// A change of one CA that is in one of these states; in any but DELETED, if none is given.
    fn change(&self, operation: &str, arn: &str, allowed: &[&str], run: impl FnOnce(&mut Kept)) -> Result<(), Refusal> {
        self.service.call(operation, arn, Effect::Write, || {
            let mut inside = self.inside();
            let kept = inside.kept.iter_mut().find(|kept| kept.authority.arn == arn);
            let kept = kept.ok_or_else(|| absent(arn))?;
            state(kept, allowed)?;
            run(kept);
            Ok(())
        })
    }
}

fn absent(arn: &str) -> Said {
    (400, "ResourceNotFoundException", format!("Could not find {arn}"))
}

fn state(kept: &Kept, allowed: &[&str]) -> Result<(), Said> {
    let status = kept.authority.status.as_str();
    if allowed.contains(&status) || (allowed.is_empty() && status != "DELETED") {
        return Ok(());
    }
    let words = format!("The certificate authority is in the {status} state");
    Err((400, "InvalidStateException", words))
}

fn pem(days: i64, path_length: Option<u8>) -> String {
    let now = Timestamp::now().as_second();
    let time = |seconds: i64| {
        std::time::UNIX_EPOCH + std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
    };
    let mut params = CertificateParams::default();
    params.not_before = time(now - 3600).into();
    params.not_after = time(now + days * 86_400).into();
    params.is_ca = IsCa::Ca(path_length.map_or(BasicConstraints::Unconstrained, BasicConstraints::Constrained));
    let made = KeyPair::generate().and_then(|key| params.self_signed(&key));
    made.map(|certificate| certificate.pem()).unwrap_or_default()
}

#[async_trait]
impl AcmPcaApi for FakeAcmPca {
    async fn list(&self) -> Result<Vec<Authority>, Refusal> {
        let (operation, region) = ("acm-pca:ListCertificateAuthorities", self.service.region());
        self.service.call(operation, region, Effect::Read, || {
            Ok(self.inside().kept.iter().map(|kept| kept.authority.clone()).collect())
        })
    }

    async fn describe(&self, arn: &str) -> Result<Option<Authority>, Refusal> {
        present(self.see("acm-pca:DescribeCertificateAuthority", arn, |kept| {
            Ok(kept.authority.clone())
        }))
    }

    async fn tags(&self, arn: &str) -> Result<Tags, Refusal> {
        self.see("acm-pca:ListTags", arn, |kept| {
            state(kept, &[])?;
            Ok(kept.tags.clone())
        })
    }

    async fn tag(&self, arn: &str, tags: &Tags) -> Result<(), Refusal> {
        if tags.is_empty() {
            return Ok(());
        }
        self.change("acm-pca:TagCertificateAuthority", arn, &[], |kept| {
            kept.tags.extend(tags.clone())
        })
    }

    async fn untag(&self, arn: &str, keys: &[&str]) -> Result<(), Refusal> {
        if keys.is_empty() {
            return Ok(());
        }
        self.change("acm-pca:UntagCertificateAuthority", arn, &[], |kept| {
            kept.tags.retain(|key, _| !keys.contains(&key.as_str()));
        })
    }

    async fn create(&self, new: &NewAuthority) -> Result<String, Refusal> {
        let (account, region) = (self.service.account(), self.service.region());
        self.service
            .call("acm-pca:CreateCertificateAuthority", region, Effect::Write, || {
                let mut inside = self.inside();
                if let Some(arn) = inside.tokens.get(&new.token) {
                    return Ok(arn.clone());
                }
                let arn = format!(
                    "arn:aws:acm-pca:{region}:{account}:certificate-authority/{}",
                    inside.kept.len()
                );
                inside.tokens.insert(new.token.clone(), arn.clone());
                inside.kept.push(made(&arn, account, new));
                Ok(arn)
            })
    }

    async fn csr(&self, arn: &str) -> Result<Option<String>, Refusal> {
        self.see("acm-pca:GetCertificateAuthorityCsr", arn, |kept| {
            Ok(Some(format!("csr of {}", kept.authority.arn)))
        })
    }

    async fn certificate(&self, arn: &str) -> Result<Issued, Refusal> {
        self.see("acm-pca:GetCertificateAuthorityCertificate", arn, |kept| {
            kept.own.clone().ok_or_else(|| {
                let words = "The certificate authority has no certificate".to_owned();
                (400, "InvalidStateException", words)
            })
        })
    }

    async fn issue(&self, request: &IssueRequest<'_>) -> Result<String, Refusal> {
        self.service
            .call("acm-pca:IssueCertificate", request.ca_arn, Effect::Write, || {
                let mut inside = self.inside();
                let signer = inside.kept.iter().find(|kept| kept.authority.arn == request.ca_arn);
                let signer = signer.ok_or_else(|| absent(request.ca_arn))?;
                state(signer, &["ACTIVE", "PENDING_CERTIFICATE", "EXPIRED"])?;
                let after = request.template.split("PathLen").nth(1);
                let path_length = after.and_then(|rest| rest.get(..1)?.parse().ok());
                let own = signer.own.as_ref();
                let issued = Issued {
                    certificate_pem: pem(request.validity_days, path_length),
                    chain_pem: own.map(|own| own.certificate_pem.clone()).unwrap_or_default(),
                };
                inside.templates.push(request.template.to_owned());
                inside.issued.entry(request.token.to_owned()).or_insert(issued);
                Ok(request.token.to_owned())
            })
    }

    async fn issued(&self, ca_arn: &str, certificate_arn: &str) -> Result<Option<Issued>, Refusal> {
        self.service.call("acm-pca:GetCertificate", ca_arn, Effect::Read, || {
            Ok(self.inside().issued.get(certificate_arn).cloned())
        })
    }

    async fn import(&self, arn: &str, certificate: &Issued) -> Result<(), Refusal> {
        let allowed = ["PENDING_CERTIFICATE", "ACTIVE", "EXPIRED"];
        self.change("acm-pca:ImportCertificateAuthorityCertificate", arn, &allowed, |kept| {
            kept.authority.not_after = not_after(&certificate.certificate_pem);
            kept.authority.status = "ACTIVE".to_owned();
            kept.own = Some(certificate.clone());
        })
    }

    async fn set_enabled(&self, arn: &str, enabled: bool) -> Result<(), Refusal> {
        let status = if enabled { "ACTIVE" } else { "DISABLED" };
        self.change(
            "acm-pca:UpdateCertificateAuthority",
            arn,
            &["ACTIVE", "DISABLED"],
            |kept| {
                kept.authority.status = status.to_owned();
            },
        )
    }

    async fn set_revocation(&self, arn: &str, revocation: &Revocation) -> Result<(), Refusal> {
        self.change("acm-pca:UpdateCertificateAuthority", arn, &[], |kept| {
            kept.authority.revocation = revocation.clone();
        })
    }

    async fn delete(&self, arn: &str, days: i32) -> Result<(), Refusal> {
        let allowed = ["CREATING", "DISABLED", "PENDING_CERTIFICATE", "EXPIRED", "FAILED"];
        self.change("acm-pca:DeleteCertificateAuthority", arn, &allowed, |kept| {
            kept.authority.status = "DELETED".to_owned();
            let until = Timestamp::now().as_second() + i64::from(days) * 86_400;
            kept.authority.restorable_until = Timestamp::from_second(until).ok();
        })
    }

    async fn restore(&self, arn: &str) -> Result<(), Refusal> {
        self.change("acm-pca:RestoreCertificateAuthority", arn, &["DELETED"], |kept| {
            kept.authority.restorable_until = None;
            let certified = kept.own.is_some();
            kept.authority.status = if certified { "DISABLED" } else { "PENDING_CERTIFICATE" }.to_owned();
        })
    }

    async fn acm_may_renew(&self, arn: &str) -> Result<bool, Refusal> {
        self.see("acm-pca:ListPermissions", arn, |kept| Ok(kept.allows_acm))
    }

    async fn let_acm_renew(&self, arn: &str, allowed: bool) -> Result<(), Refusal> {
        let operation = if allowed {
            "acm-pca:CreatePermission"
        } else {
            "acm-pca:DeletePermission"
        };
        self.change(operation, arn, &[], |kept| kept.allows_acm = allowed)
    }
}

/// A CA as it is after its create.
fn made(arn: &str, account: &str, new: &NewAuthority) -> Kept {
    Kept {
        authority: Authority {
            arn: arn.to_owned(),
            owner_account: account.to_owned(),
            status: "PENDING_CERTIFICATE".to_owned(),
            ca_type: new.ca_type.clone(),
            usage_mode: new.usage_mode.clone(),
            key_algorithm: new.key_algorithm.clone(),
            signing_algorithm: new.signing_algorithm.clone(),
            subject: new.subject.clone(),
            created_at: Some(Timestamp::now()),
            not_after: None,
            failure_reason: None,
            restorable_until: None,
            revocation: new.revocation.clone(),
        },
        tags: new.tags.clone(),
        own: None,
        allows_acm: false,
    }
}

/// When a certificate ends.
fn not_after(pem: &str) -> Option<Timestamp> {
    let (_, pem) = x509_parser::pem::parse_x509_pem(pem.as_bytes()).ok()?;
    let end = pem.parse_x509().ok()?.validity().not_after.timestamp();
    Timestamp::from_second(end).ok()
}
