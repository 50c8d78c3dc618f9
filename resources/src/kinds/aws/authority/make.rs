//! Creation of a CA: with a token, or by restoring one.

use e2etls_clients::aws::Tags;
use e2etls_clients::aws::acm_pca::{Authority, NewAuthority};
use e2etls_engine::kind::Observed;
use e2etls_engine::refusal::{Answer, Refusal};

use super::certify::{signer, unfit};
use super::content::WINDOW;
use super::see::{complete, describe, is_alike};
use super::write::{BUCKET, BY_BUCKET, Write, of_bucket};
use super::{PrivateCa, TOKEN, becomes};
use crate::kinds::aws::given::OfAws as _;
use crate::kinds::aws::wait::despite;
use crate::kinds::aws::{marks, token};

/// A CA, and its tags.
type Found = (Authority, Tags);

/// Why a CA is not restored.
const MISSING: (&str, &str) = (
    "The CA does not exist",
    "It does not exist in this account and Region. Check `restore_arn`.",
);
const ALIVE: (&str, &str) = (
    "The CA is not deleted",
    "There is nothing to restore. Remove `restore_arn`, and import the CA instead.",
);
const OTHER: (&str, &str) = (
    "The CA does not match the arguments",
    "Its type, usage mode, key algorithm or subject differs from the arguments. Nothing was restored. Correct the \
     arguments, or use the ARN of another CA.",
);
const ANOTHERS: (&str, &str) = (
    "The CA belongs to another owner",
    "Nothing was restored. To let this resource take it over, remove its tag `e2etls:owner` first.",
);

impl Write<'_> {
    /// Creates the CA, or restores one. What may prevent that is checked before the first write.
    pub(super) async fn make(&self) -> Result<Observed, Refusal> {
        let signer = signer(self.op, &self.wish).await?;
        signer.check(&self.wish, &self.put.part.name, None)?;
        let (authority, tags) = match &self.wish.restore_arn {
            Some(arn) => self.restore(arn).await?,
            None => {
                let members: Vec<&str> = PrivateCa::FIXED.iter().copied().chain(["revocation"]).collect();
                let take = |arn: String| async move { self.taken(&arn).await };
                token::make(self.op, self.put, (TOKEN, &members), |token| self.request(token), take).await?
            }
        };
        let seen = complete(self.op, authority, true, None).await?;
        self.bring(seen, &tags, Some(signer)).await
    }

    async fn request(&self, token: String) -> Result<String, Refusal> {
        let wish = &self.wish;
        let signing_algorithm = match wish.key_algorithm.as_str() {
            "EC_secp521r1" => "SHA512WITHECDSA",
            "EC_secp384r1" => "SHA384WITHECDSA",
            key if key.starts_with("RSA") => "SHA256WITHRSA",
            _ => "SHA256WITHECDSA",
        };
        let new = NewAuthority {
            ca_type: wish.r#type.clone(),
            usage_mode: wish.usage_mode.clone(),
            key_algorithm: wish.key_algorithm.clone(),
            signing_algorithm: signing_algorithm.to_owned(),
            subject: wish.subject.clone(),
            revocation: wish.revocation.clone(),
            token,
            tags: self.tags.clone(),
        };
        let created = despite(&BY_BUCKET, BUCKET, || self.op.remotes.acm_pca().create(&new));
        created.await.map_err(of_bucket)
    }

    /// The CA that a create was answered with, if it may be taken for the one that is being made.
    async fn taken(&self, arn: &str) -> Result<Option<Found>, Refusal> {
        let authority = becomes(self.op, arn, |status| status != "CREATING").await?;
        if authority.status == "DELETED" {
            return Ok(None);
        }
        let tags = self.op.remotes.acm_pca().living_tags(arn).await?.unwrap_or_default();
        let found = marks::marks(&tags);
        if authority.status == "FAILED" && found.instance == self.put.marks.instance {
            let reason = authority.failure_reason.unwrap_or_default();
            let words =
                format!("AWS failed to create the CA: {reason}. Fix the cause and apply again. This creates a new CA.");
            return Err(Refusal::new(
                Answer::Invalid,
                "acm-pca:CreateCertificateAuthority",
                arn,
                words,
            ));
        }
        let may = authority.status != "FAILED" && self.put.may_adopt(&found);
        Ok(may.then_some((authority, tags)))
    }

    /// Restores the CA of this ARN: a deleted one, or one that an earlier restore has brought back, unless it is
    /// another owner's.
    async fn restore(&self, arn: &str) -> Result<Found, Refusal> {
        let api = self.op.remotes.acm_pca();
        let refuse = |(what, words)| Err(unfit("restore_arn", what, arn, words));
        // What is deleted is described too, for as long as it can be restored.
        let Some(found) = api.describe(arn).await? else {
            describe(self.op, arn).await?;
            return refuse(MISSING);
        };
        if !is_alike(&self.put.part.content, &found) {
            return refuse(OTHER);
        }
        let was_deleted = found.status == "DELETED";
        match found.status.as_str() {
            // What is deleted may keep its tags to itself.
            "DELETED" => match api.tags(arn).await {
                Ok(tags) if self.is_anothers(&tags) => return refuse(ANOTHERS),
                _ => api.restore(arn).await?,
            },
            "DISABLED" | "PENDING_CERTIFICATE" | "EXPIRED" => {}
            // An earlier attempt of this write has restored it.
            _ if self.put.made.object().is_some() => {}
            _ => return refuse(ALIVE),
        }
        let authority = becomes(self.op, arn, |status| status != "DELETED").await?;
        let tags = api.tags(arn).await?;
        if self.is_anothers(&tags) {
            if was_deleted {
                api.delete(arn, WINDOW).await?;
            }
            return refuse(ANOTHERS);
        }
        token::tell(self.put, arn);
        Ok((authority, tags))
    }

    fn is_anothers(&self, tags: &Tags) -> bool {
        let owner = tags.get(marks::OWNER);
        owner.is_some_and(|owner| *owner != self.op.owner.to_string())
    }
}
