//! What tests of kinds that we name share: single writes and looks, and the suite for kinds that are not searched for.

use async_trait::async_trait;
use e2etls_engine::kind::{Consent, Made, Observed, Put, Reading};
use e2etls_engine::marks::Marks;
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::refusal::Refusal;
use e2etls_engine::table::Asked;
use e2etls_engine::testkit::{Subject, checks};

use crate::kinds::Clients;

/// The marks of every write.
pub(super) fn marks() -> Marks {
    Marks {
        owner: Some("prod/stack/a".to_owned()),
        instance: Some("i1".to_owned()),
        ..Marks::default()
    }
}

/// Checks of the suite that look for objects by their owner.
const SEARCHES: [&str; 2] = ["a search by owner finds its own", "a killed create converges"];

/// Every other check holds.
pub(super) async fn conforms_unsearched(subject: &dyn Subject<Clients>) {
    for (name, check) in checks(subject) {
        if !SEARCHES.contains(&name) {
            assert_eq!(check.await, Ok(()), "{name}");
        }
    }
}

/// Single calls of the kind of a subject.
#[async_trait]
pub(super) trait Tried: Subject<Clients> {
    fn op(&self) -> Operation<Clients> {
        self.operation(Asked::Update, "prod")
    }

    /// A put whose plan showed `paths`.
    async fn put(&self, part: &Part<Clients>, over: Option<&Observed>, paths: &[&str]) -> Result<Observed, Refusal> {
        let consent = Consent {
            paths: paths.iter().map(|path| (*path).to_owned()).collect(),
            force: false,
        };
        let put = Put {
            part,
            marks: &marks(),
            over,
            consent: &consent,
            unfinished: None,
            made: &Made::default(),
        };
        self.kind().put(&self.op(), put).await
    }

    async fn look(&self, part: &Part<Clients>) -> Option<Observed> {
        let seen = self.kind().look(&self.op(), part.target(None), Reading::Fresh).await;
        seen.expect("an answer")
    }

    /// Paths that differ from what is wanted.
    async fn drift(&self, part: &Part<Clients>) -> Vec<String> {
        let seen = self.look(part).await.expect("an object");
        let differing = self.kind().differences(&part.content, &seen.content);
        differing.into_keys().collect()
    }

    /// What the engine does when it is run again: it writes over what it finds, and makes what it does not find.
    async fn again(&self, part: &Part<Clients>) -> Observed {
        let over = self.look(part).await;
        self.put(part, over.as_ref(), &[""]).await.expect("it converges")
    }
}

impl<T: Subject<Clients>> Tried for T {}
