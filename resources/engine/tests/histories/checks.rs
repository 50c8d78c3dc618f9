//! What has to hold after operations.

use e2etls_engine::ledger::Entry;
use e2etls_engine::marks::Creating;
use e2etls_engine::part::{Part, Role};

use crate::apply::Sure;
use crate::args::{Args, Spec, render};
use crate::gate::Struck;
use crate::history::History;
use crate::host::{End, Saved};
use crate::model::word;
use crate::tally::{Invariant, Violation};
use crate::world::{Object, Origin, Remote, State};

impl History {
    pub fn count_end(&mut self, end: &End) {
        let words = match end {
            End::Done => "converged".to_owned(),
            End::Killed => "killed".to_owned(),
            End::Failed(failures) => format!("{:?}", failures.iter().map(word).min()),
        };
        *self.ends.entry(words).or_default() += 1;
        self.tell(|| format!("  {end:?}"));
    }

    /// True if a plan that saw no edit writes over one, which it must not.
    pub fn must_change(&self, at: usize, args: &[Spec]) -> bool {
        let host = &self.hosts[at];
        let (Some(saved), Some(planned)) = (&host.saved, host.planned(args)) else {
            return false;
        };
        let old = render(&saved.args);
        let mut state = self.remote.lock();
        render(args).iter().any(|part| {
            let entry = saved.ledger.get(&part.address);
            let old = old.iter().find(|old| old.address == part.address);
            let (Some(entry), Some(old), Some(plan)) = (entry, old, planned.get(&part.address)) else {
                return false;
            };
            let shown = |line: &String| *line == part.address || *line == format!("{} .value", part.address);
            let consented = old.content["value"] != part.content["value"] || saved.drift.iter().any(shown);
            let changes = plan.digest.is_some() && plan.digest != entry.digest && plan.uid == entry.uid;
            let uid = entry.known_uid().unwrap_or_default();
            let edited = state.by_uid(uid).is_some_and(|object| {
                let ours = object.marks.instance.as_ref() == Some(&saved.instance) && entry.is_made();
                let edited = object.managers.contains_key("value") && object.content["value"] == "edited";
                object.is_there() && ours && edited && object.name == part.name
            });
            changes && edited && !consented && part.role == Role::Own
        })
    }

    /// After an apply that succeeded: the next plan is empty, and everything is there once and as desired.
    pub async fn check_converged(&mut self, at: usize, sure: Sure) {
        if sure == Sure::Stale {
            return;
        }
        let armed = self.remote.lock().armed.take();
        let args = self.args[at].clone();
        self.tell(|| "  is it there?".to_owned());
        let end = self.hosts[at].refresh().await;
        if end != End::Done {
            self.violated(Invariant::Ends, format!("refresh after success: {end:?}"));
        } else if self.are_strays_left(at) {
            // What a killed create left under other names is seen by the next plan, which removes it.
            let end = self.hosts[at].update(&args).await;
            *self.ends.entry("strays removed".to_owned()).or_default() += 1;
            self.hosts[at].refresh().await;
            if end != End::Done {
                self.violated(Invariant::Ends, format!("removing strays failed: {end:?}"));
            }
        }
        if self.violations.is_empty() {
            self.check_quiet(at, &args);
        }
        self.remote.lock().armed = armed;
    }

    fn are_strays_left(&self, at: usize) -> bool {
        let strays =
            |saved: &Saved| !saved.drift.is_empty() && saved.drift.iter().all(|line| line.starts_with("stray/"));
        self.hosts[at].saved.as_ref().is_some_and(strays)
    }

    fn check_quiet(&mut self, at: usize, args: &Args) {
        let Some(saved) = self.hosts[at].saved.clone() else {
            return self.violated(Invariant::SecondPlanEmpty, "the state is gone after success");
        };
        if !self.hosts[at].is_quiet(args) && self.hosts[at].deposed.is_none() {
            let words = format!(
                "second plan not empty: drift {:?} ledger {:?}",
                saved.drift, saved.ledger
            );
            return self.violated(Invariant::SecondPlanEmpty, words);
        }
        let owner = self.hosts[at].owner().to_string();
        let state = self.remote.lock();
        let mut wrong: Vec<Violation> = Vec::new();
        for part in render(args) {
            let entry = saved.ledger.get(&part.address).cloned().unwrap_or_default();
            let found = state.wrong(&part, &entry, &saved, at);
            wrong.extend(found.map(|words| Invariant::AsDesired.broken(words)));
        }
        // Another state's create may be unfinished.
        let bears = |object: &&Object| {
            let marks = &object.marks;
            let ours = marks.instance.as_ref() == Some(&saved.instance);
            let covers = |mark: &Creating| ours || mark.covers(Some(&saved.instance));
            marks.creating.as_ref().is_some_and(covers)
        };
        let marked = state.owned(&owner).find(bears);
        if let Some(mark) = marked.and_then(|object| object.marks.creating.as_ref()) {
            let words = format!("a mark is left after success: {mark}");
            wrong.push(Invariant::MarkLast.broken(words));
        }
        let known: Vec<&str> = saved.ledger.values().filter_map(Entry::known_uid).collect();
        let more = state.living().filter(|object| {
            let known = object.kept || known.contains(&object.uid.as_str());
            object.is_there() && object.origin == Origin::Ours(saved.life) && !known
        });
        let twice = |words: &str, object: &Object| Invariant::NothingTwice.broken(format!("{words}: {object:?}"));
        wrong.extend(more.map(|object| twice("more than the plan", object)));
        let orphan = state.living().filter(|object| match &object.origin {
            Origin::Controller(maker) => {
                let maker = state.objects.iter().find(|object| object.uid == *maker);
                let ours = maker.is_some_and(|maker| maker.origin == Origin::Ours(saved.life));
                let wanted = object.unseen || state.is_wanted(&object.name) || known.contains(&object.uid.as_str());
                ours && object.is_there() && !wanted
            }
            _ => false,
        });
        wrong.extend(orphan.map(|object| twice("made for nobody", object)));
        drop(state);
        self.violations.extend(wrong);
    }

    /// True if a space that a destroy would delete holds something of others.
    pub fn is_held(&self, saved: &Saved) -> bool {
        let state = self.remote.lock();
        let spaces = state.living().filter(|object| {
            let ours = match object.origin {
                Origin::Ours(life) => life == saved.life || !state.lives[life].finished,
                _ => false,
            };
            object.kind == "Space" && object.is_there() && ours
        });
        let held = |space: &Object| {
            state
                .living()
                .any(|object| object.content["space"] == space.name.as_str())
        };
        spaces.into_iter().any(held)
    }

    /// After a destroy: nothing of the life is left but what is kept, or what the create leg that follows may adopt.
    pub fn check_gone(&mut self, at: usize, saved: &Saved, spared: &[Spec]) {
        let owner = self.hosts[at].owner().to_string();
        let excused = self.remote.lock().armed.as_ref().and_then(|armed| armed.struck.clone());
        let excused = excused.is_some_and(|struck: Struck| !struck.transparent);
        let state = self.remote.lock();
        let marked = state.marked(&owner);
        let spare = |object: &&Object| {
            let mark = marked
                .as_ref()
                .is_some_and(|mark| mark.covers(object.marks.instance.as_deref()));
            !spared.is_empty() && mark
        };
        let ours = |object: &&Object| match &object.origin {
            Origin::Ours(life) => {
                // Without marks of this owner, what dies goes by itself.
                let told = object.is_there() || object.marks.owner.as_ref() == Some(&owner);
                *life == saved.life && !object.kept && told
            }
            Origin::Controller(maker) => {
                let maker = state.objects.iter().find(|object| object.uid == *maker);
                let of_life = maker.is_some_and(|maker| maker.origin == Origin::Ours(saved.life) && maker.dead);
                // What is being deleted goes by itself.
                let stays = object.unseen || state.is_wanted(&object.name);
                of_life && object.is_there() && !stays && !excused
            }
            Origin::Foreign => false,
        };
        let left = state.living().filter(ours).filter(|object| !spare(object));
        let is_left = |object: &Object| {
            let words = format!(
                "left after destroy: {} {} {:?}",
                object.kind, object.name, object.origin
            );
            Invariant::NothingLeft.broken(words)
        };
        let left: Vec<Violation> = left.map(is_left).collect();
        let bears = state.owned(&owner).filter(|object| {
            object.marks.instance.as_ref() == Some(&saved.instance) && object.is_there() && !spare(object)
        });
        let bears: Vec<Violation> = bears.map(is_left).collect();
        drop(state);
        self.violations.extend(left.into_iter().chain(bears));
    }
}

impl State {
    /// True if an object as the part wants it is there.
    pub fn has(&self, part: &Part<Remote>, owner: &str) -> bool {
        let Some(kind) = part.kind.map(|kind| kind.name()) else {
            return true;
        };
        self.living().any(|object| {
            let same = match kind {
                "Given" => {
                    object.marks.owner.as_deref() == Some(owner) && object.marks.address.as_ref() == Some(&part.address)
                }
                _ => object.name == part.name,
            };
            let alike =
                object.content["value"] == part.content["value"] && object.content["shape"] == part.content["shape"];
            object.kind == kind && same && (alike || kind == "Made")
        })
    }

    /// What is wrong with the object of a part after an apply.
    fn wrong(&self, part: &Part<Remote>, entry: &Entry, saved: &Saved, host: usize) -> Option<String> {
        part.kind?;
        let of_uid = |uid: Option<&str>| {
            let mut there = self.living().filter(|object| object.is_there());
            there.find(|object| Some(object.uid.as_str()) == uid)
        };
        if let Role::Follow(maker) = &part.role {
            let maker = of_uid(saved.ledger.get(maker).and_then(Entry::known_uid));
            let has = maker.is_some_and(|maker| maker.origin == Origin::Ours(saved.life));
            if !has || entry.known_uid().is_none() {
                return None;
            }
        }
        let object = of_uid(entry.known_uid());
        let Some(object) = object else {
            return Some(format!("part is not there: {} {entry:?}", part.address));
        };
        let elsewhere = match object.origin {
            Origin::Ours(life) => life != saved.life,
            Origin::Foreign => match object.imported {
                Some(other) => other != host,
                None => part.role != Role::Keep,
            },
            Origin::Controller(_) => false,
        };
        let differs = ["value", "shape"].iter().any(|member| {
            part.content
                .get(*member)
                .is_some_and(|wanted| object.content.get(*member) != Some(wanted))
        });
        let link = part.content["link"].as_str().and_then(|link| {
            let address = link.trim_matches('\u{F8FF}').split('#').next()?;
            let target = saved.ledger.get(address)?.known_uid()?;
            (object.content["link"] != target).then(|| format!("{} links to {}", part.address, object.content["link"]))
        });
        if elsewhere {
            return None;
        }
        if part.ready.is_some() && object.idle > 0 {
            return Some(format!("was not seen to work: {}", part.address));
        }
        if differs {
            return Some(format!(
                "content is not as desired: {} {}",
                part.address, object.content
            ));
        }
        link
    }
}
