//! What histories are held to, and what happened in them.

use std::fmt;

/// What has to hold in every history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// An operation ends as the model says.
    Ends,
    /// An apply returns what was planned.
    PlanHolds,
    /// The plan after a success is empty.
    SecondPlanEmpty,
    /// After a success everything is there, as desired.
    AsDesired,
    /// After a success nothing is there twice, or for nobody.
    NothingTwice,
    /// The mark of a create goes when everything else is done.
    MarkLast,
    /// After a destroy nothing of the resource is left.
    NothingLeft,
    /// Nothing of somebody else is deleted or written over, and nothing of ours is given up.
    NothingForeign,
    /// `leftovers --delete` removes all that unfinished creates left.
    Leftovers,
    /// An operation ends when its time is over, or the host asks.
    InTime,
}

impl Invariant {
    pub const ALL: [Self; 10] = [
        Self::Ends,
        Self::PlanHolds,
        Self::SecondPlanEmpty,
        Self::AsDesired,
        Self::NothingTwice,
        Self::MarkLast,
        Self::NothingLeft,
        Self::NothingForeign,
        Self::Leftovers,
        Self::InTime,
    ];

    /// A breach of it.
    pub fn broken(self, words: impl Into<String>) -> Violation {
        Violation {
            invariant: self,
            words: words.into(),
        }
    }
}

/// A breach of an invariant.
#[derive(Clone, Debug)]
pub struct Violation {
    pub invariant: Invariant,
    pub words: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}: {}", self.invariant, self.words)
    }
}

/// What happened to requests and objects.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Processes that ended before or after a request.
    pub kills: u64,
    /// Requests that were refused, though nothing spoke against them.
    pub refusals: u64,
    /// Answers of writes that were lost.
    pub lost: u64,
    /// Requests that were never answered.
    pub silent: u64,
    /// Deeds of people who know nothing of us.
    pub strangers: u64,
}

impl Tally {
    pub fn add(&mut self, other: &Self) {
        self.kills += other.kills;
        self.refusals += other.refusals;
        self.lost += other.lost;
        self.silent += other.silent;
        self.strangers += other.strangers;
    }
}
