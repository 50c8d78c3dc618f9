//! Proof by exhaustion: histories of operations, kills, refusals and strangers, judged by a model that knows who made what.
//!
//! A sample runs with every test. `HISTORIES=100000 cargo test -p e2etls-engine --release --test histories -- --nocapture` is
//! the long run: it prints what happened, the table of cells (operation, ownership, answer) and the violations of each
//! invariant, and fails for a cell that was never met. `FIRST=n` starts at another seed, `SEED=n` repeats one history and
//! tells it.

#![expect(unreachable_pub, reason = "the modules of one test")]
#![expect(clippy::print_stdout, reason = "what was counted, and one history told")]

mod apply;
mod args;
mod cells;
mod checks;
mod commands;
mod consistency;
mod controllers;
mod draw;
mod ending;
mod faults;
mod gate;
mod history;
mod host;
mod judge;
mod kinds;
mod model;
mod random;
mod ready;
mod strangers;
mod tally;
mod truth;
mod world;
mod writes;

use std::collections::BTreeMap;

use cells::Cells;
use history::History;
use tally::{Invariant, Tally};

/// Histories of a sample.
const SAMPLE: u64 = 1_500;
/// From how many on no cell may be empty.
const LONG: u64 = 100_000;
/// How many seeds are printed for an invariant.
const PRINTED: usize = 12;

/// What many histories came to.
#[derive(Default)]
struct Counts {
    histories: u64,
    steps: u64,
    tally: Tally,
    ends: BTreeMap<String, u64>,
    cells: Cells,
    broken: BTreeMap<Invariant, Vec<u64>>,
}

impl Counts {
    fn add(&mut self, seed: u64, history: &History) {
        self.histories += 1;
        self.steps += history.steps;
        let state = history.remote.lock();
        self.tally.add(&state.tally);
        self.cells.add(&state.cells);
        for (end, count) in &history.ends {
            *self.ends.entry(end.clone()).or_default() += count;
        }
        for violation in &history.violations {
            self.broken.entry(violation.invariant).or_default().push(seed);
        }
    }

    fn print(&self) {
        println!("{} histories, {} steps, {:?}", self.histories, self.steps, self.tally);
        println!("ends: {:?}", self.ends);
        for invariant in Invariant::ALL {
            let seeds = self.broken.get(&invariant).map_or(&[][..], Vec::as_slice);
            let printed = &seeds[..seeds.len().min(PRINTED)];
            println!("violations of {invariant:?}: {} {printed:?}", seeds.len());
        }
        if self.histories > 1 {
            println!("{}", self.cells.lines().join("\n"));
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn every_history_ends_as_the_model_says() {
    let one = number("SEED");
    let (first, count) = match one {
        Some(seed) => (seed, 1),
        None => (number("FIRST").unwrap_or(1), number("HISTORIES").unwrap_or(SAMPLE)),
    };
    let mut counts = Counts::default();
    for seed in first..first + count {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        let history = runtime.block_on(async {
            let mut history = History::new(seed, one.is_some());
            history.run().await;
            history
        });
        counts.add(seed, &history);
        for violation in &history.violations {
            println!("SEED={seed} {violation}");
        }
    }
    counts.print();
    assert!(counts.broken.is_empty(), "repeat one with SEED=n");
    if count >= LONG {
        let empty = counts.cells.empty();
        assert!(empty.is_empty(), "cells that no history met: {empty:#?}");
    }
}
