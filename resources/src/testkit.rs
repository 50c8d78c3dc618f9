//! Operations as tests run them, on remotes in memory.

use std::time::Duration;

use e2etls_engine::ledger::{Ledger, Memory};
use e2etls_engine::operation::Operation;
use e2etls_engine::owner::Owner;
use e2etls_engine::part::Part;
use e2etls_engine::table::Asked;
use e2etls_engine::write::{Desired, Outcome, write};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::kinds::{Clients, Kinds};

/// An operation on a resource of one owner, in one account and Region.
pub(crate) fn operation(asked: Asked, remotes: Clients, kinds: Kinds, resource: &'static str) -> Operation<Clients> {
    let began = Instant::now();
    Operation {
        remotes,
        kinds,
        owner: Owner {
            owner_id: Some("prod".to_owned()),
            resource,
            place: "111122223333/eu-central-1".to_owned(),
            namespace: None,
            name: "it".to_owned(),
        },
        asked,
        began,
        deadline: began + Duration::from_secs(300),
        cancel: CancellationToken::new(),
        trace: None,
        now: "2026-01-01T00:00:00Z".to_owned(),
    }
}

/// A create of `parts`.
pub(crate) async fn create(
    op: &Operation<Clients>,
    parts: &[Part<Clients>],
    instance: &str,
    create_before_destroy: bool,
) -> Outcome {
    let desired = Desired {
        parts,
        instance,
        ledger: &Ledger::new(),
        before: &[],
        drift: &[],
        memory: Memory::default(),
        create_before_destroy,
        force: false,
        creates: true,
    };
    write(op, &desired).await
}
