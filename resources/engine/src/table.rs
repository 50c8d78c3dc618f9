//! What each operation does with each ownership, and with each answer of a remote. One table each; every cell is tested.

use crate::object::Identity;
use crate::ownership::Ownership;
use crate::refusal::Answer;

/// What the host asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asked {
    /// A create: the state knows nothing.
    Create,
    /// A refresh.
    Observe,
    /// A change in place, and its removal of what is no longer wanted.
    Update,
    /// A destroy.
    Delete,
}

/// Facts beside the ownership that decide.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Who names objects of the kind.
    pub identity: Identity,
    /// The content that can't change in place is as desired.
    pub alike: bool,
    /// The user said `create_before_destroy`: a finished object of this owner is being replaced.
    pub replacing: bool,
    /// We made the object, and only the state or create that asks counts on it; false if it existed before or is kept.
    pub made: bool,
    /// The state knows the object by its uid.
    pub known: bool,
    /// What a kept part ([`crate::part::Role::Keep`]) finds.
    pub kept: Kept,
}

/// How an object compares with what a part that is kept wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kept {
    /// The part is not kept.
    No,
    /// The object has the content that is wanted.
    Same,
    /// It has other content.
    Differs,
}

/// What happens to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// It is made; the remote must agree that nothing is there.
    Make,
    /// It is written over.
    Write,
    /// It is taken from a finished instance that is being replaced, and written over.
    TakeOver,
    /// It never finished and can't be changed to what is wanted: deleted, then made.
    Remake,
    /// Another one is made; the old one goes last.
    Replace,
    /// It is somebody's or another instance's: not touched.
    Leave,
    /// It is as wanted and used as it is, whoever made it.
    Use,
    /// The operation ends before the first write.
    Refuse(Why),
    /// It is waited for until it is gone; then this is decided again.
    AwaitGone,
    /// It is deleted.
    Delete,
    /// Its marks go, it stays.
    Release,
    /// It is judged: content, marks, whether it works.
    Judge,
    /// The state's entry is kept as it was.
    Keep,
    /// It counts as not there, which the plan shows.
    Miss,
}

/// Why an operation ends before the first write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// Somebody else's object has the name.
    Foreign,
    /// A finished resource of this owner exists.
    Exists,
}

/// Decides by ownership.
#[must_use]
pub fn decide(asked: Asked, ownership: Ownership, facts: Facts) -> Action {
    match asked {
        Asked::Create => create(ownership, facts),
        Asked::Update => update(ownership, facts),
        Asked::Delete => delete(ownership, facts),
        Asked::Observe => observe(ownership, facts),
    }
}

fn create(ownership: Ownership, facts: Facts) -> Action {
    let given = facts.identity == Identity::Given;
    match ownership {
        Ownership::Absent => Action::Make,
        // Only after an answer was lost: this very create has made it.
        Ownership::Mine => Action::Write,
        Ownership::Marked if facts.alike => Action::Write,
        Ownership::Marked if given => Action::Make,
        Ownership::Marked if facts.made => Action::Remake,
        // It was taken over from somebody who still counts on it.
        Ownership::Marked => Action::Refuse(Why::Exists),
        Ownership::Elsewhere if facts.replacing && given => Action::Make,
        Ownership::Elsewhere if facts.replacing && facts.alike => Action::TakeOver,
        Ownership::Elsewhere => elsewhere(facts),
        Ownership::Imported | Ownership::Foreign => foreign(facts),
        Ownership::Dying | Ownership::ForeignDying => Action::AwaitGone,
    }
}

fn update(ownership: Ownership, facts: Facts) -> Action {
    match ownership {
        Ownership::Absent => Action::Make,
        // Another one is wanted beside it; it stays for whoever relies on it.
        Ownership::Imported if facts.kept == Kept::Differs && is_other(facts) => Action::Make,
        Ownership::Imported if facts.kept != Kept::No => foreign(facts),
        Ownership::Mine | Ownership::Marked | Ownership::Imported => {
            // Of what we name there is one: whether it can change is the remote's to say.
            if facts.alike || facts.identity == Identity::Named {
                Action::Write
            } else {
                Action::Replace
            }
        }
        Ownership::Elsewhere if facts.known => Action::Leave,
        Ownership::Elsewhere => elsewhere(facts),
        Ownership::Foreign => foreign(facts),
        Ownership::Dying | Ownership::ForeignDying => Action::AwaitGone,
    }
}

/// True if the remote names objects of the kind, and this one can't become what is wanted.
fn is_other(facts: Facts) -> bool {
    facts.identity == Identity::Given && !facts.alike
}

/// A finished object of this owner that this state never had.
fn elsewhere(facts: Facts) -> Action {
    match facts.kept {
        Kept::Same => Action::Use,
        // Beside it: it is being replaced by other content, or another state's.
        _ if is_other(facts) => Action::Make,
        _ => Action::Refuse(Why::Exists),
    }
}

fn foreign(facts: Facts) -> Action {
    match facts.kept {
        Kept::Same => Action::Use,
        Kept::No | Kept::Differs => Action::Refuse(Why::Foreign),
    }
}

fn delete(ownership: Ownership, facts: Facts) -> Action {
    match ownership {
        Ownership::Mine | Ownership::Marked if facts.made => Action::Delete,
        Ownership::Mine | Ownership::Marked | Ownership::Imported => Action::Release,
        Ownership::Dying => Action::AwaitGone,
        Ownership::Absent | Ownership::Elsewhere | Ownership::Foreign | Ownership::ForeignDying => Action::Leave,
    }
}

fn observe(ownership: Ownership, facts: Facts) -> Action {
    match ownership {
        Ownership::Mine | Ownership::Marked | Ownership::Imported => Action::Judge,
        Ownership::Elsewhere if facts.known => Action::Keep,
        Ownership::Elsewhere | Ownership::Foreign if facts.kept == Kept::Same => Action::Judge,
        Ownership::Absent | Ownership::Elsewhere | Ownership::Foreign | Ownership::Dying | Ownership::ForeignDying => {
            Action::Miss
        }
    }
}

/// A request of the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Request {
    /// A look at one object.
    Look,
    /// A search for objects of an owner.
    Search,
    /// A write that makes an object.
    Make,
    /// A write over an object.
    Write,
    /// A deletion.
    Delete,
    /// A release.
    Release,
}

/// What an answer leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reaction {
    /// Sent again, until the operation's time runs out.
    Retry,
    /// Sent again for half a minute: longer, and it is the answer.
    RetryBriefly,
    /// Looked at, and decided by what is there now.
    LookAgain,
    /// There is no such object.
    Nothing,
    /// The operation fails with the remote's words.
    Fail,
}

/// Decides by the answer of a remote.
#[must_use]
pub fn react(asked: Asked, request: Request, answer: &Answer) -> Reaction {
    match answer {
        Answer::Absent => match request {
            Request::Look | Request::Search | Request::Delete | Request::Release => Reaction::Nothing,
            Request::Write => Reaction::LookAgain,
            Request::Make => Reaction::Fail,
        },
        Answer::KindMissing => match (request, asked) {
            // Without its kind an object can't exist.
            (Request::Look | Request::Search, Asked::Observe | Asked::Delete) | (Request::Search, _) => {
                Reaction::Nothing
            }
            (Request::Delete | Request::Release, _) => Reaction::Nothing,
            _ => Reaction::Fail,
        },
        Answer::Exists if request == Request::Make => Reaction::LookAgain,
        Answer::Conflict(_) if request == Request::Delete => Reaction::LookAgain,
        // It changed under the request, or is another one now.
        Answer::Conflict(causes) if request == Request::Write && causes.is_empty() => Reaction::LookAgain,
        Answer::Conflict(causes) if request == Request::Release && causes.is_empty() => Reaction::LookAgain,
        Answer::InUse(_) if request == Request::Delete => Reaction::Retry,
        Answer::Throttled => patience(asked, Reaction::Retry),
        Answer::Unreachable => patience(asked, Reaction::RetryBriefly),
        Answer::OutcomeUnknown => match request {
            Request::Look | Request::Search => patience(asked, Reaction::RetryBriefly),
            _ => Reaction::LookAgain,
        },
        Answer::Exists
        | Answer::Conflict(_)
        | Answer::InUse(_)
        | Answer::Invalid
        | Answer::Forbidden(_)
        | Answer::Unauthenticated
        | Answer::Interrupted => Reaction::Fail,
    }
}

/// A refresh does not wait: an unreachable remote is for the user to decide (`unreachable = "keep_state"`).
fn patience(asked: Asked, changing: Reaction) -> Reaction {
    match (asked, changing) {
        (Asked::Observe, Reaction::Retry) => Reaction::RetryBriefly,
        (Asked::Observe, _) => Reaction::Fail,
        (_, changing) => changing,
    }
}

#[cfg(test)]
mod tests;
