//! What tests of resources share: plans, mistakes, and operations on remotes in memory.

use std::time::Duration;

use e2etls_engine::ledger::{Ledger, Memory};
use e2etls_engine::operation::Operation;
use e2etls_engine::owner::Owner;
use e2etls_engine::part::Part;
use e2etls_engine::table::Asked;
use e2etls_engine::write::{Desired, Outcome, write};
use serde_json::Value as Json;
use tfplugin_framework::server::{PlanCall, Planned, Server};
use tfplugin_framework::{Attr, Private, Provider as _, Value, json};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::kinds::{Clients, Kinds};
use crate::lifecycle::Managed;
use crate::lifecycle::attributes::Head;
use crate::provider::E2etls;

/// A configuration of these arguments.
pub(crate) fn config<M: Managed>(arguments: &Json) -> Value {
    let config = json::decode(&M::schema("").value_type(), arguments.to_string().as_bytes());
    config.expect("a value of the schema")
}

/// A configuration of the provider with these arguments.
pub(crate) fn provider(arguments: &Json) -> Value {
    let config = json::decode(&E2etls.schema().value_type(), arguments.to_string().as_bytes());
    config.expect("a value of the schema")
}

/// A configuration with other arguments.
pub(crate) fn with(config: &Value, changes: &[(&str, Value)]) -> Value {
    let Value::Map(mut config) = config.clone() else {
        panic!("an object")
    };
    config.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Value::Map(config)
}

/// The paths of all mistakes in a configuration.
pub(crate) fn mistakes<M: Managed>(config: &Value) -> Vec<String> {
    let found = Server::new(E2etls).validate_resource(M::TYPE_NAME, config);
    let path = |one: &tfplugin_framework::Diagnostic| one.path.as_ref().map(ToString::to_string);
    found.iter().map(|one| path(one).unwrap_or_default()).collect()
}

pub(crate) fn plan<M: Managed>(prior: Value, config: Value, private: Private) -> Planned {
    let call = PlanCall {
        prior,
        proposed: config.clone(),
        config,
        private,
    };
    Server::new(E2etls).plan_resource(M::TYPE_NAME, call)
}

/// The same by a provider of this configuration.
pub(crate) fn plan_in<M: Managed>(provider: &Value, prior: Value, config: Value) -> Planned {
    let server = Server::new(E2etls);
    let refused = server.configure(provider);
    assert!(!refused.has_errors(), "{refused:?}");
    let call = PlanCall {
        prior,
        proposed: config.clone(),
        config,
        private: Private::default(),
    };
    server.plan_resource(M::TYPE_NAME, call)
}

/// The state that an apply of `planned` leaves.
pub(crate) fn applied<M: Managed>(planned: &Value) -> M {
    let known = || Attr::Known("uid".to_owned());
    let mut model = M::from_value(planned).expect("a model");
    if let Head::InCluster(head) = model.head() {
        head.cluster_uid = known();
    }
    let common = model.common_mut();
    (common.id, common.instance) = (known(), known());
    if let Attr::Known(parts) = &mut common.parts {
        let new = parts.values_mut().filter(|part| part.uid.is_unknown());
        new.for_each(|part| part.uid = known());
    }
    model
}

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
