//! One case of a sweep.

use proptest::test_runner::TestCaseError;

use super::Sweep;
use super::configurations::Configurations;
use super::draw::Draw;
use crate::schema::Schema;
use crate::server::{PlanCall, Planned, Server};
use crate::{Diagnostics, Private, Provider, Value, oracle};

type Verdict<T> = Result<T, TestCaseError>;

/// One tape for each [`Tape`].
pub(super) const TAPES: usize = 6;
pub(super) type Tapes = [Vec<u8>; TAPES];

/// What a tape of random bytes decides.
#[derive(Clone, Copy)]
enum Tape {
    /// The configuration of the first create.
    First,
    /// What that create comes to.
    State,
    /// The configuration that state is changed to.
    Second,
    /// What of the second configuration is unknown at first.
    SecondMask,
    /// What of the first configuration is unknown at first.
    FirstMask,
    /// How the provider is configured.
    Provider,
}

pub(super) struct Case<'a, P: Provider> {
    pub(super) sweep: &'a Sweep,
    pub(super) server: &'a Server<P>,
    pub(super) schema: &'a Schema,
    pub(super) tapes: Tapes,
}

/// What a host records of a plan.
struct Recorded {
    planned: Value,
    replacing: bool,
}

impl<P: Provider> Case<'_, P> {
    pub(super) fn run(&self) -> Verdict<()> {
        let mut draw = self.draw(Tape::Provider);
        let provider = self.sweep.configurations(&mut draw, &self.server.schema().provider);
        self.configure(provider.late.as_ref())?;
        let first = self.config(Tape::First)?;
        let state = self.created(&first)?;
        self.revealed(&provider, &Value::Null, &first, Tape::FirstMask)?;
        let second = self.changed(&first)?;
        self.revealed(&provider, &state, &second, Tape::SecondMask)?;
        self.destroy(&state)
    }

    /// The state that a create of `config` may leave, or one that has nothing to do with it: an import or a change by hand
    /// may have brought anything.
    fn created(&self, config: &Value) -> Verdict<Value> {
        let created = self.plan_as_host(&Value::Null, config)?;
        if self.draw(Tape::State).one_in(3) {
            return Ok(self.draw(Tape::State).state(self.schema));
        }
        let state = self.draw(Tape::State).completed(self.schema, &created.planned);
        none(
            "a completed plan",
            &oracle::check_apply(self.schema, &created.planned, &state),
            &state,
        )?;
        self.second_plan(&state, config)?;
        Ok(state)
    }

    /// Plans with parts of the configurations unknown, and again with all known, as hosts do before they apply.
    fn revealed(&self, provider: &Configurations, prior: &Value, known: &Value, mask: Tape) -> Verdict<()> {
        let unknown = self.draw(mask).masked(self.schema, known);
        self.configure(provider.early.as_ref())?;
        self.valid(&unknown)?;
        let planned = self.plan_as_host(prior, &unknown)?;
        self.configure(provider.late.as_ref())?;
        self.final_plan(prior, known, &planned)
    }

    fn configure(&self, config: Option<&Value>) -> Verdict<()> {
        match config {
            Some(config) => accepted(&self.server.configure(config), config),
            None => {
                self.server.unconfigure();
                Ok(())
            }
        }
    }

    fn draw(&self, tape: Tape) -> Draw {
        Draw::new(self.tapes[tape as usize].clone(), self.sweep.candidates.clone())
    }

    /// A configuration that mostly has some root arguments in common with `first`: who plans a change rarely writes all
    /// anew, and an unknown value does its harm beside others that stay.
    fn changed(&self, first: &Value) -> Verdict<Value> {
        let mut draw = self.draw(Tape::Second);
        let drawn = self.drawn(&mut draw)?;
        let config = match (drawn, first) {
            (Value::Map(drawn), Value::Map(first)) if !draw.one_in(4) => {
                let pick = |(name, new)| match first.get(&name) {
                    Some(old) if !draw.one_in(3) => (name, old.clone()),
                    _ => (name, new),
                };
                Value::Map(drawn.into_iter().map(pick).collect())
            }
            (drawn, _) => drawn,
        };
        self.valid(&config)?;
        Ok(config)
    }

    fn config(&self, tape: Tape) -> Verdict<Value> {
        let config = self.drawn(&mut self.draw(tape))?;
        self.valid(&config)?;
        Ok(config)
    }

    fn drawn(&self, draw: &mut Draw) -> Verdict<Value> {
        let config = draw.config(self.schema);
        if draw.missing.is_empty() {
            return Ok(config);
        }
        let places = &draw.missing;
        Err(TestCaseError::fail(format!(
            "no made-up value passes the checks: give candidates for {places:?}"
        )))
    }

    fn valid(&self, config: &Value) -> Verdict<()> {
        accepted(&self.server.validate_resource(&self.sweep.type_name, config), config)
    }

    /// The private state of an object.
    fn private(&self, state: &Value) -> Private {
        if state.is_null() {
            Private::default()
        } else {
            (self.sweep.private)(state)
        }
    }

    /// The plan of one request, made twice.
    fn plan(&self, prior: &Value, config: &Value, private: &Private) -> Verdict<Planned> {
        let call = || PlanCall {
            prior: prior.clone(),
            proposed: if config.is_null() {
                Value::Null
            } else {
                oracle::proposed_new(self.schema, prior, config)
            },
            config: config.clone(),
            private: private.clone(),
        };
        let planned = self.server.plan_resource(&self.sweep.type_name, call());
        (self.sweep.between)();
        let again = self.server.plan_resource(&self.sweep.type_name, call());
        let same = planned.planned == again.planned
            && planned.replace == again.replace
            && planned.private == again.private
            && planned.diagnostics == again.diagnostics;
        if !same {
            return Err(TestCaseError::fail(format!(
                "two plans of the same request differ\nprior {prior:#?}\nconfig {config:#?}"
            )));
        }
        accepted(&planned.diagnostics, config)?;
        let mut violations = oracle::check_plan(self.schema, prior, config, &planned.planned);
        violations.extend(oracle::check_replace(prior, &planned.planned, &planned.replace));
        none("a plan", &violations, &planned.planned)?;
        Ok(planned)
    }

    /// The plan that a host would record: a replacement is planned once more, without prior state.
    fn plan_as_host(&self, prior: &Value, config: &Value) -> Verdict<Recorded> {
        let planned = self.plan(prior, config, &self.private(prior))?;
        let replacing = !prior.is_null()
            && planned
                .replace
                .iter()
                .any(|path| oracle::replaces(self.schema, prior, &planned.planned, path));
        if !replacing {
            return Ok(Recorded {
                planned: planned.planned,
                replacing,
            });
        }
        let created = self.plan(&Value::Null, config, &planned.private)?;
        Ok(Recorded {
            planned: created.planned,
            replacing,
        })
    }

    fn second_plan(&self, state: &Value, config: &Value) -> Verdict<()> {
        let second = self.plan(state, config, &self.private(state))?;
        // Write-only values are never in the state, so a changed one changes nothing in the plan.
        let empty = second.planned.same(state, &self.schema.value_type());
        if empty || self.sweep.reads_state {
            return Ok(());
        }
        let planned = second.planned;
        Err(TestCaseError::fail(format!(
            "the second plan is not empty\nstate {state:#?}\nplanned {planned:#?}"
        )))
    }

    /// Plans again with all known, as hosts do before they apply.
    fn final_plan(&self, state: &Value, known: &Value, approved: &Recorded) -> Verdict<()> {
        let prior = if approved.replacing { &Value::Null } else { state };
        let last = self.plan_as_host(prior, known)?;
        if last.replacing {
            return Err(TestCaseError::fail(
                "an approved update became a replacement once unknowns were known",
            ));
        }
        none(
            "the final plan",
            &oracle::check_final_plan(self.schema, &approved.planned, &last.planned),
            &last.planned,
        )
    }

    fn destroy(&self, state: &Value) -> Verdict<()> {
        let destroyed = self.plan(state, &Value::Null, &self.private(state))?;
        if destroyed.planned.is_null() {
            Ok(())
        } else {
            Err(TestCaseError::fail("a destroy plan is not null"))
        }
    }
}

/// Fails for a bug; passes over a case that is refused for a reason of the user's.
fn accepted(diagnostics: &Diagnostics, config: &Value) -> Verdict<()> {
    if let Some(bug) = diagnostics.iter().find(|diagnostic| diagnostic.is_bug()) {
        return Err(TestCaseError::fail(format!("{}\nconfig {config:#?}", bug.detail())));
    }
    match diagnostics
        .iter()
        .find(|diagnostic| diagnostic.severity == crate::Severity::Error)
    {
        Some(error) => Err(TestCaseError::reject(format!("{}: {}", error.what, error.detail()))),
        None => Ok(()),
    }
}

fn none(what: &str, violations: &[oracle::Violation], value: &Value) -> Verdict<()> {
    if violations.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = violations.iter().map(ToString::to_string).collect();
    Err(TestCaseError::fail(format!(
        "{what} breaks the rules of the host: {}\n{value:#?}",
        list.join("; ")
    )))
}
