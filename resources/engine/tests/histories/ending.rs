//! Destroys, leftovers, advice, and the end of a history.

use crate::apply::Sure;
use crate::history::History;
use crate::host::End;
use crate::model::{Word, word};
use crate::tally::{Invariant, Violation};
use crate::world::{Object, Origin};

impl History {
    /// The user destroys.
    pub async fn destroy(&mut self, at: usize, faulty: bool) {
        let fault = match (faulty, self.random.chance(50)) {
            (false, _) => None,
            (true, true) => Some(self.draw_fault()),
            (true, false) => Some(self.draw_scarce()),
        };
        let refresh = self.random.chance(60);
        self.tell(|| format!("host {at} destroys, refresh {refresh}, {fault:?}"));
        if refresh && self.hosts[at].refresh().await != End::Done {
            self.violated(Invariant::Ends, "refresh before destroy failed");
        }
        self.hosts[at].start().await;
        self.arm(fault);
        if let Some(deposed) = self.hosts[at].deposed.take() {
            let (end, left) = self.leg_destroy(at, &deposed, &[], Sure::Exactly).await;
            self.hosts[at].deposed = left;
            if end == End::Killed {
                self.disarm();
                return;
            }
        }
        if let Some(saved) = self.hosts[at].saved.take() {
            let (_, left) = self.leg_destroy(at, &saved, &[], Sure::Exactly).await;
            self.hosts[at].saved = left;
        }
        self.disarm();
    }

    /// Somebody gives up what killed creates left. While the command asks, others may go on.
    pub async fn leftovers(&mut self, faulty: bool) {
        let fault = match (faulty, self.random.below(3)) {
            (false, _) | (true, 0) => None,
            (true, 1) => Some(self.draw_fault()),
            (true, _) => Some(self.draw_scarce()),
        };
        self.tell(|| format!("leftovers --delete, {fault:?}"));
        self.hosts[0].start().await;
        self.arm(fault.clone());
        let found = self.hosts[0].find_leftovers().await;
        let mut exact = fault.is_none();
        if faulty && self.random.chance(25) {
            self.disarm();
            exact = false;
            let at = self.random.below(self.hosts.len());
            // The future of an apply is large, and this one is inside another.
            Box::pin(self.apply(at, false, false)).await;
            self.hosts[0].start().await;
            self.arm(fault);
        }
        let end = match found {
            Ok(found) => self.hosts[0].delete_leftovers(found).await,
            Err(end) => end,
        };
        self.disarm();
        self.count_end(&end);
        if end == End::Killed {
            // The command had no state to tell of what a controller made for what it has deleted.
            let known = self.known();
            self.remote.lock().forget_made(&known);
        }
        if exact {
            self.check_leftovers(&end);
        }
    }

    /// Nothing is left of a create that no mark tells of, or that every mark tells of.
    fn check_leftovers(&mut self, end: &End) {
        let held = end.is(|trouble| matches!(trouble, e2etls_engine::failure::Trouble::Holds { .. }));
        if *end != End::Done && !held {
            return self.violated(Invariant::Ends, format!("leftovers ended in {end:?}"));
        }
        if held {
            return;
        }
        let state = self.remote.lock();
        let is_left = |object: &&Object| {
            let unfinished = match object.origin {
                Origin::Ours(life) => !state.lives[life].finished,
                _ => false,
            };
            // Stripped of its marks, an object is nobody's that a list can tell.
            let told = object.marks.owner.is_some() && object.marks.instance.is_some();
            object.is_there() && unfinished && told && object.taken.is_none() && !object.kept
        };
        let left: Vec<Violation> = state.living().filter(is_left).map(left).collect();
        drop(state);
        self.violations.extend(left);
    }

    /// The message prints an import block: whoever has lost the state uses it.
    pub async fn follow_advice(&mut self, at: usize, end: &End) {
        let End::Failed(failures) = end else { return };
        let host = &self.hosts[at];
        let same_owner = self
            .hosts
            .iter()
            .filter(|other| other.owner_id == host.owner_id)
            .count();
        let advised = failures.iter().all(|failure| word(failure) == Word::Import);
        if !advised || same_owner > 1 || host.saved.is_some() || host.deposed.is_some() {
            return;
        }
        self.tell(|| "  follows the advice to import".to_owned());
        let args = self.args[at].clone();
        let armed = self.remote.lock().armed.take();
        let end = self.hosts[at].import(&args).await;
        let known = self.known();
        {
            let mut state = self.remote.lock();
            state.forget_made(&known);
            state.forget_unasked(&known);
        }
        if end == End::Done && self.hosts[at].saved.is_none() {
            self.violated(Invariant::Ends, "there was nothing to import, though it was advised");
        } else if end == End::Done {
            let (end, _) = Box::pin(self.once(at, false, true, None, false)).await;
            self.tell(|| format!("  after the import {end:?}"));
        } else {
            self.violated(Invariant::Ends, format!("import as advised failed: {end:?}"));
        }
        self.remote.lock().armed = armed;
    }

    /// Faults strike only what is hardly ever met, once more. Then everything works again and everybody applies once more, which ends as the model says; then everything is destroyed.
    pub async fn end(&mut self) {
        self.tell(|| "the end".to_owned());
        self.remote.lock().unserved = None;
        self.somebody_empties();
        for at in 0..self.hosts.len() {
            if self.random.chance(60) {
                let scarce = self.draw_scarce();
                self.once(at, false, true, Some(scarce), false).await;
            }
        }
        for at in 0..self.hosts.len() {
            self.once(at, false, true, None, false).await;
            self.collect();
        }
        for at in 0..self.hosts.len() {
            if self.violations.is_empty() && self.random.chance(40) {
                self.destroy(at, true).await;
                self.collect();
            }
            if self.violations.is_empty() {
                self.destroy(at, false).await;
                self.collect();
            }
        }
        if !self.violations.is_empty() {
            return;
        }
        self.leftovers(false).await;
        let state = self.remote.lock();
        let is_left = |object: &&Object| match object.origin {
            // Finished, and no state has it: an import finds it.
            Origin::Ours(life) => !state.lives[life].finished && object.taken.is_none() && !object.kept,
            _ => false,
        };
        let left: Vec<Violation> = state.living().filter(is_left).map(left).collect();
        drop(state);
        self.violations.extend(left);
    }
}

fn left(object: &Object) -> Violation {
    let words = format!("left: {} {} {:?}", object.kind, object.name, object.marks);
    Invariant::Leftovers.broken(words)
}
