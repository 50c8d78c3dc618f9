//! Proof by exhaustion: histories of operations, kills, refusals and strangers, judged by a model that knows who made what.
//!
//! A sample runs with every test. `HISTORIES=100000 cargo test -p e2etls-engine --release --test histories` draws more and
//! prints how often each cell of ownership, operation and answer was met; `SEED=n` repeats one history and tells it.

#![expect(unreachable_pub, reason = "the modules of one test")]
#![expect(clippy::print_stdout, reason = "what was counted, and one history told")]

mod apply;
mod args;
mod cells;
mod checks;
mod consistency;
mod draw;
mod ending;
mod gate;
mod history;
mod host;
mod kinds;
mod model;
mod random;
mod ready;
mod strangers;
mod truth;
mod world;
mod writes;

use std::collections::BTreeMap;

use cells::Cells;
use history::History;

/// Histories of a sample.
const SAMPLE: u64 = 1_500;

/// What many histories came to.
#[derive(Default)]
struct Counts {
    steps: u64,
    kills: u64,
    ends: BTreeMap<String, u64>,
    cells: Cells,
}

impl Counts {
    fn add(&mut self, history: &History) {
        self.steps += history.steps;
        self.kills += history.kills;
        self.cells.add(&history.remote.lock().cells);
        for (end, count) in &history.ends {
            *self.ends.entry(end.clone()).or_default() += count;
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
    let mut broken: BTreeMap<String, Vec<u64>> = BTreeMap::new();
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
        counts.add(&history);
        for violation in history.violations {
            let class = violation.split(':').next().unwrap_or_default().to_owned();
            broken.entry(class).or_default().push(seed);
            if one.is_some() {
                println!("VIOLATION {violation}");
            }
        }
    }
    println!(
        "{count} histories, {} steps, {} kills, ends {:?}",
        counts.steps, counts.kills, counts.ends
    );
    for (violation, seeds) in &broken {
        println!(
            "{} × {violation}: seeds {:?}",
            seeds.len(),
            &seeds[..seeds.len().min(8)]
        );
    }
    assert!(broken.is_empty(), "repeat one with SEED=n");
}
