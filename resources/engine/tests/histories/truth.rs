//! What the remote allows, from the truth about who made an object: every write and every deletion is held against it.

use e2etls_engine::marks::Creating;
use e2etls_engine::part::{Part, Role};
use e2etls_engine::table::Asked;

use crate::tally::Invariant;
use crate::world::{Life, Object, Origin, Remote, State};

impl State {
    /// True if what this life made may be adopted or deleted by who works now.
    fn is_ours(&self, life: usize) -> bool {
        let made_by = &self.lives[life];
        // An import goes on as the instance that it has found.
        let same = !made_by.finished || made_by.instance == self.actor.instance;
        Some(life) == self.actor.life || (same && made_by.owner == self.actor.owner)
    }

    /// Holds a write over an object against the truth, and enters who has it now.
    pub fn write(&mut self, uid: &str) {
        let Some(object) = self.objects.iter().find(|object| object.uid == uid).cloned() else {
            return;
        };
        let of_owner = object.marks.owner.as_ref() == Some(&self.actor.owner);
        // What another state of this owner was told to manage goes with the rest of its resource.
        let replaced = object.imported.is_some() && self.actor.replacing && of_owner;
        let imported = object.imported == Some(self.actor.host) || replaced;
        let may = imported
            || object.given_up
            || match object.origin {
                Origin::Foreign | Origin::Controller(_) => false,
                Origin::Ours(life) => {
                    let replaced = self.actor.replacing && self.lives[life].owner == self.actor.owner;
                    self.is_ours(life) || replaced
                }
            };
        if !may {
            self.object_violated(&object, "overwritten");
        }
        let host = self.actor.host;
        // A release whose answer was lost: the state still counts it as what existed before.
        let again = object.given_up && self.actor.known.iter().any(|(known, made)| known == uid && !made);
        if let Some(object) = self.by_uid(uid).filter(|_| replaced || again) {
            object.imported = Some(host);
        }
        let (Origin::Ours(before), Some(now)) = (object.origin, self.actor.life) else {
            return;
        };
        let from_finished = self.lives[before].finished && before != now;
        if let Some(object) = self.by_uid(uid) {
            object.taken = if from_finished { Some(before) } else { object.taken };
            object.taken = object.taken.filter(|life| *life != now);
            object.origin = Origin::Ours(now);
        }
    }

    /// Holds a deletion against the truth.
    pub fn delete(&mut self, uid: &str) {
        let Some(object) = self.objects.iter().find(|object| object.uid == uid).cloned() else {
            return;
        };
        let may = match &object.origin {
            // A state that has not heard of it still counts it as its own.
            Origin::Foreign => {
                object.unseen
                    || object.given_up && self.actor.known.iter().any(|(uid, made)| uid == &object.uid && *made)
            }
            // Who gives up what unfinished creates left knows no state and no owner.
            Origin::Ours(life) if self.actor.life.is_none() => !self.lives[*life].finished && object.taken.is_none(),
            Origin::Ours(life) => self.is_ours(*life) && !object.kept,
            Origin::Controller(_) => !self.is_wanted(&object.name),
        };
        if !may {
            self.object_violated(&object, "deleted");
        }
        self.mark_goes(&object);
        let inside = object.name.clone();
        if object.kind == "Space" {
            for other in self
                .objects
                .iter_mut()
                .filter(|other| other.content["space"] == inside.as_str())
            {
                if other.origin == Origin::Foreign && !other.dead {
                    let words = format!("{} of somebody else went with its space", other.name);
                    self.violations.push(Invariant::NothingForeign.broken(words));
                }
                other.dead = true;
            }
        }
    }

    /// In a destroy, what the mark covers goes before the mark, or nothing would tell of it after a kill; another mark may.
    fn mark_goes(&mut self, holder: &Object) {
        let Some(mark) = holder
            .marks
            .creating
            .as_ref()
            .filter(|_| self.actor.asked == Asked::Delete)
        else {
            return;
        };
        let owner = holder.marks.owner.as_deref().unwrap_or_default();
        let others = self.owned(owner).filter(|other| other.uid != holder.uid);
        let others = Creating::together(others.filter_map(|other| other.marks.creating.as_ref()));
        let told = |other: &&Object| {
            let marks = &other.marks;
            let covers = |mark: &Creating| mark.covers(marks.instance.as_deref());
            let of_mark = marks.owner == holder.marks.owner && covers(mark) && !others.as_ref().is_some_and(covers);
            let is_left = other.kept || other.taken.is_some() || marks.adopted || marks.taken_from.is_some();
            other.is_there() && of_mark && !is_left && marks.creating.is_none() && other.origin != Origin::Foreign
        };
        let other = self.living().find(told);
        let words = other.map(|other| format!("the mark of {} goes before {} {}", holder.name, other.kind, other.name));
        self.violations
            .extend(words.map(|words| Invariant::MarkLast.broken(words)));
    }

    fn object_violated(&mut self, object: &Object, what: &str) {
        let words = format!(
            "{what} what is not ours: {} {} {} of {:?} by {:?}",
            object.kind, object.name, object.uid, object.origin, self.actor
        );
        self.violations.push(Invariant::NothingForeign.broken(words));
    }

    /// The user has said by an import that a host manages these objects. The life that its state is of.
    pub fn imported(&mut self, host: usize, owner: &str, instance: &str, uids: &[String]) -> usize {
        let is_ours = |object: &Object| object.marks.owner.as_deref() == Some(owner) && !object.marks.adopted;
        let found = |object: &&Object| !object.dead && uids.contains(&object.uid);
        let life = self
            .objects
            .iter()
            .filter(found)
            .find_map(|object| match object.origin {
                Origin::Ours(life) if is_ours(object) && self.lives[life].instance == instance => Some(life),
                _ => None,
            });
        let life = life.unwrap_or_else(|| {
            self.lives.push(Life {
                owner: owner.to_owned(),
                instance: instance.to_owned(),
                finished: true,
            });
            self.lives.len() - 1
        });
        for object in self
            .objects
            .iter_mut()
            .filter(|object| !object.dead && object.kind != "Made")
        {
            let imported = uids.contains(&object.uid) && !is_ours(object);
            // Without a state nothing tells any more that this was made by us.
            let told = is_ours(object) && (object.marks.instance.is_some() || uids.contains(&object.uid));
            let lost = object.origin == Origin::Ours(life) && !told;
            let unclaimed = object.marks.instance.as_deref().is_none_or(|other| other == instance);
            if imported || lost {
                object.given_up |= matches!(object.origin, Origin::Ours(_));
                object.origin = Origin::Foreign;
                object.imported = imported.then_some(host);
            } else if uids.contains(&object.uid) && unclaimed {
                object.origin = Origin::Ours(life);
            }
        }
        self.made_for_others();
        life
    }

    /// What is asked for by an object that is nobody's goes with that, whoever it was made for at first.
    fn made_for_others(&mut self) {
        let makers = self.living().filter(|object| object.origin == Origin::Foreign);
        let makers: Vec<(String, String)> = makers
            .filter_map(|object| Some((object.secret()?.to_owned(), object.uid.clone())))
            .collect();
        for (made, maker) in makers {
            if let Some(object) = self.named("Made", &made) {
                object.origin = match &object.origin {
                    Origin::Foreign => Origin::Foreign,
                    _ => Origin::Controller(maker),
                };
            }
        }
    }

    /// A destroy begins: what its state's arguments keep outlives the resource, also if an update that was killed has made it
    /// for a part that was not kept.
    pub fn outlives(&mut self, life: usize, parts: &[Part<Remote>]) {
        for part in parts.iter().filter(|part| part.role == Role::Keep) {
            let kind = part.kind.map_or("", |kind| kind.name());
            if let Some(object) = self.named(kind, &part.name) {
                object.kept |= object.origin == Origin::Ours(life);
            }
        }
    }

    /// What a controller made for an object that is gone is nobody's, if no state knows its uid.
    pub fn forget_made(&mut self, known: &[String]) {
        let makers: Vec<String> = self.living().map(|object| object.uid.clone()).collect();
        let names = self.living().filter_map(|object| Some(object.secret()?.to_owned()));
        let wanted: Vec<String> = names.collect();
        for object in self.objects.iter_mut().filter(|object| !known.contains(&object.uid)) {
            if matches!(&object.origin, Origin::Controller(maker) if !makers.contains(maker))
                && !wanted.contains(&object.name)
            {
                object.origin = Origin::Foreign;
            }
        }
    }

    /// A write was killed: only its process knew what a controller had made for a maker that asks for something else by now,
    /// unless its state knows it.
    pub fn forget_superseded(&mut self, known: &[String]) {
        let makers = self.living().filter(|object| object.is_there());
        let makers: Vec<(String, Option<String>)> = makers
            .map(|object| (object.uid.clone(), object.secret().map(str::to_owned)))
            .collect();
        for object in self.objects.iter_mut().filter(|object| !known.contains(&object.uid)) {
            let asked = makers.iter().any(|(_, made)| made.as_ref() == Some(&object.name));
            let lives = |uid: &String| makers.iter().any(|(maker, _)| maker == uid);
            object.unseen |= !asked && matches!(&object.origin, Origin::Controller(maker) if lives(maker));
        }
    }

    /// A state was lost: nothing tells of what a controller made and no object asks for any more, but a state that knows it.
    /// What asks for it and is being deleted tells of it until it is gone.
    pub fn forget_unasked(&mut self, known: &[String]) {
        let asked: Vec<(String, bool)> = self
            .living()
            .filter_map(|object| Some((object.secret()?.to_owned(), object.is_there())))
            .collect();
        let made = |object: &&mut Object| object.kind == "Made" && !object.dead && !known.contains(&object.uid);
        for object in self.objects.iter_mut().filter(made) {
            let mut askers = asked.iter().filter(|(made, _)| *made == object.name).peekable();
            match askers.peek() {
                None => object.origin = Origin::Foreign,
                Some(_) => object.unseen |= askers.all(|(_, stays)| !stays),
            }
        }
    }
}
