//! What becomes of a resource whose cluster changes: in memory, from create to delete.

use std::sync::Arc;
use std::time::Duration;

use e2etls_clients::faults::Fate;
use e2etls_clients::kube::fake::FakeCluster;
use e2etls_clients::kube::kinds;
use e2etls_engine::refusal::Answer;
use tfplugin_framework::{Applied, Create, Delete, Diagnostic, Read, Resource as _, Severity};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::session::model::ProviderConfig;
use crate::session::{OWNER_LABEL, Session};

const RESOURCE: CertificateResource = CertificateResource::new();

/// A session of one cluster with this configuration; `reached` is what it leads to.
fn context(cluster: Value, reached: Option<&FakeCluster>) -> Context<Session> {
    let config = Value::object([("owner_id", "prod".into()), ("cluster", cluster)]);
    let session = Session::new(ProviderConfig::from_value(&config).expect("a configuration"));
    let session = match reached {
        Some(cluster) => session.with_cluster(cluster.cluster(OWNER_LABEL)),
        None => session,
    };
    let patience = Duration::from_millis(400);
    Context::new(Arc::new(session), CancellationToken::new(), patience)
}

fn host() -> Value {
    Value::object([("host", "https://127.0.0.1:6443".into())])
}

/// A cluster with the namespace of the resource.
fn cluster() -> FakeCluster {
    let cluster = FakeCluster::default();
    cluster.put(kinds::NAMESPACE, &namespace("shop"));
    cluster
}

fn namespace(name: &str) -> serde_json::Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
}

/// A create whose certificate nobody issues.
async fn create(cluster: &FakeCluster) -> Applied<Certificate> {
    create_in(&context(host(), Some(cluster))).await
}

async fn create_in(context: &Context<Session>) -> Applied<Certificate> {
    let planned = plan(Value::Null, config(&[("issuer", issuer(Value::Null))]));
    let planned = read(&planned.planned);
    let create = Create {
        config: Config(planned.clone()),
        plan: Plan(planned),
        private: Private::default(),
    };
    RESOURCE.create(context, create).await
}

/// The state that it leaves.
async fn created(cluster: &FakeCluster) -> (Certificate, Private) {
    let made = create(cluster).await;
    let state = made
        .state
        .unwrap_or_else(|| panic!("nothing was made: {:?}", made.diagnostics));
    (state.0, made.private)
}

async fn refreshed(context: &Context<Session>, (state, private): (Certificate, Private)) -> Applied<Certificate> {
    let state = State(state);
    RESOURCE.read(context, Read { state, private }).await
}

async fn deleted(context: &Context<Session>, (state, private): (Certificate, Private)) -> Applied<Certificate> {
    let prior = State(state);
    RESOURCE.delete(context, Delete { prior, private }).await
}

/// The one message, of this severity.
fn only(applied: &Applied<Certificate>, severity: Severity) -> String {
    let all: Vec<&Diagnostic> = applied.diagnostics.iter().collect();
    assert!(all.len() == 1 && all[0].severity == severity, "{all:?}");
    format!("{}: {}", all[0].what, all[0].detail())
}

#[tokio::test]
async fn what_is_not_known_yet_keeps_the_state() {
    let (state, private) = created(&cluster()).await;
    let unknown = context(
        Value::object([("host", "https://a".into()), ("token", Value::Unknown)]),
        None,
    );
    let kept = refreshed(&unknown, (state.clone(), private.clone())).await;
    let said = only(&kept, Severity::Warning);
    assert!(
        said.contains("was not refreshed") && said.contains("`cluster.token`"),
        "{said}"
    );
    assert_eq!(kept.state.expect("it is kept").0, state);
    assert_eq!(kept.private, private);
}

/// What is said of a create whose writes are all answered so.
async fn said_of_writes(answer: Answer) -> String {
    let cluster = cluster();
    cluster
        .faults
        .rule(move |call| match call.operation.starts_with("PATCH") {
            true => Fate::Refused(answer.clone()),
            false => Fate::Answered,
        });
    only(&create(&cluster).await, Severity::Error)
}

#[tokio::test]
async fn a_write_without_an_answer_is_not_laid_to_others() {
    let said = said_of_writes(Answer::OutcomeUnknown).await;
    assert!(
        said.contains("did not answer") && said.contains("Apply again to find out"),
        "{said}"
    );
}

#[tokio::test]
async fn an_end_of_time_tells_the_last_refusal() {
    let said = said_of_writes(Answer::Unreachable).await;
    assert!(said.contains("timed out. The last answer to PATCH"), "{said}");
}

#[tokio::test]
async fn without_its_kind_it_is_gone() {
    let cluster = cluster();
    let made = created(&cluster).await;
    cluster.unserve(kinds::CERTIFICATE);
    let context = context(host(), Some(&cluster));
    for gone in [
        refreshed(&context, made.clone()).await,
        deleted(&context, made.clone()).await,
    ] {
        let said = only(&gone, Severity::Warning);
        assert!(said.contains("Certificate is not served"), "{said}");
        assert!(gone.state.is_none());
    }
}

#[tokio::test]
async fn a_cluster_that_was_made_again_is_named_once_for_all() {
    let first = cluster();
    let made = created(&first).await;
    let uid = made.0.head.cluster_uid.as_str().expect("it is known").to_owned();
    let again = another();
    let wrong = context(host(), Some(&again));
    for refused in [
        refreshed(&wrong, made.clone()).await,
        deleted(&wrong, made.clone()).await,
    ] {
        let said = only(&refused, Severity::Error);
        assert!(
            said.contains("Wrong cluster") && said.contains("`cluster.replaced_uids`"),
            "{said}"
        );
        assert!(refused.state.is_some());
    }
    let replaced = || {
        Value::object([
            ("host", "https://127.0.0.1:6443".into()),
            ("replaced_uids", Value::List(vec![uid.as_str().into()])),
        ])
    };
    let right = context(replaced(), Some(&again));
    for gone in [
        refreshed(&right, made.clone()).await,
        deleted(&right, made.clone()).await,
    ] {
        let said = only(&gone, Severity::Warning);
        assert!(said.contains("The cluster was replaced"), "{said}");
        assert!(gone.state.is_none());
    }
    // A cluster is never taken for its own successor.
    let kept = refreshed(&context(replaced(), Some(&first)), made).await;
    assert!(kept.state.is_some() && !kept.diagnostics.has_errors());
}

/// A cluster with a UID of its own.
fn another() -> FakeCluster {
    let another = cluster();
    another.remove(kinds::NAMESPACE, None, "kube-system");
    another.put(kinds::NAMESPACE, &namespace("kube-system"));
    another
}

/// A session of two clusters, of which the second is `reached`.
fn several(reached: &FakeCluster) -> Context<Session> {
    let clusters = Value::Map([("a".to_owned(), host()), ("b".to_owned(), host())].into());
    let config = Value::object([("owner_id", "prod".into()), ("clusters", clusters)]);
    let session = Session::new(ProviderConfig::from_value(&config).expect("a configuration"));
    let session = session.with_clusters([
        ("a", another().cluster(OWNER_LABEL)),
        ("b", reached.cluster(OWNER_LABEL)),
    ]);
    Context::new(Arc::new(session), CancellationToken::new(), Duration::from_millis(400))
}

#[tokio::test]
async fn a_cluster_with_another_key_is_found_by_its_uid() {
    let cluster = cluster();
    let (mut state, private) = created(&cluster).await;
    for key in [Attr::Null, Attr::Known("before".to_owned())] {
        state.head.cluster = key;
        let seen = refreshed(&several(&cluster), (state.clone(), private.clone())).await;
        assert!(!seen.diagnostics.has_errors(), "{:?}", seen.diagnostics);
        assert!(seen.state.is_some());
    }
    let lost = refreshed(&several(&another()), (state.clone(), private.clone())).await;
    let said = only(&lost, Severity::Error);
    assert!(
        said.contains("is not configured") && said.contains("under any key"),
        "{said}"
    );
    assert!(lost.state.is_some());
    // A key that leads to another cluster is a mistake, which names the right one.
    state.head.cluster = Attr::Known("a".to_owned());
    let wrong = refreshed(&several(&cluster), (state.clone(), private.clone())).await;
    let said = only(&wrong, Severity::Error);
    assert!(
        said.contains("Wrong cluster") && said.contains("`clusters[\"b\"]`"),
        "{said}"
    );
    state.head.cluster = Attr::Null;
    let gone = deleted(&several(&cluster), (state, private)).await;
    assert!(
        gone.state.is_none() && !gone.diagnostics.has_errors(),
        "{:?}",
        gone.diagnostics
    );
}

#[tokio::test]
async fn two_resources_of_one_name_are_told_as_that() {
    let cluster = cluster();
    let context = context(host(), Some(&cluster));
    let first = create_in(&context).await;
    assert!(first.state.is_some());
    let second = create_in(&context).await;
    let said = only(&second, Severity::Error);
    assert!(said.contains("Two resources have the same name"), "{said}");
    assert!(second.state.is_none());
}

#[tokio::test]
async fn a_state_of_a_newer_version_is_not_touched() {
    let cluster = cluster();
    let (mut state, private) = created(&cluster).await;
    state.head.template_version = 2.into();
    let context = context(host(), Some(&cluster));
    for refused in [
        refreshed(&context, (state.clone(), private.clone())).await,
        deleted(&context, (state.clone(), private.clone())).await,
    ] {
        let said = only(&refused, Severity::Error);
        assert!(
            said.contains("`template_version` is 2") && said.contains("or a newer one"),
            "{said}"
        );
        assert!(refused.state.is_some());
    }
    let planned = plan(state.to_value(), config(&[("issuer", issuer(Value::Null))]));
    assert!(planned.diagnostics.has_errors());
    assert!(cluster.get(kinds::CERTIFICATE, Some("shop"), "shop").is_some());
}

#[test]
fn an_unknown_word_in_a_state_is_of_a_newer_version() {
    let state = applied(&plan(Value::Null, config(&[("key", key("ECDSA", 256))])).planned);
    let state = testkit::with(&state, &[("key", key("ML-DSA", 65))]);
    let planned = plan(state, config(&[]));
    let said: Vec<String> = planned
        .diagnostics
        .iter()
        .map(|one| format!("{}: {}", one.what, one.detail()))
        .collect();
    let [said] = said.as_slice() else { panic!("{said:?}") };
    assert!(
        said.contains("newer version of the provider") && !said.contains("bug"),
        "{said}"
    );
}
