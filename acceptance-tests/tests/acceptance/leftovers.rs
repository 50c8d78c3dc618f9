//! The subcommand `leftovers`: what a killed create left, and nothing else.

use std::process::Command;

use e2etls_lab::lab::{Action, Fault, Match, Recorder, When};
use e2etls_lab::terraform::Provider;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::aws::{living, pca, status, tags};
use crate::ground::Ground;
use crate::subject::{PROXY, STACK};

const LONG_AGO: &str = "2020-01-01T00:00:00Z";

/// Runs the subcommand and returns what it says.
fn leftovers(ground: &Ground, args: &[&str]) -> String {
    let provider = Provider::e2etls().expect("a provider");
    let output = Command::new(provider.binary())
        .arg("leftovers")
        .args(args)
        .envs(ground.lab.aws_env(&ground.session))
        .env("KUBE_CONFIG_PATH", &ground.kubeconfig)
        .output()
        .expect("it runs");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{said}");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn deletes_what_a_killed_create_left_and_nothing_else() {
    let healthy = Ground::new("leftovers-healthy").await;
    STACK.write(&healthy, "it", false, "");
    drop(healthy.terraform.apply(&[]).await.unwrap().success());
    let settled = async |ground: &Ground| ground.settled(&["CertificateRequest/"]).await;
    let at_rest = settled(&healthy).await;

    // A create that was killed after the Secret was issued, and whose mark is old by now; so is that of a CA.
    let killed = Ground::new("leftovers-killed").await;
    PROXY.write_base(&killed);
    drop(killed.terraform.apply(&[]).await.unwrap().success());
    let base = settled(&killed).await;
    PROXY.write(&killed, "it", false, "");
    let kill = Fault::new(
        Match::kube().method("PATCH").path("/deployments/"),
        Action::KillClient { when: When::After },
    );
    Recorder::new(&killed.session.recorder).fault(&kill).await.unwrap();
    assert_ne!(killed.terraform.apply(&[]).await.unwrap().code, Some(0));
    assert!(settled(&killed).await.contains(&"Secret/it-proxy-tls".to_owned()));
    let maps = killed.api("", "v1", "ConfigMap", "configmaps");
    let found = maps.get("it-proxy-config").await.unwrap().metadata.annotations.unwrap();
    // The time, then who has tried.
    let (_, attempts) = found["e2etls.dev/creating"].split_once(' ').unwrap();
    let mark = json!({"metadata": {"annotations": {"e2etls.dev/creating": format!("{LONG_AGO} {attempts}")}}});
    maps.patch("it-proxy-config", &PatchParams::default(), &Patch::Merge(&mark))
        .await
        .unwrap();

    // A create that is under way.
    let busy = Ground::new("leftovers-busy").await;
    PROXY.write(&busy, "it", false, "");
    let slow = Fault::new(
        Match::kube().method("PATCH").path("/deployments/"),
        Action::Delay { millis: 20_000 },
    );
    Recorder::new(&busy.session.recorder)
        .fault(&slow.times(1))
        .await
        .unwrap();
    let running = busy.terraform.start_apply(&[]).unwrap();
    busy.until("the create to be under way", || async {
        busy.listing().await.contains(&"ConfigMap/it-proxy-config".to_owned())
    })
    .await;

    let found = leftovers(&killed, &[]);
    for name in [
        "ConfigMap leftovers-killed/it-proxy-config",
        "Secret leftovers-killed/it-proxy-tls",
    ] {
        assert!(found.contains(name), "{found}");
    }
    assert!(
        !found.contains("leftovers-healthy") && !found.contains("leftovers-busy"),
        "{found}"
    );
    assert!(settled(&killed).await.len() > base.len(), "listing deletes nothing");
    let deleted = leftovers(&killed, &["--delete", "--yes"]);
    assert!(deleted.contains("deleted"), "{deleted}");
    killed.until_listing(&base).await;

    assert_eq!(settled(&healthy).await, at_rest);
    drop(running.wait().await.unwrap().success());
    drop(busy.terraform.plan(&[]).await.unwrap().empty());
    for ground in [&healthy, &busy, &killed] {
        drop(ground.terraform.destroy(&[]).await.unwrap().success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deletes_the_ca_of_a_killed_create() {
    let ground = Ground::new("leftovers-ca").await;
    ground.write(&ground.ca(""));
    let kill = Fault::new(
        Match::aws().operation("ImportCertificateAuthorityCertificate"),
        Action::KillClient { when: When::After },
    );
    Recorder::new(&ground.session.recorder).fault(&kill).await.unwrap();
    assert_ne!(ground.terraform.apply(&[]).await.unwrap().code, Some(0));
    let found = living(&ground, "leftovers-ca root");
    let arn = found[0]["Arn"].as_str().unwrap().to_owned();
    assert!(!leftovers(&ground, &[]).contains(&arn), "it may still be under way");
    let mark = tags(&ground, &arn)
        .into_iter()
        .find(|(key, _)| key == "e2etls:creating")
        .unwrap()
        .1;
    let (_, attempts) = mark.split_once(' ').unwrap();
    let mark = json!({"CertificateAuthorityArn": arn,
        "Tags": [{"Key": "e2etls:creating", "Value": format!("{LONG_AGO} {attempts}")}]});
    drop(pca(&ground, "TagCertificateAuthority", &mark));
    assert!(leftovers(&ground, &[]).contains(&arn));
    drop(leftovers(&ground, &["--delete", "--yes"]));
    assert_eq!(status(&ground, &arn), "DELETED");
}
