//! A host that plans at random.

use std::sync::Arc;

use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};

use super::Candidates;
use super::draw::{Draw, tape};
use crate::schema::Schema;
use crate::server::{PlanCall, Planned, Server};
use crate::{Diagnostics, Private, Provider, Value, oracle};

type Verdict<T> = Result<T, TestCaseError>;
type Tapes = [Vec<u8>; 5];

/// Random plans of one resource type, held against the host's rules.
///
/// Each case plans a create, then a change with unknowns, then the same change once they are known, then a destroy. All
/// plans are made twice and must be the same. Configurations that do not validate, and plans that are refused for a
/// reason of the user's, are passed over; if hardly any is left, the sweep fails and wants better candidates.
pub struct Sweep {
    type_name: String,
    candidates: Candidates,
    between: Arc<dyn Fn() + Send + Sync>,
    cases: u32,
    reads_state: bool,
}

impl Sweep {
    /// Plans `type_name`, `aws_instance` for example.
    #[must_use]
    pub fn new(type_name: &str) -> Self {
        Self {
            type_name: type_name.to_owned(),
            candidates: Arc::new(|_| Vec::new()),
            between: Arc::new(|| ()),
            cases: 256,
            reads_state: false,
        }
    }

    /// Offers values for places whose checks made-up values do not pass; see [`Candidates`].
    #[must_use]
    pub fn candidates(mut self, candidates: impl Fn(&str) -> Vec<Value> + Send + Sync + 'static) -> Self {
        self.candidates = Arc::new(candidates);
        self
    }

    /// Is called between two plans that must be the same: moves clocks and the like.
    #[must_use]
    pub fn between_plans(mut self, change: impl Fn() + Send + Sync + 'static) -> Self {
        self.between = Arc::new(change);
        self
    }

    /// How many cases to try.
    #[must_use]
    pub fn cases(mut self, cases: u32) -> Self {
        self.cases = cases;
        self
    }

    /// The planner compares computed values of the state with what they should be (drift). Made-up states hold made-up
    /// values, so the plan after an apply is not required to be empty.
    #[must_use]
    pub fn planner_reads_state(mut self) -> Self {
        self.reads_state = true;
        self
    }

    /// Runs.
    ///
    /// # Panics
    /// With the smallest case found that breaks a rule.
    pub fn run<P: Provider>(&self, server: &Server<P>) {
        let schema = server.schema().resources.get(&self.type_name);
        let Some(schema) = schema else {
            panic!("there is no resource `{}`", self.type_name)
        };
        let config = Config {
            cases: self.cases,
            failure_persistence: None,
            max_global_rejects: self.cases * 16,
            ..Config::default()
        };
        let tapes = [(); 5].map(|()| tape());
        let case = |tapes: Tapes| {
            Case {
                sweep: self,
                server,
                schema,
                tapes,
            }
            .run()
        };
        match TestRunner::new(config).run(&tapes, case) {
            Ok(()) => {}
            Err(TestError::Fail(why, _)) => panic!("`{}`: {why}", self.type_name),
            Err(TestError::Abort(why)) => {
                panic!("`{}`: too few cases validate: give candidates. {why}", self.type_name)
            }
        }
    }
}

struct Case<'a, P: Provider> {
    sweep: &'a Sweep,
    server: &'a Server<P>,
    schema: &'a Schema,
    tapes: Tapes,
}

/// What a host records of a plan.
struct Recorded {
    planned: Value,
    replacing: bool,
}

impl<P: Provider> Case<'_, P> {
    fn run(&self) -> Verdict<()> {
        let first = self.config(0)?;
        let created = self.plan_as_host(&Value::Null, &first)?;
        // An import or a change by hand may have brought anything.
        let random_state = self.draw(1).one_in(3);
        let state = match random_state {
            true => self.draw(1).state(self.schema),
            false => self.draw(1).completed(self.schema, &created.planned),
        };
        if !random_state {
            none(
                "a completed plan",
                &oracle::check_apply(self.schema, &created.planned, &state),
                &state,
            )?;
            self.second_plan(&state, &first)?;
        }
        let known = self.config(2)?;
        let unknown = self.draw(3).masked(self.schema, &known);
        self.valid(&unknown)?;
        let planned = self.plan_as_host(&state, &unknown)?;
        self.final_plan(&state, &known, &planned)?;
        self.destroy(&state)
    }

    fn draw(&self, tape: usize) -> Draw {
        Draw::new(self.tapes[tape].clone(), self.sweep.candidates.clone())
    }

    fn config(&self, tape: usize) -> Verdict<Value> {
        let mut draw = self.draw(tape);
        let config = draw.config(self.schema);
        if !draw.missing.is_empty() {
            let places: Vec<_> = draw.missing.into_iter().collect();
            return Err(TestCaseError::fail(format!(
                "no made-up value passes the checks: give candidates for {places:?}"
            )));
        }
        self.valid(&config)?;
        Ok(config)
    }

    fn valid(&self, config: &Value) -> Verdict<()> {
        accepted(&self.server.validate_resource(&self.sweep.type_name, config), config)
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
                "two plans of one request differ\nprior {prior:#?}\nconfig {config:#?}"
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
        let planned = self.plan(prior, config, &Private::default())?;
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
        let second = self.plan(state, config, &Private::default())?;
        // Write-only values are in no state, and a changed one is no change of the plan.
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
        let destroyed = self.plan(state, &Value::Null, &Private::default())?;
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
