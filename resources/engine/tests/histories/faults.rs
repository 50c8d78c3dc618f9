//! Faults are drawn, armed and disarmed.

use e2etls_engine::ownership::Ownership;
use e2etls_engine::refusal::{Answer, Denial};
use e2etls_engine::table::Asked;

use crate::gate::{Aim, Armed, Fault, Struck, answers};
use crate::history::History;

impl History {
    pub fn draw_fault(&mut self) -> Armed {
        if self.random.chance(12) {
            return self.draw_cell();
        }
        let answers = answers();
        let fault = match self.random.below(14) {
            0..=2 => Fault::KillBefore,
            3..=5 => Fault::KillAfter,
            6 | 7 => Fault::Lost,
            8 => self.random.pick(&[Fault::Silent, Fault::Stop]),
            9 => self.random.pick(&[Fault::Appear, Fault::Vanish, Fault::Edit]),
            10 => Fault::RefuseFrom(self.random.pick(&answers[3..])),
            _ => Fault::Refuse(self.random.pick(&answers)),
        };
        let aim = match self.random.below(10) {
            0..=5 => Aim::Any,
            6 | 7 => Aim::Rare,
            _ => self.draw_rare(),
        };
        let most = match aim {
            Aim::Any => self.random.pick(&[6, 15, 45]),
            Aim::Rare => 3,
            Aim::At(_) | Aim::In(..) => 1,
        };
        let fault = if aim != Aim::Any && self.random.chance(75) {
            Fault::Refuse(self.random.pick(&answers))
        } else {
            fault
        };
        Armed {
            at: 1 + self.random.below(most),
            aim,
            fault,
            struck: None,
        }
    }

    fn draw_rare(&mut self) -> Aim {
        use Ownership::{Dying, Elsewhere, Foreign, ForeignDying, Imported, Marked};
        Aim::At(self.random.pick(&[
            Marked,
            Marked,
            Marked,
            ForeignDying,
            ForeignDying,
            Imported,
            Imported,
            Imported,
            Dying,
            Dying,
            Elsewhere,
            Foreign,
        ]))
    }

    /// One of the cells that a hundred thousand histories did not meet by chance.
    fn draw_cell(&mut self) -> Armed {
        use Asked::{Create, Delete, Observe, Update};
        use Ownership::{Dying, ForeignDying, Imported, Marked};
        let (asked, whose, answer) = self.random.pick(&[
            (Create, Dying, Answer::Throttled),
            (Create, Dying, Answer::Interrupted),
            (Create, Dying, Answer::OutcomeUnknown),
            (Observe, Marked, Answer::Invalid),
            (Observe, Marked, Answer::Unreachable),
            (Observe, Marked, Answer::OutcomeUnknown),
            (Update, Marked, Answer::Absent),
            (Update, Marked, Answer::Conflict(Vec::new())),
            (Update, Marked, Answer::Forbidden(Denial::Permission)),
            (Update, Imported, Answer::Absent),
            (Update, Imported, Answer::Conflict(Vec::new())),
            (Delete, ForeignDying, Answer::Unauthenticated),
        ]);
        Armed {
            at: 1,
            aim: Aim::In(asked, whose),
            fault: Fault::Refuse(answer),
            struck: None,
        }
    }

    /// A fault that strikes only if the operation meets what it hardly ever does.
    pub fn draw_scarce(&mut self) -> Armed {
        if self.random.chance(25) {
            return self.draw_cell();
        }
        let fault = match self.random.below(8) {
            0 => self.draw_fault().fault,
            some => Fault::Some(some % 2 == 0),
        };
        Armed {
            at: 1,
            aim: self.draw_rare(),
            fault,
            struck: None,
        }
    }

    pub fn arm(&mut self, fault: Option<Armed>) {
        self.remote.lock().armed = fault;
    }

    pub fn struck(&self) -> Option<Struck> {
        self.remote.lock().armed.as_ref()?.struck.clone()
    }

    /// Everything works again; what the fault struck.
    pub fn disarm(&mut self) -> Option<Struck> {
        let struck = self.struck();
        self.remote.lock().armed = None;
        struck
    }
}
