//! How an apply ended, held against the model.

use e2etls_engine::failure::Trouble;
use e2etls_engine::refusal::Answer;

use crate::apply::Sure;
use crate::args::{Spec, render};
use crate::gate::Fault;
use crate::history::History;
use crate::host::End;
use crate::model::{Ends, Expected, Word, word};
use crate::tally::Invariant;
use crate::world::{Life, Origin};

impl History {
    /// Without a fault that shows, an apply ends as the model says.
    pub fn judge(&mut self, end: &End, expected: &Expected, must_change: bool, sure: Sure) {
        let found: Ends = match end {
            End::Done => Ends::new(),
            End::Killed => return,
            End::Failed(failures) => failures
                .iter()
                .map(|failure| (failure.address.clone(), word(failure)))
                .collect(),
        };
        let Expected { ends, maybe } = expected;
        let is_in = |ends: &Ends, (address, word): (&String, &Word)| ends.get(address) == Some(word);
        let changed = |(_, word): (&String, &Word)| *word == Word::Changed;
        let partly = ends
            .values()
            .any(|end| matches!(end, Word::KindMissing | Word::Invalid));
        let as_said = match sure {
            Sure::Stale => {
                let known = found
                    .iter()
                    .all(|end| is_in(ends, end) || is_in(maybe, end) || changed(end));
                known && !(must_change && found.is_empty())
            }
            // One message per kind, or of the first level that meets it.
            Sure::Exactly if partly => !found.is_empty() && found.iter().all(|end| is_in(ends, end)),
            Sure::Exactly => {
                let known = found.iter().all(|end| is_in(ends, end) || is_in(maybe, end));
                known && (ends.iter().all(|end| is_in(&found, end)))
            }
        };
        if !as_said {
            let words = format!("unexpected end: {found:?}, expected {expected:?} {must_change} {sure:?}: {end:?}");
            self.violated(Invariant::Ends, words);
        }
    }

    /// A fault strikes, and the operation may fail by it, but by nothing else.
    pub fn judge_struck(&mut self, end: &End, expected: &Expected) {
        let End::Failed(failures) = end else { return };
        let fault = self.remote.lock().armed.clone().map(|armed| armed.fault);
        for failure in failures {
            let word = word(failure);
            let is_said = expected
                .ends
                .values()
                .chain(expected.maybe.values())
                .any(|end| *end == word);
            let explained = match (&fault, &failure.trouble) {
                (Some(Fault::Refuse(answer) | Fault::RefuseFrom(answer)), Trouble::Refused { refusal, .. }) => {
                    refusal.answer == *answer || refusal.answer == Answer::Interrupted
                }
                (Some(Fault::Refuse(Answer::Conflict(_)) | Fault::RefuseFrom(Answer::Conflict(_))), _) => true,
                (Some(Fault::RefuseFrom(_) | Fault::Refuse(Answer::Interrupted)), Trouble::Waiting { .. }) => true,
                (Some(Fault::RefuseFrom(_)), Trouble::InUse { .. } | Trouble::Appeared) => true,
                (Some(Fault::Silent | Fault::Stop), Trouble::Waiting { .. }) => true,
                (Some(Fault::Silent | Fault::Stop), Trouble::Refused { refusal, .. }) => {
                    refusal.answer == Answer::Interrupted
                }
                (Some(Fault::Appear), _) => word == Word::NotOurs,
                // What is being made in several requests was gone before the last.
                (Some(Fault::Vanish), Trouble::Refused { refusal, .. }) => refusal.answer == Answer::Absent,
                (Some(Fault::Vanish | Fault::Edit), _) => word == Word::Changed,
                (Some(Fault::Refuse(Answer::Absent)), _) => word == Word::Changed || word == Word::Other,
                _ => false,
            };
            if !is_said && !explained {
                let words = format!("unexpected end under {fault:?}: {failure:?}, expected {expected:?}");
                self.violated(Invariant::Ends, words);
            }
        }
    }

    /// Enters whether the create of a life has come to its end: its mark is gone. That must not happen before everything is
    /// as `args` want it.
    pub fn settle(&mut self, args: &[Spec], life: Option<usize>, end: &End) {
        let mut state = self.remote.lock();
        let creates = life.is_none();
        let life = life.unwrap_or(state.lives.len() - 1);
        let (owner, instance) = (state.lives[life].owner.clone(), state.lives[life].instance.clone());
        let mark = state.marked(&owner);
        let covers = |instance: &str| mark.as_ref().is_some_and(|mark| mark.covers(Some(instance)));
        let marked = covers(&instance);
        if state.mark_vanished {
            let told = |life: &&mut Life| life.owner == owner && !covers(&life.instance);
            state
                .lives
                .iter_mut()
                .filter(told)
                .for_each(|life| life.finished = true);
        }
        let has_made = state.living().any(|object| object.origin == Origin::Ours(life));
        if state.lives[life].finished || marked || !(has_made || *end == End::Done) {
            return;
        }
        state.lives[life].finished = true;
        for object in &mut state.objects {
            let taken = object.origin == Origin::Ours(life);
            object.taken = object.taken.filter(|_| !taken);
        }
        let missing: Vec<String> = render(args)
            .iter()
            .filter(|part| !state.has(part, &owner))
            .map(|part| part.address.clone())
            .collect();
        // A state tells what an update has not finished, also without a mark.
        if creates && !state.mark_vanished && !missing.is_empty() && *end != End::Done {
            let words = format!("the mark went before these were there: {missing:?}");
            state.violations.push(Invariant::MarkLast.broken(words));
        }
    }
}
