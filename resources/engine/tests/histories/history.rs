//! One history: what happens, what should come of it, and what did.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use e2etls_engine::failure::Trouble;
use e2etls_engine::marks::Marks;
use e2etls_engine::operation::Trace;
use e2etls_engine::ownership::Ownership;
use e2etls_engine::refusal::{Answer, Cause, Denial};
use e2etls_engine::table::Asked;

use crate::draw;
use crate::host::{Args, End, Host, Saved, render};
use crate::random::Random;
use crate::world::{Fault, Object, Origin, Remote};

/// Ownership, operation and answer, with how often they met.
type Cells = BTreeMap<(Asked, Ownership, &'static str), u64>;

#[derive(Default)]
pub struct Counts {
    steps: u64,
    kills: u64,
    cells: Cells,
    ends: BTreeMap<&'static str, u64>,
}

impl Counts {
    pub fn add(&mut self, history: &History) {
        self.steps += history.steps;
        self.kills += history.kills;
        for (end, count) in &history.ends {
            *self.ends.entry(end).or_default() += count;
        }
        for (cell, count) in history.cells.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            *self.cells.entry(*cell).or_default() += count;
        }
    }

    pub fn print(&self, histories: u64) {
        println!(
            "{histories} histories, {} operations, {} kills, ends {:?}",
            self.steps, self.kills, self.ends
        );
        for ((asked, ownership, answer), count) in &self.cells {
            println!("{asked:?} × {ownership:?} × {answer}: {count}");
        }
    }
}

pub struct History {
    random: Random,
    remote: Remote,
    hosts: Vec<Host>,
    /// By host: the create whose objects its state knows.
    lineage: Vec<usize>,
    args: Vec<Args>,
    creates: usize,
    /// Names of what any arguments asked to keep.
    kept: Vec<String>,
    told: bool,
    pub steps: u64,
    pub kills: u64,
    pub ends: BTreeMap<&'static str, u64>,
    pub cells: Arc<Mutex<Cells>>,
    pub violations: Vec<String>,
}

fn word(answer: Option<&Answer>) -> &'static str {
    match answer {
        None => "ok",
        Some(Answer::Absent) => "Absent",
        Some(Answer::Exists) => "Exists",
        Some(Answer::Conflict(_)) => "Conflict",
        Some(Answer::InUse(_)) => "InUse",
        Some(Answer::Invalid) => "Invalid",
        Some(Answer::Forbidden(_)) => "Forbidden",
        Some(Answer::Unauthenticated) => "Unauthenticated",
        Some(Answer::Throttled) => "Throttled",
        Some(Answer::Unreachable) => "Unreachable",
        Some(Answer::KindMissing) => "KindMissing",
        Some(Answer::Interrupted) => "Interrupted",
        Some(Answer::OutcomeUnknown) => "OutcomeUnknown",
    }
}

impl History {
    pub fn new(seed: u64, told: bool) -> Self {
        let mut random = Random::new(seed);
        let remote = Remote::default();
        remote.lock().slow = u32::try_from(random.below(3)).unwrap_or_default();
        let cells = Arc::new(Mutex::new(Cells::new()));
        let sink = Arc::clone(&cells);
        let trace: Trace = Arc::new(move |asked, ownership, answer| {
            let mut cells = sink.lock().unwrap_or_else(PoisonError::into_inner);
            *cells.entry((asked, ownership, word(answer))).or_default() += 1;
        });
        let second = random.chance(25).then(|| if random.chance(50) { "one" } else { "two" });
        let args = draw::args(&mut random);
        let host = |owner_id: &str, prefix| Host {
            remote: remote.clone(),
            owner_id: owner_id.to_owned(),
            saved: None,
            trace: Some(trace.clone()),
            instances: 0,
            prefix,
            violations: Vec::new(),
        };
        let mut hosts = vec![host("one", "i")];
        hosts.extend(second.map(|owner_id| host(owner_id, "j")));
        Self {
            lineage: vec![0; hosts.len()],
            args: vec![args; hosts.len()],
            hosts,
            random,
            remote,
            creates: 0,
            kept: Vec::new(),
            told,
            steps: 0,
            kills: 0,
            ends: BTreeMap::new(),
            cells,
            violations: Vec::new(),
        }
    }

    pub async fn run(&mut self) {
        for _ in 0..1 + self.random.below(7) {
            self.step().await;
            if !self.violations.is_empty() {
                return;
            }
        }
        self.remote.lock().unserved = None;
        self.end().await;
    }

    fn tell(&self, words: impl FnOnce() -> String) {
        if self.told {
            println!("{}", words());
        }
    }

    fn violated(&mut self, words: String) {
        self.violations.push(words);
    }

    async fn step(&mut self) {
        self.steps += 1;
        let at = self.random.below(self.hosts.len());
        match self.random.below(20) {
            0 => self.foreign(at),
            1 => self.edit(),
            2 => self.strip(),
            3 => self.remove_by_hand(),
            4 => self.unserve(),
            5 => self.rename_owner(at),
            6 => self.leftovers(true).await,
            7 => self.lose(at).await,
            8 | 9 => self.destroy(at, true).await,
            10 => self.taint(at),
            11 => self.untaint(at),
            12 | 13 => self.apply(at, true, true).await,
            _ => {
                if self.hosts[at].saved.is_some() && self.random.chance(70) {
                    self.args[at] = draw::change(&mut self.random, &self.args[at]);
                }
                self.apply(at, true, false).await;
            }
        }
    }

    // What strangers do.

    fn foreign(&mut self, at: usize) {
        let parts = render(&self.args[at]);
        let index = self.random.below(parts.len());
        let part = &parts[index];
        if let Some(kind) = part.kind.map(|kind| kind.name()).filter(|kind| *kind != "Given")
            && self.remote.lock().named(kind, &part.name).is_none()
        {
            self.tell(|| format!("somebody makes {kind} {}", part.name));
            self.remote.lock().add_foreign(kind, &part.name);
        }
    }

    fn of_ours(&mut self) -> Option<String> {
        let uids: Vec<String> = {
            let state = self.remote.lock();
            let ours = state
                .living()
                .filter(|object| matches!(object.origin, Origin::Create(_)));
            ours.map(|object| object.uid.clone()).collect()
        };
        (!uids.is_empty()).then(|| self.random.pick(&uids))
    }

    fn edit(&mut self) {
        let Some(uid) = self.of_ours() else { return };
        if let Some(object) = self.remote.lock().by_uid(&uid) {
            self.tell(|| format!("somebody edits {uid}"));
            object.edit();
        }
    }

    fn strip(&mut self) {
        let Some(uid) = self.of_ours() else { return };
        let mut state = self.remote.lock();
        // Only of what a state knows: of a killed create nothing else tells.
        let known = self.hosts.iter().filter_map(|host| host.saved.as_ref());
        let mut known = known.flat_map(|saved| saved.ledger.values());
        let Some(object) = state.by_uid(&uid).filter(|object| object.marks.creating.is_none()) else {
            return;
        };
        if known.any(|entry| entry.known_uid() == Some(&uid)) {
            self.tell(|| format!("somebody strips the marks of {uid}"));
            object.marks = Marks::default();
        }
    }

    fn remove_by_hand(&mut self) {
        let Some(uid) = self.of_ours() else { return };
        self.tell(|| format!("somebody deletes {uid}"));
        if let Some(object) = self.remote.lock().by_uid(&uid) {
            object.dead = true;
        }
    }

    fn unserve(&mut self) {
        let kind = self.random.pick(&["Named", "Maker", "Upsert"]);
        let mut state = self.remote.lock();
        if state.unserved.take().is_some() {
            self.tell(|| "the kind is served again".to_owned());
            return;
        }
        self.tell(|| format!("{kind} is not served any more"));
        for object in state.objects.iter_mut().filter(|object| object.kind == kind) {
            object.dead = true;
        }
        state.unserved = Some(kind);
    }

    // What the user does.

    fn rename_owner(&mut self, at: usize) {
        if self.hosts[at]
            .saved
            .as_ref()
            .is_some_and(|saved| !saved.tainted && !saved.memory.unfinished)
            && self.hosts.len() == 1
        {
            let owner_id = self.random.pick(&["one", "three"]);
            self.tell(|| format!("owner_id is {owner_id} now"));
            self.hosts[at].owner_id = owner_id.to_owned();
        }
    }

    fn taint(&mut self, at: usize) {
        if let Some(saved) = &mut self.hosts[at].saved {
            saved.tainted = true;
        }
    }

    fn untaint(&mut self, at: usize) {
        if let Some(saved) = &mut self.hosts[at].saved {
            saved.tainted = false;
        }
    }

    fn draw_fault(&mut self) {
        let answers = [
            Answer::Exists,
            Answer::Conflict(vec![Cause {
                field: ".value".to_owned(),
                manager: "somebody".to_owned(),
            }]),
            Answer::Conflict(Vec::new()),
            Answer::InUse(vec!["a user".to_owned()]),
            Answer::Invalid,
            Answer::Forbidden(Denial::Permission),
            Answer::Unauthenticated,
            Answer::Throttled,
            Answer::Unreachable,
            Answer::Interrupted,
            Answer::OutcomeUnknown,
        ];
        let fault = match self.random.below(12) {
            0..=2 => Fault::KillBefore,
            3..=5 => Fault::KillAfter,
            6 => Fault::Lost,
            7 => Fault::Silent,
            8 => self.random.pick(&[Fault::Appear, Fault::Vanish]),
            9 => Fault::RefuseFrom(self.random.pick(&answers)),
            _ => Fault::Refuse(self.random.pick(&answers)),
        };
        let at = 1 + self.random.below(45);
        self.tell(|| format!("  at request {at}: {fault:?}"));
        self.remote.lock().fault = Some((at, fault));
    }

    fn heal(&mut self) {
        self.remote.lock().fault = None;
    }

    /// Applies, at first perhaps with a fault, then until it is over.
    async fn apply(&mut self, at: usize, faulty: bool, replace: bool) {
        let create_before_destroy = replace && self.random.chance(50);
        if faulty && self.random.chance(65) {
            self.draw_fault();
        }
        let refresh = self.random.chance(85);
        let replace = replace && self.hosts[at].saved.is_some();
        self.tell(|| format!("host {at} applies, replace {replace}, create before destroy {create_before_destroy}, refresh {refresh}: {:?}", self.args[at].iter().map(|spec| format!("{}={} {} {} {} {:?}", spec.address, spec.kind, spec.name, spec.shape, spec.value, spec.link)).collect::<Vec<_>>()));
        let end = self.once(at, create_before_destroy, replace, refresh).await;
        let struck = std::mem::take(&mut self.remote.lock().struck);
        self.heal();
        if !struck {
            self.judge_fresh(at, end, create_before_destroy, refresh).await;
            return;
        }
        if end == End::Killed {
            self.kills += 1;
        }
        if self.random.chance(75) {
            // The user does it again, or thinks of something else first.
            if self.random.chance(30) {
                self.args[at] = draw::change(&mut self.random, &self.args[at]);
            }
            if self.random.chance(30) {
                self.untaint(at);
            }
            self.tell(|| format!("  ended in {end:?}, again"));
            let end = self.once(at, create_before_destroy, false, true).await;
            self.judge(at, end, create_before_destroy).await;
        } else {
            self.tell(|| format!("  ended in {end:?}"));
        }
    }

    async fn once(&mut self, at: usize, create_before_destroy: bool, replace: bool, refresh: bool) -> End {
        self.creates += 1;
        let had = self.hosts[at].saved.is_some();
        if refresh {
            let end = self.hosts[at].refresh().await;
            if end != End::Done {
                return end;
            }
        }
        let args = self.args[at].clone();
        self.kept
            .extend(args.iter().filter(|spec| spec.keep).map(|spec| spec.name.clone()));
        let saved = self.hosts[at].saved.as_ref().map(|saved| saved.tainted || replace);
        // Every write of a create belongs to a new lineage, of an update to the one of its state.
        let number = if saved == Some(false) {
            self.lineage[at]
        } else {
            self.creates
        };
        self.remote.lock().create = number;
        let _ = had;
        let end = self.hosts[at].apply(&args, create_before_destroy, replace).await;
        if self.hosts[at]
            .saved
            .as_ref()
            .is_some_and(|_| end == End::Done || saved != Some(false))
            && !(create_before_destroy && end != End::Done && saved.is_some())
        {
            self.lineage[at] = number;
        }
        end
    }

    /// What an apply without faults may end in, from what is known of who made what.
    fn expected(&self, at: usize, create_before_destroy: bool, before: &[Object]) -> Vec<&'static str> {
        let mut expected = Vec::new();
        let host = &self.hosts[at];
        let owner = host.owner().to_string();
        let known = |uid: &str| {
            let ledger = host.saved.as_ref().map(|saved| &saved.ledger);
            ledger.is_some_and(|ledger| ledger.values().any(|entry| entry.known_uid() == Some(uid)))
        };
        for part in render(&self.args[at]) {
            let Some(kind) = part.kind.map(|kind| kind.name()) else {
                continue;
            };
            if Some(kind) == self.remote.lock().unserved {
                expected.push("KindMissing");
            }
            let there = before
                .iter()
                .filter(|object| object.kind == kind && (object.name == part.name));
            // The create leg of a replacement knows no state: with another owner since, its own objects are another's.
            let renamed = |object: &Object| create_before_destroy && object.marks.owner.as_deref() != Some(&owner);
            for object in there.filter(|object| !known(&object.uid) || renamed(object)) {
                match &object.origin {
                    Origin::Foreign if kind == "Made" => expected.push("WouldOverwrite"),
                    Origin::Foreign => expected.push("Foreign"),
                    Origin::Controller(_) => expected.push("WouldOverwrite"),
                    Origin::Create(_) => match object.marks.owner.as_deref() {
                        Some(other) if other == owner => expected.push("Exists"),
                        _ => expected.push("Foreign"),
                    },
                }
            }
        }
        expected
    }

    /// A plan that was made without a refresh is judged by the one after it.
    async fn judge_fresh(&mut self, at: usize, end: End, create_before_destroy: bool, refreshed: bool) {
        if refreshed {
            return self.judge(at, end, create_before_destroy).await;
        }
        self.tell(|| format!("  ended in {end:?}, and with a refresh"));
        let end = self.once(at, false, false, true).await;
        self.judge(at, end, false).await;
    }

    async fn judge(&mut self, at: usize, end: End, create_before_destroy: bool) {
        self.collect();
        let before: Vec<Object> = self.remote.lock().living().cloned().collect();
        let expected = self.expected(at, create_before_destroy, &before);
        let name = match &end {
            End::Done => "converged",
            End::Killed => return,
            End::Failed(failures) => {
                let mut names = failures.iter().map(|failure| match &failure.trouble {
                    Trouble::Foreign { .. } | Trouble::Appeared => "Foreign",
                    Trouble::WouldOverwrite { .. } => "WouldOverwrite",
                    Trouble::Exists { .. } => "Exists",
                    Trouble::Holds { .. } => "Holds",
                    Trouble::Vanished => "Vanished",
                    Trouble::Refused { refusal, .. } if refusal.answer == Answer::KindMissing => "KindMissing",
                    Trouble::Refused { refusal, .. } if refusal.answer == Answer::Invalid => "Invalid",
                    Trouble::Managed { .. } => "Managed",
                    _ => "other",
                });
                names.next().unwrap_or("other")
            }
        };
        *self.ends.entry(name).or_default() += 1;
        self.tell(|| format!("  ended in {end:?}"));
        match name {
            "converged" => self.check_converged(at).await,
            // What can't change in place is the remote's to refuse; a plan without a refresh may be out of date.
            "Invalid" | "Vanished" | "Managed" | "Holds" => {}
            "Exists" if expected.contains(&name) => self.follow_advice(at).await,
            name if expected.contains(&name) => {}
            name => self.violated(format!("unexpected end {name}: {end:?}, expected {expected:?}")),
        }
    }

    /// The message prints an import block: whoever has lost the state uses it.
    async fn follow_advice(&mut self, at: usize) {
        if self.hosts.len() > 1 || self.hosts[at].saved.is_some() || self.random.chance(30) {
            return;
        }
        let args = self.args[at].clone();
        self.tell(|| "  follows the advice to import".to_owned());
        let mut end = self.hosts[at].import(&args).await;
        if end == End::Done {
            end = self.once(at, false, false, true).await;
        }
        self.tell(|| format!("  ended in {end:?}"));
        self.collect();
        if end == End::Done {
            self.check_converged(at).await;
        }
    }

    fn collect(&mut self) {
        let seen = std::mem::take(&mut self.remote.lock().violations);
        self.violations
            .extend(seen.into_iter().map(|words| format!("remote {words}")));
        for host in &mut self.hosts {
            let found = std::mem::take(&mut host.violations);
            self.violations
                .extend(found.into_iter().map(|words| format!("inconsistent result: {words}")));
        }
    }

    /// After an apply that succeeded: a second plan is empty, and everything is there once and as desired.
    async fn check_converged(&mut self, at: usize) {
        let end = self.hosts[at].refresh().await;
        if end != End::Done {
            return self.violated(format!("refresh after success: {end:?}"));
        }
        let args = self.args[at].clone();
        let strays =
            |saved: &Saved| !saved.drift.is_empty() && saved.drift.iter().all(|line| line.starts_with("stray/"));
        if self.hosts[at].saved.as_ref().is_some_and(strays) {
            // What a killed create left under other names, or what lists hid, is seen by the next plan.
            *self.ends.entry("strays seen").or_default() += 1;
            let end = self.once(at, false, false, true).await;
            if end != End::Done {
                return self.violated(format!("removing strays failed: {end:?}"));
            }
            self.hosts[at].refresh().await;
        }
        if !self.hosts[at].is_quiet(&args) {
            let saved = self.hosts[at].saved.as_ref();
            let words = format!(
                "second plan not empty: drift {:?} ledger {:?}",
                saved.map(|saved| &saved.drift),
                saved.map(|saved| &saved.ledger)
            );
            return self.violated(words);
        }
        let owner = self.hosts[at].owner().to_string();
        let living: Vec<Object> = self
            .remote
            .lock()
            .living()
            .filter(|object| object.dying.is_none())
            .cloned()
            .collect();
        for part in render(&args) {
            let Some(kind) = part.kind.map(|kind| kind.name()) else {
                continue;
            };
            let entry = self.hosts[at]
                .saved
                .as_ref()
                .and_then(|saved| saved.ledger.get(&part.address))
                .cloned()
                .unwrap_or_default();
            let Some(object) = living
                .iter()
                .find(|object| Some(object.uid.as_str()) == entry.known_uid())
            else {
                self.violated(format!("part is not there: {} {entry:?}", part.address));
                continue;
            };
            let elsewhere = object.marks.owner.as_deref() != Some(&owner) && kind != "Made" && entry.made == Some(true);
            if object.content["value"] != part.content["value"] && !elsewhere {
                self.violated(format!(
                    "content is not as desired: {} {}",
                    part.address, object.content
                ));
            }
        }
        let mine = |object: &&Object| object.marks.owner.as_deref() == Some(&owner);
        let instance = self.hosts[at].saved.as_ref().map(|saved| saved.instance.clone());
        let marked = living
            .iter()
            .filter(mine)
            .any(|object| object.marks.creating.is_some() && object.marks.instance == instance);
        if marked {
            self.violated(format!("a mark is left after success: {living:?}"));
        }
        let known: Vec<String> = self
            .hosts
            .iter()
            .filter_map(|host| host.saved.as_ref())
            .flat_map(|saved| saved.ledger.values().filter_map(|entry| entry.uid.clone()))
            .collect();
        let twice: Vec<&Object> = living
            .iter()
            .filter(mine)
            .filter(|object| object.marks.instance == instance && !known.contains(&object.uid))
            .collect();
        if !twice.is_empty() {
            self.violated(format!("more than the plan: {twice:?}"));
        }
    }

    async fn destroy(&mut self, at: usize, faulty: bool) {
        if self.hosts[at].saved.is_none() {
            return;
        }
        if faulty && self.random.chance(50) {
            self.draw_fault();
        }
        self.tell(|| format!("host {at} destroys"));
        let refresh = self.random.chance(60);
        let mut end = End::Done;
        if refresh {
            end = self.hosts[at].refresh().await;
        }
        if end == End::Done {
            self.remote.lock().create = self.lineage[at];
            end = self.hosts[at].destroy(&Vec::new()).await;
        }
        let struck = std::mem::take(&mut self.remote.lock().struck);
        self.heal();
        self.kills += u64::from(end == End::Killed);
        self.tell(|| format!("  ended in {end:?}"));
        self.collect();
        if end == End::Done {
            let lineage = self.lineage[at];
            self.check_gone(lineage);
        } else if !struck && !end.is(|trouble| matches!(trouble, Trouble::Holds { .. })) {
            self.violated(format!("destroy failed without a reason: {end:?}"));
        }
    }

    /// Nothing of a lineage is left but what is kept.
    fn check_gone(&mut self, lineage: usize) {
        let kept = self.kept.clone();
        let left: Vec<String> = {
            let state = self.remote.lock();
            let ours = |object: &&Object| match &object.origin {
                Origin::Create(by) => *by == lineage,
                Origin::Controller(maker) => {
                    let maker = state.objects.iter().find(|object| object.uid == *maker);
                    maker.is_some_and(|maker| maker.dead && maker.origin == Origin::Create(lineage))
                        && !state
                            .living()
                            .any(|other| other.content["secret"] == object.name.as_str())
                }
                Origin::Foreign => false,
            };
            state
                .living()
                .filter(ours)
                .filter(|object| {
                    !kept
                        .iter()
                        .any(|name| object.name.starts_with(name.trim_end_matches("-new")))
                })
                .map(|object| format!("{} {} {:?}", object.kind, object.name, object.origin))
                .collect()
        };
        if !left.is_empty() {
            self.violated(format!("left after destroy: {left:?}"));
        }
    }

    async fn lose(&mut self, at: usize) {
        let Some(saved) = self.hosts[at].saved.take() else {
            return;
        };
        if saved.tainted || saved.memory.unfinished {
            self.hosts[at].saved = Some(saved);
            return;
        }
        self.tell(|| format!("host {at} loses its state and imports"));
        let args = saved.args.clone();
        self.args[at] = args.clone();
        self.disown(at);
        let end = self.hosts[at].import(&args).await;
        if end != End::Done {
            self.violated(format!("import failed: {end:?}"));
        }
    }

    /// Without a state, what carries no marks of this owner counts as somebody's who was there before.
    fn disown(&self, at: usize) {
        let (owner, lineage) = (self.hosts[at].owner().to_string(), self.lineage[at]);
        let mut state = self.remote.lock();
        let mut makers = Vec::new();
        for object in &mut state.objects {
            if !object.dead && object.origin == Origin::Create(lineage) && object.marks.owner.as_deref() != Some(&owner)
            {
                object.origin = Origin::Foreign;
                makers.push(object.uid.clone());
            }
        }
        let made: Vec<String> = {
            let makers = state.living().filter(|object| !makers.contains(&object.uid));
            makers
                .filter_map(|object| Some(object.content["secret"].as_str()?.to_owned()))
                .collect()
        };
        for object in &mut state.objects {
            if matches!(object.origin, Origin::Controller(_)) && !made.contains(&object.name) {
                object.origin = Origin::Foreign;
                object.content["overwritten"] = true.into();
            }
        }
    }

    async fn leftovers(&mut self, faulty: bool) {
        if faulty && self.random.chance(40) {
            self.draw_fault();
        }
        self.tell(|| "leftovers --delete".to_owned());
        let healthy: Vec<String> = self.known();
        let end = self.hosts[0].leftovers().await;
        self.kills += u64::from(end == End::Killed);
        self.heal();
        self.collect();
        let gone: Vec<String> = {
            let state = self.remote.lock();
            healthy
                .into_iter()
                .filter(|uid| !state.living().any(|object| object.uid == *uid))
                .collect()
        };
        if !gone.is_empty() {
            self.violated(format!("leftovers deleted what a state knows: {gone:?}"));
        }
    }

    /// Uids of living objects of states whose create has finished.
    fn known(&self) -> Vec<String> {
        let finished = self
            .hosts
            .iter()
            .filter_map(|host| host.saved.as_ref())
            .filter(|saved| !saved.memory.unfinished);
        let uids: Vec<String> = finished
            .flat_map(|saved| saved.ledger.values().filter_map(|entry| entry.uid.clone()))
            .collect();
        let state = self.remote.lock();
        uids.into_iter()
            .filter(|uid| state.living().any(|object| object.uid == *uid))
            .collect()
    }

    /// Everything is destroyed; what killed creates left goes with `leftovers --delete`; nothing of ours is there then.
    async fn end(&mut self) {
        self.heal();
        for at in 0..self.hosts.len() {
            self.destroy(at, false).await;
        }
        if !self.violations.is_empty() {
            return;
        }
        for _ in 0..3 {
            self.leftovers(false).await;
        }
        if self.hosts.iter().any(|host| host.saved.is_some()) {
            return;
        }
        let kept = self.kept.clone();
        let left: Vec<Object> = self
            .remote
            .lock()
            .living()
            .filter(|object| matches!(object.origin, Origin::Create(_)))
            .cloned()
            .collect();
        for object in left {
            // A create that was killed after its last write, or whose marks were stripped since, is finished: an import finds it.
            let finished = object.marks.creating.is_none() && !self.is_marked(&object);
            let kept = kept
                .iter()
                .any(|name| object.name.starts_with(name.trim_end_matches("-new")));
            if !finished && !kept {
                self.violated(format!(
                    "left after leftovers: {} {} {:?}",
                    object.kind, object.name, object.marks
                ));
            }
        }
    }

    fn is_marked(&self, object: &Object) -> bool {
        let state = self.remote.lock();
        state
            .living()
            .any(|other| other.marks.owner == object.marks.owner && other.marks.creating.is_some())
    }
}
