//! One history: what happens, in which order.

use std::collections::BTreeMap;

use crate::args::Args;
use crate::draw;
use crate::host::{End, Host, Saved};
use crate::random::Random;
use crate::tally::{Invariant, Violation};
use crate::world::{Object, Remote, World};

pub struct History {
    pub random: Random,
    pub remote: Remote,
    pub hosts: Vec<Host>,
    /// The arguments that each user wants.
    pub args: Vec<Args>,
    pub told: bool,
    pub steps: u64,
    pub ends: BTreeMap<String, u64>,
    pub violations: Vec<Violation>,
}

impl History {
    pub fn new(seed: u64, told: bool) -> Self {
        let mut random = Random::new(seed);
        let remote = World::new(Random::new(random.next()));
        remote.lock().told = told;
        let mut owners = vec!["one"];
        if random.chance(25) {
            owners.push(random.pick(&["one", "two"]));
        }
        let first = draw::args(&mut random, "");
        let mut args = vec![first.clone(); owners.len()];
        if owners.len() > 1 && random.chance(40) {
            args[1] = draw::args(&mut random, "other-");
        }
        let hosts = owners.iter().enumerate().map(|(number, owner_id)| Host {
            number,
            remote: remote.clone(),
            owner_id: (*owner_id).to_owned(),
            saved: None,
            deposed: None,
            creates_first: random.chance(50),
            replacing: random.chance(40),
            instances: 0,
            violations: Vec::new(),
        });
        Self {
            hosts: hosts.collect(),
            args,
            random,
            remote,
            told,
            steps: 0,
            ends: BTreeMap::new(),
            violations: Vec::new(),
        }
    }

    pub async fn run(&mut self) {
        for _ in 0..1 + self.random.below(7) {
            self.step().await;
            self.collect();
            if !self.violations.is_empty() {
                return;
            }
        }
        self.end().await;
        self.collect();
    }

    pub fn tell(&self, words: impl FnOnce() -> String) {
        if self.told {
            eprintln!("{}", words());
        }
    }

    pub fn violated(&mut self, invariant: Invariant, words: impl Into<String>) {
        self.violations.push(invariant.broken(words));
    }

    /// Violations that others have seen.
    pub fn collect(&mut self) {
        self.violations.append(&mut self.remote.lock().violations);
        for host in &mut self.hosts {
            self.violations.append(&mut host.violations);
        }
    }

    async fn step(&mut self) {
        self.steps += 1;
        let at = self.random.below(self.hosts.len());
        match self.random.below(22) {
            0 => self.somebody_makes(at),
            1 => self.somebody_edits(),
            2 => self.somebody_strips(),
            3 => self.somebody_deletes(),
            4 => self.unserve(),
            5 => self.rename_owner(at),
            6 | 7 => self.leftovers(true).await,
            8 => self.lose(at).await,
            9 | 10 => self.destroy(at, true).await,
            11 => self.taint(at, true),
            12 => self.taint(at, false),
            13 | 14 => self.apply(at, true, true).await,
            15 => self.somebody_fills(),
            _ => {
                if self.hosts[at].saved.is_some() && self.random.chance(70) {
                    self.args[at] = draw::change(&mut self.random, &self.args[at]);
                }
                self.apply(at, true, false).await;
            }
        }
    }

    // What the user does.

    fn taint(&mut self, at: usize, tainted: bool) {
        if let Some(saved) = &mut self.hosts[at].saved {
            saved.tainted = tainted;
            self.tell(|| format!("host {at} is tainted: {tainted}"));
        }
    }

    /// The owner of a resource that has finished, or that was never made, changes. What an unfinished create or update left is
    /// found by its owner alone, so that its user has to finish it first.
    fn rename_owner(&mut self, at: usize) {
        let host = &self.hosts[at];
        let unfinished = self.remote.lock().marked(&host.owner().to_string()).is_some();
        let quiet = host.deposed.is_none() && host.saved.as_ref().is_none_or(|saved| host.is_quiet(&saved.args));
        let known = self.known();
        let is_left = |saved: &Saved| {
            let owner = host.owner().to_string();
            let state = self.remote.lock();
            let left = |object: &Object| {
                object.marks.instance.as_ref() == Some(&saved.instance) && !known.contains(&object.uid)
            };
            state.owned(&owner).any(left)
        };
        let unfinished = unfinished || host.saved.as_ref().is_some_and(is_left);
        if self.hosts.len() > 1 || !quiet || (unfinished && host.saved.is_some()) {
            return;
        }
        let owner_id = self.random.pick(&["one", "three"]);
        self.tell(|| format!("owner_id is {owner_id} now"));
        self.hosts[at].owner_id = owner_id.to_owned();
    }

    /// The state is lost, and its user imports what it was of.
    async fn lose(&mut self, at: usize) {
        let host = &self.hosts[at];
        let Some(saved) = host.saved.clone() else { return };
        let quiet = host.deposed.is_none() && !saved.tainted && !saved.memory.unfinished;
        if !quiet || self.remote.lock().marked(&host.owner().to_string()).is_some() {
            return;
        }
        if self.random.chance(40) {
            self.rename_owner(at);
        }
        self.tell(|| format!("host {at} loses its state and imports"));
        self.args[at].clone_from(&saved.args);
        self.hosts[at].saved = None;
        let end = self.hosts[at].import(&saved.args).await;
        if end != End::Done {
            self.violated(Invariant::Ends, format!("import failed: {end:?}"));
        }
        let known = self.known();
        let mut state = self.remote.lock();
        state.forget_made(&known);
        state.forget_unasked(&known);
    }

    /// Uids that states know.
    pub fn known(&self) -> Vec<String> {
        self.hosts.iter().flat_map(Host::known).collect()
    }
}
