//! Writes: a CA is made, restored or changed, and taken to where its content wants it.
//!
//! Everything here goes by what is there now, so that it converges wherever it was killed.

use std::collections::BTreeMap;

use e2etls_clients::aws::Tags;
use e2etls_clients::aws::acm_pca::{Authority, NewAuthority};
use e2etls_engine::kind::{Observed, Put};
use e2etls_engine::marks::Marks;
use e2etls_engine::operation::Operation;
use e2etls_engine::refusal::{Answer, Cause, Refusal};
use serde_json::{Value, json};

use super::TOKEN;
use super::certify::{Signer, signer, unfit};
use super::content::{FIXED, GUARDED, Seen, Wish, differences, is_certified, is_over, retagged, tags_of};
use super::see::{complete, is_here};
use super::wait::{until, until_bucket_accepts};
use crate::kinds::Clients;
use crate::kinds::aws::marks::{self, Change};
use crate::kinds::aws::token::with_token;

/// One write.
pub(super) struct Write<'a> {
    op: &'a Operation<Clients>,
    put: &'a Put<'a, Clients>,
    wish: Wish,
    /// All tags that the CA shall have at the end.
    tags: Tags,
}

impl<'a> Write<'a> {
    pub(super) fn new(op: &'a Operation<Clients>, put: &'a Put<'a, Clients>) -> Result<Self, Refusal> {
        let wish = Wish::of(&put.part.content)?;
        let tags = wish.tags(marks::tags(put.marks));
        Ok(Self { op, put, wish, tags })
    }

    /// Makes the CA, or restores one.
    pub(super) async fn make(&self) -> Result<Observed, Refusal> {
        let signer = signer(self.op, &self.wish).await?;
        signer.check(&self.wish, &self.put.part.name, None)?;
        let told = match self.put.made.object() {
            Some(made) => self.taken(&made.uid).await?,
            None => None,
        };
        let (authority, found) = match (told, &self.wish.restore_arn) {
            (Some(taken), _) => taken,
            (None, Some(arn)) => self.restore(arn).await?,
            (None, None) => self.create().await?,
        };
        self.tell(&authority.arn);
        let seen = complete(self.op, authority, Some(found), None).await?;
        self.bring(seen, Some(signer)).await
    }

    fn tell(&self, arn: &str) {
        self.put.made.tell(Observed {
            name: self.put.part.name.clone(),
            uid: arn.to_owned(),
            ..Observed::default()
        });
    }

    async fn create(&self) -> Result<(Authority, Tags), Refusal> {
        let owner = self.op.owner.to_string();
        let members = FIXED.iter().copied().chain(["revocation"]);
        let content: Vec<&Value> = members.map(|member| &self.put.part.content[member]).collect();
        let ask = |token| self.request(token);
        let take = |arn: String| async move { self.taken(&arn).await };
        with_token(TOKEN, &[&owner, &json!(content).to_string()], ask, take).await
    }

    async fn request(&self, token: String) -> Result<String, Refusal> {
        let new = NewAuthority {
            ca_type: self.wish.r#type.clone(),
            usage_mode: self.wish.usage_mode.clone(),
            key_algorithm: self.wish.key_algorithm.clone(),
            signing_algorithm: signing_algorithm(&self.wish.key_algorithm).to_owned(),
            subject: self.wish.subject.clone(),
            revocation: self.wish.revocation.clone(),
            token,
            tags: self.tags.clone(),
        };
        until_bucket_accepts(|| self.op.remotes.acm_pca().create(&new)).await
    }

    /// The CA that a create was answered with, and its tags, if it may be taken for the one that is being made.
    async fn taken(&self, arn: &str) -> Result<Option<(Authority, Tags)>, Refusal> {
        let authority = self.settled(arn).await?;
        if authority.status == "DELETED" {
            return Ok(None);
        }
        let Some(tags) = self.op.remotes.acm_pca().living_tags(arn).await? else {
            return Ok(None);
        };
        let of = marks::marks(&tags);
        if !self.put.may_adopt(&of) {
            return Ok(None);
        }
        match authority.status.as_str() {
            "FAILED" if of.instance == self.put.marks.instance => {
                let reason = authority.failure_reason.unwrap_or_default();
                let words = format!("AWS could not create the CA: {reason}. Apply again: another one is made.");
                Err(Refusal::new(
                    Answer::Invalid,
                    "acm-pca:CreateCertificateAuthority",
                    arn,
                    words,
                ))
            }
            "FAILED" => Ok(None),
            _ => Ok(Some((authority, tags))),
        }
    }

    /// The CA once it has left CREATING. One that was just created may not be visible yet.
    async fn settled(&self, arn: &str) -> Result<Authority, Refusal> {
        until(self.op, arn, "the CA is created", || async {
            Ok(match self.op.remotes.acm_pca().describe(arn).await? {
                Some(found) if found.status != "CREATING" => Ok(found),
                Some(found) => Err(found.status),
                None => Err("not visible yet".to_owned()),
            })
        })
        .await
    }

    /// Restores the CA of this ARN: a deleted one, or one that an earlier restore has brought back, unless it is another
    /// owner's.
    async fn restore(&self, arn: &str) -> Result<(Authority, Tags), Refusal> {
        let api = self.op.remotes.acm_pca();
        let refuse = |words: &str| Err(unfit("restore_arn", arn, words.to_owned()));
        let Some(found) = api.describe(arn).await? else {
            is_here(self.op, arn)?;
            return refuse("There is no such CA: it does not exist in this account and Region.");
        };
        if !self.is_alike(&found) {
            return refuse(
                "This is a different CA: its type, usage mode, key algorithm or subject differ from the arguments. Nothing was \
                 restored.",
            );
        }
        let was_deleted = found.status == "DELETED";
        if !was_deleted && !matches!(found.status.as_str(), "DISABLED" | "PENDING_CERTIFICATE" | "EXPIRED") {
            return refuse("The CA is not deleted: there is nothing to restore. Import it instead.");
        }
        if was_deleted {
            // What is deleted may keep its tags to itself.
            if let Ok(tags) = api.tags(arn).await
                && self.is_anothers(&tags)
            {
                return refuse(ANOTHERS);
            }
            api.restore(arn).await?;
        }
        let authority = until(self.op, arn, "the CA is restored", || async {
            Ok(match api.describe(arn).await? {
                Some(found) if found.status != "DELETED" => Ok(found),
                _ => Err("DELETED".to_owned()),
            })
        })
        .await?;
        let tags = api.tags(arn).await?;
        if self.is_anothers(&tags) {
            if was_deleted {
                api.delete(arn, super::content::WINDOW).await?;
            }
            return refuse(ANOTHERS);
        }
        Ok((authority, tags))
    }

    fn is_anothers(&self, tags: &Tags) -> bool {
        let owner = tags.get(marks::OWNER);
        owner.is_some_and(|owner| *owner != self.op.owner.to_string())
    }

    fn is_alike(&self, found: &Authority) -> bool {
        let live = Seen::listed(found.clone(), Tags::new()).observed("").content;
        FIXED
            .iter()
            .all(|member| live[*member] == self.put.part.content[*member])
    }

    /// Changes the CA that was seen as `over`.
    pub(super) async fn change(&self, over: &Observed) -> Result<Observed, Refusal> {
        let differ = differences(&self.put.part.content, &over.content);
        let is_tag = |path: &String| path.starts_with("tags.") || path == "deletion_window_days";
        let found = tags_of(over);
        let same_instance = over
            .marks
            .as_ref()
            .is_some_and(|marks| marks.instance == self.put.marks.instance);
        if let Some(found) = found.as_ref().filter(|_| same_instance && differ.keys().all(is_tag)) {
            let change = self.tag(&over.uid, found).await?;
            self.untag(&over.uid, &change).await?;
            return Ok(retagged(over, &change.apply(found)));
        }
        let api = self.op.remotes.acm_pca();
        let Some(authority) = api.describe(&over.uid).await?.filter(|found| !is_over(&found.status)) else {
            is_here(self.op, &over.uid)?;
            let words = "The CA was deleted since the plan.";
            return Err(Refusal::new(
                Answer::Absent,
                "acm-pca:DescribeCertificateAuthority",
                &over.uid,
                words,
            ));
        };
        let found = match found {
            Some(found) => found,
            None => api.tags(&over.uid).await?,
        };
        let seen = complete(self.op, authority, Some(found), Some(&over.outputs)).await?;
        let live = seen.observed(&over.name);
        let differ = differences(&self.put.part.content, &live.content);
        self.consented(&differ)?;
        let certifies = ["certified", "validity_days", "signed"]
            .iter()
            .any(|member| differ.contains_key(*member));
        let signer = match certifies || self.is_unfinished(live.marks.as_ref()) {
            true => Some(signer(self.op, &self.wish).await?),
            false => None,
        };
        self.bring(seen, signer).await
    }

    /// True for a CA that another run of this create has made.
    fn is_unfinished(&self, found: Option<&Marks>) -> bool {
        let ours = self.put.marks;
        found.is_some_and(|found| found.owner == ours.owner && found.instance != ours.instance)
    }

    /// Refuses to write over what the plan did not show.
    fn consented(&self, differ: &BTreeMap<String, Value>) -> Result<(), Refusal> {
        let may = |path: &str| {
            let covers = |covered: &String| {
                let rest = path.strip_prefix(covered.as_str());
                covered.is_empty() || rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            self.put.consent.force || self.put.consent.paths.iter().any(covers)
        };
        let guarded = |path: &&String| GUARDED.iter().any(|member| path.split('.').next() == Some(member));
        let causes: Vec<Cause> = differ
            .keys()
            .filter(guarded)
            .filter(|path| !may(path))
            .map(|path| Cause {
                field: path.clone(),
                manager: "somebody else".to_owned(),
            })
            .collect();
        if causes.is_empty() {
            return Ok(());
        }
        let words = "It was changed since the plan.";
        Err(Refusal::new(
            Answer::Conflict(causes),
            "acm-pca:UpdateCertificateAuthority",
            &self.put.part.name,
            words,
        ))
    }

    /// Takes the CA to what is wanted, from whatever state it is in: the marks first, the removal of marks last.
    async fn bring(&self, mut seen: Seen, signer: Option<Signer>) -> Result<Observed, Refusal> {
        let arn = seen.authority.arn.clone();
        let api = self.op.remotes.acm_pca();
        let found = seen.tags.clone().unwrap_or_default();
        let change = self.tag(&arn, &found).await?;
        self.certify(&mut seen, signer).await?;
        let mut next = self.wish.revocation.clone();
        if let (Some(next), Some(live)) = (&mut next.crl, &seen.authority.revocation.crl) {
            // An update replaces the whole: what others set stays.
            next.others = live.others.clone();
        }
        if next != seen.authority.revocation && is_certified(&seen.authority.status) {
            until_bucket_accepts(|| api.set_revocation(&arn, &next)).await?;
            seen.authority.revocation = next;
        }
        if seen.authority.status == "ACTIVE" && !self.wish.enabled {
            seen.authority = self.enabled(&arn, false).await?;
        }
        if seen.acm_may_renew != Some(self.wish.acm_may_renew) {
            api.let_acm_renew(&arn, self.wish.acm_may_renew).await?;
            seen.acm_may_renew = Some(self.wish.acm_may_renew);
        }
        self.untag(&arn, &change).await?;
        seen.tags = Some(change.apply(&found));
        Ok(seen.observed(&self.put.part.name))
    }

    /// Enables the CA if it has to be, and has it certified if it is not as `signer` would.
    async fn certify(&self, seen: &mut Seen, signer: Option<Signer>) -> Result<(), Refusal> {
        let is_due = |signer: &Signer| {
            let own = seen.own.as_ref().filter(|_| is_certified(&seen.authority.status));
            signer.is_ready() && own.is_none_or(|own| !signer.has_signed(&self.wish, own))
        };
        let signer = signer.filter(is_due);
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
        let status = if enabled { "ACTIVE" } else { "DISABLED" };
        self.op.remotes.acm_pca().set_enabled(arn, enabled).await?;
        becomes(self.op, arn, status).await
    }

    /// Sets the tags that differ, and says what is to be removed.
    async fn tag(&self, arn: &str, found: &Tags) -> Result<Change, Refusal> {
        let unfinished = self.is_unfinished(Some(&marks::marks(found)));
        let shown = |key: &str| {
            self.put
                .consent
                .paths
                .iter()
                .any(|path| path.strip_prefix("tags.") == Some(key))
        };
        // What a killed create has written is not in any plan.
        let goes = |key: &str| unfinished || shown(key);
        let change = marks::change(found, &self.tags, &self.op.remotes.ignore_tags, goes);
        self.op.remotes.acm_pca().tag(arn, &change.set).await?;
        Ok(change)
    }

    async fn untag(&self, arn: &str, change: &Change) -> Result<(), Refusal> {
        let keys: Vec<&str> = change.remove.iter().map(String::as_str).collect();
        self.op.remotes.acm_pca().untag(arn, &keys).await
    }
}

/// The CA once it has this status.
pub(super) async fn becomes(op: &Operation<Clients>, arn: &str, status: &str) -> Result<Authority, Refusal> {
    until(op, arn, &format!("the CA is {status}"), || async {
        Ok(match op.remotes.acm_pca().describe(arn).await? {
            Some(found) if found.status == status => Ok(found),
            Some(found) => Err(found.status),
            None => Err("not visible".to_owned()),
        })
    })
    .await
}

const ANOTHERS: &str = "The CA belongs to another owner. Nothing was restored. If it is to change hands, remove its tag \
                        `e2etls:owner` first.";

/// The signature algorithm that fits a key.
fn signing_algorithm(key_algorithm: &str) -> &'static str {
    match key_algorithm {
        "EC_secp521r1" => "SHA512WITHECDSA",
        "EC_secp384r1" => "SHA384WITHECDSA",
        key if key.starts_with("RSA") => "SHA256WITHRSA",
        _ => "SHA256WITHECDSA",
    }
}
