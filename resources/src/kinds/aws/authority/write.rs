//! A CA is taken to the state that its content describes, from whatever state it is in: a write that was killed at any
//! point converges.

use std::time::Duration;

use e2etls_clients::aws::Tags;
use e2etls_clients::aws::acm_pca::Authority;
use e2etls_engine::kind::{Observed, Put};
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::{Answer, Denial, Refusal};

use super::certify::{Signer, signer};
use super::content::{CERTIFICATE, GUARDED, Seen, WINDOW, WINDOW_TAG, Wish, differences, is_certified};
use super::see::{complete, describe};
use super::{PrivateCa, becomes};
use crate::kinds::Clients;
use crate::kinds::aws::content::consented;
use crate::kinds::aws::given::{named, retag, tag, tags_of, untag};
use crate::kinds::aws::marks;
use crate::kinds::aws::wait::despite;

/// How long the bucket of a revocation list may take to accept the service.
pub(super) const BUCKET: Duration = Duration::from_secs(60);
/// The policy of the bucket does not let the service write.
pub(super) const BY_BUCKET: Answer = Answer::Forbidden(Denial::Policy);

/// One write.
pub(super) struct Write<'a> {
    pub(super) op: &'a Operation<Clients>,
    pub(super) put: &'a Put<'a, Clients>,
    pub(super) wish: Wish,
    /// All tags that the CA is to have at the end.
    pub(super) tags: Tags,
}

impl<'a> Write<'a> {
    pub(super) fn new(op: &'a Operation<Clients>, put: &'a Put<'a, Clients>) -> Result<Self, Refusal> {
        let wish = Wish::of(&put.part.content)?;
        let mut tags = marks::wanted(op, put);
        let window = wish.deletion_window_days.filter(|days| *days != WINDOW);
        tags.extend(window.map(|days| (WINDOW_TAG.to_owned(), days.to_string())));
        Ok(Self { op, put, wish, tags })
    }

    /// Changes the CA that was seen as `over`.
    pub(super) async fn change(&self, over: &Observed) -> Result<Observed, Refusal> {
        let is_tag = |path: &String| path.starts_with("tags.") || path == "deletion_window_days";
        let only_tags = differences(&self.put.part.content, &over.content).keys().all(is_tag);
        let same_instance = over.marks.as_ref().map(|marks| &marks.instance) == Some(&self.put.marks.instance);
        let found = tags_of(over);
        if only_tags && same_instance {
            return retag::<PrivateCa>(self.op, self.put, over, (&found, &self.tags)).await;
        }
        let Some(authority) = describe(self.op, &over.uid).await? else {
            let words = "The CA was deleted after the plan.";
            return Err(Refusal::new(
                Answer::Absent,
                "acm-pca:DescribeCertificateAuthority",
                &over.uid,
                words,
            ));
        };
        let seen = complete(self.op, authority, true, Some(&over.outputs)).await?;
        let differ = differences(&self.put.part.content, &seen.content());
        consented(self.put, &differ, GUARDED)?;
        let of_killed = over
            .marks
            .as_ref()
            .is_some_and(|found| marks::is_of_killed(self.put, found));
        let is_certificate = |path: &String| CERTIFICATE.iter().any(|member| path.starts_with(member));
        let signer = match of_killed || differ.keys().any(is_certificate) {
            true => Some(signer(self.op, &self.wish).await?),
            false => None,
        };
        self.bring(seen, &found, signer).await
    }

    /// The marks come first, and their removal last.
    pub(super) async fn bring(
        &self,
        mut seen: Seen,
        found: &Tags,
        signer: Option<Signer>,
    ) -> Result<Observed, Refusal> {
        let arn = seen.authority.arn.clone();
        let api = self.op.remotes.acm_pca();
        let change = tag::<PrivateCa>(self.op, self.put, &arn, (found, &self.tags)).await?;
        self.certify(&mut seen, signer).await?;
        let mut next = self.wish.revocation.clone();
        if let (Some(next), Some(live)) = (&mut next.crl, &seen.authority.revocation.crl) {
            // An update replaces everything, so what others set is sent along.
            next.others = live.others.clone();
        }
        if next != seen.authority.revocation && is_certified(&seen.authority.status) {
            let set = despite(&BY_BUCKET, BUCKET, || api.set_revocation(&arn, &next));
            set.await.map_err(of_bucket)?;
            seen.authority.revocation = next;
        }
        if seen.authority.status == "ACTIVE" && !self.wish.enabled {
            seen.authority = self.enabled(&arn, false).await?;
        }
        let allow = self.wish.allow_acm_renewal;
        if seen.allow_acm_renewal != Some(allow) {
            api.let_acm_renew(&arn, allow).await?;
            seen.allow_acm_renewal = Some(allow);
        }
        let tags = untag::<PrivateCa>(self.op, &arn, found, &change).await?;
        Ok(named::<PrivateCa>(seen.observed(), &self.put.part.name, Some(&tags)))
    }

    /// Enables the CA if it has to be, and has it certified if it is not as `signer` would.
    async fn certify(&self, seen: &mut Seen, signer: Option<Signer>) -> Result<(), Refusal> {
        let own = seen.own.as_ref().filter(|_| is_certified(&seen.authority.status));
        let signer = signer.filter(|signer| !own.is_some_and(|own| signer.has_signed(&self.wish, own)));
        let signer = signer.filter(Signer::is_ready);
        if let Some(signer) = &signer {
            signer.check(&self.wish, &seen.authority.arn, seen.authority.not_after)?;
        }
        if seen.authority.status == "DISABLED" && (self.wish.enabled || signer.is_some()) {
            // A disabled CA signs nothing, not even itself.
            seen.authority = self.enabled(&seen.authority.arn, true).await?;
        }
        if let Some(signer) = signer {
            seen.authority = signer.certify(self.op, &self.wish, seen).await?;
            seen.own = Some(self.op.remotes.acm_pca().certificate(&seen.authority.arn).await?);
        }
        Ok(())
    }

    async fn enabled(&self, arn: &str, enabled: bool) -> Result<Authority, Refusal> {
        let wanted = if enabled { "ACTIVE" } else { "DISABLED" };
        self.op.remotes.acm_pca().set_enabled(arn, enabled).await?;
        becomes(self.op, arn, |status| status == wanted).await
    }
}

/// The error belongs to the argument that names the bucket.
pub(super) fn of_bucket(refusal: Refusal) -> Refusal {
    match refusal.answer == BY_BUCKET {
        true => refusal.of_argument("revocation"),
        false => refusal,
    }
}
