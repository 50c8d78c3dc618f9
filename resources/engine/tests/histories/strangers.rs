//! What people do who know nothing of us.

use e2etls_engine::marks::Marks;
use serde_json::json;

use crate::args::render;
use crate::history::History;
use crate::world::Origin;

impl History {
    /// Somebody makes an object under a name that we want; false if there is one.
    pub fn somebody_makes(&mut self, at: usize) {
        let parts = render(&self.args[at]);
        let part = self.random.pick(&parts);
        let shape = self.random.pick(&["round", "flat"]);
        // By chance it is just as we want it.
        let value = if self.random.chance(30) {
            part.content["value"].clone()
        } else {
            "foreign".into()
        };
        let kind = part.kind.map(|kind| kind.name()).filter(|kind| *kind != "Given");
        let Some(kind) = kind else { return };
        let mut state = self.remote.lock();
        if state.unserved != Some(kind) && state.named(kind, &part.name).is_none() {
            self.tell(|| format!("somebody makes {kind} {}", part.name));
            state.tally.strangers += 1;
            state.add_foreign(kind, &part.name, json!({"shape": shape, "value": value}));
            // By chance it is being deleted already.
            let looks = u32::try_from(self.random.below(12)).unwrap_or_default();
            if let Some(object) = state
                .objects
                .last_mut()
                .filter(|_| kind != "Made" && (1..4).contains(&looks))
            {
                object.dying = Some(looks);
            }
        }
    }

    /// Somebody puts an object into a space of ours.
    pub fn somebody_fills(&mut self) {
        let mut state = self.remote.lock();
        let space = state
            .living()
            .find(|object| object.kind == "Space" && object.is_there());
        let Some(space) = space.map(|space| space.name.clone()) else {
            return;
        };
        let name = format!("guest{}", state.objects.len());
        self.tell(|| format!("somebody puts {name} into {space}"));
        state.tally.strangers += 1;
        state.add_foreign("Named", &name, json!({"space": space}));
    }

    /// Somebody takes out again what was put into spaces.
    pub fn somebody_empties(&mut self) {
        for object in &mut self.remote.lock().objects {
            object.dead |= object.content["space"].is_string();
        }
    }

    fn of_ours(&mut self) -> Option<String> {
        let uids: Vec<String> = {
            let state = self.remote.lock();
            let ours = state.living().filter(|object| matches!(object.origin, Origin::Ours(_)));
            ours.map(|object| object.uid.clone()).collect()
        };
        (!uids.is_empty()).then(|| self.random.pick(&uids))
    }

    /// Somebody changes an object of ours.
    pub fn somebody_edits(&mut self) {
        let Some(uid) = self.of_ours() else { return };
        self.tell(|| format!("somebody edits {uid}"));
        let mut state = self.remote.lock();
        state.tally.strangers += 1;
        if let Some(object) = state.by_uid(&uid) {
            object.edit();
        }
    }

    /// Somebody takes marks away, of what a state knows: of what a killed create made nothing else tells.
    pub fn somebody_strips(&mut self) {
        let Some(uid) = self.of_ours() else { return };
        let what = self.random.below(3);
        // Where two states know it, the instance alone tells whose it is.
        let known = self.known().iter().filter(|known| **known == uid).count() == 1;
        let mut state = self.remote.lock();
        let Some(object) = state
            .by_uid(&uid)
            .filter(|object| known && object.marks.creating.is_none())
        else {
            return;
        };
        self.tell(|| format!("somebody strips marks of {uid}: {what}"));
        match what {
            0 => object.marks = Marks::default(),
            1 => object.marks.owner = None,
            _ => object.marks.instance = None,
        }
        state.tally.strangers += 1;
    }

    /// Somebody deletes an object of ours. The mark of a create that no state knows goes by our own hands only: without it
    /// nothing tells what the create has made.
    pub fn somebody_deletes(&mut self) {
        let Some(uid) = self.of_ours() else { return };
        let all = self.known();
        let known = all.contains(&uid);
        let mut state = self.remote.lock();
        let Some(object) = state.by_uid(&uid).cloned() else {
            return;
        };
        let marked = object.marks.creating.is_some();
        if marked && !known {
            return;
        }
        self.tell(|| format!("somebody deletes {uid}"));
        state.tally.strangers += 1;
        // It may take its time, and somebody may put another one in its place.
        let looks = u32::try_from(self.random.below(12)).unwrap_or_default();
        if (1..4).contains(&looks) && !marked && object.secret().is_none() {
            if let Some(object) = state.by_uid(&uid) {
                object.dying = object.dying.or(Some(looks));
            }
            return;
        }
        state.vanish(&uid);
        if looks > 6 && !marked && object.kind == "Named" {
            state.add_foreign(object.kind, &object.name, object.content.clone());
            if let Some(other) = state.objects.last_mut() {
                other.dying = looks.checked_sub(8).filter(|looks| *looks > 0);
            }
        }
        if let (true, Origin::Ours(life)) = (marked, object.origin) {
            state.lives[life].finished = true;
        }
        state.forget_made(&all);
    }

    /// A kind is not served any more, and its objects are gone; or it is served again.
    pub fn unserve(&mut self) {
        let kind = self.random.pick(&["Named", "Maker", "Upsert"]);
        let marks = {
            let state = self.remote.lock();
            let mut of_kind = state.living().filter(|object| object.kind == kind);
            of_kind.any(|object| object.marks.creating.is_some())
        };
        let known = self.known();
        let mut state = self.remote.lock();
        if state.unserved.take().is_some() {
            self.tell(|| "the kind is served again".to_owned());
        } else if !marks {
            self.tell(|| format!("{kind} is not served any more"));
            state.tally.strangers += 1;
            for object in state.objects.iter_mut().filter(|object| object.kind == kind) {
                object.dead = true;
            }
            state.unserved = Some(kind);
            state.forget_made(&known);
        }
    }
}
