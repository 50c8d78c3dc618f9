use std::collections::BTreeMap;

use tfplugin_framework::server::Server;
use tfplugin_framework::{Attr, AttributePath, Config, Model, Provider, Value};

use super::{E2etls, Session};
use crate::session::model::ProviderConfig;

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Map(members.map(|(name, value)| (name.to_owned(), value)).into())
}

fn session(config: &Value) -> Session {
    E2etls
        .configure(Config(ProviderConfig::from_value(config).unwrap()))
        .ok()
        .unwrap()
}

/// The paths of what is wrong.
fn mistakes(config: &Value) -> Vec<String> {
    let found = Server::new(E2etls).validate_provider(config);
    found
        .iter()
        .map(|diagnostic| diagnostic.path.as_ref().map(ToString::to_string).unwrap_or_default())
        .collect()
}

fn eks(name: &str) -> Value {
    object([("name", name.into())])
}

#[test]
fn every_mistake_is_told_at_once_at_its_path() {
    let clusters = object([
        (
            "a",
            object([
                ("name", "a".into()),
                ("kubeconfig", object([("path", "x".into()), ("context", Value::Null)])),
            ]),
        ),
        ("b", object([("token", "t".into())])),
        (
            "c",
            object([
                ("host", "https://c".into()),
                ("client_certificate_pem", "pem".into()),
                ("role_arn", "arn".into()),
            ]),
        ),
    ]);
    let found = mistakes(&object([
        ("cluster", eks("x")),
        ("clusters", clusters),
        ("labels", object([("e2etls.dev/x", "y".into())])),
        ("image_registry", "https://registry.example.com".into()),
        ("endpoints", object([("s3", "http://127.0.0.1".into())])),
    ]));
    let urls = mistakes(&object([("endpoints", object([("acm", "localhost:4566".into())]))]));
    assert!(urls.iter().any(|at| at == "endpoints[\"acm\"]"), "{urls:?}");
    for path in [
        "clusters",
        "clusters[\"a\"].kubeconfig",
        "clusters[\"b\"]",
        "clusters[\"b\"].token",
        "clusters[\"c\"].client_key_pem",
        "clusters[\"c\"].role_arn",
        "endpoints[\"s3\"]",
        "image_registry",
        "labels[\"e2etls.dev/x\"]",
    ] {
        assert!(found.iter().any(|at| at == path), "{path} in {found:?}");
    }
}

#[test]
fn a_cluster_that_can_t_be_reached_as_written_is_told_at_validate() {
    let host = |more: [(&'static str, Value); 1]| {
        let [more] = more;
        object([("host", "https://10.0.0.1:6443".into()), more])
    };
    for (cluster, path) in [
        (object([("name", "".into())]), "cluster.name"),
        (object([("host", "10.0.0.1:6443".into())]), "cluster.host"),
        (
            object([("name", "a".into()), ("host", "localhost:1".into())]),
            "cluster.host",
        ),
        (
            host([("proxy_url", "socks5://user:secret@proxy".into())]),
            "cluster.proxy_url",
        ),
        (host([("ca_pem", "no PEM".into())]), "cluster.ca_pem"),
        (host([("tls_server_name", "".into())]), "cluster.tls_server_name"),
    ] {
        let config = object([("cluster", cluster)]);
        assert_eq!(mistakes(&config), [path]);
        let told = Server::new(E2etls).validate_provider(&config);
        assert!(told.iter().all(|one| !one.detail().contains("secret")), "{path}");
    }
}

#[test]
fn the_key_of_a_cluster_is_judged_by_the_configuration_alone() {
    let clusters = || Value::Map(BTreeMap::from([("a".to_owned(), eks("a")), ("b".to_owned(), eks("b"))]));
    let several = session(&object([("clusters", clusters())]));
    let single = session(&object([("cluster", eks("a"))]));
    let unknown = session(&object([("clusters", Value::Unknown)]));
    let neither = session(&object([]));
    let known = |key: &str| Attr::Known(key.to_owned());
    for (session, key, what) in [
        (&several, known("a"), None),
        (&several, known("c"), Some("No such cluster")),
        (&several, known(""), Some("No such cluster")),
        (&several, Attr::Null, Some("Missing `cluster`")),
        (&several, Attr::Unknown, None),
        (&single, Attr::Null, None),
        (&single, known("a"), Some("No such cluster")),
        (&unknown, known("c"), None),
        (&neither, known("c"), Some("No such cluster")),
        (&neither, Attr::Null, None),
    ] {
        let told = session.check_cluster(&key);
        let told: Vec<(&str, bool)> = told
            .iter()
            .map(|one| (one.what.as_str(), one.path == Some(AttributePath::root("cluster"))))
            .collect();
        assert_eq!(
            told,
            what.map(|what| (what, true)).into_iter().collect::<Vec<_>>(),
            "{key:?}"
        );
    }
}

#[test]
fn what_can_never_work_is_told_at_its_path() {
    let list = |text: &str| Value::List(vec![text.into()]);
    let replaced = |text: &str| object([("name", "a".into()), ("replaced_uids", list(text))]);
    let role = || object([("role_arn", "me".into())]);
    for (argument, value, path) in [
        ("owner_id", "".into(), "owner_id"),
        ("owner_id", "x".repeat(400).as_str().into(), "owner_id"),
        ("region", "eu_west".into(), "region"),
        ("profile", "".into(), "profile"),
        ("allowed_account_ids", list("12"), "allowed_account_ids[0]"),
        ("pca_role_arn", "me".into(), "pca_role_arn"),
        ("dns_role_arn", "me".into(), "dns_role_arn"),
        ("assume_role", role(), "assume_role.role_arn"),
        ("max_retries", Value::from(0), "max_retries"),
        (
            "default_tags",
            object([("team", "a\nb".into())]),
            "default_tags[\"team\"]",
        ),
        ("cluster", replaced(""), "cluster.replaced_uids[0]"),
        (
            "clusters",
            object([("a", replaced(" "))]),
            "clusters[\"a\"].replaced_uids[0]",
        ),
        (
            "cluster",
            object([("name", "a".into()), ("expect_uid", "".into())]),
            "cluster.expect_uid",
        ),
    ] {
        assert_eq!(mistakes(&object([(argument, value)])), [path]);
    }
}

#[test]
fn what_is_not_known_yet_may_be_anything() {
    let unknown = || Value::Unknown;
    assert_eq!(
        mistakes(&object([("cluster", unknown()), ("region", unknown())])),
        Vec::<String>::new()
    );
    assert_eq!(
        mistakes(&object([("cluster", object([("name", unknown())]))])),
        Vec::<String>::new()
    );
    assert_eq!(
        mistakes(&object([("default_tags", object([("vpc", unknown())]))])),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn an_unknown_argument_is_named() {
    let unknown = || Value::Unknown;
    let whole = session(&object([
        ("region", unknown()),
        ("cluster", object([("name", unknown())])),
    ]));
    let refused = whole.aws(None, None).await.err().unwrap();
    assert!(refused.iter().next().unwrap().detail().contains("`region`"));
    let refused = whole.cluster(None).await.err().unwrap();
    assert!(refused.iter().next().unwrap().detail().contains("`cluster.name`"));

    let exec = object([("command", "aws".into()), ("args", Value::List(vec![unknown()]))]);
    let of = |cluster: Value| session(&object([("cluster", cluster)])).unknown_for_cluster(None);
    let host = |name: &'static str, value: Value| object([("host", "https://a".into()), (name, value)]);
    for (cluster, argument) in [
        (unknown(), Some("cluster")),
        (host("token", unknown()), Some("cluster.token")),
        (host("exec", exec), Some("cluster.exec.args")),
        (host("expect_uid", unknown()), Some("cluster.expect_uid")),
        (
            object([("kubeconfig", object([("path", unknown())]))]),
            Some("cluster.kubeconfig.path"),
        ),
        (host("token", "t".into()), None),
    ] {
        assert_eq!(of(cluster).as_deref(), argument);
    }
    let clusters = Value::Map(BTreeMap::from([
        ("a".to_owned(), host("token", unknown())),
        ("b".to_owned(), eks("b")),
    ]));
    let several = session(&object([("clusters", clusters), ("region", unknown())]));
    assert_eq!(
        several.unknown_for_cluster(Some("a")).as_deref(),
        Some("clusters[\"a\"].token")
    );
    assert_eq!(several.unknown_for_cluster(Some("b")).as_deref(), Some("region"));
    let role = object([("role_arn", unknown()), ("web_identity_token_file", "f".into())]);
    let role = session(&object([("assume_role_with_web_identity", role)]));
    assert_eq!(
        role.unknown_for_aws().as_deref(),
        Some("assume_role_with_web_identity.role_arn")
    );
    let owner = session(&object([
        ("owner_id", unknown()),
        ("cluster", host("token", "t".into())),
    ]));
    assert_eq!(owner.unknown_for_cluster(None).as_deref(), Some("owner_id"));
    let tags = session(&object([("default_tags", object([("vpc", unknown())]))]));
    assert_eq!(tags.unknown_for_aws().as_deref(), Some("default_tags"));
}

#[tokio::test]
async fn a_key_that_vanished_is_an_error_and_no_default_takes_its_place() {
    let session = session(&object([(
        "clusters",
        Value::Map(BTreeMap::from([("prod".to_owned(), eks("prod"))])),
    )]));
    let refused = session.cluster(Some("dev")).await.err().unwrap();
    assert!(
        refused
            .iter()
            .next()
            .unwrap()
            .detail()
            .contains("no key `dev`; it has `prod`")
    );
    assert!(session.cluster(None).await.is_err(), "several clusters have no default");
}

#[test]
fn secrets_do_not_show() {
    let cluster = object([
        ("host", "https://a".into()),
        ("token", "topsecret".into()),
        ("client_key_pem", "topsecret".into()),
    ]);
    let config = ProviderConfig::from_value(&object([("cluster", cluster)])).unwrap();
    assert!(!format!("{config:?}").contains("topsecret"));
}
