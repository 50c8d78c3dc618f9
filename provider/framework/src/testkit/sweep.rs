//! A host that plans at random.

use std::sync::Arc;

use proptest::test_runner::{Config, TestError, TestRunner};

use super::Candidates;
use super::case::{Case, TAPES, Tapes};
use super::draw::tape;
use crate::server::Server;
use crate::{Private, Provider, Value};

/// Random plans of one resource type, checked against the host's rules.
///
/// Each case plans a create with everything known, and takes a state from it (or one that has nothing to do with it, as
/// after an import). Then it plans a create and a change of that state, mostly of a few arguments, each with any subset of the arguments unknown and
/// once more with all of them known, and at last a destroy. The provider is never configured in one third of the cases. In
/// the others it is configured at the second plan, and at the first one not at all or with any subset of its arguments
/// unknown. All plans are made twice and must be the same.
///
/// Configurations that do not validate, and plans that are refused for a reason of the user's, are passed over; if hardly
/// any is left, the sweep fails and asks for better candidates.
pub struct Sweep {
    pub(super) type_name: String,
    pub(super) candidates: Candidates,
    pub(super) providers: Vec<Value>,
    pub(super) hidden: Vec<String>,
    pub(super) private: Arc<dyn Fn(&Value) -> Private + Send + Sync>,
    pub(super) between: Arc<dyn Fn() + Send + Sync>,
    cases: u32,
    pub(super) reads_state: bool,
}

impl Sweep {
    /// Plans `type_name`, `aws_instance` for example.
    #[must_use]
    pub fn new(type_name: &str) -> Self {
        Self {
            type_name: type_name.to_owned(),
            candidates: Arc::new(|_| Vec::new()),
            providers: Vec::new(),
            hidden: Vec::new(),
            private: Arc::new(|_| Private::default()),
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

    /// Offers a known configuration of the provider. May be called again to offer more; without any it is empty.
    #[must_use]
    pub fn provider(mut self, config: Value) -> Self {
        self.providers.push(config);
        self
    }

    /// At every first plan, some of these arguments of the provider are unknown, or all are, and no others: what depends on
    /// them is planned far more often than by chance.
    #[must_use]
    pub fn unknown_at_first(mut self, arguments: &[&str]) -> Self {
        self.hidden = arguments.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    /// Makes the private state that an apply may have left beside a state; without this it is empty. Planners that remember
    /// something there need it, or half of what they do is never planned.
    #[must_use]
    pub fn private(mut self, beside: impl Fn(&Value) -> Private + Send + Sync + 'static) -> Self {
        self.private = Arc::new(beside);
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

    /// Runs. Configures `server` again and again, and leaves it unconfigured.
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
            max_global_rejects: self.cases * 32,
            ..Config::default()
        };
        let tapes = [(); TAPES].map(|()| tape());
        let case = |tapes: Tapes| {
            Case {
                sweep: self,
                server,
                schema,
                tapes,
            }
            .run()
        };
        let result = TestRunner::new(config).run(&tapes, case);
        server.unconfigure();
        match result {
            Ok(()) => {}
            Err(TestError::Fail(why, _)) => panic!("`{}`: {why}", self.type_name),
            Err(TestError::Abort(why)) => {
                panic!("`{}`: too few cases validate: give candidates. {why}", self.type_name)
            }
        }
    }
}
