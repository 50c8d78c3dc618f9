//! Looks and searches: what is there, by name, by owner, or for a part.

use crate::failure::{Failure, Notice};
use crate::kind::{Kind, Part, Ready};
use crate::ledger::{Entry, Ledger};
use crate::object::{Observed, Reading, Remotes, Target};
use crate::operation::Operation;
use crate::ownership::Ownership;
use crate::table::Request;

impl<R: Remotes> Operation<R> {
    /// The kinds that are searched for what no part names: a rare one only where one of `parts` or the `ledger` names an object
    /// of it.
    pub fn searched<'a>(
        &'a self,
        parts: &'a [Part<R>],
        ledger: &'a Ledger,
    ) -> impl Iterator<Item = &'static dyn Kind<R>> + 'a {
        let is = |kind: Option<&'static dyn Kind<R>>, name: &str| kind.is_some_and(|kind| kind.name() == name);
        let kinds = self.kinds.iter().copied();
        kinds.filter(move |kind| {
            let named = |entry: &Entry| self.named(entry.reference.as_deref()?).map(|(kind, _)| kind);
            !kind.is_rare()
                || parts.iter().any(|part| is(part.kind, kind.name()))
                || ledger.values().any(|entry| is(named(entry), kind.name()))
        })
    }

    /// Looks at one object.
    pub(crate) async fn look(
        &self,
        kind: &'static dyn Kind<R>,
        target: Target<'_>,
        reading: Reading,
    ) -> Result<Option<Observed>, Failure> {
        let seen = self
            .send(Request::Look, Ownership::Absent, || kind.look(self, target, reading))
            .await;
        let seen = seen.map_err(|refused| refused.failure(kind.name(), target.name))?;
        Ok(seen.flatten())
    }

    /// Looks at what a controller made. Without the permission nothing is known of it, which is no failure.
    pub(crate) async fn look_follower(
        &self,
        kind: &'static dyn Kind<R>,
        target: Target<'_>,
    ) -> Result<Option<Observed>, Failure> {
        match self.look(kind, target, Reading::Fresh).await {
            Err(failure) if failure.is_forbidden() => Ok(None),
            other => other,
        }
    }

    /// Objects of this owner.
    pub(crate) async fn search(&self, kind: &'static dyn Kind<R>, reading: Reading) -> Result<Vec<Observed>, Failure> {
        Ok(self.search_served(kind, reading).await?.unwrap_or_default())
    }

    /// The same; `None` if the remote does not know the kind.
    pub(crate) async fn search_served(
        &self,
        kind: &'static dyn Kind<R>,
        reading: Reading,
    ) -> Result<Option<Vec<Observed>>, Failure> {
        let owner = self.owner.to_string();
        let search = || kind.of_owner(self, Some(&owner), None, reading);
        let found = self.send(Request::Search, Ownership::Absent, search).await;
        found.map_err(|refused| refused.failure(kind.name(), &owner))
    }

    /// That `kind` is not known to the remote, if `ledger` names an object of it.
    pub(crate) fn missing(&self, kind: &'static dyn Kind<R>, ledger: &Ledger) -> Option<Notice> {
        let mut named = ledger
            .values()
            .filter(|entry| entry.known_uid().is_some())
            .filter_map(|entry| self.named(entry.reference.as_deref()?));
        let is_named = named.any(|(other, _)| other.name() == kind.name());
        is_named.then(|| Notice::KindMissing(kind.name().to_owned()))
    }

    /// Objects of this owner that could be `part`.
    pub(crate) async fn search_like(
        &self,
        kind: &'static dyn Kind<R>,
        part: &Part<R>,
    ) -> Result<Vec<Observed>, Failure> {
        let owner = self.owner.to_string();
        let search = || kind.of_owner(self, Some(&owner), Some(part), Reading::Fresh);
        let found = self.send(Request::Search, Ownership::Absent, search).await;
        let found = found.map_err(|refused| refused.failure(kind.name(), &part.name).of(part))?;
        Ok(found.unwrap_or_default())
    }

    /// Objects of all owners.
    pub(crate) async fn search_all(
        &self,
        kind: &'static dyn Kind<R>,
        reading: Reading,
    ) -> Result<Vec<Observed>, Failure> {
        let found = self
            .send(Request::Search, Ownership::Absent, || {
                kind.of_owner(self, None, None, reading)
            })
            .await;
        let found = found.map_err(|refused| refused.failure(kind.name(), "of any owner"))?;
        Ok(found.unwrap_or_default())
    }

    /// Whether a part is seen to work.
    pub(crate) async fn works(
        &self,
        ready: &dyn Ready<R>,
        part: &Part<R>,
        object: &Observed,
    ) -> Result<Option<bool>, Failure> {
        let works = self
            .send(Request::Look, Ownership::Mine, || ready.works(self, part, object))
            .await;
        let works =
            works.map_err(|refused| refused.failure(part.kind.map_or("wait", |kind| kind.name()), &part.name))?;
        Ok(works.flatten())
    }
}
