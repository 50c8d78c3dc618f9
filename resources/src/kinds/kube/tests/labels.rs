//! Labels of the provider, on what is written.

use std::collections::BTreeMap;

use e2etls_engine::kind::Consent;

use super::Case;

#[tokio::test]
async fn labels_of_the_provider_are_on_objects_and_pods_until_they_are_taken_back() {
    let mut case = Case::new("Deployment");
    let labels = BTreeMap::from([("team".to_owned(), "payments".to_owned())]);
    case.op.remotes.labels = labels;
    let made = case.make().await;
    for labels in ["/metadata/labels", "/spec/template/metadata/labels"] {
        assert_eq!(made.content.pointer(labels).unwrap()["team"], "payments", "{labels}");
    }
    case.op.remotes.labels.clear();
    let changed = case.put(Some(&made), &Consent::default()).await.expect("it is changed");
    assert!(!changed.content.to_string().contains("payments"));
}
