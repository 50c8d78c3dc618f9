//! How a Pod starts, or does not.

use crate::app::App;
use crate::bench::{Bench, HOST, pair};

#[tokio::test(flavor = "multi_thread")]
async fn what_nginx_refuses_is_the_last_that_is_said() {
    let refused = Bench::start(
        App::polite(),
        |spec| spec.http.extra_config = Some("gzip maybe;".to_owned()),
        |_, _| {},
        true,
    )
    .await
    .err()
    .expect("NGINX refuses it")
    .to_string();
    assert!(refused.contains("invalid value \"maybe\""), "{refused}");
    let refused = Bench::start(
        App::polite(),
        |_| {},
        |files, authority| {
            let broken = (authority.leaf(&[HOST]).0, authority.leaf(&[HOST]).1);
            files.insert("tls".to_owned(), pair(&broken));
        },
        true,
    )
    .await
    .err()
    .expect("NGINX refuses it")
    .to_string();
    assert!(refused.contains("key values mismatch"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_those_that_the_image_has() {
    let bench = Bench::new(App::polite(), |_| {}).await;
    let groups = std::fs::read_to_string(bench.pod.path("/run/e2etls/groups.conf")).expect("it works");
    let (code, version) = bench.pod.exec(&["sh", "-c", "nginx -V 2>&1"]).await.expect("it works");
    assert_eq!(code, 0);
    let (_, version) = version.split_once("with OpenSSL ").expect("it says so");
    let mut numbers = version.split(['.', ' ']).map(|part| part.parse::<u32>().unwrap_or(0));
    let hybrid = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (3, 5);
    assert_eq!(groups.contains("X25519MLKEM768"), hybrid, "{groups} {version}");
    assert!(groups.contains("X25519:prime256v1:secp384r1;"));
}
