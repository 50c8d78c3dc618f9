//! The kinds in memory pass the suite that every real kind has to pass: the histories run on nothing kinder.

#![expect(unreachable_pub, dead_code, reason = "modules that the histories use whole")]

#[path = "histories/cells.rs"]
mod cells;
#[path = "histories/controllers.rs"]
mod controllers;
#[path = "histories/gate.rs"]
mod gate;
#[path = "histories/kinds.rs"]
mod kinds;
#[path = "histories/random.rs"]
mod random;
#[path = "histories/tally.rs"]
mod tally;
#[path = "histories/truth.rs"]
mod truth;
#[path = "histories/world.rs"]
mod world;
#[path = "histories/writes.rs"]
mod writes;

use std::time::Duration;

use async_trait::async_trait;
use e2etls_engine::kind::{Kind, Observed};
use e2etls_engine::operation::Operation;
use e2etls_engine::owner::Owner;
use e2etls_engine::part::Part;
use e2etls_engine::table::Asked;
use e2etls_engine::testkit::{Subject, conform};
use serde_json::json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use kinds::KINDS;
use random::Random;
use world::{Life, Remote, State, World};

struct InMemory {
    kind: &'static dyn Kind<Remote>,
    remote: Remote,
}

#[async_trait]
impl Subject<Remote> for InMemory {
    fn kind(&self) -> &'static dyn Kind<Remote> {
        self.kind
    }

    fn operation(&self, asked: Asked, owner_id: &str) -> Operation<Remote> {
        let began = Instant::now();
        let mut state = self.remote.lock();
        state.actor.life = Some(0);
        state.actor.asked = asked;
        drop(state);
        Operation {
            remotes: self.remote.clone(),
            kinds: &KINDS,
            owner: Owner {
                owner_id: Some(owner_id.to_owned()),
                resource: "thing",
                place: "here".to_owned(),
                namespace: None,
                name: "web".to_owned(),
            },
            asked,
            began,
            deadline: began + Duration::from_secs(60),
            cancel: CancellationToken::new(),
            trace: None,
            now: "2026-01-01T00:00:00Z".to_owned(),
        }
    }

    fn part(&self, topic: &str) -> Part<Remote> {
        let content = json!({"shape": "round", "value": "a"});
        let named = self.kind.name() != "Made";
        Part::new(topic, self.kind, topic, if named { content } else { json!({}) })
    }

    fn changed(&self, part: &Part<Remote>) -> Option<Part<Remote>> {
        Some(part.with_content(json!({"shape": "round", "value": "b"})))
    }

    fn unlike(&self, part: &Part<Remote>) -> Option<Part<Remote>> {
        Some(part.with_content(json!({"shape": "flat", "value": "a"})))
    }

    async fn make_foreign(&self, part: &Part<Remote>) {
        let content = json!({"shape": "round", "value": "foreign"});
        self.remote.lock().add_foreign(self.kind.name(), &part.name, content);
    }

    async fn edit(&self, _: &Part<Remote>, object: &Observed) -> bool {
        let mut state = self.remote.lock();
        let found = state.by_uid(&object.uid).expect("the object that was seen");
        found.edit();
        true
    }

    fn unserved(&self) -> Option<Operation<Remote>> {
        let remote = World::new(Random::new(1));
        remote.lock().unserved = Some(self.kind.name());
        let op = self.operation(Asked::Create, "unserved");
        Some(Operation { remotes: remote, ..op })
    }

    fn is_written(&self) -> bool {
        self.kind.name() != "Made"
    }

    fn is_create_only(&self) -> bool {
        self.kind.name() != "Upsert"
    }

    async fn settle(&self) {}
}

fn prepare(state: &mut State, slow: u64) {
    state.slow = u32::try_from(slow).unwrap_or_default();
    // The suite searches at once where a process would start first: lists have caught up by then.
    state.lag = Duration::ZERO;
    state.lives.push(Life {
        owner: "one".to_owned(),
        instance: "i1".to_owned(),
        finished: false,
    });
}

#[tokio::test(start_paused = true)]
async fn kinds_in_memory_conform() {
    for kind in KINDS {
        for slow in 0..3 {
            let remote = World::new(Random::new(slow));
            prepare(&mut remote.lock(), slow);
            let subject = InMemory { kind, remote };
            if let Err(words) = conform(&subject).await {
                panic!("{words}");
            }
        }
    }
}
