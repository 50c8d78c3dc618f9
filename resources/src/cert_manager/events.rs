//! What events say about a Certificate.

use e2etls_clients::kube::kinds::CERTIFICATE_REQUEST;
use e2etls_clients::kube::objects::Objects;

use super::report;

/// The last warnings about the Certificate `name` and its requests; they explain, so a refusal is no failure.
pub(super) async fn warnings(objects: &Objects, namespace: Option<&str>, name: &str) -> String {
    let requests = objects
        .list(CERTIFICATE_REQUEST, namespace, "")
        .await
        .unwrap_or_default();
    let requests = report::requests_of(&requests, name);
    let named = requests
        .iter()
        .filter_map(|request| request["metadata"]["name"].as_str())
        .chain([name]);
    let mut words = Vec::new();
    for involved in named {
        let events = objects.warnings(namespace, involved).await;
        let messages = events.iter().filter_map(|event| event["message"].as_str());
        words.extend(messages.map(|message| format!("{involved}: {message}")));
    }
    words.dedup();
    if words.is_empty() {
        return "The events contain no warnings.".to_owned();
    }
    format!("Events:\n{}", words.split_off(words.len().saturating_sub(5)).join("\n"))
}
