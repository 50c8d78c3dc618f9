//! The subcommand `leftovers`: what a killed create left, and nothing else.

use std::path::Path;
use std::process::Command;

use e2etls_lab::lab::{Action, Fault, Match, Recorder, When};
use e2etls_lab::terraform::Provider;
use kube::api::{Api, ApiResource, DeleteParams, DynamicObject, GroupVersionKind, Patch, PatchParams};
use serde_json::json;
use tokio::sync::Mutex;

use crate::aws::{living, pca, status, tags};
use crate::ground::Ground;
use crate::subject::{PROXY, STACK};

pub(crate) const LONG_AGO: &str = "2020-01-01T00:00:00Z";

/// The command sees the whole cluster: what one test leaves is what another one would delete.
pub(crate) static ALONE: Mutex<()> = Mutex::const_new(());

/// Runs the subcommand, which succeeds, and returns what it says.
fn leftovers(ground: &Ground, args: &[&str]) -> String {
    let (code, said) = run(ground, args);
    assert_eq!(code, Some(0), "{said}");
    said
}

/// Runs the subcommand and returns its exit code and what it says.
pub(crate) fn run(ground: &Ground, args: &[&str]) -> (Option<i32>, String) {
    command(ground, &[&["leftovers"], args].concat())
}

/// Runs the binary as a command, and returns its exit code and what it says.
pub(crate) fn command(ground: &Ground, args: &[&str]) -> (Option<i32>, String) {
    command_as(ground, &ground.kubeconfig, args)
}

/// The same as whoever this kubeconfig names.
pub(crate) fn command_as(ground: &Ground, kubeconfig: &Path, args: &[&str]) -> (Option<i32>, String) {
    let provider = Provider::e2etls().expect("a provider");
    let output = Command::new(provider.binary())
        .args(args)
        .envs(ground.lab.aws_env(&ground.session))
        .env("KUBE_CONFIG_PATH", kubeconfig)
        .output()
        .expect("it runs");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (output.status.code(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn deletes_what_a_killed_create_left_and_nothing_else() {
    let _alone = ALONE.lock().await;
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
    let services = killed.api("", "v1", "Service", "services");
    let found = services.get("it-proxy").await.unwrap().metadata.annotations.unwrap();
    // The time, then who has tried.
    let (_, attempts) = found["e2etls.dev/creating"].split_once(' ').unwrap();
    let mark = json!({"metadata": {"annotations": {"e2etls.dev/creating": format!("{LONG_AGO} {attempts}")}}});
    services
        .patch("it-proxy", &PatchParams::default(), &Patch::Merge(&mark))
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
async fn deletes_a_namespace_with_what_controllers_made_in_it() {
    let _alone = ALONE.lock().await;
    let mut ground = Ground::new("leftovers-outside").await;
    let made = "leftovers-made";
    STACK.write_base(&ground);
    drop(ground.terraform.apply(&[]).await.unwrap().success());
    let outside = ground.namespace.clone();
    made.clone_into(&mut ground.namespace);
    STACK.write(&ground, "it", false, "create_namespace = true");
    let kill = Fault::new(
        Match::kube().method("PATCH").path("/deployments/it-proxy"),
        Action::KillClient { when: When::After },
    );
    Recorder::new(&ground.session.recorder).fault(&kill).await.unwrap();
    assert_ne!(ground.terraform.apply(&[]).await.unwrap().code, Some(0));
    let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("", "v1", "Namespace"));
    let namespaces: Api<DynamicObject> = Api::all_with(ground.kube.clone(), &kind);
    let found = namespaces.get(made).await.unwrap().metadata.annotations.unwrap();
    let (_, attempts) = found["e2etls.dev/creating"].split_once(' ').unwrap();
    let mark = json!({"metadata": {"annotations": {"e2etls.dev/creating": format!("{LONG_AGO} {attempts}")}}});
    namespaces
        .patch(made, &PatchParams::default(), &Patch::Merge(&mark))
        .await
        .unwrap();

    // What others have there keeps the namespace alone.
    let maps = ground.api("", "v1", "ConfigMap", "configmaps");
    let theirs = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "theirs", "namespace": made}});
    ground.apply(theirs).await;
    let (code, kept) = run(&ground, &["--delete", "--yes"]);
    assert_eq!(code, Some(1), "{kept}");
    for line in [
        "deleted: Secret leftovers-made/it-proxy-tls",
        "deleted: Deployment leftovers-made/",
        "kept: Namespace leftovers-made: it contains ConfigMap leftovers-made/theirs",
    ] {
        assert!(kept.contains(line), "{line} in {kept}");
    }
    maps.delete("theirs", &DeleteParams::default()).await.unwrap();
    let deleted = leftovers(&ground, &["--delete", "--yes"]);
    assert!(deleted.contains("deleted: Namespace leftovers-made"), "{deleted}");
    assert!(namespaces.get_opt(made).await.unwrap().is_none());
    ground.namespace = outside;
    STACK.write_base(&ground);
    drop(ground.terraform.destroy(&[]).await.unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn deletes_the_ca_of_a_killed_create() {
    let _alone = ALONE.lock().await;
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
