//! The model: what an apply has to end in, from what is there before its first write.

use std::collections::BTreeMap;

use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::marks::Creating;
use e2etls_engine::part::{Part, Role};
use e2etls_engine::refusal::Answer;
use e2etls_engine::value::links;

use crate::args::{Spec, render};
use crate::host::{Host, Saved};
use crate::world::{Object, Remote, State};

/// How an apply ends, by part, if not well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    /// "is not ours"
    NotOurs,
    /// "another state owns it"
    Another,
    /// The printed import.
    Import,
    /// "changed since the plan"
    Changed,
    /// A controller would write over somebody else's object.
    WouldOverwrite,
    /// The kind is not served.
    KindMissing,
    /// The remote does not change this in place.
    Invalid,
    /// A space holds something of others.
    Holds,
    /// Something else.
    Other,
}

/// The word for what went wrong.
pub fn word(failure: &Failure) -> Word {
    match &failure.trouble {
        Trouble::Foreign { owner: None, .. } | Trouble::Appeared => Word::NotOurs,
        Trouble::Foreign { .. } => Word::Another,
        Trouble::Exists { .. } => Word::Import,
        Trouble::WouldOverwrite { .. } => Word::WouldOverwrite,
        Trouble::Holds { .. } => Word::Holds,
        Trouble::Vanished | Trouble::Managed { .. } => Word::Changed,
        Trouble::Refused { refusal, .. } => match refusal.answer {
            Answer::KindMissing => Word::KindMissing,
            Answer::Invalid => Word::Invalid,
            _ => Word::Other,
        },
        _ => Word::Other,
    }
}

/// Ends by address of the part.
pub type Ends = BTreeMap<String, Word>;

/// One apply that is about to write.
struct Apply<'a> {
    state: &'a State,
    owner: String,
    /// `None` for a create.
    saved: Option<&'a Saved>,
    replacing: bool,
    marked: Option<Creating>,
    parts: &'a [Part<Remote>],
}

/// What an apply has to end in.
#[derive(Debug, Default)]
pub struct Expected {
    /// These, all of them.
    pub ends: Ends,
    /// These may be beside them: they depend on what links resolve to.
    pub maybe: Ends,
}

/// What a write of `args` ends in: a create, or an update of what the host has in state after a refresh.
pub fn expected(host: &Host, args: &[Spec], creates: bool) -> Expected {
    let state = host.remote.lock();
    let owner = host.owner().to_string();
    let parts = render(args);
    let apply = Apply {
        marked: state.marked(&owner),
        owner,
        saved: host.saved.as_ref().filter(|_| !creates),
        replacing: host.replacing && creates,
        parts: &parts,
        state: &state,
    };
    let is_missing = |part: &Part<Remote>| part.kind.is_some_and(|kind| Some(kind.name()) == state.unserved);
    let ends_of = |end: &dyn Fn(&Part<Remote>) -> Option<Word>| -> Ends {
        let ends = parts.iter().filter_map(|part| Some((part.address.clone(), end(part)?)));
        ends.collect()
    };
    let all = [
        ends_of(&|part| is_missing(part).then_some(Word::KindMissing)),
        ends_of(&|part| apply.refused(part, false)),
        ends_of(&|part| apply.is_invalid(part).then_some(Word::Invalid)),
    ];
    let maybe = ends_of(&|part| apply.refused(part, true));
    let ends = all.into_iter().find(|ends| !ends.is_empty()).unwrap_or_default();
    Expected { ends, maybe }
}

/// Whose an object is for an apply.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Whose {
    /// Ours to write over.
    Ours,
    /// Of an unfinished create of this owner.
    Unfinished,
    /// Of this owner, finished, and the state knows it: adopted elsewhere.
    Left,
    /// Of this owner, finished, and the state does not know it.
    Finished,
    /// Of another owner.
    Another,
    /// Nobody's of ours.
    Nobodys,
}

impl Apply<'_> {
    fn whose(&self, object: &Object) -> Whose {
        let known = self.saved.is_some_and(|saved| {
            let mut entries = saved.ledger.values();
            entries.any(|entry| entry.known_uid() == Some(&object.uid))
        });
        let instance = object.marks.instance.as_deref();
        let same = self.saved.is_some_and(|saved| instance == Some(&saved.instance));
        match object.marks.owner.as_deref() {
            Some(owner) if owner == self.owner => match instance {
                _ if same => Whose::Ours,
                None if known => Whose::Ours,
                _ if self.marked.as_ref().is_some_and(|mark| mark.covers(instance)) => Whose::Unfinished,
                _ if known => Whose::Left,
                _ => Whose::Finished,
            },
            _ if known && (same || instance.is_none()) => Whose::Ours,
            Some(_) => Whose::Another,
            None => Whose::Nobodys,
        }
    }

    /// What stands in the way of a part. What links to others need not be as it is `wanted` now.
    fn refused(&self, part: &Part<Remote>, strictly: bool) -> Option<Word> {
        let kind = part.kind?.name();
        if let Role::Follow(maker) = &part.role {
            return self.would_overwrite(part, maker).then_some(Word::WouldOverwrite);
        }
        if kind == "Given" {
            return self.refused_given(part, strictly);
        }
        let mut there = self.state.living().filter(|object| object.is_there());
        let object = there.find(|object| object.kind == kind && object.name == part.name)?;
        let keep = part.role == Role::Keep;
        let linked = !links(&part.content).is_empty();
        // What is kept is compared once its links are resolved.
        if keep && (is_as_wanted(part, object, strictly) || (linked && !strictly)) {
            return None;
        }
        match self.whose(object) {
            // What is kept is told by its marks alone, and they say no more that it is ours.
            Whose::Ours
                if keep
                    && object.marks.instance.is_none()
                    && object.marks.owner.as_deref() != Some(self.owner.as_str()) =>
            {
                Some(if object.marks.owner.is_none() {
                    Word::NotOurs
                } else {
                    Word::Another
                })
            }
            Whose::Ours | Whose::Left => None,
            Whose::Unfinished => {
                let alike = object.content["shape"] == part.content["shape"];
                let others = object.taken.is_some() || object.marks.taken_from.is_some() || object.marks.adopted;
                (self.saved.is_none() && !alike && others).then_some(Word::Import)
            }
            Whose::Finished => {
                let alike = object.content["shape"] == part.content["shape"];
                (!(self.replacing && alike)).then_some(Word::Import)
            }
            Whose::Another => Some(Word::Another),
            Whose::Nobodys => Some(Word::NotOurs),
        }
    }

    /// Of what the remote names, a finished one that is alike is in the way: it is the same resource's, whose state was lost.
    fn refused_given(&self, part: &Part<Remote>, strictly: bool) -> Option<Word> {
        let known = self
            .saved
            .and_then(|saved| saved.ledger.get(&part.address)?.known_uid());
        let here = |object: &&Object| {
            let known = known == Some(&object.uid);
            let ours = object.marks.owner.as_deref() == Some(&self.owner);
            let address = object
                .marks
                .address
                .as_deref()
                .is_none_or(|address| address == part.address);
            object.is_there() && object.kind == "Given" && (known || (ours && address))
        };
        let there: Vec<&Object> = self.state.living().filter(here).collect();
        if there.iter().any(|object| known == Some(&object.uid)) {
            return None;
        }
        let rank = |object: &&Object| match self.whose(object) {
            Whose::Ours => 0,
            Whose::Unfinished => 1,
            _ => 2,
        };
        let linked = |member: &str| {
            part.content[member]
                .as_str()
                .is_some_and(|text| text.contains('\u{F8FF}'))
        };
        let alike = |object: &Object| {
            let mut fixed = ["shape", "root"].iter();
            fixed.all(|member| object.content[*member] == part.content[*member] || linked(member))
        };
        // What the link resolves to decides whether it is alike.
        if linked("root") && !strictly {
            return None;
        }
        let chosen = there.iter().min_by_key(|object| (rank(object), !alike(object)))?;
        (rank(chosen) == 2 && alike(chosen) && !self.replacing).then_some(Word::Import)
    }

    fn would_overwrite(&self, part: &Part<Remote>, maker: &str) -> bool {
        let mut there = self.state.living();
        let Some(object) = there.find(|object| object.kind == "Made" && object.name == part.name) else {
            return false;
        };
        // What existed before us and is wanted no more stays, and asks for it as before.
        let stays = |maker: &Object| {
            let wanted = self
                .parts
                .iter()
                .any(|part| part.name == maker.name && part.is_written());
            let of_owner = maker.marks.owner.as_deref() == Some(&self.owner);
            maker.is_there() && maker.marks.adopted && of_owner && !wanted && maker.secret() == Some(&part.name)
        };
        if self.state.living().any(stays) {
            return true;
        }
        let entry = self.saved.and_then(|saved| saved.ledger.get(&part.address));
        if entry.is_some_and(|entry| entry.known_uid() == Some(&object.uid)) {
            return false;
        }
        let maker = self.parts.iter().find(|part| part.address == maker);
        let at_maker = |object: &Object| maker.is_some_and(|maker| maker.name == object.name);
        let explains = |object: &Object| {
            let ours = match self.whose(object) {
                Whose::Ours | Whose::Unfinished => true,
                Whose::Left | Whose::Finished => self.replacing && object.is_there(),
                Whose::Another | Whose::Nobodys => false,
            };
            let of_owner = object.marks.owner.as_deref() == Some(&self.owner);
            // Whose the maker is has been decided already, but what dies and is another's leaves its own behind.
            let there = at_maker(object) && (ours || object.is_there());
            object.secret() == Some(&part.name) && (there || (ours && of_owner))
        };
        !self.state.living().any(explains)
    }

    /// Of what we name there is one object: in an update it can't become another.
    fn is_invalid(&self, part: &Part<Remote>) -> bool {
        let named = |object: &&Object| {
            let kind = part.kind.map(|kind| kind.name());
            object.is_there() && Some(object.kind) == kind && object.kind != "Given" && object.name == part.name
        };
        let shape = part.content.get("shape");
        self.saved.is_some()
            && self.state.living().filter(named).any(|object| {
                let ours = matches!(self.whose(object), Whose::Ours | Whose::Unfinished);
                ours && object.content.get("shape") != shape && part.is_written()
            })
    }
}

/// True if the object has the content of a part that is kept; what it links to is as wanted, unless `strictly`.
fn is_as_wanted(part: &Part<Remote>, object: &Object, strictly: bool) -> bool {
    let mut members = part.content.as_object().into_iter().flatten();
    members.all(|(member, value)| {
        let linked = value.as_str().is_some_and(|text| text.contains('\u{F8FF}'));
        (linked && !strictly) || object.content.get(member) == Some(value)
    })
}
