//! Progress on standard error, with a sign of life at least every ten seconds.

use std::io::Write as _;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const HEARTBEAT: Duration = Duration::from_secs(10);

/// A line of progress. It is written past the macros, whose output tests keep back until they have failed.
pub(crate) fn say(line: &str) {
    drop(writeln!(std::io::stderr(), "lab: {line}"));
}

/// A step that is under way; it reports its end when it is dropped.
pub(crate) struct Step {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
    what: String,
    started: Instant,
}

impl Step {
    /// Says that `what` begins, and goes on saying so.
    pub(crate) fn start(what: impl Into<String>) -> Self {
        let what = what.into();
        let started = Instant::now();
        say(&format!("{what} …"));
        let (stop, stopped) = channel::<()>();
        let text = what.clone();
        let thread = std::thread::spawn(move || {
            while stopped.recv_timeout(HEARTBEAT) == Err(RecvTimeoutError::Timeout) {
                say(&format!("{text} … {} s", started.elapsed().as_secs()));
            }
        });
        Self {
            stop: Some(stop),
            thread: Some(thread),
            what,
            started,
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
        say(&format!(
            "{} took {:.1} s",
            self.what,
            self.started.elapsed().as_secs_f32()
        ));
    }
}
