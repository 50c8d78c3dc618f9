//! The calls of a host, on the sample provider.

mod apply;
mod calls;

use crate::sample::{Sample, Things};
use crate::server::{ApplyCall, Outcome, PlanCall, Server};
use crate::{Diagnostic, Diagnostics, Private, Resource, Value, oracle};

const THING: &str = "sample_thing";

fn config<const N: usize>(attributes: [(&str, Value); N]) -> Value {
    let mut value = Things.schema().empty_value();
    set(&mut value, attributes);
    value
}

fn set<const N: usize>(value: &mut Value, attributes: [(&str, Value); N]) {
    let Value::Map(entries) = value else {
        panic!("no object")
    };
    entries.extend(attributes.into_iter().map(|(name, value)| (name.to_owned(), value)));
}

fn configured() -> Server<Sample> {
    let server = Server::new(Sample);
    let config = server.schema().provider.empty_value();
    assert!(server.configure(&config).is_empty());
    server
}

fn proposed(prior: &Value, config: &Value) -> Value {
    if config.is_null() {
        Value::Null
    } else {
        oracle::proposed_new(&Things.schema(), prior, config)
    }
}

fn plan_call(prior: &Value, config: &Value) -> PlanCall {
    PlanCall {
        prior: prior.clone(),
        proposed: proposed(prior, config),
        config: config.clone(),
        private: Private::default(),
    }
}

async fn plan_and_apply(server: &Server<Sample>, prior: &Value, config: &Value) -> Outcome {
    let planned = server.plan_resource(THING, plan_call(prior, config));
    let call = ApplyCall {
        prior: prior.clone(),
        planned: planned.planned,
        config: config.clone(),
        private: planned.private,
    };
    server.apply_resource(THING, call).await
}

async fn created(note: &str) -> Outcome {
    plan_and_apply(
        &configured(),
        &Value::Null,
        &config([("name", "x".into()), ("note", note.into())]),
    )
    .await
}

fn bugs(diagnostics: &Diagnostics) -> usize {
    diagnostics.iter().filter(|diagnostic| diagnostic.is_bug()).count()
}

fn details(diagnostics: &Diagnostics) -> Vec<String> {
    let text = |diagnostic: &Diagnostic| match &diagnostic.path {
        Some(path) => format!("{path}: {}", diagnostic.cause),
        None => diagnostic.cause.clone(),
    };
    diagnostics.iter().map(text).collect()
}
