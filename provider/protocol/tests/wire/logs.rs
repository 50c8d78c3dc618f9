//! Log lines as hosts read them.

use serde_json::Value as Json;
use tfplugin_framework::Value;
use tfplugin_protocol::host::Host;

use crate::example::{DOCUMENT, Example, document, launch, logged};

#[tokio::test]
async fn every_line_is_an_object_that_hosts_can_read() {
    let host = Host::start(&launch()).await.unwrap();
    let provider = host.provider().await.unwrap();
    provider
        .configure(&Value::object([("directory", "/".into())]))
        .await
        .unwrap();
    provider.validate(DOCUMENT, &document("a", [])).await.unwrap();
    let of_call = logged(&host, "ValidateResourceConfig").await;
    let lines = host.logged();
    assert!(lines.len() >= 4, "{lines:#?}");
    for line in &lines {
        let object: Json = serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        for key in ["@level", "@message", "@module", "@timestamp"] {
            assert!(object[key].is_string(), "{key} in {line}");
        }
        let time = object["@timestamp"].as_str().unwrap();
        assert_eq!((time.len(), &time[19..20], &time[26..]), (27, ".", "Z"), "{time}");
        assert!(["trace", "debug", "info", "warn", "error"].contains(&object["@level"].as_str().unwrap()));
    }
    let object: Json = serde_json::from_str(&of_call).unwrap();
    assert_eq!(
        (&object["tf_rpc"], &object["tf_resource_type"]),
        (&"ValidateResourceConfig".into(), &DOCUMENT.into())
    );
    assert_eq!(object["tf_req_id"].as_str().unwrap().len(), 36);
}

#[tokio::test]
async fn the_level_is_the_providers_own() {
    let host = Host::start(&launch().variable("TF_LOG_PROVIDER_EXAMPLE", "warn"))
        .await
        .unwrap();
    host.provider().await.unwrap();
    assert_eq!(host.logged(), Vec::<String>::new());
}

#[tokio::test]
async fn messages_hold_no_tokens_and_no_keys() {
    let example = Example::start().await;
    let missing = example.provider.import(DOCUMENT, "k8s-aws-v1.c2VjcmV0").await.unwrap();
    let detail = &missing.diagnostics[0].detail;
    assert!(
        detail.contains("`(redacted)`") && !detail.contains("c2VjcmV0"),
        "{detail}"
    );
}
