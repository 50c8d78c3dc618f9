mod conformance;
mod crash;
mod life;
mod others;
mod signing;

use std::collections::BTreeMap;
use std::sync::Arc;

use e2etls_clients::aws::FakeAws;
use e2etls_clients::aws::acm_pca::fake::{FakeAcmPca, Kept};
use e2etls_clients::faults::{Fate, Faults};
use e2etls_engine::failure::{Failure, Trouble};
use e2etls_engine::ledger::{Ledger, Memory};
use e2etls_engine::operation::Operation;
use e2etls_engine::part::Part;
use e2etls_engine::remove::{Removed, delete_resource};
use e2etls_engine::table::Asked;
use e2etls_engine::write::{Desired, Outcome, write};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::PRIVATE_CA as KIND;
use crate::kinds::{Clients, Kinds};
use crate::testkit::{create, operation};

const KINDS: Kinds = &[&KIND];

/// AWS, and an operation's surroundings.
struct World {
    faults: Arc<Faults>,
    pca: Arc<FakeAcmPca>,
    owner_id: String,
    ignore_tags: Vec<String>,
    cancel: CancellationToken,
}

/// What a state has.
#[derive(Clone, Debug, Default)]
struct State {
    instance: String,
    ledger: Ledger,
    memory: Memory,
    content: Value,
}

impl World {
    fn new() -> Self {
        let aws = FakeAws::default();
        Self {
            pca: Arc::new(aws.acm_pca("eu-central-1")),
            faults: Arc::clone(&aws.faults),
            owner_id: "prod".to_owned(),
            ignore_tags: Vec::new(),
            cancel: CancellationToken::new(),
        }
    }

    fn operation(&self, asked: Asked) -> Operation<Clients> {
        let remotes = Clients {
            acm_pca: Some(self.pca.clone()),
            ignore_tags: self.ignore_tags.clone(),
            ..Clients::default()
        };
        let mut op = operation(asked, remotes, KINDS, "private_ca");
        op.owner.owner_id = Some(self.owner_id.clone());
        op.cancel = self.cancel.clone();
        op
    }

    /// A create under a new instance.
    async fn create(&self, content: &Value, instance: &str) -> Outcome {
        self.create_as(content, instance, false).await
    }

    async fn create_as(&self, content: &Value, instance: &str, create_before_destroy: bool) -> Outcome {
        let op = self.operation(Asked::Create);
        create(&op, &[part(content)], instance, create_before_destroy).await
    }

    /// A create that succeeds.
    async fn made(&self, content: &Value, instance: &str) -> State {
        let outcome = self.create(content, instance).await;
        assert_eq!(outcome.failures, []);
        State {
            instance: instance.to_owned(),
            ledger: outcome.ledger,
            memory: outcome.memory,
            content: content.clone(),
        }
    }

    /// An update, after a refresh that has seen `drift`.
    async fn update(&self, state: &State, content: &Value, drift: &[&str]) -> Outcome {
        let (parts, before) = ([part(content)], [part(&state.content)]);
        let drift: Vec<String> = drift.iter().map(|path| (*path).to_owned()).collect();
        let desired = Desired {
            parts: &parts,
            instance: &state.instance,
            ledger: &state.ledger,
            before: &before,
            drift: &drift,
            memory: state.memory.clone(),
            create_before_destroy: false,
            force: false,
            creates: false,
        };
        write(&self.operation(Asked::Update), &desired).await
    }

    async fn delete(&self, state: &State) -> Removed {
        let parts = [part(&state.content)];
        let op = self.operation(Asked::Delete);
        delete_resource(&op, &parts, &state.ledger, &state.instance, &[]).await
    }

    /// The one CA that is not deleted.
    #[track_caller]
    fn only(&self) -> Kept {
        let mut alive = self.pca.alive();
        assert_eq!(alive.len(), 1, "{alive:#?}");
        alive.remove(0)
    }

    /// The process dies around the call of this number.
    fn kill(&self, call: usize, fate: Fate) {
        self.faults.reset();
        self.faults.at(call, fate);
    }

    /// Calls since the last reset, without their services.
    fn calls(&self) -> Vec<String> {
        let calls = self.faults.calls();
        calls
            .into_iter()
            .map(|call| call.operation.replace("acm-pca:", ""))
            .collect()
    }
}

fn part(content: &Value) -> Part<Clients> {
    Part::new("ca", &KIND, "dev", content.clone())
}

/// The content of a root.
fn root() -> Value {
    json!({
        "type": "ROOT", "usage_mode": "SHORT_LIVED_CERTIFICATE", "key_algorithm": "EC_prime256v1",
        "subject": subject("dev root"), "certified": true, "validity_days": 3650, "parent_arn": null, "signed": null,
        "revocation": {"crl": null, "ocsp": null}, "enabled": true, "allow_acm_renewal": false, "deletion_window_days": 30,
        "restore_arn": null, "tags": {"team": "red"},
    })
}

fn subject(common_name: &str) -> Value {
    json!({"common_name": common_name, "organization": null, "organizational_unit": null, "country": null, "state": null,
        "locality": null})
}

/// `content` with other members.
fn with(content: &Value, members: Value) -> Value {
    let mut content = content.clone();
    for (member, value) in members.as_object().into_iter().flatten() {
        content[member] = value.clone();
    }
    content
}

fn days(kept: &Kept) -> Option<i64> {
    super::days_of(&kept.own.as_ref()?.certificate_pem)
}

fn tags(kept: &Kept) -> BTreeMap<&str, &str> {
    kept.tags
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect()
}

/// The words of the one refusal.
#[track_caller]
fn refused(failures: &[Failure]) -> String {
    let [
        Failure {
            trouble: Trouble::Refused { refusal, .. },
            ..
        },
    ] = failures
    else {
        panic!("{failures:?}");
    };
    refusal.to_string()
}

fn general() -> Value {
    with(&root(), json!({"usage_mode": "GENERAL_PURPOSE"}))
}

fn subordinate(parent: &str) -> Value {
    let more =
        json!({"type": "SUBORDINATE", "subject": subject("issuing"), "parent_arn": parent, "validity_days": 365});
    with(&general(), more)
}

/// As its resource of another name would.
fn named(world: &mut World, name: &str) {
    world.owner_id = name.to_owned();
}

fn arn(state: &State) -> String {
    state.ledger["ca"].uid.clone().expect("an ARN")
}
