//! What goes wrong, and what is worth a warning: typed until they are worded at the edge.

use crate::refusal::{Answer, Cause, Refusal};

/// Why an operation failed, about one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Address of the part; empty for the resource as a whole.
    pub address: String,
    /// Kind and name of the object.
    pub reference: String,
    /// What happened.
    pub trouble: Trouble,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A remote refused. `lasting` seconds, if it was tried again.
    Refused {
        /// The last answer.
        refusal: Refusal,
        /// For how many seconds it was tried.
        lasting: u64,
    },
    /// An object of somebody else has the name. Its owner, if it is another resource of ours.
    Foreign {
        /// The readable owner that it carries.
        owner: Option<String>,
        /// Its uid.
        uid: String,
    },
    /// A finished resource of this owner exists: it is another state's, or this one's, whose state was lost.
    Exists {
        /// Its uid.
        uid: String,
    },
    /// What a controller would make for `maker` exists and is somebody else's: it would be overwritten.
    WouldOverwrite {
        /// The part whose controller would write it.
        maker: String,
    },
    /// It is there no more, though the plan counts on it.
    Vanished,
    /// It appeared between the look and the write, which was withdrawn.
    Appeared,
    /// Others manage fields that would be written. `ours` if we had written them before.
    Managed {
        /// Fields and managers.
        causes: Vec<Cause>,
        /// The resource had written the object before: it was changed since the plan.
        ours: bool,
    },
    /// A wait ended without what was waited for.
    Waiting {
        /// What was waited for: `is not ready`.
        otherwise: String,
        /// What was last seen.
        last_seen: String,
        /// The host asked to stop; else the time ran out.
        stopped: bool,
    },
    /// Something of others would go with it.
    Holds {
        /// What it holds.
        held: Vec<String>,
    },
    /// It is used by others, to the end of the operation.
    InUse {
        /// By whom.
        by: Vec<String>,
    },
    /// A link has no value: the part at this address did not give this output.
    Unresolved {
        /// Address of the part that should give it.
        address: String,
        /// Name of the output.
        output: String,
    },
    /// The kind itself knows more than the engine.
    Domain {
        /// What happened, under 60 characters.
        what: String,
        /// Why, in the remote's words where there are any.
        cause: String,
        /// What to do.
        advice: String,
    },
}

/// Something that the user is told beside a success or an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Another instance has adopted the object: it was left alone.
    AdoptedElsewhere(String),
    /// The object existed before us, and stays.
    Released(String),
    /// An imported object is managed by the resource from now on; so far by these.
    TakenOver(String, Vec<String>),
    /// An object stays, and why.
    Left(String, String),
    /// Somebody else's object stands where ours was.
    NotOurs(String),
    /// The cluster does not serve this kind (any more): its objects count as gone.
    KindMissing(String),
}

impl Failure {
    /// True if the remote does not know the kind.
    pub(crate) fn is_kind_missing(&self) -> bool {
        matches!(&self.trouble, Trouble::Refused { refusal, .. } if refusal.answer == Answer::KindMissing)
    }

    /// True if a permission is missing.
    pub(crate) fn is_forbidden(&self) -> bool {
        matches!(&self.trouble, Trouble::Refused { refusal, .. } if matches!(refusal.answer, Answer::Forbidden(_)))
    }
}
