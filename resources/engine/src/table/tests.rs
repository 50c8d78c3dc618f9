//! Every cell of both tables, by rows that cover each of them once.

use super::*;
use crate::refusal::{Cause, Denial};

/// A fact that a row asks for.
#[derive(Clone, Copy, Debug)]
enum Is {
    Named,
    Given,
    Alike,
    Other,
    Replacing,
    Plain,
    Made,
    Before,
    Known,
    New,
    NotKept,
    Same,
    NotSame,
    Differs,
}

impl Is {
    fn holds(self, facts: &Facts) -> bool {
        match self {
            Self::Named => facts.identity == Identity::Named,
            Self::Given => facts.identity == Identity::Given,
            Self::Alike => facts.alike,
            Self::Other => !facts.alike,
            Self::Replacing => facts.replacing,
            Self::Plain => !facts.replacing,
            Self::Made => facts.made,
            Self::Before => !facts.made,
            Self::Known => facts.known,
            Self::New => !facts.known,
            Self::NotKept => facts.kept == Kept::No,
            Self::Same => facts.kept == Kept::Same,
            Self::NotSame => facts.kept != Kept::Same,
            Self::Differs => facts.kept == Kept::Differs,
        }
    }
}

type Row = (Asked, &'static [Ownership], &'static [Is], Action);

const ROWS: &[Row] = {
    use Asked::{Create, Delete, Observe, Update};
    use Is::{Alike, Before, Differs, Given, Known, Made, Named, New, NotKept, NotSame, Other, Plain, Replacing, Same};
    use Ownership::{Absent, Dying, Elsewhere, Foreign, ForeignDying, Imported, Marked, Mine};
    const FOREIGN: Action = Action::Refuse(Why::Foreign);
    const EXISTS: Action = Action::Refuse(Why::Exists);
    &[
        (Create, &[Absent], &[], Action::Make),
        (Create, &[Mine], &[], Action::Write),
        (Create, &[Marked], &[Alike], Action::Write),
        (Create, &[Marked], &[Other, Given], Action::Make),
        (Create, &[Marked], &[Other, Named, Made], Action::Remake),
        (Create, &[Marked], &[Other, Named, Before], EXISTS),
        (Create, &[Elsewhere], &[Replacing, Given], Action::Make),
        (Create, &[Elsewhere], &[Replacing, Named, Alike], Action::TakeOver),
        (Create, &[Elsewhere], &[Replacing, Named, Other, Same], Action::Use),
        (Create, &[Elsewhere], &[Replacing, Named, Other, NotSame], EXISTS),
        (Create, &[Elsewhere], &[Plain, Same], Action::Use),
        (Create, &[Elsewhere], &[Plain, NotSame, Given, Other], Action::Make),
        (Create, &[Elsewhere], &[Plain, NotSame, Given, Alike], EXISTS),
        (Create, &[Elsewhere], &[Plain, NotSame, Named], EXISTS),
        (Create, &[Imported, Foreign], &[Same], Action::Use),
        (Create, &[Imported, Foreign], &[NotSame], FOREIGN),
        (Create, &[Dying, ForeignDying], &[], Action::AwaitGone),
        (Update, &[Absent], &[], Action::Make),
        (Update, &[Mine, Marked], &[Alike], Action::Write),
        (Update, &[Mine, Marked], &[Other, Named], Action::Write),
        (Update, &[Mine, Marked], &[Other, Given], Action::Replace),
        (Update, &[Imported], &[NotKept, Alike], Action::Write),
        (Update, &[Imported], &[NotKept, Other, Named], Action::Write),
        (Update, &[Imported], &[NotKept, Other, Given], Action::Replace),
        (Update, &[Imported], &[Same], Action::Use),
        (Update, &[Imported], &[Differs, Alike], FOREIGN),
        (Update, &[Imported], &[Differs, Other, Named], FOREIGN),
        (Update, &[Imported], &[Differs, Other, Given], Action::Make),
        (Update, &[Elsewhere], &[Known], Action::Leave),
        (Update, &[Elsewhere], &[New, Same], Action::Use),
        (Update, &[Elsewhere], &[New, NotSame, Given, Other], Action::Make),
        (Update, &[Elsewhere], &[New, NotSame, Given, Alike], EXISTS),
        (Update, &[Elsewhere], &[New, NotSame, Named], EXISTS),
        (Update, &[Foreign], &[Same], Action::Use),
        (Update, &[Foreign], &[NotSame], FOREIGN),
        (Update, &[Dying, ForeignDying], &[], Action::AwaitGone),
        (Delete, &[Mine, Marked], &[Made], Action::Delete),
        (Delete, &[Mine, Marked], &[Before], Action::Release),
        (Delete, &[Imported], &[], Action::Release),
        (Delete, &[Dying], &[], Action::AwaitGone),
        (Delete, &[Absent, Elsewhere, Foreign, ForeignDying], &[], Action::Leave),
        (Observe, &[Mine, Marked, Imported], &[], Action::Judge),
        (Observe, &[Elsewhere], &[Known], Action::Keep),
        (Observe, &[Elsewhere], &[New, Same], Action::Judge),
        (Observe, &[Elsewhere], &[New, NotSame], Action::Miss),
        (Observe, &[Foreign], &[Same], Action::Judge),
        (Observe, &[Foreign], &[NotSame], Action::Miss),
        (Observe, &[Absent, Dying, ForeignDying], &[], Action::Miss),
    ]
};

const ASKED: [Asked; 4] = [Asked::Create, Asked::Observe, Asked::Update, Asked::Delete];

/// All that facts can say together.
fn all_facts() -> Vec<Facts> {
    let mut all = Vec::new();
    for bits in 0..32_u8 {
        for kept in [Kept::No, Kept::Same, Kept::Differs] {
            let is = |bit: u8| bits & (1 << bit) != 0;
            all.push(Facts {
                identity: if is(0) { Identity::Named } else { Identity::Given },
                alike: is(1),
                replacing: is(2),
                made: is(3),
                known: is(4),
                kept,
            });
        }
    }
    all
}

#[test]
fn what_each_operation_does_with_each_ownership() {
    for asked in ASKED {
        for whose in Ownership::ALL {
            for facts in all_facts() {
                let is_it = |row: &&Row| {
                    row.0 == asked && row.1.contains(&whose) && row.2.iter().all(|fact| fact.holds(&facts))
                };
                let rows: Vec<&Row> = ROWS.iter().filter(is_it).collect();
                let [(.., action)] = rows.as_slice() else {
                    panic!("not one row for {asked:?} {whose:?} {facts:?}: {rows:?}");
                };
                assert_eq!(decide(asked, whose, facts), *action, "{asked:?} {whose:?} {facts:?}");
            }
        }
    }
}

const REQUESTS: [Request; 6] = [
    Request::Look,
    Request::Search,
    Request::Make,
    Request::Write,
    Request::Delete,
    Request::Release,
];

/// `-` nothing is there, `!` fail, `?` look again, `*` send again, `+` send again for half a minute.
fn reaction(sign: char) -> Reaction {
    match sign {
        '-' => Reaction::Nothing,
        '!' => Reaction::Fail,
        '?' => Reaction::LookAgain,
        '*' => Reaction::Retry,
        '+' => Reaction::RetryBriefly,
        other => panic!("no reaction: {other}"),
    }
}

/// Answer → reactions to it in the order of [`REQUESTS`]: in a create and an update, in a destroy, in a refresh.
fn answers() -> Vec<(Answer, [&'static str; 3])> {
    let cause = Cause {
        field: ".value".to_owned(),
        manager: "somebody".to_owned(),
    };
    let same = |signs| [signs, signs, signs];
    let mut rows = vec![
        (Answer::Absent, same("--!?--")),
        (Answer::Exists, same("!!?!!!")),
        (Answer::Conflict(Vec::new()), same("!!!???")),
        (Answer::Conflict(vec![cause]), same("!!!!?!")),
        (Answer::InUse(vec!["a user".to_owned()]), same("!!!!*!")),
        (Answer::Invalid, same("!!!!!!")),
        (Answer::Unauthenticated, same("!!!!!!")),
        (Answer::Interrupted, same("!!!!!!")),
        (Answer::Throttled, ["******", "******", "++++++"]),
        (Answer::Unreachable, ["++++++", "++++++", "!!!!!!"]),
        (Answer::KindMissing, ["!-!!--", "--!!--", "--!!--"]),
        (Answer::OutcomeUnknown, ["++????", "++????", "!!????"]),
    ];
    let denials = [
        Denial::Permission,
        Denial::Quota,
        Denial::Policy,
        Denial::Terminating,
        Denial::Elsewhere,
    ];
    rows.extend(denials.map(|denial| (Answer::Forbidden(denial), same("!!!!!!"))));
    rows
}

#[test]
fn what_each_answer_leads_to() {
    for (answer, [changing, destroying, refreshing]) in answers() {
        for asked in ASKED {
            let signs = match asked {
                Asked::Create | Asked::Update => changing,
                Asked::Delete => destroying,
                Asked::Observe => refreshing,
            };
            assert_eq!(signs.len(), REQUESTS.len());
            for (request, sign) in REQUESTS.into_iter().zip(signs.chars()) {
                let wanted = reaction(sign);
                assert_eq!(
                    react(asked, request, &answer),
                    wanted,
                    "{asked:?} {request:?} {answer:?}"
                );
            }
        }
    }
}
