//! An apply: a refresh, a plan, what happens meanwhile, and the legs that the plan needs.

use e2etls_engine::failure::Trouble;

use crate::args::{Args, Spec};
use crate::draw;
use crate::gate::{Aim, Armed, Struck};
use crate::history::History;
use crate::host::{End, Saved};
use crate::model::expected;
use crate::tally::Invariant;

/// What is known of an apply beside the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sure {
    /// The plan saw everything that is there.
    Exactly,
    /// Something may have changed since the plan.
    Stale,
}

/// What a write is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leg {
    Create,
    Update,
    /// A create whose resource replaces another that is destroyed after it.
    First,
}

impl History {
    /// The user applies, perhaps with a fault, then perhaps again.
    pub async fn apply(&mut self, at: usize, faulty: bool, replace: bool) {
        let fault = (faulty && self.random.chance(55)).then(|| self.draw_fault());
        let stale = fault.is_none() && faulty && self.random.chance(25);
        let fault = fault.or_else(|| (faulty && !stale).then(|| self.draw_scarce()));
        let refresh = !stale || self.random.chance(50);
        self.tell(|| format!("host {at} applies, replace {replace}, refresh {refresh}, {fault:?}"));
        let (end, struck) = self.once(at, replace, refresh, fault, stale).await;
        let uncertain = stale || struck.is_some_and(|struck| !struck.transparent);
        if !uncertain || !self.violations.is_empty() {
            return;
        }
        self.tell(|| format!("  ended in {end:?}"));
        if !stale && self.random.chance(25) {
            return;
        }
        // The user does it again, or thinks of something else first.
        if self.random.chance(25) {
            self.args[at] = draw::change(&mut self.random, &self.args[at]);
        }
        if let (Some(saved), true) = (&mut self.hosts[at].saved, self.random.chance(30)) {
            saved.tainted = false;
        }
        let scarce = self.random.chance(80).then(|| self.draw_scarce());
        let (_, struck) = self.once(at, false, true, scarce, false).await;
        if struck.is_some_and(|struck| !struck.transparent) && self.violations.is_empty() {
            self.once(at, false, true, None, false).await;
        }
    }

    /// Applies once. Without a fault that shows, it ends as the model says.
    pub async fn once(
        &mut self,
        at: usize,
        replace: bool,
        refresh: bool,
        fault: Option<Armed>,
        stale: bool,
    ) -> (End, Option<Struck>) {
        let scarce = fault
            .as_ref()
            .is_some_and(|fault| matches!(fault.aim, Aim::At(_) | Aim::In(..)));
        let in_refresh = fault.is_some() && self.random.chance(if scarce { 50 } else { 25 });
        let mut strikes = !in_refresh;
        self.arm(fault.clone().filter(|_| in_refresh));
        if refresh {
            let end = self.hosts[at].refresh().await;
            let struck = self.disarm();
            if end != End::Done {
                self.count_end(&end);
                if struck.as_ref().is_none_or(|struck| struck.transparent) {
                    self.violated(Invariant::Ends, format!("refresh failed: {end:?}"));
                }
                return (end, struck);
            }
            // What is hardly ever met may be met by the legs.
            strikes |= scarce && struck.is_none();
        }
        let mut sure = Sure::Exactly;
        if stale {
            sure = Sure::Stale;
            for _ in 0..self.random.below(3) {
                match self.random.below(4) {
                    0 => self.somebody_makes(at),
                    1 => self.somebody_deletes(),
                    _ => self.somebody_edits(),
                }
            }
        }
        self.hosts[at].start().await;
        self.arm(fault.filter(|_| strikes));
        let args = self.args[at].clone();
        let tells = format!("  {:?}", args.iter().map(told).collect::<Vec<_>>());
        self.tell(|| tells);
        let end = self.legs(at, &args, replace, sure).await;
        let struck = self.disarm();
        (end, struck)
    }

    /// The legs of an apply, each judged.
    async fn legs(&mut self, at: usize, args: &Args, replace: bool, mut sure: Sure) -> End {
        if let Some(deposed) = self.hosts[at].deposed.take() {
            let (end, left) = self.leg_destroy(at, &deposed, &[], sure).await;
            self.hosts[at].deposed = left;
            if end != End::Done {
                return end;
            }
            // While a create is unfinished, nothing tells what it made from what it was to replace: all of it is gone now.
            sure = Sure::Stale;
        }
        let Some(saved) = self.hosts[at].saved.clone() else {
            return self.leg_write(at, args, Leg::Create, sure).await;
        };
        if !(saved.tainted || replace) {
            if self.hosts[at].is_quiet(args) {
                self.check_converged(at, sure).await;
                return End::Done;
            }
            return self.leg_write(at, args, Leg::Update, sure).await;
        }
        if self.hosts[at].creates_first {
            return self.create_first(at, args, &saved, sure).await;
        }
        // A tainted resource is destroyed with the private bytes of the create plan.
        let spared = if saved.tainted { args.clone() } else { Args::new() };
        let (end, left) = self.leg_destroy(at, &saved, &spared, sure).await;
        self.hosts[at].saved = left;
        if end != End::Done {
            return end;
        }
        let end = self.leg_write(at, args, Leg::Create, sure).await;
        // The host may end with the process, before it has written its state.
        if end == End::Killed && self.random.chance(50) {
            self.hosts[at].saved = Some(saved);
        }
        end
    }

    /// Creates, then destroys what was replaced: the host keeps what it could not destroy as deposed.
    async fn create_first(&mut self, at: usize, args: &Args, saved: &Saved, sure: Sure) -> End {
        self.hosts[at].saved = None;
        let end = self.leg_write(at, args, Leg::First, sure).await;
        if self.hosts[at].saved.is_none() {
            self.hosts[at].saved = Some(saved.clone());
            return end;
        }
        if end != End::Done {
            self.hosts[at].deposed = Some(saved.clone());
            return end;
        }
        let (end, left) = self.leg_destroy(at, saved, &[], sure).await;
        self.hosts[at].deposed = left;
        if end == End::Done {
            self.check_converged(at, sure).await;
        }
        end
    }

    /// One create or update, judged by the model.
    async fn leg_write(&mut self, at: usize, args: &[Spec], leg: Leg, sure: Sure) -> End {
        let creates = leg != Leg::Update;
        // A create looks at everything itself.
        let sure = if creates { Sure::Exactly } else { sure };
        let expected = expected(&self.hosts[at], args, creates);
        let must_change = !creates && sure == Sure::Stale && self.must_change(at, args);
        let life = self.hosts[at].saved.as_ref().map(|saved| saved.life);
        let end = if creates {
            self.hosts[at].create(args).await
        } else {
            self.hosts[at].update(args).await
        };
        self.settle(args, if creates { None } else { life }, &end);
        self.count_end(&end);
        if end == End::Killed {
            let known = self.hosts[at].known();
            self.remote.lock().forget_superseded(&known);
        }
        if self.struck().is_some_and(|struck| !struck.transparent) {
            self.judge_struck(&end, &expected);
            return end;
        }
        self.judge(&end, &expected, must_change, sure);
        // A replacement that creates first is looked at once it has destroyed.
        if end == End::Done && leg != Leg::First {
            self.check_converged(at, sure).await;
        }
        if leg == Leg::Create {
            self.follow_advice(at, &end).await;
        }
        end
    }

    /// One destroy, judged by the truth.
    pub async fn leg_destroy(&mut self, at: usize, saved: &Saved, spared: &[Spec], sure: Sure) -> (End, Option<Saved>) {
        let held = self.is_held(saved);
        let (end, left) = self.hosts[at].destroy(saved, spared).await;
        self.count_end(&end);
        let struck = self.struck();
        let holds = end.is(|trouble| matches!(trouble, Trouble::Holds { .. }));
        let as_said = if held {
            holds || !spared.is_empty()
        } else {
            end == End::Done
        };
        if !as_said && struck.as_ref().is_none_or(|struck| struck.transparent) && end != End::Killed {
            let words = format!("destroy ended in {end:?}, space held: {held}, {sure:?}");
            self.violated(Invariant::Ends, words);
        }
        if end == End::Done {
            self.check_gone(at, saved, spared);
        }
        (end, left)
    }
}

fn told(spec: &Spec) -> String {
    let Spec {
        address,
        kind,
        name,
        shape,
        value,
        link,
        keep,
        ..
    } = spec;
    let keep = if *keep { " kept" } else { "" };
    format!("{address}={kind} {name} {shape} {value} {link:?}{keep}")
}
