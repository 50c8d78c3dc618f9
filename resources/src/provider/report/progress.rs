//! What the command is at, for whoever waits: a line for each phase that takes more than a second.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::encryption_report::phase::Phase;

/// Phases that are shorter are not told of.
const PATIENCE: Duration = Duration::from_secs(1);

/// Tells of phases that take long. A thread of its own does, as an evaluation keeps that of the runtime busy.
pub(super) struct Progress {
    phases: Option<Sender<String>>,
    teller: Option<JoinHandle<()>>,
}

impl Progress {
    /// Tells by `say` until it is dropped.
    pub(super) fn start(say: impl FnMut(&str) + Send + 'static) -> Self {
        let (phases, begun) = channel();
        Self {
            phases: Some(phases),
            teller: Some(std::thread::spawn(move || tell(&begun, PATIENCE, say))),
        }
    }

    /// A phase of a cluster begins; that before has ended.
    pub(super) fn begins(&self, cluster: &str, phase: Phase) {
        let doing = match phase {
            Phase::Connecting => "connecting",
            Phase::Listing => "listing objects",
            Phase::LoadBalancers => "asking for load balancers",
            Phase::Evaluating => "evaluating",
            Phase::Probing => "making handshakes with Pods",
        };
        if let Some(phases) = &self.phases {
            // Nobody listens if the thread is gone: the report is made all the same.
            drop(phases.send(format!("{cluster}: {doing} ...")));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.phases = None;
        if let Some(teller) = self.teller.take() {
            drop(teller.join());
        }
    }
}

fn tell(begun: &Receiver<String>, patience: Duration, mut say: impl FnMut(&str)) {
    let mut phase = begun.recv().ok();
    while let Some(current) = phase {
        phase = match begun.recv_timeout(patience) {
            Ok(next) => Some(next),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                say(&current);
                begun.recv().ok()
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_takes_long_is_told_and_once() {
        let (phases, begun) = channel();
        let teller = std::thread::spawn(move || {
            let mut told = Vec::new();
            tell(&begun, Duration::from_millis(300), |line| told.push(line.to_owned()));
            told
        });
        for (phase, pause) in [("short", 0), ("long", 900), ("last", 0)] {
            phases.send(phase.to_owned()).expect("it listens");
            std::thread::sleep(Duration::from_millis(pause));
        }
        drop(phases);
        assert_eq!(teller.join().expect("it ends"), ["long"]);
    }
}
